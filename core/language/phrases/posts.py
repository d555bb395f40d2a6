"""Words of posts and of programs' settings that stand for others: times, dates, shares, open positions. Put in by `wording`."""

import re

from core.language.phrases.rewriting import Writer
from core.language.phrases.shorthand import SAID
from core.language.phrases.terms import ORDINALS

_MONTH = "january|february|march|april|may|june|july|august|september|october|november|december"
_FAR = r"\+?\d+(?:\.\d+)? ?(?:r\b|%|percent|(?:x )?atr|points?|pips?)"
_UNIT = r"bars?|days?|sessions?|candles?|weeks?|months?"
_ENTRY = r"(?:the |my |our )?(?:entry|fill|purchase|buy)(?: price)?"
_KIND = r"(?:sl|stop(?:[- ]loss)?|tp|target|take[- ]profit|trail(?:ing)?(?: stop)?)"
_SIDE = r"(?:longs?|shorts?)(?: (?:trades|positions))?"
_AVERAGE = r"\d{1,3}[- ]?(?:day |d |period )?(?:ema|sma|wma|hma|ma|dma)"
_SHARE = r"\d+(?:\.\d+)? ?(?:%|percent)"
_DONE = r"\b(?P<done>buy|sell|exit|enter|go long|get out|cover)"
POSTS: tuple[tuple[str, str | Writer], ...] = (
    (r"\b(?P<place>2nd|second|3rd|third)(?: to)?[- ]last (?=(?:trading )?day\b)", r"\g<place> to last "),
    (
        r"\bvolume (?P<sign>[<>]=?) (?P<share>\d+) ?% of (?:its |the )?(?:avg|average|[se]?ma) ?\(?(?P<length>\d+)\)?",
        lambda match: f"volume {match['sign']} {float(match['share']) / 100:g} * sma(volume, {match['length']})",
    ),
    (r"\b2nd to last\b", "second to last"),
    (r"\btake_?profit\b", "take profit"),
    (r"\b(?:position|trade) (?:is |was |has been )?(?:held|open)(?: for)? (?:more than )?(?=\d+ (?:bars|days|candles|sessions|weeks)\b)",
     "after "),
    (
        r"(?:,? (?:and |but )?)(?:no|not|never) later than (?:on )?(?:the )?(?P<count>first|second|third|fourth|fifth|sixth|seventh|eighth"
        r"|ninth|tenth|\d+(?:st|nd|rd|th)) (?P<unit>day|bar|session|candle)\b(?! of)",
        lambda match: f" or after {ORDINALS.get(match['count'].lower()) or re.sub(r'[a-z]', '', match['count'])} {match['unit']}s",
    ),
    (
        r"\b(?P<lead>on |after )(?:the )?(?P<count>second|third|fourth|fifth|sixth|seventh|[2-7](?:nd|rd|th))"
        r" (?:consecutive|straight|successive)"
        r" (?P<kind>(?:red|green|up|down|bullish|bearish) (?:day|bar|candle|session)|(?:lower|higher) (?:close|low|high))\b",
        lambda match: (
            f"{match['lead']}{ORDINALS.get(match['count'].lower()) or re.sub(r'[a-z]', '', match['count'])} consecutive {match['kind']}s"
        ),
    ),
    (r"\b3rd to last\b", "third to last"),
    (r"(?<=trading day of the )(?:next|following) (?:one|month)\b", "month"),
    (r" ?\((?:the )?(?:low|high|wick|price) (?:touches|tags|reaches|hits) it\)", ""),
    (
        rf"\b(?P<a>{_AVERAGE}) ?(?P<s>[<>]) ?(?P<b>{_AVERAGE}) ?(?P=s) ?(?={_AVERAGE}\b)",
        r"\g<a> \g<s> \g<b> and \g<b> \g<s> ",
    ),
    (r"\b(?P<average>(?:ema|sma|wma|hma) ?\(?\d{1,3}\)?|\d{1,3}[- ]?(?:day )?(?:ema|sma)) \((?P<frame>\d{1,2} ?[hm]|daily|weekly)\)",
     r"\g<frame> \g<average>"),
    (r"\b(?P<number>\d+(?:\.\d+)?) std(?:\.? ?dev\w*\.?)? (?=(?:above|below|over|under)\b)", r"\g<number> standard deviations "),
    (r"\bprice (?=\d+(?:\.\d+)? (?:standard deviations|atr) (?:above|below|over|under)\b)", "price is "),
    (
        r"\b(?P<led>between|from) (?P<one>\d{1,2})h(?P<min>\d\d)? (?P<to>and|to|until) (?P<two>\d{1,2})h(?P<min2>\d\d)?\b",
        lambda match: f"{match['led']} {match['one']}:{match['min'] or '00'} {match['to']} {match['two']}:{match['min2'] or '00'}",
    ),
    (r"\brisk(?: of)? (?:a )?(?:max(?:imum)?|at most|up to)(?: of)? (?=\d)", "risk "),
    (r"\bmax(?:imum)?(?: of)? (?=\d+(?:\.\d+)? ?% risk\b)", ""),
    (
        rf"\b(?P<out>exit|close|out|sell)(?: at| on)?:? \+(?P<gain>{_SHARE}),?(?: or)? [-–](?P<lost>{_SHARE})",
        r"\g<out>: take profit \g<gain>, stop loss \g<lost>",
    ),
    (r"\b(?P<out>exit|sell|close|cover)(?: ?:)? (?:on |at |when )?(?:an? |the )?(?:reverse|opposite|inverse) cross(?:over|ing)?\b",
     r"\g<out> when it crosses back"),
    (
        rf"\b(?P<kind>{_KIND})(?P<set>(?: is| at| of|:| =)*) (?P<far>{_FAR}) (?:(?:for|on) )?(?P<one>{_SIDE})(?:,| and| ?/|;)+ "
        rf"(?P<far2>{_FAR}) (?:(?:for|on) )?(?P<other>{_SIDE})\b",
        r"\g<kind>\g<set> \g<far> for \g<one>, \g<kind>\g<set> \g<far2> for \g<other>",
    ),
    (rf"\b(?P<kind>{_KIND}) (?P<side>long|short)s?(?: =|:| at| is| of)* (?P<far>{_FAR})", r"\g<kind> \g<far> for \g<side>s"),
    (rf"\b(?P<side>long|short) (?P<kind>sl|stop|stop[- ]loss|tp|take[- ]profit|target)(?: =|:| at| is| of)* (?P<far>{_FAR})",
     r"\g<kind> \g<far> for \g<side>s"),
    (r"\b(?:at|on) (?:the )?market[- ]open(?:ing)?\b", "at the open"),
    (
        rf"\bmax(?:imum)?[- ]?hold(?:ing)?(?:[- ](?:period|time))?(?: ?[:=] ?| is | of )(?=\d+ (?:trading )?(?:{_UNIT}))",
        "hold for at most ",
    ),
    (
        rf"\b(?P<lead>or |exit |sell |cover |out |after )?(?P<count>\d+) (?:trading )?(?P<unit>{_UNIT}) (?:passed|elapsed|went by"
        r"|(?:since|after|from) (?:the )?(?:entry|entering|buying)|in (?:the |a )?(?:trade|position))(?=[.;,]|$| or\b)",
        r"\g<lead>after \g<count> \g<unit>",
    ),
    (r"\b(?P<lead>or )?after after (?=\d)", r"\g<lead>after "),
    (
        r"\b(?:not more than|no more than|at most|max(?:imum)?(?: of)?|only) (?:1|one|a single) (?:open )?(?:position|trade)"
        r"(?: (?:is )?(?:open|allowed)| at (?:a|the same|any|one) time| at once| per time)*(?! ?(?:a|per|each|every|in)\b)",
        "only one position at a time",
    ),
    (rf"{_DONE} (?:at |on |in )?(?:the )?end of (?P<month>{_MONTH})\b", r"\g<done> on the last trading day of \g<month>"),
    (rf"{_DONE} (?:at |on |in )?(?:the )?(?:start|beginning) of (?P<month>{_MONTH})\b", r"\g<done> on the first trading day of \g<month>"),
    (rf"\bon (?:the )?(?:1|1st|first)(?: of)? (?P<month>{_MONTH})\b|\bon (?P<month2>{_MONTH}) 1(?:st)?\b",
     r"on the first trading day of \g<month>\g<month2>"),
    (r"\b(?:come|get|go) back (?:in(?:to the market)? )?(?=on the (?:first|last) trading day)", "buy "),
    (r"\band go away\b(?! ?:)", SAID),
    (rf"\b(?:sell|exit|get out|close|out)(?: it)?(?: at)? (?P<far>{_FAR}) (?:below|under) {_ENTRY}(?=[.,;]|$| or\b| and\b)",
     r"exit at stop \g<far>"),
    (rf"\b(?:sell|exit|get out|close|out)(?: it)?(?: at)? (?P<far>{_FAR}) (?:above|over) {_ENTRY}(?=[.,;]|$| or\b| and\b)",
     r"exit at target \g<far>"),
    (rf"\b(?:cover|buy back)(?: it)?(?: at)? (?P<far>{_FAR}) (?:above|over) {_ENTRY}(?=[.,;]|$| or\b| and\b)",
     r"cover at stop \g<far>"),
    (rf"\b(?:cover|buy back)(?: it)?(?: at)? (?P<far>{_FAR}) (?:below|under) {_ENTRY}(?=[.,;]|$| or\b| and\b)",
     r"cover at target \g<far>"),
    (
        rf"\b(?:(?:first|1st) )?(?P<kind>target|tp|take[- ]profit)(?: 1)?(?: is| at| of|:| =)* (?P<far>{_FAR}),?:? (?:then )?"
        r"(?:sell|close|take|exit|book)(?: off)? (?P<share>half|a third|a quarter|\d+ ?%)(?: of (?:it|the position|my position))?(?: off)?",
        r"first target \g<far> for \g<share>",
    ),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""
