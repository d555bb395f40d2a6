"""Everything that is said of a value: above, between, so much away, near, rising, at its highest. A function for each kind."""

import re

from core.language.spoken.changes import Condition, deviate, read_change, read_motion, read_profit
from core.language.spoken.endings import AGAIN, read_second
from core.language.spoken.noun import Noun, count_bars, put_back, put_beside, put_on_frame
from core.language.spoken.nouns import read_value
from core.language.spoken.opposites import negate
from core.language.spoken.scanner import Scanner
from core.language.spoken.verbs import Verb, read_side, read_small, read_verb
from core.language.spoken.vocabulary import BARS, INTRADAY


def join(one: Condition, other: Condition) -> Condition:
    return lambda ago: f"{one(ago)} and {other(ago)}"


def say(expression: str) -> Condition:
    return lambda ago: expression


def read_relation(scan: Scanner, subject: Noun) -> Condition | None:
    """Read what a value does, by the first kind that fits."""
    start = scan.at
    verb = read_verb(scan)
    if re.search(r"\bopen(?:s|ed)?\b", verb.said) and subject.expression == "close":
        subject = Noun("today.open" if INTRADAY.search(scan.text) else "open")
    place = scan.at
    for reader in (
        _direction,
        read_profit,
        _between,
        read_change,
        _distance,
        _nearness,
        _sign,
        _rank,
        _new_extreme,
        _crossed_in_zone,
        _compared,
        _touched,
        _touch,
        read_motion,
        _direct,
    ):
        scan.at = place
        condition = reader(scan, subject, verb)
        if condition is not None and verb.negative and (length := _count_barren(scan.text[start : scan.at], condition(0))):
            return _have_none(condition, length)
        if condition is not None:
            return _negate(condition) if verb.negative else condition
    scan.at = start
    return None


def _count_barren(said: str, expression: str) -> int:
    """Count the bars on none of which something new has been made: `has not made a new high for 15 days`; 0 for any other words."""
    length = re.search(r"(?:highest|lowest)\(.+, (\d+)\)", expression)
    return int(length[1]) if length and re.search(r"\bnew (?:high|low)s? (?:for|in|over|during)\b", said, re.IGNORECASE) else 0


def _have_none(condition: Condition, length: int) -> Condition:
    return lambda ago: f"count({condition(ago)}, {length}) == 0"


def _negate(condition: Condition) -> Condition:
    return lambda ago: negate(condition(ago))


def _between(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    match = scan.take(r"(?P<out>outside(?: of)? )?(?:in )?(?:between|within|the range)")
    low = read_value(scan) if match else None
    joined = scan.take(r"and|to|-") if low and not low.percent else None
    high = read_value(scan) if joined else None
    if match is None or low is None or high is None or high.percent or re.match(r"[\d.]+ \* ", low.expression):
        return None  # `within 1% of X and ...` is another
    name = "outside" if match["out"] else "between"
    return lambda ago: f"{name}({put_back(subject.expression, ago)}, {put_back(low.expression, ago)}, {put_back(high.expression, ago)})"


def _distance(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`is at least 3% above the 5-day average`, `is 10% off its 52-week high`, `is within...` is another."""
    match = scan.take(
        r"(?:by )?(?P<least>at least|more than|over|a minimum of|less than|at most|no more than|not more than)? ?(?P<number>\d+(?:\.\d+)?)"
        r" ?(?:(?P<share>%|percent)|(?P<ranges>atrs?|average true ranges?)(?: ?\((?P<length>\d+)\))?|(?P<deviations>standard"
        r" deviations?|std\.? devs?|sigmas?))(?: or more)?"
        r" (?P<way>above|over|higher than|greater than|below|under|beneath|lower than|less than|off|from|away from)"
    )
    base = _read_base(scan, subject) if match else None
    if match is None or base is None or base.number:
        return None
    way = match["way"].lower()
    away = way in ("off", "from", "away from")
    up = base.expression.startswith(("lowest", "all_time_low")) if away else way in ("above", "over", "higher than", "greater than")
    if away and not base.extreme:
        return None
    if match["deviations"] and base.expression == "vwap":
        band = f"vwap({float(match['number']):g}).{'upper' if up else 'lower'}"
        return lambda ago: f"{put_back(subject.expression, ago)} {'>=' if up else '<='} {put_back(band, ago)}"
    if match["deviations"]:
        return deviate(subject, base, -float(match["number"]) if not up else float(match["number"]))
    base = Noun(take_over(subject, base))
    step = f"{float(match['number']):g} * atr({match['length'] or 14})"
    level = f"{1 + (1 if up else -1) * float(match['number']) / 100:g} * {{}}" if match["share"] else f"{{}} {'+' if up else '-'} {step}"
    inside = (match["least"] or "").lower() in ("less than", "at most", "no more than", "not more than")
    sign = (">=" if up else "<=") if not inside else ("<" if up else ">")
    sign = sign.rstrip("=") if (match["least"] or "").lower() in ("more than", "over") else sign
    return lambda ago: f"{put_back(subject.expression, ago)} {sign} {level.format(_factor(put_back(base.expression, ago)))}"


def _direction(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`Supertrend flips up`, `is bullish`: the side that a following line is on."""
    line = subject.expression
    said = re.search(r"\b(?P<way>up|down)$", verb.said.strip())
    match = (
        None
        if said
        else scan.take(r"(?P<flip>flips?|flipped|points|changes)?(?: to)? ?(?P<way>up|down|green|red|bullish|bearish|long|short)")
    )
    told = said or match
    if not line.rstrip(")").endswith(".direction") or told is None:
        return None
    up = told["way"].lower() in ("up", "green", "bullish", "long")
    if verb.moving or (match is not None and match["flip"] and match["flip"] != "points"):
        return lambda ago: f"crosses_{'above' if up else 'below'}({put_back(line, ago)}, 0)"
    return lambda ago: f"{put_back(line, ago)} {'>' if up else '<'} 0"


def _factor(expression: str) -> str:
    return f"({expression})" if re.search(r" [-+] ", re.sub(r"\([^()]*\)", "", expression)) else expression


def _read_base(scan: Scanner, subject: Noun) -> Noun | None:
    """The value that something is compared with: a value, or itself as it was: `than it was ten days ago`, `than 2 days ago`."""
    start = scan.at
    if subject.expression.startswith("swing_") and scan.take(
        r"(?:the )?(?:one before(?: it)?|(?:previous|prior) (?:one|swing (?:low|high)))"
    ):
        return Noun(f"previous_{subject.expression}")
    if subject.expression == "volume" and scan.take(r"(?:the |its )?average(?=\s*(?:[.,;:!?)]|$))"):
        return Noun("sma(volume, 20)")
    if subject.expression.startswith(("stoch(", "stochrsi(")) and scan.take(r"(?:the |its )?%?d(?: line)?"):
        return Noun(subject.expression.replace(".k", ".d"))
    average = re.fullmatch(AVERAGE, subject.expression)
    if average and (match := scan.take(r"(?:the |its )?(?P<length>\d+)[- ]?(?:day|bar|period|week)? one(?![\w-])")):
        return Noun(f"{average[1]}({match['length']})")
    if scan.level and scan.take(
        r"(?:it|that|them|(?:that|the|this) (?:moving average|average|line|level|band|mean))(?=[\s.,;:!?)]|$)(?! (?:average"
        r"|line|level|band|high|low|of|over|for)\b)"
    ):
        return Noun(scan.level)
    if match := scan.take(
        r"(?:(?:it|that|they) (?:was|were|closed|did) |where it was |its level (?:of )?|the (?:close|value|level) (?:of"
        rf" )?)?(?P<count>\d+|two|three|four|five) (?P<unit>{BARS}|weeks?|months?) (?:ago|before|earlier)"
    ):
        return Noun(put_back(subject.expression, count_bars(str(read_small(match["count"])), match["unit"])))
    if scan.take(
        r"(?:it was )?(?:yesterday|the day before|the bar before|on the (?:previous|prior) (?:day|bar)|the (?:previous"
        r"|prior) (?:day|bar|one))(?!'s| ?(?:high|low|close|open))"
    ):
        return Noun(put_back(subject.expression, 1))
    scan.at = start
    signal = scan.take(r"its signal(?: line)?(?![a-z])") if not subject.price else None
    if signal is not None:
        line = re.fullmatch(r"((?:macd|ppo|kst)\(.+\))\.(?:macd|ppo|kst)", subject.expression)
        return Noun(f"{line[1]}.signal") if line else None
    return put_beside(read_value(scan), subject, scan.text[start : scan.at])


def take_over(subject: Noun, other: Noun) -> str:
    """An average or extreme that is called its own is that of the value on the left; a bare average beside volume is volume's."""
    expression = other.expression
    longer = re.match(r'tf\("(?P<frame>\w+)", (?P<name>\w+)', subject.expression)
    if longer and expression.partition("(")[0] == longer["name"] not in ("close", "sma", "ema"):
        return put_on_frame(expression, longer["frame"])  # the lines of one indicator are of the same bars
    if subject.price or subject.expression in ("vwap", 'tf("1w", close)', 'tf("1mo", close)', 'tf("1d", close)'):
        return expression
    if other.own and (symbol := re.match(r'other\("[^"]+"\)\.', subject.expression)) and re.fullmatch(r"\w+\([\d., ]*\)", expression):
        return f"{symbol[0]}{expression}"
    if other.own or (subject.expression == "volume" and not subject.price):
        if re.fullmatch(r"(?:[\d.]+ \* )?(?:sma|ema|wma|hma|median)\(\d+\)", expression):
            return re.sub(r"\b(sma|ema|wma|hma|median)\((\d+)\)", rf"\1({subject.expression}, \2)", expression)
        if re.fullmatch(r"(?:highest|lowest)\((?:high|low), \d+\)", expression):
            return re.sub(r"\((?:high|low), ", f"({subject.expression}, ", expression)
    return expression


def _nearness(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    match = scan.take(
        r"(?:(?:(?:pulls?|pulled|comes?|gets?|falls?|drops?|moves?) )?back |pulls"
        r" back |comes )?(?:to )?(?:with)?in (?P<number>\d+(?:\.\d+)?|an?) ?(?:%"
        r"|percent|(?P<ranges>atrs?(?: ?\((?P<length>\d+)\))?))"
        r" (?:of|from|below|above|under|off)"
    )
    again = AGAIN.match(scan.level) and scan.take(r"it|that (?:line|average)") if match else None
    base = Noun(scan.level) if again else read_value(scan) if match else None
    if match is None or base is None or base.number or base.expression == subject.expression:
        return None
    if match["ranges"]:
        reach = f"{float(match['number']) if match['number'][0] != 'a' else 1:g} * atr({match['length'] or 14})"
        return lambda ago: f"abs({put_back(subject.expression, ago)} - {put_back(base.expression, ago)}) <= {put_back(reach, ago)}"
    if match["number"][0] == "a":
        return None
    share = float(match["number"])
    if base.expression.startswith(("highest", "all_time_high")):
        return lambda ago: f"{put_back(subject.expression, ago)} >= {1 - share / 100:g} * {put_back(base.expression, ago)}"
    if base.expression.startswith(("lowest", "all_time_low")):
        return lambda ago: f"{put_back(subject.expression, ago)} <= {1 + share / 100:g} * {put_back(base.expression, ago)}"
    return lambda ago: f"near({put_back(subject.expression, ago)}, {put_back(base.expression, ago)}, {share:g})"


def _sign(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    match = scan.take(r"(?:in(?:to)? )?(?P<word>positive|negative)(?: territory)?")
    if match is None or subject.price or not verb.said.strip():
        return None
    down = match["word"].lower() == "negative"
    if verb.moving or verb.crossing or "becom" in verb.said:
        return lambda ago: f"crosses_{'below' if down else 'above'}({put_back(subject.expression, ago)}, 0)"
    return lambda ago: f"{put_back(subject.expression, ago)} {'<' if down else '>'} 0"


def _rank(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`is at its lowest in 120 days`, `is the highest of the last 40 closes`."""
    match = scan.take(
        r"(?:at )?(?:its |the |an? )?(?P<count1>\d+)[- ](?P<unit1>day|bar|week|month|year)s?[- ](?P<side1>low|high|lows"
        r"|highs)(?! (?:of|close))(?<=low|igh|ows|ghs)"
        if not subject.price and subject.expression != "volume" and "at" in scan.text[scan.at : scan.at + 4]
        else r"(?!)"
    ) or scan.take(
        r"(?:at )?(?:its |the |an? )?(?P<side>highest|lowest|narrowest|widest|smallest|largest|tightest)(?: (?:level|value"
        r"|point|reading|close|range|width))?"
        rf" (?:in|of|for|over|since)(?: the)?(?: last| past| previous)? (?P<count>\d+) (?P<unit>{BARS}|weeks?|months?|years?)"
    )
    if match is None:
        return None
    told = match.groupdict()
    side = (told.get("side") or told.get("side1") or "").lower()
    bars = min(500, count_bars(told.get("count") or told.get("count1"), told.get("unit") or told.get("unit1")))
    if subject.price and side in ("narrowest", "widest", "tightest"):
        return None  # a range is narrow, and no price
    high = side in ("highest", "widest", "largest", "high", "highs")
    level = f"{'highest' if high else 'lowest'}({subject.expression}, {bars})"
    return lambda ago: f"{put_back(subject.expression, ago)} {'>=' if high else '<='} {put_back(level, ago)}"


def _new_extreme(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`makes a new 20-day high`, `hits a 52-week low`: beyond the bars before."""
    match = scan.take(
        r"(?:makes?|made|making|sets?|hits?|reach(?:es|ed)?|prints?|posts?|to|at|on)(?: an?| its| the)?(?: new| fresh)?(?= \d"
        r"| all| highs? (?:of|in|for)\b| lows? (?:of|in|for)\b)"
    )
    if match is None and re.search(r"hit|reach|print|has|had", verb.said):
        match = scan.take(r"(?:an?|its|the)(?: new| fresh)?(?= \d+[- ](?:day|bar|week|month|year))")
    base = read_value(scan) if match else None
    if base is None or not base.extreme:
        return None
    high = base.expression.startswith(("highest", "all_time_high"))
    level = base.expression if subject.price else take_over(subject, Noun(base.expression, own=True))
    name = subject.expression
    return lambda ago: f"{put_back(name, ago)} {'>' if high else '<'} {put_back(level, ago + 1)}"


SIGNALS = {"macd": (".macd", ".signal"), "stoch": (".k", ".d")}


def _crossed_in_zone(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`A MACD cross up below the zero line`: through its own signal line, and where that happens."""
    name = subject.expression.split("(")[0]
    way = re.search(r"\bcross\w* (?P<way>up|down)$", verb.said.strip())
    if way is None or name not in SIGNALS or not subject.expression.endswith(SIGNALS[name][0]):
        return None
    other = subject.expression.removesuffix(SIGNALS[name][0]) + SIGNALS[name][1]
    up = way["way"] == "up"
    side = read_side(scan)
    zone = read_value(scan) if side else None
    if side and (zone is None or not zone.number or side == "through"):
        return None
    said = f" and {{}} {side} {zone.expression}" if zone else ""
    left = subject.expression
    return lambda ago: (
        f"crosses_{'above' if up else 'below'}({put_back(left, ago)}, {put_back(other, ago)}){said.format(put_back(left, ago))}"
    )


def _compared(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    side = read_side(scan)
    if side:
        scan.take(r"both(?= )")
    outside = side is None and scan.take(r"outside(?: of)?(?= (?:the |its )?(?:upper|lower|top|bottom))")
    base = _read_base(scan, subject) if side or outside else None
    if outside and base is not None:
        side = ">" if base.expression.endswith(".upper") else "<"
    if side is None or base is None or base.expression == subject.expression:
        return None
    if re.search(r"\bcross\w* up$", verb.said.strip()) and side in ("<", "<="):
        return None  # through another line, and below this one
    if base.percent and not subject.expression.startswith(("roc(", "natr(", "gap", "realised_volatility(")):
        return None
    if ((base.number and not base.money) or base.expression.startswith("atr(")) and subject.price:
        return None
    one = _compare(subject, verb, side, Noun(take_over(subject, base), own=base.own))
    second = None if one is None or base.number else read_second(scan, subject)
    other = _compare(subject, verb, side, Noun(take_over(subject, second), own=second.own)) if second else None
    return join(one, other) if one and other else one


AVERAGE = r"(sma|ema|wma|hma|dema|tema)\(\d+\)"
PASSED = re.compile(rf"{AVERAGE}\[(?P<bars>\d+)\]")
_BEYOND = (("<", "low"), (">", "high"))
NEVER = {(price, sign, f"{day}{line}") for price, day in (("close", ""), ("close", "today."), ("open", "")) for sign, line in _BEYOND}
"""Comparisons that no bar can fulfill: another bar was meant."""


def _compare(subject: Noun, verb: Verb, side: str, base: Noun) -> Condition | None:
    """A state, or a crossing where the words say that something moves through; an extreme is that of the bars before."""
    lines = re.fullmatch(AVERAGE, subject.expression) and re.fullmatch(AVERAGE, base.expression)
    through = verb.crossing or side == "through" or (verb.moving and (base.number or lines is not None))
    side = ("<" if verb.down else ">") if side == "through" else side
    left, right = subject.expression, base.expression
    if left.startswith("stochrsi") and base.number and 0 < float(right) < 1:
        right = f"{100 * float(right):g}"  # it is told as a share
    if (left, side, right) in NEVER:
        return None
    shift = 1 if base.extreme else 0
    if (through or re.search(r"\b(?:was|were|had been)\b", verb.said)) and (past := PASSED.fullmatch(right)) and not left.endswith("]"):
        left = put_back(left, int(past["bars"]))  # all of it was so long ago, and not the line alone
    if through and side in ("<", ">") and not base.extreme:
        return lambda ago: f"crosses_{'above' if side == '>' else 'below'}({put_back(left, ago)}, {put_back(right, ago)})"
    frames = [re.fullmatch(r'tf\("(\w+)", (.+)\)', one) for one in (left, right)]
    if frames[0] and frames[1] and frames[0][1] == frames[1][1]:
        frame, one, two = frames[0][1], frames[0][2], frames[1][2]
        return lambda ago: f'tf("{frame}", {put_back(one, ago)} {side} {put_back(two, ago + shift)})'
    return lambda ago: f"{put_back(left, ago)} {side} {put_back(right, ago + shift)}"


def _touched(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`The lower band is touched`: reached by the bar's high or low."""
    said = re.search(r"(?:is|was|gets|got|been) hit$", verb.said.strip()) or (
        scan.take(r"touched|tagged|reached|tested") if re.search(r"(?:is|was|gets|got|been)$", verb.said.strip()) else None
    )
    level = subject.expression
    if said is None or subject.price or subject.number or re.match(r"(?:rsi|cci|adx|mfi|stoch|roc|atr|obv|volume)\b", level):
        return None
    if level.endswith((".lower", ".low")) or level.startswith("lowest"):
        return lambda ago: f"{put_back('low', ago)} <= {put_back(level, ago + (1 if subject.extreme else 0))}"
    if level.endswith((".upper", ".high")) or level.startswith("highest"):
        return lambda ago: f"{put_back('high', ago)} >= {put_back(level, ago + (1 if subject.extreme else 0))}"
    return lambda ago: f"{put_back('low', ago)} <= {put_back(level, ago)} <= {put_back('high', ago)}"


def _touch(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`touches the lower band`, `returns to its 20-day average`, `pulls back to the 20 EMA`: reached by the bar's high or low."""
    match = scan.take(
        r"(?P<word>touch(?:es|ed)?|tags?|reach(?:es|ed)?|hits?|tests?|(?:returns?|returned|reverts?|(?:pulls? )?back|pulled"
        r" back|retraces?|retreats?) to|to)"
    )
    base = _read_base(scan, subject) if match else None
    if match is None or base is None or base.number or base.price or not subject.price:
        return None
    word = match["word"].lower()
    if word == "to" and not (verb.down or verb.moving or "back" in verb.said):
        return None
    level = base.expression
    low = level.endswith(".lower") or level.startswith("lowest")
    high = level.endswith(".upper") or level.startswith("highest")
    if low or high:
        return lambda ago: (
            f"{put_back('low' if low else 'high', ago)} {'<=' if low else '>='} {put_back(level, ago + (1 if base.extreme else 0))}"
        )
    if re.search(r"pull|retrac|retreat", word) or (word == "to" and verb.down):
        return lambda ago: f"{put_back('low', ago)} <= {put_back(level, ago)}"
    if word == "to" and verb.moving and "back" not in verb.said:
        return lambda ago: f"{put_back('high', ago)} >= {put_back(level, ago)}"
    return lambda ago: f"{put_back('low', ago)} <= {put_back(level, ago)} <= {put_back('high', ago)}"


def _direct(scan: Scanner, subject: Noun, verb: Verb) -> Condition | None:
    """`MACD crosses its signal line`, `the close breaks the 50-day high`: a crossing without the word for its side."""
    if not verb.crossing:
        return None
    ends = re.match(r"\s*(?:[.,;!?]|$|and\b|or\b)", scan.text[scan.at :])
    taken = re.search(r"(?:is|was|gets|got|been) broken$", verb.said.strip()) or (ends and re.search(r"^\s*breaks$", verb.said.strip()))
    if taken and re.search(r"high|low|upper|swing", subject.expression):
        down, name = re.search(r"low", subject.expression) is not None, subject.expression
        if subject.extreme:  # of the bars before: none is beyond that of its own bar
            return lambda ago: f"{put_back('close', ago)} {'<' if down else '>'} {put_back(name, ago + 1)}"
        return lambda ago: f"crosses_{'below' if down else 'above'}({put_back('close', ago)}, {put_back(name, ago)})"
    base = _read_base(scan, subject)
    way = scan.take(r"(?:to the )?(?P<way>upwards?|downwards?|upside|downside|from below|from above)")
    if base is None or base.percent or base.expression == subject.expression or (base.number and not way):
        return None
    down = way is not None and way["way"].lower() in ("downward", "downwards", "downside", "from above")
    if base.extreme:
        high = base.expression.startswith(("highest", "all_time_high"))
        return lambda ago: f"{put_back(subject.expression, ago)} {'>' if high else '<'} {put_back(base.expression, ago + 1)}"
    down = down or (way is None and re.search(r"low(?:er)?\)*$", base.expression) is not None)
    right = take_over(subject, base)
    return lambda ago: f"crosses_{'below' if down else 'above'}({put_back(subject.expression, ago)}, {put_back(right, ago)})"
