"""Lines of Pine scripts in the words of phrases: functions, inputs and orders. What else a script does is named as not understood."""

import re

SCRIPT = re.compile(r"\b(?:ta|strategy|input)\.\w+|\binput ?\(", re.IGNORECASE)
"""Words that only scripts have."""
LEFT_OUT = re.compile(
    r"\s*(?://|(?:strategy|indicator|study|plot\w*|hline|fill|bgcolor|barcolor|alertcondition|label\.\w+) ?\()", re.IGNORECASE
)
"""Lines that say nothing of what is traded: comments, drawings, headings."""
NAMED = re.compile(
    r"(?:^|(?<=; ))(?:(?:var|bool|float|int) )*(?P<name>[a-z]\w*) ?:?= ?(?P<what>[^;=]+(?:[<>!=]=[^;=]+)*)(?=;)", re.IGNORECASE
)
"""A line that gives a value, or a condition, to a name."""
WHEN = r"(?P<when>(?:[^()]|\((?:[^()]|\([^()]*\))*\))+)"
OF = r"(?P<of>open|high|low|hl2|hlc3|ohlc4|volume)"
SCRIPTS: tuple[tuple[str, str], ...] = (
    (
        r"\binput(?:\.\w+)? ?\((?:(?:title|defval) ?= ?)?(?:\"[^\"]*\", ?)?(?:defval ?= ?)?(?P<number>-?\d+(?:\.\d+)?)[^()]*\)",
        r"\g<number>",
    ),
    (r"\binput(?:\.source)? ?\((?P<source>close)[^()]*\)", r"\g<source>"),
    (r"\bta\.(?P<name>\w+) ?\(close, ?(?P<length>\w+)\)", r"\g<name>(\g<length>)"),
    (rf"\bta\.(?P<name>\w+) ?\({OF}, ?(?P<length>\w+)\)", r"\g<name>(\g<of>, \g<length>)"),
    (r"\bta\.(?P<name>atr|cci|mfi|wpr) ?\((?P<length>\w+)\)", r"\g<name>(\g<length>)"),
    (r"\bta\.crossover ?\(", "crosses_above("),
    (r"\bta\.crossunder ?\(", "crosses_below("),
    (rf"\bstrategy\.entry ?\([^(),]*, ?strategy\.long, ?when ?= ?{WHEN}\)", r"buy when \g<when>"),
    (rf"\bstrategy\.entry ?\([^(),]*, ?strategy\.short, ?when ?= ?{WHEN}\)", r"go short when \g<when>"),
    (rf"\bstrategy\.close(?:_all)? ?\([^(),]*, ?when ?= ?{WHEN}\)", r"exit when \g<when>"),
    (r"\bstrategy\.entry ?\([^(),]*, ?strategy\.long\)", "buy"),
    (r"\bstrategy\.entry ?\([^(),]*, ?strategy\.short\)", "go short"),
    (r"\bstrategy\.close(?:_all)? ?\(\"?(?P<what>[^()]*?)\"?\)", r"exit"),
    (r"\bstrategy\.\w+ ?\((?:[^()]|\([^()]*\))*\)", "~"),
)
"""Words as they are written, and those for them, one after the other."""


def is_script(text: str) -> bool:
    """Tell whether a text has lines of a script."""
    return SCRIPT.search(text) is not None


def write_lines(text: str) -> str:
    """Write the lines of a script as sentences: each ends one, and what stands below an `if` belongs to it.

    >>> write_lines('x = ta.crossover(close, ta.sma(close, 20))\\nif x\\n    strategy.entry("L", strategy.long)')
    'x = ta.crossover(close, ta.sma(close, 20));\\nif x: strategy.entry("L", strategy.long);'
    """
    kept: list[str] = []
    for line in text.splitlines():
        plain = re.sub(r"\s*//.*$", "", line).rstrip()
        if not plain.strip() or LEFT_OUT.match(plain):
            continue
        if kept and re.match(r"\s*(?:else )?if\b", kept[-1]) and re.match(r"\s", plain):
            kept[-1] = f"{kept[-1].rstrip(';:')}: {plain.strip()};"
        else:
            kept.append(plain if plain.endswith((";", ".", ":")) else f"{plain};")
    return "\n".join(kept)
