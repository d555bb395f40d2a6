"""Words that point back in a text: `when it crosses back`, `below 80` of the value spoken of before, a length that was told once."""

import re
from collections.abc import Sequence

from core.domain.workflow import Measure, Operator, Row, Section
from core.language.phrases import conditions, sayings, terms
from core.language.phrases.extents import OPPOSITE
from core.language.phrases.found import ProposedRow

CONDITIONS = (Operator.IS_TRUE, Measure.WHEN)
"""Operators of rows that hold a condition."""


def resolve(expression: str, rows: Sequence[Row], section: Section) -> str:
    """Resolve a mark for what was said before to the expression that it means here; empty where nothing fits."""
    if not expression.startswith(sayings.MARKS):
        return expression
    if expression == conditions.SKIP:
        return ""
    if expression == OPPOSITE:
        return _reach_opposite(rows, section)
    if expression.startswith(sayings.LEVEL):
        term, number = expression.removeprefix(sayings.LEVEL).split("|")
        rises = section in (Section.EXIT_LONG, Section.ENTRY_SHORT) or (section is Section.FILTER and term.startswith("adx"))
        return f"{term} {'>=' if rises else '<='} {number}"
    if expression.startswith(conditions.CHANGED):
        return _read_change(expression.removeprefix(conditions.CHANGED), section)
    if expression.startswith(REACHED):
        return _reach_again(rows, expression.removeprefix(REACHED), section)
    if expression.startswith(terms.CLOSES):
        return _close_again(rows, expression.removeprefix(terms.CLOSES))
    if expression.startswith(terms.IT):
        return _compare_again(rows, expression.removeprefix(terms.IT))
    if expression.startswith(terms.SAME):
        return _turn_again(rows, expression.removeprefix(terms.SAME))
    entry = Section.ENTRY_SHORT if section in (Section.EXIT_SHORT, Section.ENTRY_SHORT) else Section.ENTRY_LONG
    entries = [row.indicators[0] for row in reversed(rows) if row.section is entry]
    if not entries and section is Section.ENTRY_SHORT and expression == sayings.BACK:
        entries = [row.indicators[0] for row in reversed(rows) if row.section is Section.ENTRY_LONG]
    if expression == sayings.BACK:
        entries = [one for one in entries if EARLIER.search(one) is None] or entries
    told = next((one for one in entries if expression == sayings.BACK and "crosses_" in one), entries[0] if entries else "")
    if expression == sayings.OTHERWISE:
        return reverse(entries[0]) if len(entries) == 1 else ""
    if expression == sayings.BACK:
        return reverse(told)
    named = expression.removeprefix(conditions.MEAN)
    if named and section in (Section.ENTRY_LONG, Section.ENTRY_SHORT, Section.FILTER):
        return f"low <= {named} <= high"
    return _return_to_mean(entries, named)


EARLIER = re.compile(r"^count\(.+\)\[\d+\] ==")
"""A condition on bars before this one, from which nothing comes back."""


def _reach_opposite(rows: Sequence[Row], section: Section) -> str:
    """`Exit when the price touches the opposite band`: the one that the entry of this side did not speak of."""
    entry = Section.ENTRY_SHORT if section is Section.EXIT_SHORT else Section.ENTRY_LONG
    told = " ".join(row.indicators[0] for row in rows if row.section is entry)
    bands = set(re.findall(r"((?:bbands|keltner)\([\d., ]+\))\.(upper|lower)", told))
    if len(bands) != 1:
        return ""
    name, line = bands.pop()
    return f"low <= {name}.lower" if line == "upper" else f"high >= {name}.upper"


REACHED = "reach("
"""Mark of a plain number that the value which was spoken of before has reached: `exit at 0`."""


def _read_change(said: str, section: Section) -> str:
    """`When it is up 2%`: of this bar for an entry, since the entry for an exit."""
    way, amount = said.split("|")
    if section is Section.EXIT_LONG:
        return f"open_profit >= {amount}" if way == "up" else f"open_profit <= -{amount}"
    if section is Section.EXIT_SHORT:
        return f"open_profit <= -{amount}" if way == "up" else f"open_profit >= {amount}"
    return f"roc(1) > {amount}" if way == "up" else f"roc(1) < -{amount}"


def _reach_again(rows: Sequence[Row], number: str, section: Section) -> str:
    """`Exit at 0`, `give up at -3.5`: the value that the entry speaks of, on the side of its number where the new one lies."""
    entry = Section.ENTRY_SHORT if section is Section.EXIT_SHORT else Section.ENTRY_LONG
    for row in reversed(rows):
        told = re.fullmatch(r"(?:crosses_\w+\()?([\w.]+(?:\([^()]*\))?(?:\.\w+)?)(?: [<>]=? |, )(-?[\d.]+)\)?", row.indicators[0])
        if row.section is entry and told:
            return f"{told[1]} {'>=' if float(number) > float(told[2]) else '<='} {number}"
    return ""


def take_over_lengths(expression: str, words: str, lengths: dict[str, str]) -> str:
    """Take over the length that an indicator was given before, where it is named again without one; `lengths` keeps what was told.

    >>> take_over_lengths("rsi(14) > 70", "RSI above 70", {"rsi": "2"})
    'rsi(2) > 70'
    """

    def read(found: re.Match[str]) -> str:
        name, length = found.groups()
        if re.search(rf"(?<![\d.]){length}(?![\d.])", words):
            lengths[name.lower()] = length
        return f"{name}({lengths.get(name.lower(), length)})"

    return re.sub(rf"\b({'|'.join(terms.DEFAULTS)})\((\d+)\)", read, expression, flags=re.IGNORECASE)


AGAINST = re.compile(r"close [<>]=? (?P<state>.+)|crosses_\w+\(close, (?P<level>.+)\)")
MOVING = re.compile(r"(?P<way>rising|falling)\((?P<what>.+), (?P<bars>\d+)\)")
ITSELF = re.compile(r"(?:(?:when|if|once|until) )?it\b", re.IGNORECASE)


def take_over_subject(expression: str, words: str, rows: Sequence[ProposedRow]) -> str:
    """`Buy when A crosses above B (has risen for 3 days). Sell when it falls under B (for 2 days)`: A falls, and not the price."""
    moving = MOVING.fullmatch(expression) if ITSELF.match(words) else None
    for each in rows:
        earlier = MOVING.fullmatch(re.sub(r"^count\((.+), \d+\) == \d+$", r"\1", each.row.indicators[0]))
        if moving and moving["what"] == "close" and earlier and earlier["what"] not in ("close", "high", "low", "open", "volume"):
            return f"{moving['way']}({earlier['what']}, {moving['bars']})"
    told = AGAINST.fullmatch(expression) if ITSELF.match(words) else None
    level = re.escape(told["state"] or told["level"]) if told else ""
    for each in rows if told else ():
        before = re.fullmatch(rf"(?:crosses_\w+\()?(?P<what>.+?)(?:, | [<>]=? ){level}\)?", each.row.indicators[0])
        if before and re.fullmatch(r"[sewhdt]e?ma\(\d+\)|macd\([\d, ]+\)\.macd", before["what"]):
            return expression.replace("close", before["what"], 1)
    return expression


def _turn_again(rows: Sequence[Row], said: str) -> str:
    """`Williams %R is below -90 and rising`: the motion of what the last condition is about."""
    motion, bars = said.split("|")
    about = _find_subject(rows)
    return f"{'rising' if re.search('ris|up', motion) else 'falling'}({about}, {terms.read_count(bars)})" if about else ""


def _find_subject(rows: Sequence[Row], *, moving: bool = False) -> str:
    """The value that the last condition is about; with `moving` that of the last crossing, where there is one."""
    told = [
        row.thresholds[0] if row.operator is Measure.WHEN else row.indicators[0] for row in reversed(rows) if row.operator in CONDITIONS
    ]
    told.sort(key=lambda text: moving and "crosses_" not in text)
    for text in told:
        about = re.match(r"(?:(?:crosses_\w+|rising|falling)\()?([\w.]+(?:\([^()]*\))?(?:\.\w+)?)(?: [<>]|,)", text)
        if about:
            return about[1]
    return ""


def _close_again(rows: Sequence[Row], said: str) -> str:
    """`On two consecutive closes below it`: the level that was spoken of before."""
    side, count = said.split("|")
    told = " ".join(row.indicators[0] for row in rows)
    levels = re.findall(r"\b(?:sma|ema|wma|hma)\(\d+\)|\bvwap\b|\bpsar\b|bbands\([^)]*\)\.\w+|ichimoku\.\w+", told)
    return f"count(close {side} {levels[-1]}, {count}) == {count}" if levels else ""


def _compare_again(rows: Sequence[Row], said: str) -> str:
    """`Sell when it crosses below 80`: the value that was spoken of before against a number."""
    relation, number = said.split("|")
    about = _find_subject(rows, moving=True)
    if not about:
        return ""
    return f"{relation}({about}, {number})" if "crosses" in relation else f"{about} {'<' if relation == 'below' else '>'} {number}"


def _return_to_mean(entries: Sequence[str], named: str) -> str:
    """`Sell when it is back at the mean`: the average that is named, or that the entry speaks of, from the side where the price then is."""
    said = " ".join(entries)
    if not entries:
        return f"low <= {named} <= high" if named and named != "vwap" else ""
    band = re.search(r"(?:bbands|keltner|donchian)\((\d+)(?:, [\d.]+)*\)\.(?:lower|upper)", said)
    average = re.search(r"\b(?:sma|ema|wma|hma)\(\d+\)", said)
    level = named or (f"sma({band[1]})" if band else average[0] if average else "")
    below = _is_below(entries, level)
    return "" if not level else f"low <= {level} <= high" if below is None else f"{'high >=' if below else 'low <='} {level}"


_OSCILLATOR = r"(?:rsi|stoch|stochrsi|connors_rsi|mfi|ibs|williams_r|cci|zscore|roc)\b(?:\([^()]*\))?(?:\.\w+)?"
_BEATEN = re.compile(
    rf"(?:close|low) <=? ?[^<>]*(?:\.lower|lowest\()|low <= |crosses_below\((?:close|{_OSCILLATOR})|{_OSCILLATOR} <|falling\((?:close|low)"
    rf"|crosses_above\({_OSCILLATOR}, (?:-\d|[0-4]?\d\))|close < (?:open|close|low)\b|count\((?:{_OSCILLATOR}|close) <"
)
_STRONG = re.compile(
    rf"(?:close|high) >=? ?[^<>]*(?:\.upper|highest\()|high >= |crosses_above\(close|{_OSCILLATOR} >|rising\((?:close|high)"
    rf"|crosses_below\({_OSCILLATOR}, [5-9]?\d\d\)|close > (?:open|close|high)\b|count\((?:{_OSCILLATOR}|close) >"
)
"""Conditions of an entry after which the price stands below its averages, and above them."""


def _is_below(entries: Sequence[str], level: str) -> bool | None:
    """Tell whether an entry leaves the price below a level; None where its conditions do not tell."""
    factor = r"(?:(?P<factor>[\d.]+) \* )?"
    for told in entries:
        beside = re.search(rf"close (?P<sign>[<>])=? {factor}{re.escape(level)}|crosses_(?P<way>\w+)\(close, {re.escape(level)}", told)
        between = re.match(rf"between\(close, {factor}{re.escape(level)},", told)
        if beside:
            return beside["sign"] == "<" or beside["way"] == "below"
        if between and between["factor"]:
            return float(between["factor"]) < 1
    for beaten, strong in ((_BEATEN, _STRONG), (re.compile(r"close <"), re.compile(r"close >"))):
        low, high = (any(pattern.search(told) for told in entries) for pattern in (beaten, strong))
        if low is not high:
            return low
        if low:
            return None
    return None


def reverse(told: str) -> str:
    """`Sell when it crosses back`: the opposite of the entry's condition; empty where there is no such thing."""
    told = re.sub(r"^count\((.+), (\d+)\) == \2$", r"\1", told)
    if told.startswith("crosses_") and " and " in told:
        told = told.split(" and ")[0]  # the zone in which it crossed
    for one, other in (("crosses_above(", "crosses_below("), ("crosses_below(", "crosses_above("), (" > ", " < "), (" < ", " > ")):
        if told.count(one) == 1 and " and " not in told:
            return told.replace(one, other)
    return ""


def is_guessed(expression: str, words: str) -> bool:
    """Tell whether a condition has numbers that its words have not."""
    lengths = (sayings.FAST in expression or sayings.SLOW in expression) and re.search(r"\b(?:fast|slow|short|long)", words, re.IGNORECASE)
    if "within=10)" in expression and "10" not in words and "ten" not in words:
        return True
    return bool(lengths) or (expression.startswith("near(") and "%" not in words and "percent" not in words)


STATE = re.compile(r"(?P<left>[^<>=]+) (?P<sign>[<>])=? (?P<right>[^<>=]+)")


def find_return(expression: str, words: str, rows: Sequence[ProposedRow]) -> ProposedRow | None:
    """Find the state from which a value comes back: `a dip is a close below X`, later `when it closes back above X`."""
    state = STATE.fullmatch(expression) if re.search(r"\bback\b", words, re.IGNORECASE) else None
    for each in rows:
        before = STATE.fullmatch(each.row.indicators[0])
        if state and before and before["left"] == state["left"] and before["right"] == state["right"] and before["sign"] != state["sign"]:
            return each
    return None


def cross(expression: str) -> str:
    """Write a state as the crossing that leads to it."""
    state = STATE.fullmatch(expression)
    return f"crosses_{'above' if state['sign'] == '>' else 'below'}({state['left']}, {state['right']})" if state else expression


def touch_extreme(expression: str) -> str:
    """Write a break of an extreme as a touch of it: `a bullish engulfing at the 20-day low`.

    >>> touch_extreme("close < lowest(low, 20)[1]"), touch_extreme("close > sma(20)")
    ('low <= lowest(low, 20)', 'close > sma(20)')
    """
    found = re.fullmatch(r"close [<>] ((?:lowest|highest)\((low|high), \d+\))\[1\]", expression)
    return f"{found[2]} {'<=' if found[2] == 'low' else '>='} {found[1]}" if found else expression


UPWARD = re.compile(r"\b(?:above|over|up|upwards?|upside|reclaims?|regains?|retakes?|from below)\b", re.IGNORECASE)


def come_back_up(expression: str, words: str) -> str:
    """A pull-back in a fall, which a short sale waits for: upward.

    >>> come_back_up("low <= ema(20)", "price pulls back to the 20 EMA"), come_back_up("low <= ema(20)", "price dips to the 20 EMA")
    ('high >= ema(20)', 'low <= ema(20)')
    """
    level = re.fullmatch(r"low <= (?!lowest)([^<>]+)", expression)
    return f"high >= {level[1]}" if level and re.search(r"\b(?:pull\w*[- ]?back|retrac\w+|retest\w*)", words, re.IGNORECASE) else expression


def cross_either_way(expression: str, words: str) -> str:
    """A way out where the price crosses the middle of a band, without a side: it is reached from below as well as from above.

    >>> cross_either_way("crosses_above(close, donchian(20).mid)", "price crosses the middle line")
    'crosses_above(close, donchian(20).mid) or crosses_below(close, donchian(20).mid)'
    """
    middle = re.fullmatch(r"crosses_above\((close, (?:bbands|keltner|donchian)\([\d., ]+\)\.mid)\)", expression)
    return f"{expression} or crosses_below({middle[1]})" if middle and not UPWARD.search(words) else expression


LINES = re.compile(
    r"crosses_above\(((?:stoch\([^()]*\)\.k, stoch\([^()]*\)\.d|macd\([^()]*\)\.macd, macd\([^()]*\)\.signal"
    r"|plus_di\(\d+\), minus_di\(\d+\)|[sewh]ma\(\d+\), [sewh]ma\(\d+\)))\)( and [^<>]+ [<>] -?[\d.]+)?"
)
"""Two lines of one kind, which cross, and where they do."""
ZONE = re.compile(r"\b(?:above|below|over|under) -?\d+(?! ?-?(?:day|bar|period|sma|ema|ma))", re.IGNORECASE)


def break_down(expression: str, words: str) -> str:
    """A break of an average without its side, where a long position ends or a short one begins: downward.

    >>> break_down("crosses_above(close, sma(50))", "it breaks the 50 day average")
    'crosses_below(close, sma(50))'
    >>> break_down("crosses_above(stoch(14, 3, 3).k, stoch(14, 3, 3).d) and stoch(14, 3, 3).k > 80", "%K crosses %D above 80")
    'crosses_below(stoch(14, 3, 3).k, stoch(14, 3, 3).d) and stoch(14, 3, 3).k > 80'
    """
    average = re.fullmatch(r"crosses_above\((close, (?:(?:[sewh]|d|t|k|vw)[em]?ma\(\d+\)|vwap|ichimoku\.\w+))\)", expression)
    lines = LINES.fullmatch(expression)
    told = average or lines
    if told is None or UPWARD.search(ZONE.sub("", words)):
        return expression
    return f"crosses_below({told[1]}){told[2] or '' if lines else ''}"
