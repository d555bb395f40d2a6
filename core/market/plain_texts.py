"""Text as people paste and programs print it, written as one line for each row: quotes, gaps, the name before a value."""

import csv
import io
import re

SAMPLE_LINES = 60
_ASSIGNED = re.compile(
    r"\s*(?:/\*.{0,200}?\*/\s*)?(?:(?:var|let|const|export default)\s+)?(?:[\w.$]+(?:\[[^\]]{0,40}\])?\s*=\s*|[A-Za-z_$][\w.$]*\()(?=[\[{])"
)
_TYPES = re.compile(r"(?m)^[│|](?: *(?:---|[a-z]+\d*(?:\[[^\]┆]*\])?) *[┆│|])+\n")


CUT = re.compile(
    r"^# .*\b\d[\d,]* more rows?\b|^only showing top \d+ rows?\b|\b\d[\d,.]* rows .*\(\d+ shown\)"
    r"|\b(?:omitted|reached)\b.*\b\d+ (?:rows|entries)\b|^\d+ (?:rows|columns and \d+ rows) omitted$"
)
"""Words that R, Spark, DuckDB and Julia print below a table of which they show a part."""


def strip_assignment(text: str) -> str:
    """The value of `data = [...]`, `var data = {...};` and `callback([...]);`; anything else as it is.

    >>> strip_assignment("var data = [1, 2];"), strip_assignment("callback({});"), strip_assignment("Date,Open")
    ('[1, 2]', '{}', 'Date,Open')
    """
    found = _ASSIGNED.match(text)
    return text[found.end() :].rstrip().rstrip(";").rstrip(")") if found else text


def write_plain(text: str) -> str:
    """Text with usual ends of lines, quotes and delimiters, its first line empty where that only names the delimiter."""
    if "\n" not in text:
        text = text.replace("\r", "\n")
    text = text.replace("\ufeff", "")  # files that were joined have a mark at each beginning
    text = re.sub(r"\A\"?sep=.\"?[^\w\n]*(?=\n)", "", text, flags=re.IGNORECASE)
    if text.startswith("$"):  # lines for an importer, of which one names the columns
        text = re.sub(r"(?m)^\$FORMAT +|^\$[A-Z]{2,}\b.*\n", "", text)
    if re.search(r"[┆│┃║]", text[:2000]):
        text = _without_box(text)
    text = _unquote_lines(text)
    head = text[:2000].split("\n")[0]
    return _mark_gaps(text.replace("'", '"') if '"' not in text and head.count("'") >= 8 else text)


def list_first(text: str) -> list[str]:
    """The first lines that hold something."""
    return [line for line in text[:400_000].splitlines()[:SAMPLE_LINES] if line.strip()]


def find_cut(text: str) -> str:
    """The words with which a program says below a printed table that it left rows out; empty without them.

    >>> find_cut("2023-01-04  11\\n# ℹ 270 more rows"), find_cut("|11|\\nonly showing top 20 rows\\n"), find_cut("2023-01-04  11")
    ('# ℹ 270 more rows', 'only showing top 20 rows', '')
    """
    lines = [line.strip(" │|\r") for line in text[-2000:].splitlines()[-6:]]
    return next((" ".join(line.split()) for line in lines if CUT.search(line)), "")


def _without_box(text: str) -> str:
    """The rows of a table that a program drew lines around, a bar between their cells: no rules, no shape above, no words below."""
    rows = []
    for line in _TYPES.sub("", text).split("\n"):
        bare = line.strip()
        if head := re.fullmatch(r"┌(.*[^\W\d_].*)┐", bare):  # names of the columns may stand in the rule itself
            rows.append("|".join(name.strip("─ ") for name in head[1].split("┬")))
        elif re.fullmatch(r"├[─┴]*┴[─┴]*┤", bare):
            break
        elif not re.fullmatch(r"shape:.*|[\u2500-\u257f\s]*[─━═╌┄][\u2500-\u257f\s]*", bare):
            rows.append(re.sub(r" *[┆│┃║] *", "|", re.sub(r"^[│┃║] *| *[│┃║]$", "", bare)))
    return "\n".join(rows)


def _unquote_lines(text: str) -> str:
    """Text whose every line is one quoted field that holds the whole row, as spreadsheets save what was pasted into one column."""
    if not re.match(r'"(?:[^"\n]|"")*[,;\t|](?:[^"\n]|"")*"\s*\n', text):
        return text
    head = list(csv.reader(text[:20_000].splitlines()[:SAMPLE_LINES]))
    if any(len(row) > 1 for row in head) or not all(re.search(r"[,;\t|].*[,;\t|].*[,;\t|]", row[0]) for row in head if row):
        return text
    return "\n".join(row[0] if row else "" for row in csv.reader(io.StringIO(text)))


def _mark_gaps(text: str) -> str:
    """Text whose columns stand two blanks or more apart, as printed reports have them, with tabs there: `Trade Date   10:30 AM`."""
    lines = list_first(text)
    widths = {len(re.split(r" {2,}", line.strip())) for line in lines}
    if len(lines) < 3 or len(widths) > 1 or max(widths) < 5 or any(mark in line for line in lines for mark in "\t;|"):
        return text
    return re.sub(r"(?m)(?<=\S) {2,}(?=\S)", "\t", re.sub(r"(?m)^ +", "", text))
