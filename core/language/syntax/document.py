"""The workflow as a JSON document: text or object in, `Workflow` out, and back. Shape only; what the rows mean is checked elsewhere."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError

from core.domain.errors import Problem, WorkflowError
from core.domain.workflow import Measure, Operator, Row, Section, Workflow
from core.language.catalogue.rules import RULES
from core.language.syntax.choices import CHOICES, resolve_choice, resolve_row_timeframe, resolve_rule, resolve_word
from core.language.syntax.definition import FIRST_GROUP
from core.language.syntax.migrations import migrate
from core.language.syntax.slips import suggest_nearest

MAX_BYTES = 1_000_000
MAX_ROWS = 200
MAX_CELLS = 20
MAX_TEXT = 5_000

RESERVED_IDS = frozenset(section.value for section in Section)
"""The combined signals of a run go by these names."""


class _UnreadableError(Exception):
    """Carries one problem out of a deep place."""

    def __init__(self, message: str, remedy: str, *, row: str | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(row=row, column=column, message=message, remedy=remedy)


def parse(source: str | bytes | Mapping[str, Any]) -> Workflow:
    """The workflow of a JSON text or of an object of the same shape; common spellings of operators, sections and rules become the table's.

    Raises WorkflowError with every problem found: bad encoding, bad JSON, unknown or missing fields, wrong types, unknown operators,
    repeated row ids, documents that are too large.
    """
    try:
        raw = source if isinstance(source, Mapping) else _load(source)
        document = _normalize(raw)
        workflow = Workflow.model_validate(document)
    except _UnreadableError as error:
        raise WorkflowError((error.problem,)) from None
    except ValidationError as error:
        raise WorkflowError(tuple(dict.fromkeys(_problem(detail, raw) for detail in error.errors()))) from None
    problems = tuple(_row_problems(workflow))
    if problems:
        raise WorkflowError(problems)
    return migrate(workflow)


def dump(workflow: Workflow) -> str:
    """Canonical JSON of a workflow: fields in the document's order, indented by two; `parse` gives the same value back."""
    return json.dumps(workflow.model_dump(mode="json"), indent=2, ensure_ascii=False) + "\n"


_BEGINNING = 'A workflow starts with {"name": ..., "rows": [...]}.'


def _load(source: str | bytes) -> Mapping[str, Any]:
    if len(source) > MAX_BYTES:
        raise _UnreadableError(f"the document has {len(source)} bytes, {MAX_BYTES} are allowed.", "A workflow is a short JSON document.")
    try:
        text = source.decode("utf-8-sig") if isinstance(source, bytes) else source.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise _UnreadableError(f"byte {error.start} is not UTF-8.", "Save the file as UTF-8.") from None
    if not text.strip():
        raise _UnreadableError("it is empty.", _BEGINNING)
    try:
        raw = json.loads(text, object_pairs_hook=_object, parse_constant=_constant)
    except json.JSONDecodeError as error:
        message = f"not JSON at line {error.lineno}, column {error.colno}: {error.msg}."
        raise _UnreadableError(message, "Check commas, quotes and brackets there.") from None
    except (RecursionError, ValueError):
        raise _UnreadableError(
            "the JSON is nested too deeply or holds a number that is too long.", "A workflow is a flat list of rows."
        ) from None
    if not isinstance(raw, dict):
        raise _UnreadableError(f"the document is {_describe_type(raw)}, an object is needed.", _BEGINNING)
    return raw


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    for name in names:
        if names.count(name) > 1:
            raise _UnreadableError(f"the field `{_shown(name)}` is given twice.", "Keep one of them.", column=_shown(name))
    return dict(pairs)


def _constant(name: str) -> float:
    raise _UnreadableError(f"`{name}` is not a number that JSON knows.", "Write a plain number.")


def _describe_type(raw: object) -> str:
    if isinstance(raw, list):
        return "a list"
    if isinstance(raw, str):
        return "a text"
    return "empty" if raw is None else "a single value"


def _shown(value: object) -> str:
    text = "".join(char if char.isprintable() else "?" for char in str(value))
    return text if len(text) <= 60 else text[:57] + "..."


def _normalize(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The document with numbers in operand cells written as text, other spellings of choices replaced, and its size checked."""
    document = {str(name): value for name, value in raw.items()}
    rows = document.get("rows", [])
    if not isinstance(rows, list | tuple):
        raise _UnreadableError("`rows` is not a list.", 'Write "rows": [ {...}, {...} ].', column="rows")
    if len(rows) > MAX_ROWS:
        raise _UnreadableError(
            f"there are {len(rows)} rows, {MAX_ROWS} are allowed.", "Split the strategy into several workflows.", column="rows"
        )
    document["rows"] = [_normalize_row(row) for row in rows]
    if "direction" in document:
        document["direction"] = resolve_choice("direction", document["direction"])
    return document


def _normalize_row(row: object) -> object:
    if isinstance(row, Row):
        return row.model_dump()
    if not isinstance(row, Mapping):
        return row
    prepared = {str(name): value for name, value in row.items()}
    for column in ("indicators", "thresholds"):
        cells = prepared.get(column)
        if isinstance(cells, list | tuple):
            prepared[column] = [_cell_text(cell) for cell in cells]
        elif isinstance(cells, str | int | float) and not isinstance(cells, bool):
            prepared[column] = [_cell_text(cells)]
    for column in ("section", "operator", "join"):
        if column in prepared:
            prepared[column] = resolve_choice(column, prepared[column])
    if isinstance(group := prepared.get("group"), str):
        prepared["group"] = group.strip().upper() or FIRST_GROUP
    if "timeframe" in prepared:
        prepared["timeframe"] = resolve_row_timeframe(prepared["timeframe"])
    return _with_rule(prepared)


def _with_rule(row: dict[str, Any]) -> dict[str, Any]:
    """A row that is a rule, with the rule's own name."""
    rule = row.get("section") in (Section.SIZING, Section.RISK) or row.get("operator") in tuple(Measure)
    cells = row.get("indicators")
    if rule and isinstance(cells, list) and len(cells) == 1 and isinstance(cells[0], str):
        row["indicators"] = [resolve_rule(cells[0])]
        _give_only_measure(row)
    return row


def _give_only_measure(row: dict[str, Any]) -> None:
    """A rule that is counted in one way only, and not by numbers, needs no word for it: `on_opposite_signal ignore`."""
    rule = RULES.get(row["indicators"][0])
    if rule is None or len(rule.forms) != 1 or row.get("operator") in rule.forms:
        return
    measure, form = next(iter(rule.forms.items()))
    if measure not in (Measure.CHOICE, Measure.DATES, Measure.SWITCH):
        return
    said = row.get("operator")
    if isinstance(said, str) and resolve_word(said) in form.choices and not row.get("thresholds"):
        row["thresholds"] = [resolve_word(said)]
    row["operator"] = measure.value


def _cell_text(cell: object) -> object:
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return cell
    if not math.isfinite(cell) or abs(cell) > 1e15:
        return cell
    return str(cell) if isinstance(cell, int) else f"{cell:g}" if float(f"{cell:g}") == cell else repr(cell)


def _problem(detail: Any, raw: Mapping[str, Any]) -> Problem:
    """One of pydantic's complaints in the document's own words."""
    place = [
        part for part in detail["loc"] if part not in ("Operator", "Measure") and not str(part).startswith(("is-instance", "lax", "enum"))
    ]
    row, column = None, str(place[0]) if place else None
    if len(place) > 1 and place[0] == "rows":
        row = _row_name(raw, place[1])
        column = str(place[2]) if len(place) > 2 else None
    message, remedy = _describe_error(detail, column, _list_operators(raw, place))
    return Problem(row=row, column=_shown(column) if column else None, message=message, remedy=remedy)


def _row_name(raw: Mapping[str, Any], index: object) -> str:
    rows = raw.get("rows", [])
    row = rows[index] if isinstance(index, int) and index < len(rows) else None
    name = row.get("id") if isinstance(row, Mapping) else getattr(row, "id", None)
    return _shown(name) if isinstance(name, str) and name else f"number {int(str(index)) + 1}"


def _list_operators(raw: Mapping[str, Any], place: list[Any]) -> tuple[str, ...]:
    """The operators that fit the section of a row, or all where it has none that is known."""
    rows = raw.get("rows", [])
    index = place[1] if len(place) > 1 and place[0] == "rows" else None
    row = rows[index] if isinstance(index, int) and isinstance(rows, list | tuple) and index < len(rows) else None
    section = resolve_choice("section", row.get("section")) if isinstance(row, Mapping) else None
    if section in (Section.SIZING, Section.RISK):
        return tuple(Measure)
    return tuple(Operator) if section in tuple(Section) else (*Operator, *Measure)


def _describe_error(detail: Any, column: str | None, operators: tuple[str, ...]) -> tuple[str, str]:
    sort, value = detail["type"], detail.get("input")
    if sort == "missing":
        return (
            f"the field `{column}` is missing.",
            "Every row needs id, section, indicators and operator." if column != "name" else "Give the workflow a name.",
        )
    if sort == "extra_forbidden":
        known = [*Row.model_fields, *Workflow.model_fields]
        return f"the field `{_shown(column)}` is not known.", suggest_nearest(str(column), known) or "Take it out."
    if column is not None and column in CHOICES:
        words = operators if column == "operator" else CHOICES[column][0]
        remedy = suggest_nearest(str(value), words) or f"One of: {', '.join(words)}."
        return f"`{_shown(value)}` is not a known {column}.", remedy
    if column == "schema_version":
        return f"schema version {_shown(value)} cannot be read.", "This program reads versions 1 and 2; a newer one may be needed."
    remedies = {
        "indicators": 'Write a list of texts, for example ["sma(20)"].',
        "thresholds": 'Write a list of texts or numbers, for example ["30"].',
    }
    remedies |= {"within": "Write a whole number of bars, 1 or more.", "enabled": "Write true or false.", "rows": "Each row is an object."}
    if column is None:
        return "a row is not an object.", "Each row is an object with id, section, indicators and operator."
    return f"`{_shown(value)}` does not fit here: {str(detail['msg']).lower()}.", remedies.get(column, "Write a text.")


def _row_problems(workflow: Workflow) -> Iterable[Problem]:
    """Problems that the shape alone cannot show: ids that repeat, texts that are too long."""
    seen: set[str] = set()
    for number, row in enumerate(workflow.rows, start=1):
        place = _shown(row.id) if row.id.strip() else f"number {number}"
        if not row.id.strip():
            yield Problem(row=place, column="id", message="the row has no id.", remedy="Give it a short unique id such as `r1`.")
        elif row.id in RESERVED_IDS:
            message = f"`{row.id}` is the name of a section and cannot be a row's id."
            yield Problem(row=place, column="id", message=message, remedy="Choose another id such as `r1`.")
        elif row.id in seen:
            yield Problem(row=place, column="id", message="this id is used twice.", remedy="Give every row its own id.")
        seen.add(row.id)
        if len(row.indicators) > MAX_CELLS or len(row.thresholds) > MAX_CELLS:
            yield Problem(
                row=place, column="indicators", message=f"a row holds at most {MAX_CELLS} operands.", remedy="Split it over several rows."
            )
    for text in (workflow.name, workflow.description, *(row.note for row in workflow.rows), *(row.id for row in workflow.rows)):
        if len(text) > MAX_TEXT:
            yield Problem(message=f"a text of {len(text)} characters is too long.", remedy=f"At most {MAX_TEXT} characters.")
