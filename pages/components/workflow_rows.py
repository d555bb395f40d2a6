"""Rows of the workflow as native widgets: every cell reads from the document and writes to it, with its problem right below."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from core import language
from core.domain.errors import Problem, Severity
from core.domain.workflow import Join, Measure, Operator, Row, Section, Workflow
from core.language.syntax.timeframes import HIGHER_TIMEFRAMES
from core.report.sentences import to_sentence
from pages.components import formatting, workflow_slots, workflow_state
from pages.components.fields import bind, draw_check, draw_choice, draw_choices, draw_number, draw_segments, draw_text
from pages.components.problem_words import translate_names
from pages.components.workflow_cells import MEASURE, OPERATOR, format_formula, suggest_operands, suggest_thresholds

WIDTHS = [1.0, 4.2, 2.2, 2.9, 0.9]
TYPED_WIDTHS = [1.0, 9.3, 0.9]
GROUPS = ("A", "B", "C", "D", "E", "F")
GROUP_COLORS: dict[str, formatting.Color] = {"A": "blue", "B": "green", "C": "violet", "D": "orange", "E": "red", "F": "gray"}
UNGROUPED = (Section.SIZING, Section.RISK, Section.DEFINE)
JOINS = {Join.ALL: "all of them", Join.ANY: "any of them", Join.NONE: "none of them"}

ABOUT = {
    Section.DEFINE: "A name for an expression, to be used in the other rows; changing it here changes it everywhere.",
    Section.FILTER: "Must hold for every entry.",
    Section.ENTRY_LONG: "Rows of one group hold together; any group opens a long position.",
    Section.EXIT_LONG: "Rows of one group hold together; any group closes the long position.",
    Section.ENTRY_SHORT: "Rows of one group hold together; any group opens a short position.",
    Section.EXIT_SHORT: "Rows of one group hold together; any group closes the short position.",
    Section.SIZING: "How much each entry trades. Exactly one row decides it; one for each group where groups differ.",
    Section.RISK: "Stops, targets and limits. Any number of rows; a group's letter keeps a row to the entries of that group.",
}


def draw_section(workflow: Workflow, section: Section, problems: Sequence[Problem], readings: Mapping[str | None, str]) -> None:
    """One section: its rows, each with its reading, and what can be added."""
    rows = [row for row in workflow.rows if row.section is section]
    with st.container(border=True, key=f"builder_section_{section.value}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{workflow_state.TITLES[section]}**")
            st.caption(ABOUT[section], width="content")
        for place, row in enumerate(rows):
            mine = [problem for problem in problems if problem.row == row.id]
            ends = place == 0, place == len(rows) - 1
            _row(row, mine, readings.get(row.id, ""), ends=ends, long=len(workflow.rows) > workflow_state.LONG_TABLE)
        _draw_add_buttons(section)


def _draw_add_buttons(section: Section) -> None:
    with st.container(horizontal=True):
        if section not in (Section.SIZING, Section.RISK):
            st.button(
                "Add name" if section is Section.DEFINE else "Add condition",
                key=f"builder_add_{section.value}",
                icon=":material/add:",
                on_click=workflow_state.add_row,
                args=(section,),
                type="tertiary",
            )
        rules = {rule.name: rule for rule in language.list_rules(section)}
        if rules:
            key = f"builder_add_rule_{section.value}"
            st.menu_button(
                "Add rule" if section in (Section.SIZING, Section.RISK) else "Add price order",
                list(rules),
                key=key,
                icon=":material/add:",
                type="tertiary",
                format_func=lambda name: rules[name].title,
                on_click=lambda: workflow_state.add_row(section, st.session_state[key]),
            )


def _row(row: Row, problems: Sequence[Problem], reading: str, *, ends: tuple[bool, bool], long: bool) -> None:
    typed = bool(st.session_state.get("builder_typed")) and not isinstance(row.operator, Measure) and row.section is not Section.DEFINE
    with st.container(key=f"builder_row_{row.id}_{'typed' if typed else 'cells'}", gap="xsmall"):
        cells = st.columns(TYPED_WIDTHS if typed else WIDTHS, gap="xsmall", vertical_alignment="top")
        with cells[0]:
            _switch(row)
        if isinstance(row.operator, Measure):
            _rule_cells(row, cells)
        elif row.section is Section.DEFINE:
            _definition_cells(row, cells)
        else:
            _condition_cells(row, cells, typed=typed)
        with cells[-1]:
            _menu(row, ends, long=long)
        _remarks(row, cells, problems)
        _reading(row, "" if problems and reading == language.UNREAD else reading)


def _reading(row: Row, reading: str) -> None:
    extra = []
    if row.within > 1:
        extra.append(f":gray-badge[within {row.within} bars]")
    if row.timeframe:
        extra.append(f":violet-badge[{formatting.escape(row.timeframe)}]")
    if row.note:
        extra.append(f":material/sticky_note_2: {formatting.escape(row.note)}")
    if reading:
        named = f"{row.id}: " if _is_grouped(row) else ""  # elsewhere the id stands at the switch
        st.caption(f":material/subdirectory_arrow_right: {formatting.escape(named + reading)}")
    if extra:
        st.markdown(f":small[{' '.join(extra)}]")


def _remarks(row: Row, cells: Sequence[Any], problems: Sequence[Problem]) -> None:
    """Problems at the cells that they are about; of a row in which nothing stands yet, what to put there, and no alarm."""
    place = {"indicators": 1, "operator": 2, "thresholds": 3}
    blank = not row.indicators and not row.thresholds
    for problem in problems:
        color, icon = ("red", "error") if problem.severity is Severity.ERROR else ("orange", "warning")
        cell = cells[min(place.get(problem.column or "", 1), len(cells) - 2)]
        if blank:
            cell.caption(f":material/edit: {formatting.escape(translate_names(problem.remedy))}")
        else:
            told = f"{to_sentence(problem.message)} {problem.remedy}"
            cell.markdown(f":{color}[:material/{icon}: {formatting.escape(translate_names(told).strip())}]")


def _bind(row: Row, name: str, value: Any) -> str:
    """Key of a row's widget, its state brought in line with the document (undo and loading change the document from outside)."""
    return bind(f"builder_{row.id}_{name}", value)


def _write(row: Row, name: str, field: str, read: Any = None) -> None:
    """Take a widget's value into the document; a choice that is always made keeps its last value when nothing is reported."""
    value = st.session_state[f"builder_{row.id}_{name}"]
    if value is None and read is None:
        return
    workflow_state.change_row(row.id, lambda old: old.changed(**{field: read(value) if read else value}))


def _is_grouped(row: Row) -> bool:
    """True for a row at whose switch the letter of its group stands."""
    return row.section not in UNGROUPED or row.group != GROUPS[0]


def _switch(row: Row) -> None:
    key, args = _bind(row, "enabled", row.enabled), (row, "enabled", "enabled")
    if not _is_grouped(row):
        draw_check(formatting.escape(row.id), key=key, on_change=_write, args=args)
        return
    words = f"{row.id}, group {row.group}"  # a badge in the label would be read out with the marks that make it one
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        draw_check(words, key=key, on_change=_write, args=args, label_visibility="collapsed", width="content")
        st.badge(formatting.escape_badge(row.group), color=GROUP_COLORS.get(row.group, "gray"), width="content")


def _condition_cells(row: Row, cells: Sequence[Any], *, typed: bool) -> None:
    if typed:
        _formula_cell(row, cells)
        return
    formula = row.operator is Operator.IS_TRUE
    if formula and len(row.indicators) <= 1:
        _formula_cell(row, cells)
    else:
        draw_choices(
            "Indicators",
            [*dict.fromkeys([*row.indicators, *suggest_operands()])],
            key=_bind(row, "indicators", list(row.indicators)),
            place=cells[1],
            placeholder="Choose or type, for example sma(20)",
            label_visibility="collapsed",
            accept_new_options=True,
            filter_mode="prefix",  # what is typed counts: a looser match would put another operand in its place
            select_all=False,
            wrap=False,  # a field that shrinks when it is left would move what is below away from under the mouse
            on_change=_write,
            args=(row, "indicators", "indicators", tuple),
        )
    draw_choice(
        "Operator",
        list(Operator),
        key=_bind(row, "operator", row.operator),
        place=cells[2],
        format_func=lambda operator: OPERATOR.get(operator, str(operator)),
        label_visibility="collapsed",
        on_change=_write,
        args=(row, "operator", "operator"),
    )
    draw_choices(
        "Thresholds",
        [*dict.fromkeys([*row.thresholds, *suggest_thresholds()])],
        key=_bind(row, "thresholds", list(row.thresholds)),
        place=cells[3],
        placeholder="" if formula else "Number or operand",
        label_visibility="collapsed",
        accept_new_options=True,
        filter_mode="prefix",  # what is typed counts: a looser match would put another operand in its place
        select_all=False,
        wrap=False,
        disabled=formula and not row.thresholds,
        on_change=_write,
        args=(row, "thresholds", "thresholds", tuple),
    )


def _definition_cells(row: Row, cells: Sequence[Any]) -> None:
    """A name and what it stands for."""
    draw_text(
        "Name",
        key=_bind(row, "name", row.indicators[0] if row.indicators else ""),
        place=cells[1],
        placeholder="breakout_level",
        label_visibility="collapsed",
        on_change=_write,
        args=(row, "name", "indicators", lambda text: (text.strip(),) if text and text.strip() else ()),
    )
    cells[2].markdown("stands for")
    draw_text(
        "Expression",
        key=_bind(row, "meaning", row.thresholds[0] if row.thresholds else ""),
        place=cells[3],
        placeholder="highest(high, 20)[1]",
        label_visibility="collapsed",
        on_change=_write,
        args=(row, "meaning", "thresholds", lambda text: (text.strip(),) if text and text.strip() else ()),
    )


def _formula_cell(row: Row, cells: Sequence[Any]) -> None:
    key = _bind(row, "formula", format_formula(row))
    draw_text(
        "Formula",
        key=key,
        place=cells[1],
        placeholder="rsi(14) < 30 and close > sma(200)",
        label_visibility="collapsed",
        on_change=_write_formula,
        args=(row,),
    )


def _write_formula(row: Row) -> None:
    """Take a typed formula: from then on the row is this formula, until another operator is chosen."""
    text = str(st.session_state[f"builder_{row.id}_formula"] or "").strip()
    if not text and format_formula(row):
        st.toast("A condition cannot be empty: the row keeps what it said. Delete the row to take it out.", icon=":material/info:")
        return
    operands = (text,) if text else ()

    def take(old: Row) -> Row:
        if text == format_formula(old):
            return old  # a field that came back tells what it shows; nobody typed it
        return old.changed(operator=Operator.IS_TRUE, indicators=operands, thresholds=(), join=Join.ALL)

    workflow_state.change_row(row.id, take)


def _rule_cells(row: Row, cells: Sequence[Any]) -> None:
    rules = {rule.name: rule for rule in language.list_rules(row.section)}
    name = row.indicators[0] if row.indicators else ""
    draw_choice(
        "Rule",
        [*dict.fromkeys([*rules, name])] if name else list(rules),
        key=_bind(row, "rule", name),
        place=cells[1],
        format_func=lambda one: rules[one].title if one in rules else one,
        label_visibility="collapsed",
        help=rules[name].explanation if name in rules else None,
        on_change=_change_rule,
        args=(row,),
    )
    forms = rules[name].forms if name in rules else {}
    measures = [*dict.fromkeys([*forms, row.operator])]
    draw_choice(
        "Measured in",
        measures,
        key=_bind(row, "measure", row.operator),
        place=cells[2],
        format_func=lambda measure: MEASURE.get(measure, str(measure)),
        label_visibility="collapsed",
        on_change=_change_measure,
        args=(row,),
    )
    form = forms[row.operator] if isinstance(row.operator, Measure) and row.operator in forms else language.RuleForm((), "")
    workflow_slots.draw_slots(row, form, cells[3])


def _change_rule(row: Row) -> None:
    name = st.session_state[f"builder_{row.id}_rule"] or ""
    forms = language.RULES[name].forms if name in language.RULES else {}
    if not forms:
        return
    measure = row.operator if isinstance(row.operator, Measure) and row.operator in forms else next(iter(forms))
    _set_form(row, name, measure)


def _change_measure(row: Row) -> None:
    measure = st.session_state[f"builder_{row.id}_measure"]
    if measure is not None:
        _set_form(row, row.indicators[0] if row.indicators else "", measure)


def _set_form(row: Row, name: str, measure: Measure) -> None:
    form = language.RULES[name].forms.get(measure) if name in language.RULES else None
    thresholds = tuple(slot.default for slot in form.slots if not slot.optional) if form else row.thresholds
    workflow_state.change_row(row.id, lambda old: old.changed(indicators=(name,), operator=measure, thresholds=thresholds))


def _menu(row: Row, ends: tuple[bool, bool], *, long: bool) -> None:
    """Draw what can be done with a row; in a long table once it is opened."""
    words, key = f"More about row {formatting.escape(row.id)}", f"builder_more_{row.id}"
    opened = st.popover("", icon=":material/more_vert:", type="tertiary", key=key, help=words, on_change="rerun" if long else "ignore")
    if long and not opened.open:
        return
    with opened:
        _draw_menu(row, first=ends[0], last=ends[1])


def _draw_menu(row: Row, *, first: bool, last: bool) -> None:
    with st.container(horizontal=True):
        _draw_row_button("Up", row, "up", ":material/arrow_upward:", workflow_state.move_row, -1, disabled=first)
        _draw_row_button("Down", row, "down", ":material/arrow_downward:", workflow_state.move_row, 1, disabled=last)
        _draw_row_button("Duplicate", row, "copy", ":material/content_copy:", workflow_state.duplicate_row)
        _draw_row_button("Delete", row, "delete", ":material/delete:", workflow_state.delete_row)
    if row.section in (Section.SIZING, Section.RISK):
        _setup_field(row)
    elif not isinstance(row.operator, Measure) and row.section is not Section.DEFINE:
        _condition_details(row)
    if row.operator is Measure.DATES:
        workflow_slots.draw_days_upload(row)
    draw_text("Note", key=_bind(row, "note", row.note), on_change=_write, args=(row, "note", "note", lambda text: text or ""))


def _draw_row_button(label: str, row: Row, name: str, icon: str, deed: Callable[..., None], *more: int, disabled: bool = False) -> None:
    st.button(label, key=f"builder_{name}_{row.id}", icon=icon, disabled=disabled, on_click=deed, args=(row.id, *more))


def _setup_field(row: Row) -> None:
    draw_segments(
        "Counts for entries of group",
        [*GROUPS, *([row.group] if row.group not in GROUPS else [])],
        key=_bind(row, "group", row.group),
        required=True,
        format_func=lambda group: "all" if group == GROUPS[0] else group,
        on_change=_write,
        args=(row, "group", "group"),
    )


def _condition_details(row: Row) -> None:
    groups = [*GROUPS, *([row.group] if row.group not in GROUPS else [])]
    draw_segments(
        "Group: rows of one group hold together",
        groups,
        key=_bind(row, "group", row.group),
        required=True,
        on_change=_write,
        args=(row, "group", "group"),
    )
    draw_segments(
        "With several indicators it takes",
        list(Join),
        key=_bind(row, "join", row.join),
        required=True,
        format_func=lambda join: JOINS[join],
        on_change=_write,
        args=(row, "join", "join"),
    )
    left, right = st.columns(2)
    draw_number(
        "Within the last bars",
        1,
        10_000,
        place=left,
        key=_bind(row, "within", row.within),
        on_change=_write,
        args=(row, "within", "within", lambda number: int(number or 1)),
        help="1: true on this bar. 5: true on any of the last five.",
    )
    frames = ["", *HIGHER_TIMEFRAMES]
    draw_choice(
        "Timeframe",
        [*dict.fromkeys([*frames, row.timeframe or ""])],
        key=_bind(row, "timeframe", row.timeframe or ""),
        place=right,
        format_func=lambda value: value or "that of the run",
        on_change=_write,
        args=(row, "timeframe", "timeframe", lambda value: value or None),
    )
