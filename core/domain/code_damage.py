"""Damage that code takes on its way through documents, pages and consoles, each with how it is undone. Every line keeps its number.

Nothing here changes what a program means: it is for text that is no Python as it came. Who may undo what, and says so, is decided where
the text is read: the gate for pasted scripts, the reader of answers for models.
"""

import ast
import html
import re
import textwrap
from collections.abc import Sequence

from core.domain.python_syntax import parse_module_tree

CONSOLE_PROMPT = re.compile(r"^[ \t]*(?:>>>|\.\.\.:?)(?: |$)")
_SPACES = re.compile("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_TERMINAL_COLORS = re.compile("\x1b\\[[0-9;]*[A-Za-z]")
_COLORED = re.compile(r"<span(?:\s+[\w-]+=(?:\"[^\"\n]*\"|'[^'\n]*'))*\s*>|</span>", re.IGNORECASE)
_BOLD_NAME = re.compile(r"(?<![\w*)\]])\*\*(init|name|main|str|repr|len|call|new|enter|exit|iter|file|doc|future)\*\*(?![\w*])")
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "‘": "'", "’": "'", "‚": "'", "′": "'"})
_SIGNS = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‐": "-", "‑": "-", "×": "*", "∗": "*", "÷": "/"}
    | {"≥": ">=", "⩾": ">=", "≧": ">=", "≤": "<=", "⩽": "<=", "≦": "<=", "≠": "!="}
)
_RETURNS = re.compile(r"\)( *)→")
_WIDE = str.maketrans("，：（）；＝＋－＊／［］｛｝＜＞＂＇", ",:();=+-*/[]{}<>\"'")
_PADDED = re.compile(r"(\d{1,4}) *")
_NUMBERED = re.compile(r"^[ \t]{0,6}L?(\d{1,4})(?:[ \t]?[|:.)│→][ \t]?|\t|[ ]{1,2}|$)")
_FRAMED = re.compile(r"^[ \t]*[│┃║▌▍▎▏┆╎](?: |$)(?P<code>.*?)(?:[ \t]*[│┃║▐])?[ \t]*$")
_BORDER = re.compile(r"^[ \t]*[╭╰┌└╔╚┏┗├╞┡┢].*[╮╯┐┘╗╝┓┛┤╡┩┪─━═]?[ \t]*$")
_FEWEST_FRAMED = 5
_IPYTHON = re.compile(r"^[ \t]*(?:In|Out)\s?\[\d*\]:\s?")
_COMMAND = re.compile(
    r"^([ \t]*)(?:[%!][^\W\d].*|%%.*|\$ ?(?:pip3?|python3?|conda|cd|git|export|source)\b.*"
    r"|(?:(?:python3? -m )?pip3?|conda|uv pip|poetry|apt(?:-get)?|brew) (?:install|add)\b.*)$"
)
_TAB_WIDTHS = (8, 4)
_ESCAPED_SIGN = re.compile(r"&(?:lt|gt);")
MOST_ESCAPES = 3
"""Pages, one in the other, that may have escaped the same text."""
_WINDOWS_PATH = re.compile(r"""(?<![\w\\"'])(?P<mark>["'])(?P<path>[A-Za-z]:\\[^"'\n]*[^"'\n\\])(?P=mark)""")


def make_spaces_plain(code: str) -> str:
    """Make blanks of any width plain ones, and drop what nobody sees: characters without width, a terminal's colors."""
    return _INVISIBLE.sub("", _SPACES.sub(" ", _TERMINAL_COLORS.sub("", code)))


def unescape_entities(code: str) -> str:
    """Write the signs of a page (`&lt;`, `&amp;lt;` where two pages wrote it) as they are, while a comparison is escaped.

    >>> unescape_entities("a = 1 &lt; 2"), unescape_entities("a = 1 &amp;lt; 2"), unescape_entities("a = '&amp;' &lt; b")
    ('a = 1 < 2', 'a = 1 < 2', "a = '&' < b")
    """
    for _ in range(MOST_ESCAPES):
        code = html.unescape(code)
        if not _ESCAPED_SIGN.search(code):  # `1 &lt; 2` is Python too, and means something else
            break
    return code


def drop_highlighting(code: str) -> str:
    """Drop the tags by which a page colors words.

    >>> drop_highlighting('<span class="k">import</span> <span class="n">math</span>'), drop_highlighting("a <span and b> 1")
    ('import math', 'a <span and b> 1')
    """
    return _COLORED.sub("", code)


def restore_dunders(code: str) -> str:
    """Write names as they are that Markdown made bold, underscores and all.

    >>> restore_dunders("def **init**(self): x = 2**n**2"), restore_dunders("if **name** == '**main**':")
    ('def __init__(self): x = 2**n**2', "if __name__ == '__main__':")
    """
    return _BOLD_NAME.sub(r"__\1__", code)


def make_quotes_straight(code: str) -> str:
    """Write the quotes of a word processor as Python knows them."""
    return code.translate(_QUOTES)


def make_signs_plain(code: str) -> str:
    """Write signs of mathematics, arrows and dashes as Python knows them.

    >>> make_signs_plain("if a ≥ b − 1: x = a × 2"), make_signs_plain("def f() → int: ...")
    ('if a >= b - 1: x = a * 2', 'def f() -> int: ...')
    """
    return _RETURNS.sub(r")\1->", code.translate(_SIGNS))


def make_marks_narrow(code: str) -> str:
    """Write full-width marks as Python knows them."""
    return code.translate(_WIDE)


def keep_backslashes(code: str) -> str:
    r"""Write Windows paths as raw texts: in `"C:\Users"` Python reads `\U` as the beginning of a sign.

    >>> print(keep_backslashes('path = "C:\\Users\\x.csv"'))
    path = r"C:\Users\x.csv"
    """
    return _WINDOWS_PATH.sub(r"r\g<mark>\g<path>\g<mark>", code)


def drop_line_numbers(code: str) -> str:
    """Drop the number before each line, where all lines have one and they rise.

    >>> drop_line_numbers("1 | x = 1\\n2 | y = 2"), drop_line_numbers("L1: x = 1\\nL2: y = 2"), drop_line_numbers("1\\n1")
    ('x = 1\\ny = 2', 'x = 1\\ny = 2', '1\\n1')
    >>> drop_line_numbers("8  if x:\\n9      y = 1\\n10     z = 2")
    'if x:\\n    y = 1\\n    z = 2'
    """
    lines = code.split("\n")
    matches = [_NUMBERED.match(line) for line in lines]
    numbers = [int(match[1]) for match in matches if match]
    filled = [match is not None for line, match in zip(lines, matches, strict=True) if line.strip()]
    if not numbers or not all(filled) or numbers != sorted(set(numbers)):
        return code
    if (column := _find_code_column(lines)) is not None:
        return "\n".join(line[column:] for line in lines)
    return "\n".join(line[match.end() :] if match else line for line, match in zip(lines, matches, strict=True))


def _find_code_column(lines: Sequence[str]) -> int | None:
    """Find where the code begins behind numbers of one and of more digits that are filled up with blanks; None for other numbers."""
    padded = [found for line in lines if line.strip() and (found := _PADDED.match(line)) is not None]
    if len(padded) < sum(bool(line.strip()) for line in lines) or len({len(found[1]) for found in padded}) < 2:
        return None
    column = min((found.end() for found in padded if found.end() < len(found.string)), default=0)
    return column if all(len(found[1]) < column for found in padded) else None


def drop_prompts(code: str) -> str:
    """Drop the prompts of a console or a notebook, where every line has one or the first begins a cell."""
    lines = [_IPYTHON.sub("", line) for line in code.split("\n")]
    begun = any(_IPYTHON.match(line) for line in code.split("\n"))
    prompted = sum(bool(CONSOLE_PROMPT.match(line)) for line in lines)
    if prompted < len([line for line in lines if line.strip()]) and not (begun and prompted):
        return "\n".join(lines)
    return "\n".join(CONSOLE_PROMPT.sub("", line) for line in lines)


def drop_frames(code: str) -> str:
    """Drop the lines that a terminal draws around code, or before each line of it, where several lines have them; borders are emptied.

    >>> rows = "".join(f"│ x = {number}   │\\n" for number in range(5))
    >>> drop_frames(f"╭─ s.py ─╮\\n{rows}╰────────╯").split("\\n")
    ['', 'x = 0', 'x = 1', 'x = 2', 'x = 3', 'x = 4', '']
    """
    lines = code.split("\n")
    framed = [_FRAMED.match(line) for line in lines]
    if sum(map(bool, framed)) < _FEWEST_FRAMED:
        return code
    plain = ("" if _BORDER.match(line) else line for line in lines)
    return "\n".join(found["code"] if found else line for found, line in zip(framed, plain, strict=True))


def drop_marks(code: str, mark: str) -> str:
    """Drop a mark that stands before every line, as `+` in a diff and `>` in a mail, with the blank behind a mail's."""
    lines = code.split("\n")
    if any(line.strip() and not line.startswith(mark) for line in lines):
        return code
    return "\n".join(line.removeprefix(mark + " " if mark == ">" else mark).removeprefix(mark) if line else line for line in lines)


def drop_commands(code: str) -> str:
    """Empty the lines that are commands of a notebook or of a shell; inside a block `pass` takes their place.

    >>> drop_commands("!pip install backtrader\\nx = 1\\nif x:\\n    %time")
    '\\nx = 1\\nif x:\\n    pass'
    """
    return "\n".join((f"{found[1]}pass" if found[1] else "") if (found := _COMMAND.match(line)) else line for line in code.split("\n"))


def move_to_margin(code: str) -> str:
    """Move code to the margin that stands further in as a whole, or as a whole but for its first line."""
    first = next((line for line in code.split("\n") if line.strip()), "")
    if first[:1] in (" ", "\t"):
        return textwrap.dedent(code)
    goes_on = first.rstrip().endswith((":", "(", "[", "{", ",", "\\"))
    return code if goes_on else _keep_first(code, first)


def _keep_first(code: str, first: str) -> str:
    before = code[: code.index(first)]
    return f"{before}{first}\n{textwrap.dedent(code[len(before) + len(first) + 1 :])}"


def make_tabs_even(code: str) -> str:
    """Write tabs at the beginning of lines as blanks, of the one width that makes Python of them; two that differ decide nothing.

    A width that puts statements with `self` beside the methods of a class, instead of into them, does not count.
    """
    found: dict[str, str] = {}
    for width in _TAB_WIDTHS:
        text = "\n".join(_expand(line, width) for line in code.split("\n"))
        try:
            tree = parse_module_tree(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if not _reads_self_beside_methods(tree):
            found.setdefault(ast.dump(tree), text)
    return next(iter(found.values())) if len(found) == 1 else code


def _expand(line: str, width: int) -> str:
    text = line.lstrip(" \t")
    return line[: len(line) - len(text)].expandtabs(width) + text


def _reads_self_beside_methods(tree: ast.Module) -> bool:
    beside = [
        part for node in ast.walk(tree) if isinstance(node, ast.ClassDef) for part in node.body if not isinstance(part, ast.FunctionDef)
    ]
    return any(isinstance(name, ast.Name) and name.id == "self" for part in beside for name in ast.walk(part))
