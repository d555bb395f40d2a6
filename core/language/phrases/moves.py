"""Phrases about moves that have happened (streaks, gaps, breakouts, squeezes), and clauses that no row can say."""

import re

from core.language.phrases.calendar_days import MONTH
from core.language.phrases.conditions import MONTHS, SKIP, Builder
from core.language.phrases.rule_words import YESTERDAY
from core.language.phrases.terms import COUNT, ORDINALS, TERM, read_count, read_term
from core.language.syntax.plain_words import find_clock

FALLEN = r"fallen|dropped|declined|lost|(?:closed |been |gone )?(?:down|lower)|closed (?:red|in the red)"
RISEN = r"risen|gained|climbed|advanced|(?:closed |been |gone )?(?:up|higher)|closed (?:green|in the green)"
UNSAYABLE = re.compile(
    r"\badd(?:s|ing)? (?:the |a )?(?:other half|another half|second half|rest|more|again|to (?:it|the position|my position))\b[^.;,]*"
    r"|\b(?:buy|enter|invest)(?:s|ing)? (?:(?:the|a|an|my) )*(?:(?:other|second|another|further|last|remaining|final)"
    r" (?:half|third|quarter)|rest|remainder)\b[^.;,]*"
    r"|\b(?:the )?first (?:half[- ]?)?(?:hour|\d+ minutes)(?: candle| bar)? (?:closes?|ends?|is|holds?|stays?|trades?)"
    r" (?:red|green|up|down|higher|lower|above|below|over|under)\b[^.;,:]*",
    re.IGNORECASE,
)
"""Clauses whose words would be taken for something else: a second entry of its own size, the color of the first hour."""
HOLD_SEASON = re.compile(
    r"\b(?:hold|own|buy and hold|(?:be|stay|remain|go) (?:long|invested|in the market))(?: it| stocks| equities| shares| the"
    r" (?:stock|market|index))?,? from"
    rf" (?:the )?(?:(?:first (?:trading )?day|start|beginning) of )?({MONTH})"
    rf" (?:to|through|thru|until|till) (?:the )?(?:(?:last (?:trading )?day|end) of )?({MONTH})\b",
    re.IGNORECASE,
)


BEFORE_CLOSE = re.compile(
    r"\b(?:(?:be |go |always )*(?:flat|out)|exit|sell|close(?: (?:out|everything|the (?:trade|position)|all positions|it))?"
    r"|get out|cover)(?: everything)? (?P<minutes>\d+) minutes? before"
    r" (?:the )?(?:close|end of (?:the )?(?:day|session)|session ends|bell)\b",
    re.IGNORECASE,
)
"""`Flat 10 minutes before the close`: a way out by the time that is left."""


def split_season(match: re.Match[str]) -> tuple[str, str]:
    """Split the year for a match of `HOLD_SEASON`: the months in which a position is held, the last one included, and the others."""
    first, last = (MONTHS.index(match.group(place).lower()) for place in (1, 2))
    held = [(first + step) % 12 + 1 for step in range((last - first) % 12 + 1)]
    others = [number for number in range(1, 13) if number not in held]
    return f"month in ({', '.join(map(str, held))})", f"month in ({', '.join(map(str, others))})"


def _moved(match: re.Match[str]) -> str:
    return f"{'falling' if re.fullmatch(FALLEN, match.group(1), re.IGNORECASE) else 'rising'}(close, {read_count(match.group(2))})"


def _gap(match: re.Match[str]) -> str:
    return f"gap > {match.group(2)}" if match.group(1).lower() == "up" else f"gap < -{match.group(2)}"


def _first_minutes(match: re.Match[str]) -> str:
    minutes = "30" if re.search("half", match.group(), re.IGNORECASE) else match.group(2) or ("30" if "thirty" in match.group() else "60")
    down = re.search(r"below|under|down", match.group(1), re.IGNORECASE) or re.search(r"\blow of\b", match.group(), re.IGNORECASE)
    return f"crosses_{'below' if down else 'above'}(close, opening_range({minutes}).{'low' if down else 'high'})"


def _donchian(match: re.Match[str]) -> str:
    return f"close > highest(high, {match.group(1) or match.group(2)})[1]"


def _squeeze(match: re.Match[str]) -> str:
    told = "bbands(20, 2).upper < keltner(20, 1.5).upper and bbands(20, 2).lower > keltner(20, 1.5).lower"
    bars = read_count(match.group(1)) if match.group(1) else 1
    told = f"count({told}, {bars}) == {bars}" if bars > 1 else told
    return f"({told})[1]" if match["before"] else told


INVESTED = "invested("
"""Mark of an entry when what was said of the exit no longer holds: `invested otherwise`."""
QUORUM = "quorum("
"""Mark of how many of the conditions that follow must hold: `at least two of these`."""


def _last_period(match: re.Match[str]) -> str:
    """`Last week closed lower`, `last month was up 2%`: the last whole week or month against the one before."""
    frame, up = ("1w" if match["unit"].lower() == "week" else "1mo"), match["way"].lower() in ("up", "higher", "green", "positive")
    if match["share"]:
        return f'tf("{frame}", roc(1) {">" if up else "<"} {"" if up else "-"}{match["share"]})'
    return f'tf("{frame}", close {">" if up else "<"} close[1])'


def _day_in_row(match: re.Match[str]) -> str:
    """`On the third down day in a row`."""
    bars, way = ORDINALS[match["place"].lower()], match["way"].lower()
    if way in ("red", "green"):
        return f"count(close {'<' if way == 'red' else '>'} open, {bars}) == {bars}"
    return f"{'rising' if way in ('up', 'higher', 'winning') else 'falling'}(close, {bars})"


def _day_moves(match: re.Match[str]) -> str:
    """`The day is up more than 1%`: against the close of the day before."""
    up = match["way"].lower() in ("up", "higher")
    return f"100 * (close / yesterday.close - 1) {'>' if up else '<'} {'' if up else '-'}{match['share']}"


def _motion_of(match: re.Match[str]) -> str:
    term = read_term(match["term"], match.string)
    if not term or re.fullmatch(r"-?[\d.]+|close", term):
        return ""
    return f"{'rising' if re.match('ris|incr', match['way'], re.IGNORECASE) else 'falling'}({term}, 1)"


def _sar(match: re.Match[str]) -> str:
    """`The SAR flips below the price`: the price is above it from now on."""
    if not re.search(r"\bp?sar\b", match.string, re.IGNORECASE):
        return ""
    up = (match["side"] or match["way"]).lower() in ("below", "under", "bullish", "long", "up", "green")
    return f"close {'>' if up else '<'} psar" if match["verb"].lower() == "is" else f"crosses_{'above' if up else 'below'}(close, psar)"


def _write_clock(words: str) -> str:
    minutes = find_clock(words) or 0
    return f"time({minutes // 60}, {minutes % 60})"


def _quorum(match: re.Match[str]) -> str:
    return f"{QUORUM}{read_count(match['count'])}"


_WAY = r"(?P<way>down|lower|red|negative|up|higher|green|positive)"
PATTERNS: tuple[tuple[str, Builder], ...] = (
    (
        rf"(?:(?:at least|any|if) )*{COUNT.replace('(', '(?P<count>', 1)} (?:out )?of (?:the |these )?(?:following|these|those"
        rf"|three|four|five|conditions|signals)"
        r"(?: (?:conditions|signals|things|three|four|five|\d|rules|criteria|below))*(?: (?:hold|holds|are true|is true|are met"
        r"|apply|agree|must be true|must hold))?:?",
        _quorum,
    ),
    (
        rf"(?:the |this )?(?:(?:last|previous|prior|past) )?(?P<unit>week|month) (?:has )?(?:closed|was|ended|finished|is|been"
        rf"|closes) {_WAY}"
        r"(?: (?:by )?(?:more than |over |at least )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent))?",
        _last_period,
    ),
    (
        rf"(?:on )?(?:the |an? )?(?P<place>{'|'.join(name for name in ORDINALS if name != 'first')}) (?:straight |consecutive )?"
        r"(?P<way>up|down|red|green|higher|lower|winning|losing) (?:day|close|bar|candle|session)(?: in a row| running| in succession)",
        _day_in_row,
    ),
    (
        r"(?:on )?(?:the )?first (?:day|bar|close|candle|session) (?:that |which |on which |where )?(?:it |the price "
        r"|price )?(?:closes|is|ends|closed)"
        r" (?P<way>up|higher|green|down|lower|red)(?! than)",
        lambda match: (
            f"close {'>' if match['way'].lower() in ('up', 'higher', 'green') else '<'}"
            f" {'open' if match['way'].lower() in ('green', 'red') else 'close[1]'}"
        ),
    ),
    (
        r"(?:the day|today) is (?P<way>up|down|higher|lower) (?:by )?(?:more than |over "
        r"|at least )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent)",
        _day_moves,
    ),
    (
        rf"(?:with |and |on |while )?(?:an? |the |its )?(?P<way>rising|falling|increasing|decreasing) (?P<term>(?!volume){TERM})",
        _motion_of,
    ),
    (
        r"(?:if |when |after )?(?:the |my )?(?:last|previous) (?:trade|one|signal) (?:was|is|has been|ended as|ended in) (?:a "
        r"|an )?(?P<result>loser|loss|losing one|winner|win"
        r"|winning one|stopped out|profitable)",
        lambda match: f"last_profit {'<' if match['result'].lower()[0] in 'ls' else '>'} 0",
    ),
    (
        rf"(?:if |when |after )?{COUNT} (?:consecutive |straight )?(?P<result>loss(?:es)?|losers?|losing trades|wins|winners"
        rf"|winning trades)(?: in a row| running)?"
        r"(?=,? (?:i |we )?(?:halve|cut|double|trade|use|reduce))",
        lambda match: f"{'losses' if match['result'].lower()[0] == 'l' else 'wins'}_in_row >= {read_count(match.group(1))}",
    ),
    (
        r"(?:today |price |it |we |the (?:price|close|stock) )?(?:then )?(?:breaks?|takes? out|closes? above|trades? above"
        r"|exceeds?) (?:its|that(?: bar's| day's)?|the"
        r" inside (?:day|bar)'s) high",
        lambda match: "close > high[1]" if re.search(YESTERDAY, match.string, re.IGNORECASE) else "",
    ),
    (
        r"(?:today |price |it |we |the (?:price|close|stock) )?(?:then )?(?:breaks?|takes? out|closes? below"
        r"|trades? below) (?:its|that(?: bar's| day's)?|the"
        r" inside (?:day|bar)'s) low",
        lambda match: "close < low[1]" if re.search(YESTERDAY, match.string, re.IGNORECASE) else "",
    ),
    (
        r"(?:on )?(?:the )?first (?:trading |business )?day on or after the (?P<day>\d{1,2})(?:st|nd|rd|th)(?: of (?:the|each"
        r"|every) month)?",
        lambda match: f"day >= {match['day']} and day[1] < {match['day']}",
    ),
    (
        r"(?:at |to |near |below |on )?(?:the |an? )?(?P<share>\d+(?:\.\d+)?) ?(?:%"
        r"|percent) (?:fib(?:onacci)? )?(?:retracement|pull-?back)(?! (?:from|below"
        r"|under|to))"
        r"(?: of the (?:last|previous|prior|recent) (?:swing|move|leg|rally))?",
        lambda match: f"crosses_above(retracement(3, 3), {match['share']})",
    ),
    (
        r"(?:(?:the )?(?:parabolic )?p?sar|it|(?:and )?(?=flips))(?: dots?)? ?(?P<verb>flips?|crosses|moves|turns|goes|switches"
        r"|is|jumps)(?: to)?"
        r" (?:(?P<side>below|under|above|over) (?:the )?(?:price|close|candles?|bars?)|(?P<way>bullish|bearish|long|short|up|down"
        r"|green|red)\b)",
        _sar,
    ),
    (
        r"\b(?P<word>after|before|from|since|until) (?P<clock>noon|midday|\d{1,2} ?[ap]\.?m\b\.?)",
        lambda match: f"minute_of_day {'<' if match['word'].lower() in ('before', 'until') else '>='} {_write_clock(match['clock'])}",
    ),
    (
        rf"({TERM}) (?:reaches|hits|gets to|touches|tags|arrives at) (-?\d+(?:\.\d+)?)(?! ?(?:%|percent|x|times|atr)|[\d.]*\d)",
        lambda match: (
            f"level({read_term(match.group(1), match.string)}|{match.group(2)}"
            if not re.fullmatch(r"-?[\d.]*|close|high|low|open|volume", read_term(match.group(1), match.string))
            else ""
        ),
    ),
    (
        rf"(?:the )?(?:stock|price|market|it) (?:has )?(?P<way>dropped|fell|fallen|declined|lost|gained|rose|risen|climbed) (?:for )?"
        rf"{COUNT.replace('(', '(?P<count>', 1)}(?: or more)? (?:straight |consecutive )?(?:days|bars|sessions"
        rf"|candles) (?:running|in a row|straight|on end)",
        lambda match: (
            f"{'rising' if match['way'].lower()[0] in 'gc' or match['way'].lower().startswith('r') else 'falling'}(close,"
            f" {read_count(match['count'])})"
        ),
    ),
    (
        r"(?:(?:stay |be |remain |fully )*(?:invested|in the market)|(?:be |stay )long) (?:otherwise|if not)"
        r"|otherwise,? (?:stay |be |remain )*(?:invested|long"
        r"|in the market)",
        lambda match: INVESTED,
    ),
    (r"(?:at the (?:next )?open after )?(?:the )?first (?:profitable|winning) close", lambda match: "open_profit > 0"),
    (r"until (?:a|the (?:next|first)|i have a) (?:winner|win|winning trade)", lambda match: SKIP),
    (r"on (?:all |the )?other days", lambda match: SKIP),
    (
        r"(?:on|in|using) (?:the )?(?:H1|H4|M1|M5|M15|M30|D1|W1)(?: chart| time ?frame)?|(?:use |using |on )?(?:the )?(?:hourly"
        r"|daily|\d+[- ]minute) bars(?=[.;:]|$)",
        lambda match: SKIP,
    ),
    (r"(?:the )?(?:stop|stops|stop[- ]loss|target|filter)s?:? ?(?:is |are )?(?:none|n/a|not used|no)(?=[.,;]|$)", lambda match: SKIP),
    (
        r"(?<=buy )(?:it )?(?:at |on )?(?:the )?next (?:day'?s? )?open(?:ing)?|(?<=enter )(?:at |on )?(?:the )?next (?:day'?s? )?open",
        lambda match: SKIP,
    ),
    (
        rf"(?:an?|any|the|those)? ?(?:stock|share|market|index|etf|name)s? (?:that|which) (?:has|had|have) ({FALLEN}"
        rf"|{RISEN})(?: for)? {COUNT}"
        r" (?:straight |consecutive )?(?:days|bars|sessions|closes)(?: in a row| running| straight)?",
        _moved,
    ),
    (
        rf"(?:it|price|the (?:price|stock|market)) (?:has|had) ({FALLEN}|{RISEN})(?: for)? {COUNT}"
        r" (?:straight |consecutive )?(?:days|bars|sessions|closes)(?: in a row| running| straight)?",
        _moved,
    ),
    (
        r"(?:the )?(?:opening )?gap (up|down) (?:is|was|exceeds|measures)(?: bigger| larger| greater)?(?: more| at least)?(?: than| over)?"
        r" (\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?",
        _gap,
    ),
    (
        r"(?:an? )?(break(?:s|ing)? ?(?:outs?|downs?)?(?: (?:of|from|above|over|below|under|through))?)"
        r" (?:the )?(?:high of the |low of the )?(?:opening|first)"
        r" (?:(\d+|thirty|sixty)[- ]?min(?:ute)?s?|(?:half[- ]?)?hour)(?:'s)?(?: range)?",
        _first_minutes,
    ),
    (
        r"(?:an? )?donchian(?: channel)? \(?(\d+)\)?[- ]?(?:day |bar )?break ?outs?|(?:an? )?(\d+)[- ]?(?:day|bar)? donchian break ?outs?",
        _donchian,
    ),
    (
        r"(?:the )?(?:bollinger bands|bollingers|b?bands|bbs?) (?:are|lie|stay|sit|have been|were|must have been|must be) (?:fully "
        r"|completely )?(?:inside|within)"
        rf" (?:of )?(?:the )?keltners?(?: channels?| bands?)?(?: for(?: at least)? {COUNT} (?:bars|days"
        rf"|candles))?(?P<before> on the (?:previous|prior) (?:bar|day|candle))?",
        _squeeze,
    ),
)
"""Phrases about what the price has done, the more exact first."""
