"""Phrases that name a value (an average, a band, an oscillator, a level), and comparisons of any two of them."""

import re
from collections.abc import Callable

from core.language.spoken.crossings import write_as_state
from core.language.spoken.noun import Noun, put_beside
from core.language.spoken.vocabulary import SWINGS

WORDS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10}
COUNT = rf"(\d+|{'|'.join(WORDS)})"
FACTOR = r"(\d+(?:\.\d+)?|" + "|".join(WORDS) + ")"
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10}
WITHIN = re.compile(
    rf",? (?:at some point |at least once )?(?:with)?(?:in|during|over) the (?:last|past|previous"
    rf"|prior) {COUNT} (?:bars|days|candles|closes|sessions)",
    re.IGNORECASE,
)
"""Words that say on how many of the last bars a condition may have been true."""
OVER, UNDER = (
    r"(?:above|over|higher than|greater than|more than|bigger than|exceed(?:s|ed|ing)?|tops|surpasses)",
    r"(?:below|under|lower than|less than|beneath|smaller than)",
)
UNITS = {"week": 5, "month": 21, "year": 252}
KINDS = {"exponential": "ema", "weighted": "wma", "hull": "hma", "ema": "ema", "wma": "wma", "hma": "hma"}
ITS = r"(?:the |its |their |a |an )?"
DEFAULTS = dict.fromkeys(("rsi", "adx", "mfi", "williams_r", "atr"), "14") | {"roc": "10", "momentum": "10"} | {"cci": "20", "zscore": "20"}
BANDS = {"bollinger": "bbands(20, 2)", "keltner": "keltner(20, 2)", "donchian": "donchian(20)"}
LINES = {"upper": "upper", "lower": "lower", "middle": "mid", "mid": "mid", "top": "upper", "bottom": "lower"}
FRAMES = {"weekly": "1w", "monthly": "1mo"}
PERIODS = {"week": "last_week", "month": "last_month"}
Reader = Callable[[re.Match[str]], str]


def read_count(text: str) -> int:
    """Read a number that may be a word.

    >>> read_count("three"), read_count("12")
    (3, 12)
    """
    return WORDS.get(text.lower()) or int(text)


def read_factor(text: str) -> str:
    """Read a factor that may be a word, as it is written in an expression.

    >>> read_factor("two"), read_factor("2.50")
    ('2', '2.5')
    """
    return f"{float(WORDS.get(text.lower(), 0) or text):g}"


def _read_average(match: re.Match[str]) -> str:
    said = match.group().lower()
    kind = next((name for word, name in KINDS.items() if re.search(rf"(?<![a-z]){word}", said)), "sma")
    length = match["length"]
    source = "volume, " if "volume" in said else ""
    average = f"{kind}({source}{length})"
    frame = {"week": "1w", "month": "1mo"}.get((match["unit"] or "").lower())
    return f'tf("{frame}", {average})' if frame else average


def _read_oscillator(match: re.Match[str]) -> str:
    name = re.sub(r"[ %]+", "_", match["name"].lower())
    length = match["before"] or match["after"] or DEFAULTS[name]
    return f"{name}({length})"


def _read_band(match: re.Match[str]) -> str:
    said = next((name for name in BANDS if name in match.group().lower()), "")
    around = said or next((name for name in ("keltner", "donchian") if name in match.string.lower()), "bollinger")
    return f"{BANDS[around]}.{LINES[match['line'].lower()]}"


def _read_extreme(match: re.Match[str]) -> str:
    count, unit = read_count(match["count"]), match["unit"].lower()
    bars = min(500, 252 if (count, unit) == (52, "week") else count * UNITS.get(unit, 1))
    return f"highest(high, {bars})" if match["side"].lower() == "high" else f"lowest(low, {bars})"


def _read_share(match: re.Match[str]) -> str:
    share, away = float(match["share"]) / 100, -1 if re.match(UNDER, match["way"], re.IGNORECASE) else 1
    return f"{1 + away * share:g} * {read_term(match['of'], match.string)}"


def _read_deviations(match: re.Match[str]) -> str:
    line = "lower" if re.match(UNDER, match["way"], re.IGNORECASE) else "upper"
    return f"bbands({match['length']}, {read_factor(match['factor'])}).{line}"


def _read_ranges(match: re.Match[str]) -> str:
    sign = "-" if re.match(UNDER, match["way"], re.IGNORECASE) else "+"
    return f"{read_term(match['of'], match.string)} {sign} {read_factor(match['factor'])} * atr(14)"


def _read_previous(match: re.Match[str]) -> str:
    word = match["period"].lower()
    if "bar" in word:
        return f"{match['line'].lower()}[1]"
    return f"{next((name for unit, name in PERIODS.items() if unit in word), 'yesterday')}.{match['line'].lower()}"


def _say(expression: str) -> Reader:
    return lambda match: expression


SIMPLE: tuple[tuple[str, Reader], ...] = (
    (
        rf"{ITS}(?P<length>\d+)[- ]?(?P<unit>day|bar|period|week|month|d(?!ema)|candle)?s?[- ]?(?:simple|exponential|weighted|hull)?[- ]?"
        r"(?:moving[- ]averages?|average|mean|ma|sma|ema|wma|hma)\b(?: of (?:the |its )?volume| volume)?",
        _read_average,
    ),
    (r"(?:the )?(?:sma|ema|wma|hma|ma)[ (]?(?P<length>\d+)\)?(?P<unit>)", _read_average),
    (
        rf"{ITS}(?:(?:last |past )?(?P<before>\d+)[- ]?(?P<unit>day|bar|period|week|month|year)?s?'?[- ])"
        rf"(?:rate of change|returns?|performance"
        r"|price change|momentum)(?![\w%])",
        lambda match: f"roc({min(500, int(match['before']) * UNITS.get((match['unit'] or '').lower(), 1))})",
    ),
    (
        rf"{ITS}(?:(?P<before>\d+)[- ]?(?:day|bar|period)?[- ])?(?P<name>(?<!stoch )(?<!stochastic )(?<!connors )rsi"
        rf"|cci|adx|mfi|williams %?r|roc|atr|momentum)"
        r"(?:[ (]*(?P<after>\d+)\)?)?(?![\w%])",
        _read_oscillator,
    ),
    (rf"{ITS}stochastics?(?: oscillator)?(?: %?k)?(?![ %]*[dk]\b)|{ITS}(?:stochastics? )?%k(?: line)?", _say("stoch(14, 3, 3).k")),
    (rf"{ITS}(?:stochastics? )?%d(?: line)?|{ITS}stochastics? d\b", _say("stoch(14, 3, 3).d")),
    (
        rf"{ITS}(?P<frame>weekly|monthly) (?P<name>rsi|cci|adx|mfi|atr)(?:[ (]*(?P<after>\d+)\)?)?(?![\w%])",
        lambda match: (
            f'tf("{FRAMES[match["frame"].lower()]}", {match["name"].lower()}({match["after"] or DEFAULTS[match["name"].lower()]}))'
        ),
    ),
    (rf"{ITS}(?P<frame>weekly|monthly) macd(?: line)?", lambda match: f'tf("{FRAMES[match["frame"].lower()]}", macd(12, 26, 9).macd)'),
    (r"(?:the |a )?weekly clos(?:e|ing price)", _say('tf("1w", close)')),
    (r"(?:the |a )?monthly clos(?:e|ing price)", _say('tf("1mo", close)')),
    (rf"{ITS}(?:\+ ?di|di ?\+|plus di)(?!\w)", _say("plus_di(14)")),
    (rf"{ITS}(?:- ?di|di ?-|minus di)(?!\w)", _say("minus_di(14)")),
    (rf"{ITS}(?:macd(?:['’]?s)? )?histogram", _say("macd(12, 26, 9).histogram")),
    (rf"{ITS}(?:macd )?signal(?: line)?", _say("macd(12, 26, 9).signal")),
    (rf"{ITS}macd(?: line)?", _say("macd(12, 26, 9).macd")),
    (
        rf"{ITS}(?P<line>upper|lower|middle|mid|top|bottom)(?: (?:line|band) of the)? ?(?:bollinger|keltner"
        r"|donchian)? ?(?:bands?|lines?|channel)(?: line)?",
        _read_band,
    ),
    (
        r"(?P<period>yesterday|(?:the )?(?:previous|prior) (?:day|bar)|(?:the )?(?:last|previous|prior) (?:week|month))(?:'?s)? "
        r"(?P<line>high|low|close|open)",
        _read_previous,
    ),
    (rf"{ITS}(?:new )?(?P<count>\d+|{'|'.join(WORDS)})[- ](?P<unit>day|bar|week|month|year)s?[- ](?P<side>high|low)", _read_extreme),
    (rf"{ITS}(?:previous |prior |old )?all[- ]time[- ]high", _say("all_time_high")),
    (rf"{ITS}(?:previous |prior |old )?all[- ]time[- ]low", _say("all_time_low")),
    (
        rf"{ITS}(?:(?P<before>\d+)[- ]?(?:day|bar|period)?[- ])?atr (?:as a (?:percent|percentage|%) of"
        rf" (?:the )?price|percent|%)(?!\w)|{ITS}natr(?!\w)",
        lambda match: f"natr({match['before'] or 14})",
    ),
    (r"(?:the )?(?:previous|prior) (?P<line>high|low|close|open)(?! (?:of|since))", lambda match: f"yesterday.{match['line'].lower()}"),
    (rf"{ITS}rate of change(?:[ (]*(?P<after>\d+)\)?)?(?![\w%])", lambda match: f"roc({match['after'] or 10})"),
    (rf"{ITS}(?:parabolic )?sar\b|{ITS}psar\b", _say("psar")),
    (rf"{ITS}(?:bollinger )?band[- ]?widths?|{ITS}width of the (?:bollinger )?bands", _say("bbands(20, 2).width")),
    (
        rf"{ITS}z[- ]?score(?:[ (]*(?P<after>\d+)\)?)?(?![\w%])",
        lambda match: f"zscore({match['after'] or 20})",
    ),
    (rf"{ITS}%r(?!\w)", _say("williams_r(14)")),
    (rf"{ITS}vwap", _say("vwap")),
    (r"(?:the |its )?(?:average|usual|normal|mean) volume", _say("sma(volume, 20)")),
    (rf"(?:today'?s |the day'?s |this bar'?s |current )?{ITS}volume", _say("volume")),
    (rf"{ITS}(?:kijun(?:[- ]sen)?|base line)(?: line)?", _say("ichimoku.kijun")),
    (rf"{ITS}(?:tenkan(?:[- ]sen)?|conversion line)(?: line)?", _say("ichimoku.tenkan")),
    (rf"{ITS}(?P<length>\d+)[- ]?(?P<unit>)dma\b", _read_average),
    (
        rf"{ITS}(?P<length>\d+)[- ]?(?P<unit>day|week)(?: line)?(?=[.,;:]|$|\s*[()]| and\b| or\b| on\b| with\b| while\b| then\b|"
        rf" cross(?:es|ed)?\b)",
        _read_average,
    ),
    (rf"{ITS}ibs", _say("ibs")),
    (rf"{ITS}(?:obv|on[- ]balance volume)", _say("obv")),
    (r"(?:the )?(?P<line>middle|mid|top|bottom) of the (?:bollinger |keltner |donchian )?(?:channel|bands?)", _read_band),
    (r"(?:the day'?s |today'?s )(?P<line>open|high|low)", lambda match: f"today.{match['line'].lower()}"),
    (r"(?:the |its )(?P<line>open|high|low)(?! of\b)", lambda match: match["line"].lower()),
    (
        r"(?:(?:the|its) )?(?:daily )?(?:closing price|price|closes?|stock|market|shares?|it|candle|bar)\b(?! (?:range|lowest|highest))",
        _say("close"),
    ),
    (r"zero(?: line)?", _say("0")),
    (r"-?\d+(?:\.\d+)?(?!\.?\d|[- ]?(?:day|bar|week|month|year|period|%|percent|x\b|times))", lambda match: match.group()),
)
"""Names of values, the more exact first."""


def _loosen(pattern: str) -> str:
    """The same pattern without groups that have names: it can stand in others as often as need be."""
    return re.sub(r"\(\?P<\w+>", "(?:", pattern)


NAMED = "(?:" + "|".join(_loosen(pattern) for pattern, _ in SIMPLE) + ")"
COMPOSED: tuple[tuple[str, Reader], ...] = (
    (
        rf"{FACTOR.replace('(', '(?P<factor>', 1)} (?:standard deviations?|std\.? devs?|sigmas?|deviations?) (?P<way>{OVER}|{UNDER}) {ITS}"
        r"(?P<length>\d+)[- ]?(?:day|bar|period)?[- ](?:moving average|average|mean|ma|sma)",
        _read_deviations,
    ),
    (rf"{FACTOR.replace('(', '(?P<factor>', 1)} atrs? (?P<way>{OVER}|{UNDER}) (?P<of>{NAMED})", _read_ranges),
    (rf"(?P<share>\d+(?:\.\d+)?) ?(?:%|percent) (?P<way>{OVER}|{UNDER}) (?P<of>{NAMED})", _read_share),
)
COMPOSED_TERM = "(?:" + "|".join(_loosen(pattern) for pattern, _ in COMPOSED) + ")"
TERM = "(?:" + "|".join([*(_loosen(pattern) for pattern, _ in COMPOSED), NAMED]) + ")"


def read_term(text: str, whole: str = "") -> str:
    """Read the name of a value; empty when it is none. `whole` is the text around it, which may say what kind of band is meant.

    >>> read_term("its 200-day average"), read_term("the 5-day RSI"), read_term("2 ATR below the 20 EMA"), read_term("the moon")
    ('sma(200)', 'rsi(5)', 'ema(20) - 2 * atr(14)', '')
    """
    start = whole.find(text)
    for pattern, build in (*COMPOSED, *SIMPLE):
        match = re.compile(pattern, re.IGNORECASE).fullmatch(whole, start, start + len(text)) if start >= 0 else None
        match = match or re.fullmatch(pattern, text, re.IGNORECASE)
        if match is not None:
            return build(match)
    return ""


STANDS = r"(?:is|are|was|stays?|sits?|holds?|remains?|stands?|closes?|closed|trades?|gets?|falls?|drops?|dips?|has fallen|has risen)"
CROSSES = r"(?:cross(?:es|ed|ing)?|breaks?|climbs?|rises?|moves?|turns?|comes?|goes)"
SUBJECT = re.compile(rf"(?:(?<!\w)(?P<term>{NAMED})|\))(?: (?:is|are|was|stays?|stands?|gets?|has))?\s*$", re.IGNORECASE)
REACH = 80
"""Signs before a phrase in which its subject is sought."""


def is_about_another(match: re.Match[str], expression: str) -> bool:
    """Tell a phrase that was read as the price's although another value stands right before it, as in `beta(60) crosses above ...`."""
    if "close" not in expression or not re.match(rf"(?:{STANDS}|{CROSSES}|{OVER}|{UNDER})\b", match.group(), re.IGNORECASE):
        return False
    before = SUBJECT.search(match.string[max(0, match.start() - REACH) : match.start()])
    if before is None:
        return False
    term = read_term(before["term"]) if before["term"] else ")"
    return term != "close" and re.fullmatch(r"-?[\d.]*", term) is None


RELATION = rf"(?:(?:{STANDS}|{CROSSES})(?: still| back| out| up| down)* )?(?:{OVER}|{UNDER}|(?:up |down )?through)"
COMPARED = (
    rf"(?:(?P<left>{TERM}),? )?(?P<relation>{RELATION}|{CROSSES}) (?P<right>{TERM})"
    r"(?P<way> upwards?| downwards?| from below| from above| to the upside| to the downside)?"
    r"(?P<zone> (?:while )?(?:both )?(?:still )?(?:below|above|under|over) (?:-?\d+(?:\.\d+)?|(?:the )?zero(?: line)?))?"
    rf"(?P<bars>(?: for| on)? {COUNT}(?: consecutive| straight)? (?:days|bars|closes)\b(?! ago| earlier| before)(?: in a row| running)?)?"
)


WAYS = {"downward": " down", "downwards": " down", "from above": " down", "to the downside": " down"}
"""Words behind a crossing that turn it around."""


def read_comparison(match: re.Match[str]) -> str:
    """Read a match of `COMPARED` with what stands behind it: the zone of a crossing, and how many bars a state has lasted."""
    told = _compare(match)
    if told and match["zone"]:
        left = re.sub(r"^crosses_\w+\(", "", told).split(", stoch")[0].split(", macd")[0]
        number = "0" if "zero" in match["zone"] else match["zone"].split()[-1]
        told = f"{told} and {left} {'<' if re.search(UNDER, match['zone'], re.IGNORECASE) else '>'} {number}" if "crosses" in told else ""
    count = re.search(COUNT, match["bars"], re.IGNORECASE) if told and match["bars"] else None
    bars = read_count(count[1]) if count else 0
    return f"count({write_as_state(told)}, {bars}) == {bars}" if bars else told


OTHER_SIGNAL = re.compile(r"\b(?:tsi|trix|rvi|kst|ppo|obv|cmf|cmo|rsi|cci|adx|mfi|fisher|oscillator|momentum|index) $", re.IGNORECASE)
"""Names before a crossing of a signal line that is not the one of the MACD."""


def _compare(match: re.Match[str]) -> str:
    """Read a match of `COMPARED`: a state, or a crossing where its words say that something moves; empty when it makes no sense."""
    word, whole = f"{match['relation']}{WAYS.get((match['way'] or '').strip().lower(), '')}".lower(), match.string
    right = read_term(match["right"], whole)
    left = read_term(match["left"], whole) if match["left"] else ""
    is_level = re.fullmatch(r"-?\d+(?:\.\d+)?", right) is not None
    if match["right"].lower() == "it":
        return ""  # the level that was spoken of before, and no price
    if not right or (not left and is_level) or left == right or re.fullmatch(r"-?\d+(?:\.\d+)?", left):
        return ""
    own = re.search(r"\.(d|signal)$", right)
    if own and not match["left"] and (OTHER_SIGNAL.search(whole[: match.start()]) or (own[1] == "signal" and "macd" not in whole.lower())):
        return ""  # of another indicator
    if own and (match["left"] or "it").lower() in ("it", "that"):
        left = right[: own.start()] + {"d": ".k", "signal": ".macd"}[own[1]]
    left = left or "close"
    if left == right or (left == "close" and (right in ("low", "high") or right.startswith("atr("))):
        return ""
    if is_level and match["left"] and match["left"].lower() == "it":
        moving = re.search(r"cross|break|turn|climb|rises|comes|goes|moves|through", word)
        down = re.search(rf"{UNDER}|\bdown\b", word)
        return f"{IT}{'crosses_' if moving else ''}{'below' if down else 'above'}|{right}"
    if left == "volume" and right.startswith("sma(") and "volume" not in right:
        right = right.replace("sma(", "sma(volume, ")
    right = take_over(left, right) if re.match(r"its\b", match["right"], re.IGNORECASE) else right
    beside = put_beside(Noun(right), Noun(left), match["right"])
    right = beside.expression if beside else right
    if (frame := re.match(r'tf\("(\w+)", (\w+)', left)) and frame[2] not in ("close", "sma", "ema") and right.partition("(")[0] == frame[2]:
        right = f'tf("{frame[1]}", {right})'
    moves = r"cross|break|through" if not is_level else r"cross|break|turn|climb|rises|comes|goes|moves|through"
    down = re.search(rf"{UNDER}|\bdown\b", word)
    if re.search(moves, word):
        if not re.search(rf"{OVER}|{UNDER}|through|\bup\b|\bdown\b", word) and is_level:
            return ""
        return f"crosses_{'below' if down else 'above'}({left}, {_shift(right)})"
    frames = [re.fullmatch(r'tf\("(\w+)", (.+)\)', side) for side in (left, right)]
    sign = "<" if down else ">"
    if frames[0] and frames[1] and frames[0][1] == frames[1][1]:
        return f'tf("{frames[0][1]}", {frames[0][2]} {sign} {frames[1][2]})'
    return f"{left} {sign} {_shift(right)}"


def take_over(left: str, right: str) -> str:
    """An average that is called its own is that of the value on the left.

    >>> take_over("rsi(14)", "1.1 * sma(20)"), take_over("close", "sma(20)"), take_over("volume", "sma(volume, 20)")
    ('1.1 * sma(rsi(14), 20)', 'sma(20)', 'sma(volume, 20)')
    """
    if left in ("close", "open", "high", "low", "vwap") or left.startswith("tf("):
        return right
    right = re.sub(r"\b(highest|lowest)\((?:high|low), (\d+)\)", rf"\1({left}, \2)", right)
    return re.sub(r"\b(sma|ema|wma|hma)\((\d+)\)", rf"\1({left}, \2)", right)


def _shift(term: str) -> str:
    """An extreme that something passes is that of the bars before."""
    return (
        f"{term}[1]" if re.fullmatch(r"(?:highest|lowest)\([\w.]+(?:\([\d., ]*\))?(?:\.\w+)?, \d+\)|all_time_(?:high|low)", term) else term
    )


CLOSES = "closes("
"""Mark of closes on one side of the level that was spoken of before: `on two consecutive closes below it`."""
IT = "it("
"""Mark of a number that the value which was spoken of before is compared with: `sell when it crosses below 80`."""
SAME = "same("
"""Mark of a motion of the value that was spoken of before: its place is found where rows are built."""


def read_turn(match: re.Match[str]) -> str:
    """Read `TERM is rising`, `falls for three days`, `turns up`: what a value does from bar to bar."""
    term, word = read_term(match["term"], match.string), match["motion"].lower()
    if not term or re.fullmatch(r"-?\d+(?:\.\d+)?", term):
        return ""
    up = re.search(r"ris|up|climb|higher", word) is not None
    if match["term"].lower() == "it":
        return f"{SAME}{'rising' if up else 'falling'}|{match['bars'] or 1}"
    if "turn" in word:
        return f"{term} {'>' if up else '<'} {term}[1] and {term}[1] {'<=' if up else '>='} {term}[2]"
    bars = read_count(match["bars"]) if match["bars"] else 1
    motion = "rising" if up else "falling"
    if frame := re.fullmatch(r'tf\("(\w+)", (.+)\)', term):
        return f'tf("{frame[1]}", {motion}({frame[2]}, {bars}))'
    return f"{motion}({term}, {bars})"


def read_turn_beyond(match: re.Match[str]) -> str:
    """Read `MACD turns up below zero`: a turn, and where it happens."""
    term, right = read_term(match["term"], match.string), read_term(match["right"], match.string)
    if not term or not right or term == right:
        return ""
    up, below = match["motion"].lower() == "up", re.match(UNDER, match["side"], re.IGNORECASE)
    turn = f"{term} {'>' if up else '<'} {term}[1] and {term}[1] {'<=' if up else '>='} {term}[2]"
    return f"{turn} and {term} {'<' if below else '>'} {right}"


def read_swing(match: re.Match[str]) -> str:
    """Read `RSI is oversold`, with what it does next where that is said: `and turns up`."""
    term = read_term(match["term"], match.string)
    name = re.split(r"[(.]", term)[0]
    if name not in SWINGS:
        return ""
    low, high = SWINGS[name]
    state = f"{term} < {low}" if match["state"].lower() == "oversold" else f"{term} > {high}"
    turn = (match["turn"] or "").lower()
    return state + (f" and {term} {'>' if 'up' in turn else '<'} {term}[1]" if turn else "")
