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
    (r"\bpyramiding ?(?:=|:|is) ?0\b", SAID),
)
"""Words as they are written, and those for them, one after the other."""
