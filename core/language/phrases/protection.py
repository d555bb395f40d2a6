"""Phrases that name a trail, a part that leaves, a stop that moves to the entry, and distances from the entry in money or ranges."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.distances import BEHIND_GAIN, NOT_LATER, STATE
from core.language.phrases.rule_words import REACH, Builder, RuleText, find_level, find_range_bars, read_measure
from core.language.spoken.candles import PATTERN, is_decided_later
from core.language.spoken.noun import put_back

_NUMBERED = REACH.replace("(\\d+", "(?P<number>\\d+", 1).replace("(%", "(?P<unit>%", 1)
_REST = (
    r"(?:(?:the |my )?(?:(?:last|final|remaining|other|rest of the) (?:third|half|quarter|part|portion|piece|position)|rest|remainder"
    r"|balance|position|stop(?:[- ]loss)?)|it)(?: of (?:the|my) position)?"
)
_LEVEL = (
    r"(?:(?:each|every|the|a|any) new )?(?P<level>[^.,;:()]{2,60}?(?:\(\d+\)(?: [a-z]+)?)?)(?=[.,;:()]|$| and\b| or\b| then\b| until\b)"
)
_SHARE = r"(?P<share>half|(?:one|a|another) (?:half|third|quarter)|two thirds|1/[234]|\d+ ?(?:%|percent))"
SHARES = {"half": "50", "third": "33", "quarter": "25", "two thirds": "67", "1/2": "50", "1/3": "33", "1/4": "25"}
_STOPS = r"(?:(?:initial|hard|protective|my|the|an?) )*(?<!buy )(?<!sell )stops?(?:[- ]loss)?"
_TARGETS = r"(?:take[- ]profits?|(?:profit )?targets?|tp)"
_SET = r"(?: is| at| of| goes| sits| placed| set|:| =)*"
_MONEY = r"(?:(?P<cents>\d+(?:\.\d+)?) ?cents?|[$€£](?P<sum>\d+(?:\.\d+)?)|(?P<sum2>\d+(?:\.\d+)?) ?(?:dollars?|euros?))"
_FROM_ENTRY = r"(?:above|below|under|over|from|away from) (?:the |my |our )?(?:entry|fill|purchase|buy)(?: price)?"


def _read_share(words: str) -> str:
    said = " ".join(words.lower().split())
    return next((number for name, number in SHARES.items() if name in said), "") or re.sub(r"[^\d]", "", said)


def _resting_stop(match: re.Match[str]) -> RuleText | None:
    """`Buy a stop at the 5-day high`, `short the break of its low`: an order that waits there."""
    level = find_level(re.sub(r"^(?:its|that bar's|the bar's) ", "", match["level"]))
    short = re.search(r"sell|short", match["order"], re.IGNORECASE) is not None
    if not level or (level in ("high", "low") and (level == "low") is not short):
        return None
    return Section.ENTRY_SHORT if short else Section.ENTRY_LONG, "stop_order", Measure.PRICE, (level,)


def _target(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", read_measure(match["unit"]), (match["number"], *find_range_bars(match["unit"]))


def _trail_level(match: re.Match[str]) -> RuleText | None:
    """`Trail the rest under the 9 EMA`, `trail the stop to each new 3-day low`."""
    level = find_level(re.sub(r"^(?:an?|the) ", "", match["level"].strip()))
    return (Section.RISK, "trailing_stop", Measure.PRICE, (level,)) if level else None


def _trail(match: re.Match[str]) -> RuleText | None:
    """`Trail the rest by 2 ATR`, `trail a stop 4 ATR below the highest close since entry`."""
    measure = read_measure(match["unit"])
    if measure is Measure.R:
        return None
    return Section.RISK, "trailing_stop", measure, (match["number"], *find_range_bars(match["unit"]))


def _ranges(rule: str) -> Builder:
    """`ATR(14) trailing stop with a multiplier of 3`, `ATR(20) x 2.5 stop`: the range before how many of it."""

    def build(match: re.Match[str]) -> RuleText:
        told = match.groupdict()
        bars = next((told[name] for name in ("bars", "bars2") if told.get(name)), "14")
        times = next(told[name] for name in ("times", "times2", "times3") if told.get(name))
        return Section.RISK, rule, Measure.ATR, (times,) if bars == "14" else (times, bars)

    return build


def _part(match: re.Match[str]) -> RuleText | None:
    """`At 2R close 50%`."""
    share = _read_share(match["share"])
    return (
        (Section.RISK, "partial_exit", read_measure(match["unit"]), (match["number"], share, *find_range_bars(match["unit"])))
        if 0 < int(share) < 100
        else None
    )


def _part_at_level(match: re.Match[str]) -> RuleText | None:
    """`Sell half at the middle band`."""
    level = find_level(match["level"])
    return (Section.RISK, "partial_exit", Measure.PRICE, (level, _read_share(match["share"]))) if level else None


def _rest_at_level(match: re.Match[str]) -> RuleText | None:
    """`... and the rest at the upper band`: behind a part that has left."""
    level = find_level(match["level"])
    short = re.search(r"\b(?:cover|short)\b", match.string[: match.start()], re.IGNORECASE)
    if level.startswith("highest" if short else "lowest"):
        return None  # against the trade: a way out, and no target
    part = re.search(r"\b(?:half|third|quarter|part|\d+ ?%)\b[^.;]*$", match.string[: match.start()], re.IGNORECASE)
    return (Section.RISK, "take_profit", Measure.PRICE, (level,)) if level and part else None


def _break_even(match: re.Match[str]) -> RuleText | None:
    """`When the trade reaches 1R, move the stop to entry`, with what is added to it where that is in the same measure."""
    measure = read_measure(match["unit"])
    beyond = match.groupdict().get("beyond")
    if beyond and read_measure(match["unit2"]) is not measure:
        return None
    return Section.RISK, "break_even", measure, (match["number"], *find_range_bars(match["unit"]), *([beyond] if beyond else []))


def _money(rule: str) -> Builder:
    """`Stop 50 cents below the entry`."""

    def build(match: re.Match[str]) -> RuleText:
        points = float(match["cents"]) / 100 if match["cents"] else float(match["sum"] or match["sum2"])
        return Section.RISK, rule, Measure.POINTS, (f"{points:g}",)

    return build


def _ratio(match: re.Match[str]) -> RuleText:
    return Section.RISK, "take_profit", Measure.R, (next(one for one in match.groups() if one),)


def _stop_of_pattern(match: re.Match[str]) -> RuleText | None:
    """`Stop below the hammer`: the low of that bar, or the high above it; the bar before where the next one decides."""
    above = match["way"].lower() in ("above", "over")
    level = "high" if above else "low"
    if is_decided_later(match["name"], match.string):
        level = put_back(level, 1)
    number, unit = match["number"], match["unit"]
    if number:
        measure = read_measure(unit)
        if measure not in (Measure.ATR, Measure.POINTS, Measure.PERCENT):
            return None
        if measure is Measure.PERCENT:
            level = f"{1 + (1 if above else -1) * float(number) / 100:g} * {level}"
        else:
            bars = next(iter(find_range_bars(unit)), "14")
            level += f" {'+' if above else '-'} {float(number):g}{f' * atr({bars})' if measure is Measure.ATR else ''}"
    return Section.RISK, "stop_loss", Measure.PRICE, (level,)


def _order_at_pattern(match: re.Match[str]) -> RuleText | None:
    """`Entry above the hammer's high`, `buy a break of the high of the signal bar`: an order that waits there."""
    level = find_level(match["level"])
    if level not in ("high", "low"):
        return None
    short = level == "low"
    said = re.search(r"short|sell", match.group(), re.IGNORECASE) is not None
    if said is not short and not re.match(r"ent(?:er|ry)", match.group(), re.IGNORECASE):
        return None
    return Section.ENTRY_SHORT if short else Section.ENTRY_LONG, "stop_order", Measure.PRICE, (level,)


_MOVE = (
    r"(?:move|bring|raise|put|set|go|shift|pull|i move)(?: (?:the |my |your )?stops?(?:[- ]loss)?)?(?:"
    r" up)? to (?:the |my )?(?:entry(?: price)?|break[- ]?even|be\b)"
)
_TIMES = r"(?P<times{0}>\d+(?:\.\d+)?)"
RULES: tuple[tuple[str, Builder], ...] = (
    (
        r"(?P<order>buy a stop(?: order)?(?= at| above| over| a tick| just)|sell"
        r" a stop(?: order)?(?= at| below| under| a tick| just)|(?:buy|sell) stop(?= at the \d+h))(?: a tick| just)?"
        rf" (?:at|above|below|over|under) {_LEVEL}",
        _resting_stop,
    ),
    (
        r"(?P<order>buy|short|sell short|go long(?: on)?|go short(?: on)?) (?:the"
        r" |a )?break (?:of|above|below) (?P<level>(?:its|that bar's|the bar's) (?:high"
        r"|low))",
        _resting_stop,
    ),
    (rf"(?:first |1st )?{_TARGETS}{_SET} {_NUMBERED} (?:for|on|with) {_SHARE}(?: of (?:it|the position))?", _part),
    (rf"(?:second|2nd|final|last|third) {_TARGETS}{_SET} {_NUMBERED}", _target),
    (
        rf"(?:when|once|after|at|if|as soon as) {STATE}{_NUMBERED}{BEHIND_GAIN},? (?:i |we |then )?{_MOVE}{NOT_LATER}"
        rf"(?: (?:plus|\+) {_NUMBERED.replace('number', 'beyond').replace('unit', 'unit2')})?",
        _break_even,
    ),
    (rf"(?:and |then )?{_MOVE} (?:at|after|when|once|if|as soon as) {STATE}{_NUMBERED}{BEHIND_GAIN}", _break_even),
    (
        r"trail(?:ing|s)?(?: (?:an?|the|my))?(?: stops?(?:[- ]loss)?)?(?: is| of"
        rf"| at| by)* {_NUMBERED} (?:below|under|from|off|above|over|behind) "
        r"(?:the |its )?(?:highest|lowest|best|peak|most favou?rable)(?: (?:close|high|price|low|point|value))?"
        r"(?: (?:since|after|of) (?:the |my |our )?(?:entry|entering|trade|we bought|i bought|buying|purchase)|(?: reached| seen)?)",
        _trail,
    ),
    (
        r"(?:(?:exit|sell|cover|stop|out)(?: is| at| of)* |(?:it |(?:the )?price |the (?:stock|market) )?(?:falls?|drops?|is down|declines?"
        rf"|retraces|gives back)(?: by)? )?(?:an? )?{_NUMBERED}"
        r" (?:below|under|from|off|above|over) the (?:highest|lowest)"
        r" (?:close|high|low|price)(?: (?:since|after|of) (?:the |my )?(?:entry|entering|trade))?(?! (?:of|in|over|for|since)\b)",
        _trail,
    ),
    (rf"trail(?:ing)? {_REST} (?:by|with|at) (?:an? )?{_NUMBERED}(?: stop)?(?! (?:below|under|above|over))", _trail),
    (
        rf"trail(?:ing)? {_REST} (?:at|below|under|underneath|with|using|by|behind|along|on|to|up to) {_LEVEL}",
        _trail_level,
    ),
    (rf"(?:the )?(?:stop(?:[- ]loss)?) trails?(?: along)? (?:at|below|under|with|by|behind) {_LEVEL}", _trail_level),
    (
        r"(?:an? |use (?:an? )?)?(?:atr(?: ?\((?P<bars>\d+)\))?[- ]trailing[- ]stop"
        rf"|trailing atr stop)(?: loss)?(?: ?\((?P<bars2>\d+), ?{_TIMES.format(2)}\)"
        r"|,?(?: (?:with|using|of|at|set|to|an?|the))* (?:multiplier|multiple|factor)(?:"
        rf" of)? {_TIMES.format('')}|(?: of| at| x|,)? {_TIMES.format(3)} ?x?)(?!\d"
        r"| ?%| ?atr)",
        _ranges("trailing_stop"),
    ),
    (rf"atr ?\((?P<bars>\d+)\) ?(?:[x*×]|times) ?{_TIMES.format('')} trail(?:ing)?(?: stop)?", _ranges("trailing_stop")),
    (
        rf"atr ?\((?P<bars>\d+)\) ?(?:[x*×]|times) ?{_TIMES.format('')} (?:hard |initial )?stop(?:[- ]loss)?"
        rf"|stop(?:[- ]loss)?(?: is| of| at|:| =)? atr ?\((?P<bars2>\d+)\) ?(?:[x*×]|times) ?{_TIMES.format(2)}",
        _ranges("stop_loss"),
    ),
    (
        rf"(?:(?:when|once|if) {STATE}|at |on reaching |upon |after ){_NUMBERED}{BEHIND_GAIN},?"
        r" (?:i |we |then )?(?:close|take|sell|exit|cover|bank|book|scale out)"
        rf"(?: off)?(?: of)? {_SHARE}{NOT_LATER}(?: off)?(?: (?:of )?(?:the |my )?(?:position|it|trade|contracts?|shares?))?(?:"
        rf" off)?(?! profits?\b)",
        _part,
    ),
    (
        rf"(?:(?:sell|take|close|exit|cover|bank|book|scale out)(?: off)?) {_SHARE}(?:"
        r" off)?(?: (?:of )?(?:the |my )?(?:position|it|trade))?(?: off)?"
        rf" (?:at|after|when up|once up) (?:an? |the )?{_NUMBERED}{BEHIND_GAIN}",
        _part,
    ),
    (
        rf"(?:sell|take|close|exit|cover|bank|book)(?: off)? {_SHARE}(?: off)?(?:"
        r" of (?:the position|it|my position))? at (?P<level>(?!\d|an? (?:gain|profit"
        r"|loss))"
        r"[^.,;:()]{2,50}?)(?=[.,;:()]|$| and\b| or\b| then\b)",
        _part_at_level,
    ),
    (
        r"(?:the )?(?:rest|remainder|balance|other half)(?: is (?:sold|closed|out)"
        r"| out)? (?:at|on|by|into) (?:the )?(?:close|end of (?:the )?(?:day|session))(?!"
        r" (?:above|below|over|under))",
        lambda match: (Section.RISK, "flat_at_close", Measure.BARS, ("1",)),
    ),
    (
        r"(?:the )?(?:rest|remainder|balance|(?:the )?other half|(?<=and )(?:another"
        r" )?half)(?: is (?:sold|closed|out)| out)? at (?P<level>(?!\d|an? (?:gain"
        r"|profit|loss))"
        r"[^.,;:()]{2,50}?)(?=[.,;:()]|$| and\b| or\b| then\b)",
        _rest_at_level,
    ),
    (rf"{_STOPS}{_SET} {_MONEY} {_FROM_ENTRY}", _money("stop_loss")),
    (rf"{_TARGETS}{_SET} {_MONEY} {_FROM_ENTRY}", _money("take_profit")),
    (
        rf"(?:{_TARGETS}|aim(?:ing)? for)(?: is| of| at| for|:)? (?:an? )?(\d+(?:\.\d+)?) ?(?::|to) ?1\b(?! (?:risk|reward|r:?r))"
        r"|(?:r ?[:/] ?r|risk[- /:]?reward|rrr?)(?: ratio)?(?: of|:| is| =)? ?1 ?:"
        r" ?(\d+(?:\.\d+)?)|1 ?: ?(\d+(?:\.\d+)?) (?:r ?[:/] ?r|risk[- /:]?(?:to[- ])?reward"
        r"|rrr?)(?: ratio)?"
        r"|(?:target|tp|aim for|profit of) (?:at )?(\d+(?:\.\d+)?) ?(?:x|times) (?:the |my |initial )*(?:risk|stop)(?: distance)?",
        _ratio,
    ),
    (
        rf"{_STOPS}(?: (?:is|goes|sits|placed|set|just|a tick|one tick|1 tick|slightly"
        rf"|a few cents)|:| =)*(?: {_NUMBERED})? (?P<way>above|below|under|over|beneath)"
        r" (?:the |that )?"
        rf"(?P<name>(?:{PATTERN}|pattern|setup|candle pattern))(?: (?:bar|candle))?(?=[.,;:]|$| and\b| or\b| with\b)",
        _stop_of_pattern,
    ),
    (
        r"(?:ent(?:er|ry)|buy|go long|go short|sell short|short)(?: (?:is|on|at|when|if|price|trades?|long|short|:|an?|it|goes))*"
        r" (?:above|below|over|under|break(?:s|out)?(?: of| above| below)?)"
        rf" (?P<level>(?:the |that )?(?:{PATTERN}|pattern)'s (?:high|low)|(?:the )?(?:high|low) of (?:the |that )?(?:{PATTERN}|pattern))",
        _order_at_pattern,
    ),
)
"""Phrases in order, the more exact first."""
