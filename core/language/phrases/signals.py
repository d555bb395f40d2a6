"""Words for signals: averages in a stack, percentiles, bars of a pattern, exits and sessions. Put in by `wording`."""

import re
from itertools import pairwise

from core.language.phrases.rewriting import Writer
from core.language.phrases.shorthand import SAID

_BAR = r"(?:pin ?bar|signal (?:bar|candle)|setup (?:bar|candle)|trigger (?:bar|candle)|reversal (?:bar|candle)|rejection (?:bar|candle))"
_TIMES = r"(?P<times>\d+(?:\.\d+)?)"
_CLOCK = r"\d{1,2}:\d\d ?(?:-|–|to|until) ?\d{1,2}:\d\d"
_SIGN = {"below": "<", "under": "<", "above": ">", "over": ">"}


def _stack(match: re.Match[str]) -> str:
    """`EMA 8/21/55 stacked bullish`: each above the next longer one."""
    told = match.groupdict()
    kind = (told.get("kind") or told.get("kind2") or "").lower().rstrip("s")
    lengths = sorted(int(length) for length in re.findall(r"\d+", match["lengths"]))
    sign = "<" if re.search(r"bear|down", match["way"], re.IGNORECASE) else ">"
    averages = [f"{'sma' if kind == 'ma' else kind}({length})" for length in lengths]
    return " and ".join(f"{one} {sign} {other}" for one, other in pairwise(averages))


def _rank_width(match: re.Match[str]) -> str:
    cells = match["cells"] or "20, 2"
    return f"percent_rank(bbands({cells}).width, {match['length']}) {_SIGN[match['side'].lower()]} {match['rank']}"


_STACKED = r"(?:are |is )?(?:all )?(?:stacked|aligned|fanned(?: out)?|in order|lined up)"
_WAY = r"(?P<way>bullish(?:ly)?|up(?:wards?)?|bearish(?:ly)?|down(?:wards?)?)"
_NAMED = r"(?:(?-i:[A-Z]{2,5})|(?:the )?(?:price|stock|market|share|etf|it))"
SIGNALS: tuple[tuple[str, str | Writer], ...] = (
    (
        rf"\b{_NAMED} (?:drops?|falls?|loses?|declines?|is down|closes down|has fallen) (?:by )?{_TIMES} ?% or more (?:in|on)"
        rf" (?:one|a|the|a single) (?:single )?day\b",
        r"roc(1) <= -\g<times>",
    ),
    (
        rf"\b{_NAMED} (?:rises?|jumps?|gains?|climbs?|is up|closes up|has risen) (?:by )?{_TIMES} ?% or more (?:in|on) (?:one|a"
        rf"|the|a single) (?:single )?day\b",
        r"roc(1) >= \g<times>",
    ),
    (r"\b(?:at|on) (?:a|every|each) month[- ]end\b", "at month end"),
    (rf"\b(?P<kind>[esw]mas?|mas?) ?\(?(?P<lengths>\d+(?: ?[/,] ?\d+){{1,4}})\)? {_STACKED} {_WAY}", _stack),
    (rf"\b(?P<lengths>\d+(?: ?[/,] ?\d+){{1,4}}) (?P<kind>[esw]mas?|mas?) {_STACKED} {_WAY}", _stack),
    (
        rf"\b{_WAY} (?:stack|alignment) of (?:the )?(?:(?P<kind>[esw]mas?|mas?) )?(?P<lengths>\d+(?: ?[/,] ?\d+){{1,4}})(?:"
        rf" (?P<kind2>[esw]mas?|mas?))\b",
        _stack,
    ),
    (
        r"\b(?:bollinger )?band ?width ?(?:\((?P<cells>\d+, ?\d+(?:\.\d+)?)\))? (?:is )?(?P<side>below|under|above|over) (?:its |the )"
        r"(?P<length>\d+)[- ](?:day|bar) (?P<rank>\d+)(?:st|nd|rd|th) percentile\b",
        _rank_width,
    ),
    (
        r"(?P<average>\b\d+[- ](?:day|bar|period) (?:simple |exponential |moving )*average) of (?:the )?(?:closes|closing prices?|close)\b",
        r"\g<average>",
    ),
    (
        r"\b(?:when|if|once) it crosses (?:back )?(?:under|below|down)(?: again)?,? (?:then )?(?:i |we )?(?P<out>sell|exit|close)\b",
        "exit when it crosses back",
    ),
    (r"\b(?P<side>buy|sell|exit) tomorrow at (?:the )?open\b", r"\g<side> at the next open"),
    (r"\bfixed (?:position )?size(?: of|:| =)? (?=\d)", ""),
    (r"(?:^|(?<=[.;:,] ))(?:profit[- ]taking|profit exit|take profits?|profit target) ?: (?:when )?(?=[a-z]+ ?(?:\(\d+\))?"
        r" ?(?:[<>]|above|below|over|under|crosses)\b)",
     "exit: "),
    (r"(?:^|(?<=[.;:,] ))(?:profit[- ]taking|profit exit|take profits?|profit target) ?: (?:when )?(?=[a-z]+ ?(?:\(\d+\))? ?[<>])",
     "exit: "),
    (r"\b(?P<kind>time[- ](?:stop|exit|limit)(?:: ?| of | after | is )?)(?P<count>\d+) (?:trading|business) (?=days|sessions)",
     r"\g<kind>\g<count> "),
    (r"\b(?:and )?(?:go|get|come|move) back in(?:to (?:the market|stocks|it))? (?=(?:when|if|once)\b)", "buy "),
    (r"\b(?:if filled,? )?(?P<out>sell|exit|close) at (?:today['’]s|the same day['’]s|that day['’]s) close\b",
     r"\g<out> at the close of the same day"),
    (r"\b(?<!the )(?<!at )(?P<out>sell|exit|cover|close)(?: it)? (?P<count>\d+|two|three|four|five|ten) (?P<unit>days|bars"
        r"|sessions|weeks) later\b",
     r"\g<out> after \g<count> \g<unit>"),
    (r",? (?:the |my )?next (?P<color>green|red|bullish|bearish) (?P<bar>candle|bar) is (?:the |my )?(?:entry|trigger|signal)\b",
     r", then a \g<color> \g<bar>"),
    (r"\bmax(?:imum|\.)? loss (?:per|a|on each|on any|for each) trade(?: of| is|:| =)* (?P<far>\d+(?:\.\d+)? ?%)(?! of)",
     r"stop loss \g<far>"),
    (rf"\b(?:enter|buy|go long|entry)(?: is)? (?:on|at|with) (?:a |the )?break (?:of|above) (?:the )?{_BAR}(?:['’]s)? high\b",
     "buy a stop at the high of the bar"),
    (rf"\b(?:enter|sell|go short|short|entry)(?: is)? (?:on|at|with) (?:a |the )?break (?:of|below) (?:the )?{_BAR}(?:['’]s)? low\b",
     "sell short at a stop at the low of the bar"),
    (rf"\b(?P<kind>stop(?:[- ]loss)?|sl)(?: is| goes| at|:)* (?:just )?(?:below|under|above|at) (?:the )?{_BAR}(?:['’]s)?"
        rf" (?P<line>low|high)\b",
     r"\g<kind> at the \g<line> of the bar"),
    (r"\b(?P<line>high|low) of the (?:bar|candle) (?:that|which) (?:touched|touches|tagged|hit) (?:the "
        r"|it\b)(?:\d+[- ]?(?:period |day )?)?(?:[se]?ma|moving average|average|line|band)?",
     r"\g<line> of the bar"),
    (r"\b(?P<out>exit|sell|cover) at (?=the (?:most recent|last|previous|recent) swing (?:high|low)\b)", r"\g<out> at target "),
    (r"\bnewly formed (?=swing\b)", "most recent "),
    (rf"\bgap (?:is )?(?:greater|more|larger|bigger|over|above) than {_TIMES} ?% (?:in either direction|either way|up or down|in"
        rf" any direction)",
     r"abs(gap) > \g<times>"),
    (rf"\bgap (?:is )?(?:less|smaller|under|below) than {_TIMES} ?% (?:in either direction|either way|up or down|in any direction)",
     r"abs(gap) < \g<times>"),
    (r"(?<=[\d)] and )growing\b", "rising"),
    (r"\b(?:the )?(?P<what>(?:[se]ma|ma) ?\(?\d+\)?|\d+[- ]?(?:day )?(?:[se]ma|ma)) (?:is |gets )?broken (?:to the downside|downwards?)",
     r"price breaks below the \g<what>"),
    (r"\b(?:the )?(?P<what>(?:[se]ma|ma) ?\(?\d+\)?|\d+[- ]?(?:day )?(?:[se]ma|ma)) (?:is |gets )?broken (?:to the upside|upwards?)",
     r"price breaks above the \g<what>"),
    (r"\b(?P<out>exit|entry|sell|buy) is (?=price breaks)", r"\g<out> when "),
    (rf"\batr stop (?:of )?{_TIMES}x\b", r"stop \g<times> ATR"),
    (rf"(?:^|(?<=[.;,] ))(?:trading )?(?:session|hours)(?: is|:)? (?={_CLOCK})", "only between "),
    (r"\b(?:no|never) shorting\b|\bno (?:other|overlapping) (?:positions|trades)\b", SAID),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""
