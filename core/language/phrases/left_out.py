"""Clauses that leave out what stands before them, and the words in full: `short when below`, `B for shorts`, `if yes, buy`. Put"
" in by `wording`."""

import re

from core.language.phrases.rewriting import Writer
from core.language.phrases.terms import read_count
from core.language.spoken.instruments import STOCK
from core.language.syntax.expression import find_meaning

_WHEN = r"(?:when|if|while|whenever|once)"
_LONG = r"(?:go |be |stay )?(?:long|buy|in|invested|hold)"
_OTHER = r"(?:go |be |stay |move to )?(?:short|sell short|sell|exit|flat|out|cash|in cash)"
_SIDES = {"above": "below", "over": "under", "below": "above", "under": "over"}
_OVER_UNDER = r"above|over|below|under"
_WHAT = r"(?:[^.;,()]|\([^()]*\)|\.(?=\d))"
_CLOCK = r"(?:\d{1,2}:\d{2}(?: ?[ap]m)?|\d{1,2} ?[ap]m|noon)"


def _put_subject(match: re.Match[str]) -> str:
    """`Long when the close is above X, short when below`: below what stands before."""
    other = match["other"].lower()
    if re.search(r"\b(?:for|within|by|in a row|at|on)\b", match["level"], re.IGNORECASE):
        return match.group()  # for how long, or how far
    if _SIDES[other] != match["side"].lower() and _SIDES[match["side"].lower()][0] != other[0]:
        return match.group()
    return f"{match['head']}, {match['order']} {match['when']} {match['subject']} is {other} {match['level']}"


def _put_in_past(what: str) -> str:
    """`The close is below X`: as it was so many bars ago, which are told behind it."""
    told = {"is": "was", "are": "were", "closes": "closed", "trades": "traded"}
    return re.sub(r"\b(is|are|closes|trades)\b", lambda match: told[match[1].lower()], what, count=1, flags=re.IGNORECASE)


def _put_back_in_time(match: re.Match[str]) -> str:
    """`Exit 2 bars after A`: on that bar, at whose opening the order of the bar before it is filled."""
    ago = read_count(match["count"]) - 1
    return f"{match['order']} when {_put_in_past(match['what'])} {ago} {match['unit'] if ago > 1 else match['unit'][:-1]} ago"


LEFT_OUT: tuple[tuple[str, str | Writer], ...] = (
    (
        rf"(?P<head>\b{_LONG} {_WHEN} (?P<subject>{_WHAT}{{2,40}}?) (?:is |closes |stays |trades |remains |crosses"
        rf" )?(?P<side>{_OVER_UNDER})"
        rf" (?P<level>{_WHAT}{{2,50}}?)),? (?:and |but )?(?P<order>{_OTHER}) (?P<when>{_WHEN}) (?:it is |it['’]s |it closes |price is )?"
        rf"(?P<other>{_OVER_UNDER})(?: it| that)?(?=[.;,]|$)",
        _put_subject,
    ),
    (
        rf"(?:^|(?<=[.;:,] ))(?P<subject>{_WHAT}{{2,40}}?) (?P<one>cross(?:es)? {_WHAT}{{4,50}}?) for longs?,? (?:and |or )?(?:it )?"
        rf"(?P<two>cross(?:es)? {_WHAT}{{4,50}}?) for shorts?\b",
        r"long when \g<subject> \g<one>, short when \g<subject> \g<two>",
    ),
    (
        rf"\b(?:in|during) (?:an? )?(?:bull(?:ish)?|bear(?:ish)?|up|down|rising|falling|strong|weak|trending|ranging|range[- ]?bound"
        rf"|choppy|sideways|quiet|calm|volatile|(?:high|low)[- ]vol(?:atility)?)[- ]?(?:markets?|trend|regime|phase|conditions) ?"
        rf"\((?P<what>[^()]*(?:\([^()]*\)[^()]*)*)\),? (?:we |i |only )*(?P<order>buy|go long|long|sell short|short|go short) "
        rf"(?:{_WHEN} |on )?(?=\w)",
        lambda match: f"{match['order']} when {_call_price(match['what'], match.string)} and ",
    ),
    (
        r"\b(?P<order>short|cover|exit|buy|sell) (?=(?:rsi|cci|adx|mfi|ibs|close|price) ?(?:\(?\d+\)?)? ?[<>])",
        r"\g<order> when ",
    ),
    (
        rf"\b(?:every ?day |each day |daily )?at (?P<clock>{_CLOCK}),? (?:every ?day |each day )?(?:i |we )?(?:check|look"
        rf"|see)(?: to see)? (?:if|whether) "
        rf"(?P<what>(?:[^.;?]|\.(?=\d))+)[.;?] (?:if|when) (?:yes|so|it is|that is the case|true),? (?:i |we |then )*"
        r"(?P<order>go long|buy|go short|sell short|enter long|enter)\b",
        r"\g<order> at \g<clock> if \g<what>",
    ),
    (
        r"\b(?P<order>exit|sell|cover|get out|close (?:it|the (?:trade|position))|buy|enter|go long|go short|sell short)(?: it)?"
        r" (?P<count>[2-9]|two|three|four|five|six|seven|eight|nine) (?:trading )?(?P<unit>days|bars|candles|sessions) after (?:the )?"
        r"(?P<what>(?:close|price|rsi|macd|\d+[- ]?(?:day |bar )?[sehw]ma|golden|death|it)\b(?! of\b)"
        rf"(?=[^.;,]*(?:\b(?:closes?|breaks?|falls?|rises?|drops?|goes|turns?|makes)\b|\bcross|[<>])){_WHAT}{{4,70}}?)(?=[.,;]|$)",
        _put_back_in_time,
    ),
    (
        rf"\b(?:when|if|after|once) (?P<what>{_WHAT}{{5,70}}?),? (?:i |we )?wait (?P<count>\d+|two|three|four|five)"
        rf" (?P<unit>days|bars|candles)"
        r"[,;]?(?: and| then)* (?:if|when|provided) ",
        lambda match: f"when {_put_in_past(_call_averages(match['what']))} {match['count']} {match['unit']} ago and ",
    ),
    (
        r"\b(?P<order>buy|short|sell short|go long|go short|enter(?: long| short)?) (?:on )?the (?:day|bar|candle|session) after"
        r" (?P<what>an? (?:inside"
        r"|outside) (?:day|bar)|an? (?:hammer|doji|shooting star|(?:bullish|bearish) engulfing(?: (?:bar|candle|day))?)|an?"
        r" nr\d(?: day)?),?"
        r" (?:if|when|provided) ",
        r"\g<order> when the previous day was \g<what> and ",
    ),
    (r"\b(?:never|do not|don['’]t) (?:be|stay|go|hold) long (?=(?:under|below|above|over)\b)", "never buy when price is "),
    (r"\b(?:never|do not|don['’]t) (?:be|stay|go) short (?=(?:under|below|above|over)\b)", "never sell short when price is "),
    (r"\b(?P<count>two|three|four|five|[2-9]) times in a row\b", r"for \g<count> bars in a row"),
    (
        r"\b(?P<verb>hold|be long|stay long|be invested|stay invested)(?: it)?(?: for| during| through)? (?:the )?next month,?"
        r" (?:or )?(?:else|otherwise)(?: hold| be in| stay in| go to)? (?:cash|flat)\b",
        "be long, else flat",
    ),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""


def _call_averages(what: str) -> str:
    """`The 50-day`: the average, where more follows behind it."""
    return re.sub(r"(\d+-day)(?! (?:[sehw]?ma|average|moving|high|low|rsi|simple|exponential)\b)", r"\1 average", what)


def _call_price(what: str, text: str) -> str:
    """A ticker before a sign is the price where it is what the text trades: `SPY > SMA200`."""
    match = re.match(r"([A-Z]{2,5}|the \w+) ?(?=[<>])", what.strip())
    known = match is not None and (match[1] == "VIX" or any(find_meaning(f"{match[1]}{cells}") is not None for cells in ("", "(14)")))
    return what.strip() if match is None or known or STOCK.search(text) else f"close {what.strip()[match.end() :]}"
