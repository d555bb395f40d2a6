"""Operands as people type them, turned into the language's own spelling: signs, operators in words, numbers. Names are `synonyms`' work.

Only what leaves no doubt is rewritten; for the rest `suggest_syntax` says what to write.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from core.language.catalogue import CATALOGUE
from core.language.syntax.hints import HINTS
from core.language.syntax.plain_words import rewrite_plain_words, write_duration
from core.language.syntax.synonyms import KNOWN_NAMES, SYNONYMS, resolve_line, resolve_name

CHARACTERS = str.maketrans(
    {
        **dict.fromkeys("≥⩾≧", ">="),
        **dict.fromkeys("≤⩽≦", "<="),
        "≠": "!=",
        **dict.fromkeys("×∙·⋅✕", "*"),
        "÷": "/",
        **dict.fromkeys("−–—‒", "-"),
        **dict.fromkeys("“”„‟″", '"'),
        **dict.fromkeys("‘’‚′", "'"),
        **dict.fromkeys("\u00a0\u2007\u2009\u200a\u202f\t\r\n", " "),
        **dict.fromkeys("\u200b\u2060\ufeff", ""),
        "²": "**2",
        "³": "**3",
        **{chr(0xFF01 + place): chr(0x21 + place) for place in range(94)},
    }
)
"""Characters of word processors and keyboards to the plain ones."""

HALF = re.compile(r"(\d*)\s*½")
NUMBER = r"\d+(?:\.\d+)?"
SUFFIXES = {"k": 1e3, "m": 1e6, "b": 1e9}
PERCENT_WORDS = {"k": "stoch.k", "d": "stoch.d", "b": "bbands.percent_b", "r": "williams_r"}
PHRASES = sorted((name for name in {*KNOWN_NAMES, *SYNONYMS, *HINTS} if "_" in name), key=len, reverse=True)


@dataclass(frozen=True, slots=True)
class Spelled:
    """The text as the language writes it."""

    text: str
    crossing: bool = False
    """True when `in` and `not in` stand for the words crosses above and crosses below."""


Rewrite = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _rewrite(pattern: str, new: str | Callable[[re.Match[str]], str], *, case: bool = False) -> Rewrite:
    return re.compile(pattern, 0 if case else re.IGNORECASE), new


def _amount(found: re.Match[str]) -> str:
    return f"{float(found.group(1)) * SUFFIXES[found.group(2).lower()]:.15g}"


def _clock(found: re.Match[str]) -> str:
    hour, half = int(found.group(1)), (found.group(3) or "").lower()
    hour = hour % 12 + 12 * (half == "p") if half else hour
    return f"time({hour}, {int(found.group(2))})"


def _named(found: re.Match[str]) -> str:
    """`rsi 14` as `rsi(14)`, where the name is an indicator's."""
    right = resolve_name(found.group(1))
    entry = CATALOGUE.get(right.name) if right else None
    return f"{found.group(1)}({', '.join(found.group(2).split())})" if entry and entry.params else found.group()


ROLLED = {"mean": "sma", "max": "highest", "min": "lowest", "sum": "sum", "median": "median"}
"""Rolling figures of pandas by their names here; its deviation is that of a sample, which is another one."""
_OPERAND = r"[a-z_]\w*(?:\((?:[^()]|\([^()]*\))*\))?(?:\.\w+)?(?:\[\d+\])?"
"""One operand: a name, with what may stand behind it."""


def _lasting(found: re.Match[str]) -> str:
    """`ema(20) rising for 3 bars` as `rising(ema(20), 3)`."""
    word = "rising" if found.group(2).lower() in ("rising", "increasing", "rises") else "falling"
    return f"{word}({found.group(1)}, {found.group(3) or 1})"


def _day(found: re.Match[str]) -> str:
    return f"date_of({int(found.group(1))}, {int(found.group(2))}, {int(found.group(3))})"


def _pattern(found: re.Match[str]) -> str:
    """`hammer candle` as `hammer`, where the word is a pattern's name."""
    right = resolve_name(found.group(1))
    entry = CATALOGUE.get(right.name) if right else None
    return found.group(1) if entry is not None and entry.lines[0].unit == "flag" else found.group()


def _line(found: re.Match[str]) -> str:
    """`keltner upper` as `keltner.upper`, `macd(8, 21, 5) histogram` likewise: where the indicator has a line of that word."""
    right = resolve_name(found.group(1))
    entry = CATALOGUE.get(right.name) if right and not right.line else None
    known = entry is not None and len(entry.lines) > 1 and resolve_line(entry, found.group(3)) is not None
    return f"{found.group(1)}{found.group(2) or ''}.{found.group(3)}" if known else found.group()


def _of_period(found: re.Match[str]) -> str:
    """`yesterday's high` as `yesterday.high`, `the previous week's low` as `last_week.low`."""
    words = found.group(1).lower().split()
    name = "yesterday" if words[-1] in ("yesterday", "day") else f"last_{words[-1]}"
    return f"{name}.{found.group(2).lower()}"


_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?\b"
_THAN = r"\s+than"
_LEFT = r"(?<=[\w)\]])(?<!\band)(?<!\bor)(?<!\bnot)\s+"
"""An operand must stand before a word that is an operator."""
REWRITES: tuple[Rewrite, ...] = (
    _rewrite(r"\b(?:self\.datas\[0\]|self\.data0?|self|data|df|bars)\.(?=(?:open|high|low|close|volume)\b)", ""),
    _rewrite(r"\b(?:df\.ta|ta|talib|math|np|bt\.ind|bt\.indicators)\.(?=[a-z_])", ""),
    _rewrite(
        r"\b([a-z_]\w*)\.rolling\(\s*(?:window\s*=\s*)?(\d{1,3})\s*\)\.(mean|max|min|sum|median)\(\s*\)",
        lambda found: f"{ROLLED[found.group(3).lower()]}({found.group(1)}, {found.group(2)})",
    ),
    _rewrite(r"\.shift\(\s*(\d{1,4})\s*\)", r"[\1]"),
    _rewrite(r"(?<![\w.-])(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?![\w.-])", _day),
    _rewrite(rf"\bday(?:\s+of\s+(?:the\s+)?week)?(?=\s*(?:is|==?|!=|in|not)(?:\s+not|\s+in)?\s*\(?\s*{_WEEKDAY})", "weekday"),
    _rewrite(
        r"\b(?:the\s+)?(yesterday|(?:previous|prior|last)\s+(?:day|week|month))(?:['’]?s|['’])?\s+(open|high|low|close)\b(?!\s*\()",
        _of_period,
    ),
    _rewrite(r"\bthe\s+(?=[a-z_])", ""),
    _rewrite(r"&&", " and "),
    _rewrite(r"\|\|", " or "),
    _rewrite(r"!(?!=)", " not "),
    _rewrite(r"<>", "!="),
    _rewrite(r"=>", ">="),
    _rewrite(r"=<", "<="),
    _rewrite(r"\^", "**"),
    _rewrite(r"\b(?:AND|OR|NOT|IF|ELSE|And|Or|Not|If|Else)\b", lambda found: found.group().lower(), case=True),
    _rewrite(r"(^|[(,]\s*)and\s*\(", r"\1all_of("),
    _rewrite(r"(^|[(,]\s*)or\s*\(", r"\1any_of("),
    _rewrite(r"[$€£](?=\s*\d)", ""),
    _rewrite(r"(?<![\w.])\d{1,3}(?:_\d{3})+(?!\w)", lambda found: found.group().replace("_", "")),
    _rewrite(rf"(?<![\w.\"'])({NUMBER})(k|M|B|K)\b", _amount, case=True),
    _rewrite(r"(?<![\w:\[.])([01]?\d|2[0-3]):([0-5]\d)(?::00)?(?:\s*([ap])m\b)?(?![\w:])", _clock),
    _rewrite(r"((?:(?<=\w)\(|,)\s*[a-z_]+)\s*:\s*(?=[\d.])", r"\1="),
    _rewrite(rf"(?<![\w.])({NUMBER})\s*x?\s*(?=atr\b)", r"\1 * "),
    _rewrite(rf"(?<![\w.])({NUMBER})\s*(?:x|times)\s+(?=[a-z_(])", r"\1 * "),
    _rewrite(
        rf"\b({_OPERAND})\s+(?:is\s+|comes\s+|closes\s+)?(?:near|within\s+({NUMBER})\s*%\s+of)\s+(?:the\s+)?({_OPERAND})",
        lambda found: f"near({found.group(1)}, {found.group(3)}{f', {found.group(2)}' if found.group(2) else ''})",
    ),
    _rewrite(rf"(?<![\w.])({NUMBER})\s*%\s+of\s+(?:the\s+)?(?=[a-z_(])", lambda found: f"{float(found.group(1)) / 100:.15g} * "),
    _rewrite(r"\bwilliams\s*%\s*r\b", "williams_r"),
    _rewrite(r"\.\s*%\s*([kd])\b", r".\1"),
    _rewrite(r"(^|[-+*/<>=(,]\s*)%\s*([kdbr])\b", lambda found: found.group(1) + PERCENT_WORDS[found.group(2).lower()]),
    _rewrite(r"\batr(\(\s*\d{1,4}\s*\))?\s*%(?!\s*[\w(])", r"natr\1"),
    _rewrite(r"\bdi\s*\+(?!\s*[\w(])|(?:(?<=[<>=(,])|(?<=\band)|(?<=\bor)|^)\s*\+\s*di\b", " plus_di"),
    _rewrite(r"\bdi\s*-(?!\s*[\w(])|(?:(?<=[<>=(,])|(?<=\band)|(?<=\bor)|^)\s*-\s*di\b", " minus_di"),
    _rewrite(rf"{_LEFT}cross(?:es|ed|ing)?(?:\s+(?:above|over|up\s+through|upwards?|up(?:\s+over)?)\b|_(?:above|over)\b(?!\s*\())", " in "),
    _rewrite(
        rf"{_LEFT}cross(?:es|ed|ing)?(?:\s+(?:below|under|down\s+through|downwards?|down(?:\s+under)?)\b|_(?:below|under)\b(?!\s*\())",
        " not in ",
    ),
    _rewrite(rf"\b(?:is\s+)?(?:greater|more|higher){_THAN}\s+or\s+equals?(?:\s+to)?\b|\b(?:is\s+)?at\s+least\b", " >= "),
    _rewrite(rf"\b(?:is\s+)?(?:less|lower|smaller){_THAN}\s+or\s+equals?(?:\s+to)?\b|\b(?:is\s+)?at\s+most\b", " <= "),
    _rewrite(rf"\b(?:is\s+)?(?:greater|more|higher){_THAN}\b|\b(?:is\s+)?above\b|\bis\s+over\b", " > "),
    _rewrite(rf"\b(?:is\s+)?(?:less|lower|smaller){_THAN}\b|\b(?:is\s+)?below\b|\bis\s+under\b", " < "),
    _rewrite(r"\b(?:is\s+equal\s+to|equals|equal\s+to)\b", " == "),
    _rewrite(rf"\b(?:{'|'.join(name.replace('_', ' ') for name in PHRASES)})\b", lambda found: found.group().replace(" ", "_")),
    _rewrite(
        r"\b([a-z_]\w*)(\([\d., ]*\))?\s+(upper|lower|middle|mid|top|bottom|signal|histogram|hist|direction|main|line)"
        r"(?:[\s_](?:band|line))?\b(?!\s*\()",
        _line,
    ),
    _rewrite(rf"\b([a-z_]\w*)\(([\d., ]+)\)\s+(?:of|on)\s+(?:the\s+)?({_OPERAND})", r"\1(\3, \2)"),
    _rewrite(r"\b([a-z_]\w*)\s+(?:candle(?:stick)?\s+pattern|candle(?:stick)?|pattern)\b", _pattern),
    _rewrite(
        rf"\b({_OPERAND})\s+(?:is\s+|has\s+been\s+|are\s+)?(rising|increasing|rises|falling|decreasing|falls)\b(?!\s*\()"
        r"(?:\s+(?:for|over)\s+(?:the\s+)?(?:last\s+|at\s+least\s+)?(\d{1,3})\s+(?:bars?|candles?|periods?|days?))?",
        _lasting,
    ),
    _rewrite(rf"(?<![\w.%)])({NUMBER})\s*%(?!\s*[\w(])", r"percent_of(\1)"),
    _rewrite(r"\b([a-z_]\w*(?:\([^()]{0,80}\))?(?:\.\w+)?)\s+(\d{1,4})\s+(?:bars?|candles?|periods?)\s+ago\b", r"\1[\2]"),
    _rewrite(rf"\b([a-z_]+)((?:\s+{NUMBER})+)(?![\w.(:%])", _named),
)
"""Rewriting that is the same wherever it stands outside of quotes, in order."""

COLUMN = re.compile(r"\b(?:df|data|bars)\[\s*['\"](\w+)['\"]\s*\]")
THOUSANDS = re.compile(r"\d{1,3}(?:,\d{3})+(?![\d,.]*\d)")
IS_TRUE = re.compile(r"\s+is\s+true\s*$", re.IGNORECASE)


def respell(text: str) -> Spelled:
    """Rewrite everything in the text that leaves no doubt."""
    text = IS_TRUE.sub("", text)
    plain = HALF.sub(lambda found: f"{found.group(1) or 0}.5", text.translate(CHARACTERS)).strip().rstrip(";,").strip()
    if len(plain) > 1 and plain[0] == plain[-1] and plain[0] in "\"'" and plain.count(plain[0]) == 2:
        plain = plain[1:-1].strip()
    if plain.startswith("=") and not plain.startswith("=="):
        plain = plain[1:].strip()
    plain = rewrite_plain_words(plain)
    own = re.search(r"\bin\b", plain) is not None
    if re.search(r"\bif\s*\(", plain, re.IGNORECASE) and not re.search(r"\belse\b", plain, re.IGNORECASE):
        plain = re.sub(r"\bif\s*\(", "iif(", plain, flags=re.IGNORECASE)
    parts = re.split(r"(\"[^\"]*\"|'[^']*')", COLUMN.sub(r"\1", plain))
    written = "".join(part if place % 2 else _apply_rewrites(part, crossing=not own) for place, part in enumerate(parts)).strip()
    written = write_duration(_rewrite_signs(written))
    crossing = not own and re.search(r"\bin\b", written) is not None
    return Spelled(written, crossing)


def _apply_rewrites(text: str, *, crossing: bool) -> str:
    for pattern, new in REWRITES:
        if crossing or new not in (" in ", " not in "):
            text = pattern.sub(new, text)
    return text


def _rewrite_signs(text: str) -> str:
    """Thousands separators taken out and `=` doubled, except in the parentheses of a call, where they part and name operands."""
    done: list[str] = []
    calls: list[bool] = []
    place, quote = 0, ""
    while place < len(text):
        sign = text[place]
        if quote or sign in "\"'":
            quote = "" if sign == quote else quote or sign
        elif sign == "(":
            calls.append(bool(done) and (done[-1][-1:].isalnum() or done[-1][-1:] == "_"))
        elif sign == ")" and calls:
            calls.pop()
        elif not any(calls) and sign.isdigit() and not (done and (done[-1][-1:].isalnum() or done[-1][-1:] in "_.")):
            if number := THOUSANDS.match(text, place):
                done.append(number.group().replace(",", ""))
                place = number.end()
                continue
        elif (
            sign == "="
            and not (calls and calls[-1])
            and text[place - 1 : place] not in ("<", ">", "!", "=")
            and text[place + 1 : place + 2] != "="
        ):
            sign = "=="
        done.append(sign)
        place += 1
    return "".join(done)


def _between(found: re.Match[str]) -> str:
    return f"Write `between({found.group(1).strip()}, {found.group(2)}, {found.group(3)})`."


def _extreme(found: re.Match[str]) -> str:
    bars = int(found.group(1)) * {"w": 5, "m": 21, "y": 252}.get(found.group(2)[0].lower(), 1)
    bars = 252 if bars == 260 else bars
    name = "highest" if found.group(3).lower() == "high" else "lowest"
    return f"Write `{name}({found.group(3).lower()}, {min(bars, 500)})[1]`: of the bars before this one."


EXTREME = _rewrite(r"\b(\d{1,4})[\s-]+(day|bar|week|month|year|period)s?[\s_-]+(high|low)s?\b", _extreme)
SYNTAX_HINTS: tuple[Rewrite, ...] = (
    EXTREME,
    _rewrite(r"^(.{1,80}?)\s+(?:is\s+)?between\s+(\S+)\s+and\s+(\S+)$", _between),
    _rewrite(r"\bbetween\b", "Write `between(rsi(14), 30, 70)`."),
    _rewrite(
        r"\d\s*%|\)\s*%\s*$",
        "Leave the sign out: indicators in percent, such as `roc(10)`, `natr(14)` and `gap`, are compared with `5`, a share such as "
        "`(close - low) / (high - low)` with `0.05`, and 2% above the open is `open * 1.02`.",
    ),
    _rewrite(r"^(.{1,60}?)\s+(?:in\s+|from\s+)?(\d+(?:\.\d+)?)\s*\.\.\s*(\d+(?:\.\d+)?)$", _between),
    _rewrite(r"\?", "Write `a if condition else b`."),
    _rewrite(r"\bfor\b", "Write `count(close > open, 3) == 3` for three bars in a row."),
    _rewrite(
        r"\b(?:average|avg|highest|lowest|median|sum)[a-z_ ]*\b(?:within|for) \d+",
        "Write the length in the value: `sma(volume, 20)`, `highest(high, 20)[1]`.",
    ),
    _rewrite(r"\bwithin\b|\bthen\b", "Write `sequence(first, second, within=10)`, or use the column within."),
    _rewrite(r"\b(rising|falling)\b", r"Write `\1(close, 3)`, or choose the operator \1."),
    _rewrite(r"\bbars?\s+ago\b", "Write `close[3]` for three bars ago."),
    _rewrite(
        r"\b(?:bps?|pips?|ticks?|points?|cents?)\b",
        "Write the number itself, in the price's own unit or as a share: 5 basis points are `0.0005`.",
    ),
    _rewrite(r"(?<!\w)\d+,\d{1,2}(?!\d)", "Write a decimal point: `30.5`."),
    _rewrite(r"\d\s*(?:mn?|mio|million|bn|billion)\b", "Write the number out, or with a capital letter: `1.5M`."),
    _rewrite(r"^\s*(?:not\s+)?in\b|\bcross", "Write `crosses_above(close, sma(20))`, or choose the operator."),
    _rewrite(r"√", "Write `sqrt(close)`."),
    _rewrite(r"\[\s*-", "Write `close[1]` for one bar ago."),
)
"""Advice in place of a text that cannot be read, by what stands in it; the first that fits."""


PITFALLS = (
    (
        re.compile(r"\bvol(?:ume)?\b(?!\s*[,)])[^(),]*\b(?:average|avg|mean)\b(?!\s*[\w(])", re.IGNORECASE),
        "Write `volume > 2 * sma(volume, 20)`: an average alone is that of the close.",
    ),
    (
        re.compile(r"\bdate\b[^\"']*?(?<![\d.])\d{1,2}[/.]\d{1,2}[/.](?:\d{4}|\d{2})(?![\d.])", re.IGNORECASE),
        "Write the day as year, month, day: `date >= 2024-02-01`.",
    ),
)
"""Texts that would be read as something else, and what to write."""


def detect_pitfall(text: str) -> str:
    """Detect a text that can be read, but not as it was meant: `20-day high` is no difference; the remedy, or an empty text."""
    plain = text.translate(CHARACTERS)
    if found := EXTREME[0].search(plain):
        return _extreme(found)
    return next((remedy for pattern, remedy in PITFALLS if pattern.search(plain)), "")


def suggest_syntax(text: str) -> str:
    """Suggest what to write instead of a text that cannot be read; empty when nothing in it is familiar."""
    for pattern, new in SYNTAX_HINTS:
        if found := pattern.search(text):
            return new(found) if callable(new) else found.expand(new)
    return ""
