"""Lengths, counts and shares as notes write them, put into the words of the phrases by `wording`."""

import re

from core.language.phrases.rewriting import Writer
from core.language.phrases.shorthand import SAID

_PLACES = {"4th": "fourth", "5th": "fifth"}
_SPANS = {"week": 5, "month": 21, "year": 252}
_COUNTS = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
_ATR = r"(?P<atr>(?:\d+[- ](?:day|bar) )?atr(?: ?\(\d+\))?|n)\b"


def _count_days(match: re.Match[str]) -> str:
    """`Rising for one month`: as many daily bars."""
    count = _COUNTS.get(match["count"].lower()) or int(match["count"])
    return f"{match['lead']} for {count * _SPANS[match['unit'].lower()]} days"


def _count_range(match: re.Match[str]) -> str:
    """`2% of equity / ATR`, `1% of the account per N`: as many units as move by that share in one range."""
    bars = "atr(20)" if match["atr"].lower() == "n" else match["atr"]
    return f"position size such that 1 {bars} equals {match['share']} of equity"


_ONLY = r"\b(?:only (?:take |go )?{0}s?|{0}s? only)(?: when| if| while)?(?: the)?(?: price| close)?(?: is)?"
_SIDE = r"above|below|over|under"


def _ask_of_each_side(match: re.Match[str]) -> str:
    """`Longs only above the 200 EMA, shorts only below it`."""
    other = match["level"] if match["level2"].lower() == "it" else match["level2"]
    return f"go long when price is {match['one']} {match['level']}, go short when price is {match['other']} {other}"


_STOCKS = re.compile(
    r"\b(?:9:[345]\d|10(?::\d\d)? ?am|orb|opening (?:range|bell)|market open|rth|spy|qqq|iwm|nyse|nasdaq|stocks?)\b", re.IGNORECASE
)
_AROUND_THE_CLOCK = re.compile(
    r"\b(?:gmt|utc|ce?st|london|asian?|tokyo|frankfurt|overnight|pre-?market|night|24h?|forex|crypto|bitcoin|btc\w*|(?:eur|gbp|usd|aud)[a-z]{3})\b",
    re.IGNORECASE,
)


def _put_in_the_afternoon(match: re.Match[str]) -> str:
    """`Flat by 3:55` of a day in stocks: their session has no other one."""
    afternoon = _STOCKS.search(match.string) and not _AROUND_THE_CLOCK.search(match.string)
    return f"{match.group()}pm" if afternoon else match.group()


QUANTITIES: tuple[tuple[str, str | Writer], ...] = (
    (
        r"\b(?P<place>4th|5th|fourth|fifth)(?:[- ]to)?[- ]last (?=(?:trading )?day\b)",
        lambda match: f"{_PLACES.get(match['place'].lower(), match['place'])} to last ",
    ),
    (r"\bbbands?\b(?! ?\()", "Bollinger band"),
    (
        r"(?P<sign>[<>]) ?(?:the )?(?P<some>\d+(?:, ?\d+)*),? ?(?:&|and) ?(?=\d+[- ]?(?:day )?[sewh]?ma\b)",
        lambda match: f"{'above' if match['sign'] == '>' else 'below'} the {match['some']} and ",
    ),
    (
        r"(?P<lead>\b(?:rising|falling|up|down|sloping \w+)) for (?:at least |the last |over |about )*"
        r"(?P<count>\d+|an?|one|two|three) (?P<unit>week|month|year)s?\b",
        _count_days,
    ),
    (
        rf"(?:\b(?:position(?: size)?|size) ?(?:=|:|is) ?)?(?P<share>\d+(?:\.\d+)? ?%) (?:of )?(?:the |my |our )?(?:account|equity|capital)"
        rf" ?(?:/|per|divided by(?: the)?) ?(?:1 ?)?{_ATR}",
        _count_range,
    ),
    (r"\b(?P<out>get out|sell|exit|close(?: it| out)?|cover) (?:fully|completely|entirely|altogether)\b", r"\g<out>"),
    (r"(?<=[,;.] )if not,? (?=(?:then )?(?:be |stay |go |move |hold |sit )?(?:in(?:to)? |to )?(?:cash|flat)\b)", "otherwise "),
    (
        r"\b(?P<side>long|buy|short|sell)(?:[- ]side)? (?:signals?|entries|trades?|setups?) (?:(?:are|is) )?(?:only )?(?:valid"
        r"|allowed|taken"
        r"|permitted|accepted|considered)(?: only)? (?=(?:if|when|while|above|below|over|under)\b)",
        lambda match: f"only {'short' if match['side'].lower() in ('short', 'sell') else 'long'} ",
    ),
    (r"(?<=\d) ?(?:%|percent) of (?:the )?(?:trade|position) (?=(?:at|when|off)\b)", "% of the position "),
    (r"(?:(?<=[.;,:] )|^)(?:in)(?= at (?:the |a )?\d+[- ]?(?:day|d|bar|week)[- ](?:high|low)\b)", "buy"),
    (
        r"\b(?P<led>between|from) (?P<one>\d{1,2}) (?P<to>and|to|until) (?P<two>\d{1,2}) ?(?=(?:gmt|utc|cet|e[sd]?t|london|new york|ny)\b)",
        r"\g<led> \g<one>:00 \g<to> \g<two>:00 ",
    ),
    (r"\b(?P<kind>[sew]ma) ?\(?(?P<length>\d+)\)? (?P<line>high|low)(?! of\b)s?\b", r"\g<length>-period \g<kind> of \g<line>s"),
    (r"(?<=\d)\+ (?=(?:consecutive |straight )?(?:days|bars|candles|closes|weeks)\b)", " "),
    (r"\btime-?out ?(?:=|:|is|after)? ?(?=\d+ (?:bars|days|candles))", "time stop "),
    (r"\bavg\b\.?(?=[.,;)]|$)", "average"),
    (
        r"\b(?:if|when|while) (?P<what>(?:(?!\b(?:and|or|month|week|day)\b)[^,.;]){3,60}?),? (?:then )?"
        r"(?:hold|stay (?:long|in|invested)|be (?:long|invested)),? (?:and )?"
        r"(?:else|otherwise|if not),? (?:sell|exit|get out|go to cash|(?:be |hold )?(?:in )?cash|out|flat)(?=[.;,]|$)",
        r"stay long as long as \g<what>",
    ),
    (
        rf"{_ONLY.format('long')} (?P<one>{_SIDE}) (?P<level>[^,.;]{{3,40}}?),? (?:and )?{_ONLY.format('short')} (?P<other>{_SIDE})"
        r" (?P<level2>[^,.;]{2,40})(?=[.;,]|$)",
        _ask_of_each_side,
    ),
    (r"(?<![\d:.])[1-4]:[0-5]\d(?![\d:]| ?[ap]\.?m)", _put_in_the_afternoon),
    (
        r"\b(?P<out>sell|exit|close|cover)(?: off)? (?P<part>half|a third|a quarter|\d+ ?%)(?: of (?:it|the position|my position))? after"
        r" (?P<bars>\d+) (?:trading )?(?:days|bars|candles|sessions)\b",
        r"\g<out> \g<part> when bars_in_trade >= \g<bars>",
    ),
    (r"(?<=[a-z] )(?:the )?0[- ]line\b", "0"),
    (r"\bpyramiding ?(?:=|:|is) ?0\b", SAID),
)
"""Words as they are written, and those for them, one after the other."""
