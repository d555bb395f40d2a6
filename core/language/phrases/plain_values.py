"""Words of ordinary descriptions for values and states, and the words of the phrases for them. Put in by `wording`."""

import re

from core.language.phrases.rewriting import Writer
from core.language.spoken.noun import count_bars, find_base
from core.language.spoken.vocabulary import INTRADAY

_SCORE = r"(?:the )?(?:rsi|mfi|cci|adx|cmo|roc)(?: ?\(\d{1,3}\))?"
PAIR = re.compile(
    rf"\b(?:both (?P<a>{_SCORE}) and (?P<b>{_SCORE}) are|(?P<a2>{_SCORE}) and (?P<b2>{_SCORE}) are both)\b",
    re.IGNORECASE,
)
"""Two values of which one thing is said."""
_LENGTHS = {"cci": 20, "roc": 10}


def _write_score(words: str) -> str:
    name, length = re.search(r"([a-z]+)(?: ?\((\d+)\))?$", words.lower()).groups()  # type: ignore[union-attr]
    return f"{name}({length or _LENGTHS.get(name, 14)})"


def _name_pair(match: re.Match[str]) -> str:
    """`Either one is over 60`, behind `both A and B are under 30`: the higher of them is."""
    pairs = {(told["a"] or told["a2"], told["b"] or told["b2"]) for told in PAIR.finditer(match.string[: match.start()])}
    if len(pairs) != 1:
        return match.group()
    one, other = (_write_score(words) for words in pairs.pop())
    over = match["side"].lower() in ("above", "over")
    highest = over is not (match["who"].lower() == "both")
    return f"{match['lead']} {'max' if highest else 'min'}({one}, {other}) {'>' if over else '<'} {match['level']}"


_DONCHIAN = r"(?:the |an? |its )?donchian(?: channel)? ?\((?P<length>\d{1,3})\)(?: channel)?"
_ANY_DONCHIAN = re.compile(r"\bdonchian(?: channel)? ?\((\d{1,3})\)", re.IGNORECASE)


def _break_channel(match: re.Match[str]) -> str:
    """`Donchian(55) breaks out to the upside`, and `it breaks to the downside` where the text has one such channel."""
    told = match.groupdict().get("length")
    lengths = {told} if told else set(_ANY_DONCHIAN.findall(match.string))
    if len(lengths) != 1:
        return match.group()
    down = match["way"].lower().startswith("down")
    return f"price closes {'below the lowest low' if down else 'above the highest high'} of the last {lengths.pop()} bars"


_DAYS = r"(?P<length>\d{1,3})[- ](?P<unit>day|bar|week|month)s?[- ](?:high[-/ ](?:to[- ])?low |price |trading )?range\b"
RANGE = re.compile(rf"\b(?:half|third|quarter|fifth|tenth|%) of (?:the |its )?{_DAYS}", re.IGNORECASE)
_PARTS = {"half": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}


def _place_in_range(match: re.Match[str]) -> str:
    """`In the upper third of its 20-day range`: above that share of the way from the lowest low to the highest high."""
    told = RANGE.findall(match.string[: match.start()])
    if len(set(told)) != 1 and not match["length"]:
        return match.group()
    if INTRADAY.search(match.string) and (match["unit"] or told[0][1]).lower() != "bar":
        return match.group()
    length, unit = (match["length"], match["unit"]) if match["length"] else told[0]
    bars = count_bars(length, unit)
    if not 2 <= bars <= 500:
        return match.group()
    low, high = f"lowest(low, {bars})", f"highest(high, {bars})"
    part, up = match["part"].lower(), match["place"].lower() in ("upper", "top")
    share = _PARTS[part] if part in _PARTS else float(re.sub(r"[^\d.]", "", part)) / 100
    level = f"({low} + {high}) / 2" if share == 1 / 2 else f"{low} + {round(1 - share if up else share, 4):g} * ({high} - {low})"
    return f"close {'>' if up else '<'} {level}"


def _name_supertrend(match: re.Match[str]) -> str:
    """`Sell when it flips red`, where the text says that the Supertrend turned green."""
    before = match.string[: match.start()]
    turned = re.search(
        rf"\bsupertrend(?: ?\([\d., ]+\))? (?:line )?{_TURNS} (?:green|red|up|down|bullish|bearish)\b", before, re.IGNORECASE
    )
    other = re.search(r"\b(?:candles?|bars?|heikin|histogram|psar|sar|macd)\b", before, re.IGNORECASE)
    if not turned or other:
        return match.group()
    return f"when the Supertrend turns {match['what'].split()[-1]}"


def _name_day(match: re.Match[str]) -> str:
    """`If yesterday closed up`: known of daily bars; on shorter ones the close before is another one."""
    day = "an up" if match["way"].lower() in ("up", "higher") else "a down"
    return match.group() if INTRADAY.search(match.string) else f"{match['lead']} yesterday was {day} day"


_TURNS = r"(?:turns|flips|goes|changes|switches)(?: back)?(?: to)?"
_KIND = r"(?:simple |exponential |weighted )?(?:moving )?(?:average|[sewh]?ma)"
LENGTHS = re.compile(r"\bkama ?\((\d{1,3})\)", re.IGNORECASE)


def _call_by_length(match: re.Match[str]) -> str:
    """`KAMA(10) crosses KAMA(30)`: each by its own length."""
    return f"{match['length']}-period KAMA" if len(set(LENGTHS.findall(match.string))) > 1 else match.group()


_SHORT_BARS = re.compile(
    r"\b(?:m(?:1|5|15|30)|h[14])\b|\b(?:timeframe|interval|chart|bars)(?: ?[:=]| is| of)? \d{1,2} ?(?:m|min|h)\b"
    r"|\bintraday (?:bars|chart|strategy)",
    re.IGNORECASE,
)
_AVERAGE_OR_END = r"(?:(?:simple|exponential|weighted|hull|moving)[- ])*(?:average|[sewh]?ma|high|low)s?\b"


def _count_in_days(match: re.Match[str]) -> str:
    """`Its 200-day average` on 5-minute bars: one of daily bars. Of volume it is left, which is compared bar by bar."""
    of_volume = re.search(r"\bvolume\b[^.;,]{0,25}$", match.string[: match.start()], re.IGNORECASE)
    if of_volume or not (find_base(match.string) or _SHORT_BARS.search(match.string)):
        return match.group()
    return f"daily {match['length']}-day {'average' if match.groupdict().get('dma') else ''}"


PLAIN_VALUES: tuple[tuple[str, str | Writer], ...] = (
    (rf"(?<!daily )\b(?P<length>\d{{1,3}})[- ]days? (?={_AVERAGE_OR_END})", _count_in_days),
    (r"(?<!daily )\b(?P<length>\d{1,3})[- ]?(?P<dma>dma)\b", _count_in_days),
    (r"\bkama ?\((?P<length>\d{1,3})\)", _call_by_length),
    (
        r"\b(?P<lead>when|if|once) (?P<who>both|either|any)(?: one)?(?: of (?:them|these|those|the two))? (?:is|are)(?: back)?"
        r" (?P<side>above|below|over|under) (?P<level>-?\d+(?:\.\d+)?)(?![\d%]|\.\d| ?%|[- ](?:day|bar|period))",
        _name_pair,
    ),
    (r"(?<=when )it breaks?(?: out)? (?:(?:to|on) the )?(?P<way>upside|downside)(?=[.,;]|$)", _break_channel),
    (
        rf"\b(?:the )?(?:price|close|stock|market) breaks?(?: out)?(?: of| above| below| through)? {_DONCHIAN}"
        r" (?:to|on) the (?P<way>upside|downside)\b",
        _break_channel,
    ),
    (rf"\ban? break(?:-?out)? (?:of|from|through) {_DONCHIAN} (?:to|on) the (?P<way>upside|downside)\b", _break_channel),
    (rf"{_DONCHIAN} breaks?(?: out)? (?:(?:to|on) the )?(?P<way>upside|downside|upwards?|downwards?|up|down)\b", _break_channel),
    (rf"\b(?:an? )?(?P<way>upside|upward|downside|downward) break-?out (?:of|from|through) {_DONCHIAN}", _break_channel),
    (
        r"\b(?P<times>\d+(?:\.\d+)?) ?(?:x|times)? ?atr ?\((?P<length>\d{1,3})\) supertrend\b(?! ?\()",
        r"Supertrend(\g<length>, \g<times>)",
    ),
    (r"\bon an? (?P<what>(?:flip|turn|change|switch)(?: back)? to (?:green|red))(?=[.,;]|$| or\b)", _name_supertrend),
    (rf"\b(?:when|if|once) it (?P<what>{_TURNS} (?:green|red))(?=[.,;]|$| or\b)", _name_supertrend),
    (
        r"\b(?:the |its )?(?:close|price|stock|it)(?: price)? (?:is|closes|trades|sits|finishes) (?:in|within) (?:the |its )?"
        r"(?P<place>upper|top|lower|bottom) (?P<part>half|third|quarter|fifth|tenth|\d{1,2} ?%)"
        rf"(?: of (?:the |its )?{_DAYS}|(?=[.,;]|$))",
        _place_in_range,
    ),
    (
        rf"(?P<head>\b\d{{1,3}}[- ](?:day|bar|period) (?P<kind>{_KIND}) cross(?:es|ing) (?:the |its )?\d{{1,3}}[- ](?:day|bar|period))"
        r" (?=from (?:below|above)\b)",
        r"\g<head> \g<kind> ",
    ),
    (
        r"\b(?:on (?P<day>monday|tuesday|wednesday|thursday|friday)s?|(?P<day2>monday|tuesday|wednesday|thursday|friday)(?:['’]s)? open)"
        r" (?:if|when) (?:the )?(?:previous|prior|preceding|last) (?=(?:monday|tuesday|wednesday|thursday|friday) closed)",
        r"on \g<day>\g<day2> if ",
    ),
    (
        r"\b(?P<lead>if|when) yesterday closed (?P<way>up|higher|down|lower)(?=[.,;]|$| and\b)",
        _name_day,
    ),
)
"""Words as they are written, and those for them, one after the other."""
