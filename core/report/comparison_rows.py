"""Rows of a comparison: training, hold-out, luck, trading, costs, parameters, changes, each with its distance from the baseline."""

from collections.abc import Callable, Iterable, Sequence

from core.domain.backtest import Verdict
from core.domain.hold_out import USED_UP_AT
from core.domain.iteration import Iteration
from core.domain.metrics import Metrics
from core.domain.timing import LUCK_LEVEL
from core.report import labels
from core.report.call_costs import format_cost
from core.report.comparison import (
    Cell,
    CellState,
    ComparisonRow,
    NumberPlace,
    Participant,
    RowGroup,
    Tested,
)
from core.report.figures import Better, Figure, Form, choose_figures, find_figure, format_score
from core.report.number_format import DASH, format_count, format_percent, write_minus
from core.report.statements import list_luck_statements

TRAINING = (
    "total_return",
    "cagr",
    "sharpe",
    "sortino",
    "calmar",
    "volatility",
    "max_drawdown",
    "max_drawdown_days",
    "final_value",
    "paid_in",
    "profit",
    "money_weighted",
)
HOLD_OUT = ("sharpe", "total_return", "max_drawdown", "trades")
TRADING = ("trades", "win_rate", "profit_factor", "expectancy", "exposure")
COSTS = ("costs", "turnover")
UNDEFINED = Cell(text=DASH, state=CellState.UNDEFINED)
EDGE = 0.02
"""Part of its allowed range within which a parameter stands at the edge."""


def build_groups(tested: Tested) -> tuple[RowGroup, ...]:
    """Build the rows of the table, grouped; groups without a row are left out."""
    everyone = tested.participants
    groups = (
        RowGroup(name="Verdict", rows=tuple(_build_verdict_rows(tested))),
        RowGroup(name="Training", about=_describe_training(everyone), rows=_build_figure_rows(tested, TRAINING)),
        RowGroup(
            name="Instruments", about="each with an account of its own, on all training bars", rows=tuple(_build_instrument_rows(tested))
        ),
        RowGroup(name="Hold-out", about=_describe_hold_out(everyone), rows=tuple(_build_hold_out_rows(tested))),
        RowGroup(name="Luck and robustness", about=_describe_tries(everyone), rows=tuple(_build_robustness_rows(tested))),
        RowGroup(name="Trading", rows=_build_figure_rows(tested, TRADING)),
        RowGroup(name="Costs", rows=(*_build_figure_rows(tested, COSTS), _build_word_row(tested, "paid", "Paid to models", _cost))),
        RowGroup(name="Parameters", about="within the ranges that are allowed", rows=tuple(_build_parameter_rows(tested))),
        RowGroup(name="Change and hypothesis", rows=tuple(_build_story_rows(tested))),
    )
    return tuple(group for group in groups if group.rows)


def build_figure_row(figure: Figure, metrics: Sequence[Metrics | None], blanks: Sequence[Cell], tested: Tested) -> ComparisonRow:
    """Build the row of a figure; `blanks` are the cells of the columns without figures.

    Sums of money have no distances and no best where the accounts were not paid the same in.
    """
    values = [figure.read(each) for each in metrics]
    texts = [figure.format(value, currency=one.currency) for value, one in zip(values, tested.participants, strict=True)]
    alike = figure.form is not Form.MONEY or len({each.paid_in for each in metrics if each is not None}) < 2
    judged = tested.baseline if alike else None
    best = _find_best(figure, values, texts) if judged is not None else set()
    base = values[judged] if judged is not None else None
    cells = []
    for place, (value, text, each) in enumerate(zip(values, texts, metrics, strict=True)):
        if each is None:
            cells.append(blanks[place])
        elif value is None:
            cells.append(UNDEFINED)
        else:
            away = place != tested.baseline
            cells.append(
                Cell(
                    text=text,
                    value=value,
                    delta=figure.format_gap(value, base) if away else "",
                    better=_is_better(figure, value, base) if away and figure.format_gap(value, base) else None,
                    best=place in best,
                    place=_find_place(value, values),
                )
            )
    return ComparisonRow(name=figure.name, label=figure.label, unit=figure.unit, meaning=figure.meaning, cells=tuple(cells))


def _build_figure_rows(tested: Tested, names: Iterable[str]) -> tuple[ComparisonRow, ...]:
    metrics = [None if one.failed else one.metrics for one in tested.participants]
    blanks = [_failed(one) for one in tested.participants]
    return tuple(build_figure_row(figure, metrics, blanks, tested) for figure in choose_figures(map(find_figure, names), metrics))


def _build_instrument_rows(tested: Tested) -> Iterable[ComparisonRow]:
    """Return and Sharpe ratio on each instrument of a basket; nothing where none takes part."""
    everyone = tested.participants
    each = [_list_instruments(one) for one in everyone]
    for symbol in dict.fromkeys(symbol for found in each for symbol in found):
        for name in ("total_return", "sharpe"):
            metrics = [found.get(symbol) or _read_alone(one, symbol) for found, one in zip(each, everyone, strict=True)]
            row = build_figure_row(find_figure(name), metrics, [UNDEFINED] * len(everyone), tested)
            yield row.changed(name=f"{name} {symbol}", label=f"{symbol}: {row.label}")


def _list_instruments(one: Participant) -> dict[str, Metrics]:
    """Figures on each instrument of the participant's basket, on the training bars."""
    if one.detail is None:
        return {fact.symbol: fact.benchmark for fact in one.run.instruments}
    return {found.symbol: found.metrics for found in one.detail.iteration.instruments if found.metrics is not None}


def _read_alone(one: Participant, symbol: str) -> Metrics | None:
    """Figures on all training bars of a participant that has that instrument alone; None for any other one."""
    bars = one.run.plan.bars
    if bars.basket or bars.others or bars.subject != symbol or one.failed:
        return None
    return one.run.benchmark if one.detail is None else one.detail.iteration.metrics


def _failed(one: Participant) -> Cell:
    said = one.detail.iteration.error if one.detail else None
    return Cell(text=DASH, state=CellState.FAILED, note=said.message.splitlines()[0] if said and said.message else "It has no figures.")


def _find_best(figure: Figure, values: Sequence[float | None], texts: Sequence[str]) -> set[int]:
    """Find the places of the best values; none where no value is better than another, by what is shown."""
    defined = {place: value for place, value in enumerate(values) if value is not None}
    if figure.better is Better.NEITHER or len({texts[place] for place in defined}) < 2:
        return set()
    pick = max if figure.better is Better.HIGHER else min
    shown = texts[pick(defined, key=lambda place: defined[place])]
    return {place for place in defined if texts[place] == shown}


def _is_better(figure: Figure, value: float | None, base: float | None) -> bool | None:
    if value is None or base is None or value == base or figure.better is Better.NEITHER:
        return None
    return (value > base) is (figure.better is Better.HIGHER)


def _find_place(value: float, values: Sequence[float | None]) -> float | None:
    """Find the place of a value between zero and the largest of its row, for a small bar."""
    largest = max((abs(each) for each in values if each is not None), default=0.0)
    return abs(value) / largest if largest else None


def _build_verdict_rows(tested: Tested) -> Iterable[ComparisonRow]:
    yield _build_word_row(tested, "outcome", "Outcome", lambda one: labels.label_iteration(one.detail.iteration) if one.detail else "")
    yield _build_word_row(tested, "score", "Score", _score)
    if tested.baseline is None or tested.sharpes is None:
        return
    found = [tested.compare(place, tested.baseline) for place in range(len(tested.participants))]
    yield ComparisonRow(
        name="chance",
        label="Chance to beat the baseline, %",
        meaning="Part of the resampled histories in which its Sharpe ratio is above that of the baseline; between 10 and 90 is noise.",
        cells=tuple(
            UNDEFINED
            if pair is None
            else Cell(
                text=f"{pair.chance * 100:.0f}", value=pair.chance, place=pair.chance, better=None if pair.is_noise else pair.chance > 0.5
            )
            for pair in found
        ),
    )
    yield ComparisonRow(
        name="difference",
        label="Sharpe beyond the baseline, 95% range",
        meaning="The middle 95% of the resampled differences, on the same days.",
        cells=tuple(
            UNDEFINED if pair is None else Cell(text=write_minus(f"{pair.low:+.2f} to {pair.high:+.2f}"), value=pair.difference)
            for pair in found
        ),
    )


def _score(one: Participant) -> str:
    return "" if one.score is None else format_score(one.score, one.run.plan.objective)


def _cost(one: Participant) -> str:
    return format_cost([one.detail.iteration]) if one.detail else ""


def _build_word_row(tested: Tested, name: str, label: str, read: Callable[[Participant], str], meaning: str = "") -> ComparisonRow:
    cells = tuple(Cell(text=text) if (text := read(one)) else UNDEFINED for one in tested.participants)
    return ComparisonRow(name=name, label=label, meaning=meaning, cells=cells)


def _build_hold_out_rows(tested: Tested) -> Iterable[ComparisonRow]:
    found = [_read_hold_out(one) for one in tested.participants]
    metrics = [each if isinstance(each, Metrics) else None for each in found]
    blanks = [UNDEFINED if isinstance(each, Metrics) else each for each in found]
    for name in HOLD_OUT:
        row = build_figure_row(find_figure(name), metrics, blanks, tested)
        yield row.changed(name=f"hold_out_{name}")


def _read_hold_out(one: Participant) -> Metrics | Cell:
    """Read the figures on the hold-out, or the cell that says why there are none."""
    run, held = one.run, one.run.hold_out
    if not run.plan.hold_out:
        return Cell(text=DASH, state=CellState.UNDEFINED, note="This run held nothing out.")
    figure = one.hold_out_figure
    if figure is not None:
        return figure.metrics or Cell(text=DASH, state=CellState.FAILED, note=labels.describe_missing_figures(figure))
    if held is None:
        over = run.status.finished
        words = "not looked at" if over else "when the run is over"
        return Cell(text=words, state=CellState.LOCKED if over else CellState.GOING_ON, note=describe_look_cost(0) if over else "")
    return Cell(text="not looked at", state=CellState.LOCKED, note=describe_look_cost(held.looks))


def describe_look_cost(looks: int) -> str:
    """Describe what one more look at bars costs that were looked at so often.

    >>> describe_look_cost(1)
    'A look would be number 2 at these bars: it is tested at 0.83%, not 2.50%.'
    """
    now, then = (LUCK_LEVEL / (number * (number + 1)) for number in (looks + 1, max(looks, 1)))
    instead = f", not {format_percent(then, 2)}" if looks else ""
    told = f"A look would be number {looks + 1} at these bars: it is tested at {format_percent(now, 2)}{instead}."
    return f"{told} From then on they decide nothing any more." if looks + 1 >= USED_UP_AT else told


def _build_robustness_rows(tested: Tested) -> Iterable[ComparisonRow]:
    said = [{each.name: each for each in list_luck_statements(one.assessment)} if one.assessment else {} for one in tested.participants]
    names = dict.fromkeys(name for each in said for name in each)
    for name in names:
        meaning = next(each[name].meaning for each in said if name in each)
        cells = tuple(Cell(text=each[name].figure, note=each[name].meaning) if name in each else UNDEFINED for each in said)
        yield ComparisonRow(name=name, label=name, meaning=meaning, cells=cells)
    yield _build_word_row(tested, "look_ahead", "Look-ahead", _look_ahead)
    yield _build_word_row(tested, "fills_checked", "Every fill computed twice", _fills_checked)
    yield _build_word_row(tested, "conformity", "Agreement with the rows", _conformity, "Entries and exits that agree with the workflow.")
    yield _build_word_row(tested, "findings", "Serious findings", _findings, "Findings that spoil the result or should be fixed.")


def _iteration(one: Participant) -> Iteration | None:
    return one.detail.iteration if one.detail else None


def _look_ahead(one: Participant) -> str:
    found = _iteration(one)
    return labels.VERDICT[found.certificate.verdict] if found and found.certificate else ""


def _fills_checked(one: Participant) -> str:
    found = _iteration(one)
    if not found or not found.certificate:
        return ""
    return "yes" if found.certificate.fills_checked and found.certificate.verdict is not Verdict.LEAKED else "no"


def _conformity(one: Participant) -> str:
    found = _iteration(one)
    return format_percent(found.conformity, 0) if found and found.conformity is not None else ""


def _findings(one: Participant) -> str:
    found = _iteration(one)
    return str(sum(finding.severity >= 2 for finding in found.findings)) if found and found.metrics else ""


def _build_parameter_rows(tested: Tested) -> Iterable[ComparisonRow]:
    names = dict.fromkeys(number.name for one in tested.participants for number in one.numbers)
    for name in names:
        found = [next((number for number in one.numbers if number.name == name), None) for one in tested.participants]
        base = found[tested.baseline] if tested.baseline is not None else None
        row = next(number.row for number in found if number)
        yield ComparisonRow(
            name=f"parameter_{name}",
            label=f"{name} ({row})",
            meaning=next(
                write_minus(f"Allowed: {number.low:g} to {number.high:g}; as written {number.written:g}.") for number in found if number
            ),
            place_is_spot=True,
            cells=tuple(UNDEFINED if number is None else _build_number_cell(number, base) for number in found),
        )


def _build_number_cell(number: NumberPlace, base: NumberPlace | None) -> Cell:
    width = number.high - number.low
    place = (number.value - number.low) / width if width > 0 else None
    gap = number.value - base.value if base is not None else 0.0
    return Cell(
        text=write_minus(f"{number.value:g}"),
        value=number.value,
        delta=write_minus(f"{gap:+.4g}") if gap else "",
        place=None if place is None else min(max(place, 0.0), 1.0),
        at_edge=place is not None and (place <= EDGE or place >= 1 - EDGE),
        note=write_minus(f"Allowed: {number.low:g} to {number.high:g}."),
    )


def _build_story_rows(tested: Tested) -> Iterable[ComparisonRow]:
    yield _build_word_row(tested, "change", "Change", lambda one: one.detail.iteration.change if one.detail else "")
    yield _build_word_row(tested, "hypothesis", "Hypothesis", _hypothesis)
    yield _build_word_row(tested, "author", "Written by", lambda one: labels.label_origin(one.detail.iteration) if one.detail else "")
    yield _build_word_row(tested, "parent", "Derived from", lambda one: _parent(one.detail.iteration) if one.detail else "")


def _parent(iteration: Iteration) -> str:
    return "" if iteration.parent is None else f"iteration {iteration.parent}"


def _hypothesis(one: Participant) -> str:
    found = _iteration(one)
    if not found or not found.states_hypothesis:
        return ""
    return f"{found.hypothesis} ({found.verdict})" if found.verdict else found.hypothesis


def _describe_training(everyone: Sequence[Participant]) -> str:
    known = {(one.bars.first, one.bars.last, len(one.bars)) for one in everyone if one.bars}
    if len(known) != 1:
        return ""
    first, last, bars = known.pop()
    return f"{format_count(bars, 'bar')} from {first:%Y-%m-%d} to {last:%Y-%m-%d}, which the loop saw"


def _describe_hold_out(everyone: Sequence[Participant]) -> str:
    held = {(one.run.hold_out.first, one.run.hold_out.last, one.run.hold_out.bars) for one in everyone if one.run.hold_out}
    if len(held) != 1:
        return ""
    first, last, bars = held.pop()
    return f"{format_count(bars, 'bar')} from {first:%Y-%m-%d} to {last:%Y-%m-%d}, which no loop saw"


def _describe_tries(everyone: Sequence[Participant]) -> str:
    tries = {one.assessment.tries for one in everyone if one.assessment}
    return f"{format_count(tries.pop(), 'try', 'tries')} in the run" if len(tries) == 1 else ""
