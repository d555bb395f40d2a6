"""Feedback for the author of the code: figures, errors with the lines around them, findings, the table of tries.

Here: facts as short text. Not here: the frame of the prompt (`core.prompts.render`) and the facts themselves.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache

from core.domain.backtest import CodeFault
from core.domain.finding import Finding
from core.domain.iteration import Iteration, find_scored_ancestor, judge_change
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.prompts.parameters import read_parameters
from core.prompts.wording import clean, clean_line
from core.report.figures import describe_figures, find_figure
from core.report.number_format import format_ratio

ERROR_LIMIT = 1_500
LOG_LIMIT = 500
CODE_LIMIT = 24_000
KEPT_ROWS = 2048
"""Lines on tries that are kept, some 200 characters each."""
CONTEXT_LINES = 3
"""Lines shown before and after the one that failed."""
RESULT_FIGURES = ("sharpe", "total_return", "cagr", "max_drawdown", "volatility", "sortino", "calmar")
TRADING_FIGURES = ("trades", "win_rate", "profit_factor", "expectancy", "exposure", "turnover", "costs")


def format_figures(metrics: Metrics) -> str:
    """Format one iteration's figures in two lines: the result, and how it was traded.

    >>> format_figures(Metrics(total_return=0.1, cagr=0.05, sharpe=0.8, trades=3)).splitlines()[0][:58]
    'Sharpe ratio 0.80, total return 10.0%, growth a year 5.0%,'
    """
    return "\n".join(describe_figures(metrics, tuple(map(find_figure, names))) for names in (RESULT_FIGURES, TRADING_FIGURES))


def format_failure(fault: CodeFault, code: str) -> str:
    """Format an error with its line, the lines around it and a hint; at most 1,500 characters, head and tail kept."""
    where = f" in line {fault.line}" if fault.line else ""
    kind = f"{clean_line(fault.kind, 60)}: " if fault.kind else ""
    parts = [f"Error{where}: {kind}{clean(fault.message, 600)}"]
    if fault.line:
        parts.append(format_excerpt(code, fault.line))
    if fault.hint:
        parts.append(f"Hint: {clean(fault.hint, 300)}")
    return clean("\n".join(part for part in parts if part), ERROR_LIMIT)


def format_excerpt(code: str, number: int) -> str:
    """Format the failed line with three lines before and after it, numbered, the line marked; empty when there is no such line.

    >>> print(format_excerpt("a\\nb\\nc", 2))
      1 | a
    > 2 | b
      3 | c
    """
    lines = code.split("\n")
    if not 1 <= number <= len(lines):
        return ""
    first, last = max(number - CONTEXT_LINES, 1), min(number + CONTEXT_LINES, len(lines))
    width = len(str(last))
    marked = range(first, last + 1)
    return "\n".join(f"{'>' if at == number else ' '} {at:>{width}} | {lines[at - 1][:160]}" for at in marked)


def quote_log(log: str) -> str:
    """Quote the code's printed output as data: at most 500 characters."""
    return clean(log.strip(), LOG_LIMIT)


def format_findings(findings: Sequence[Finding]) -> str:
    """Format findings as a list, the worst first as they come."""
    return "\n".join(f"- {_format_finding(finding)}" for finding in findings)


def format_history(history: Sequence[Iteration], objective: Objective, shown: int = 120) -> str:
    """Format every try in one line: number, parent, score, trades, fate and change.

    Lines are only added at the end, so that a provider reads those before from its cache. Beyond `shown` tries the oldest are left out,
    a third of `shown` at a time; the best of them stays.
    """
    if not history:
        return ""
    step = max(1, shown // 3)
    left = 0 if len(history) <= shown else -(-(len(history) - shown) // step) * step
    best = max((one for one in history[:left] if one.score is not None), key=lambda one: (one.score or 0.0, -one.number), default=None)
    kept = [*([best] if best else []), *history[left:]]
    head = f"number | from | {objective.value} | closed trades | fate | change"
    rows = [_row(one, objective) for one in kept]
    return "\n".join([head, *([f"({left - bool(best)} older ones not shown)"] if left else []), *rows])


def format_judgment(last: Iteration, history: Sequence[Iteration], objective: Objective, unscored: str = "") -> str:
    """Format the judgment of the last hypothesis: the score before and after, in one line; `unscored` is why there is none after."""
    before = find_scored_ancestor(last.parent, history)
    found = judge_change(last.score if last.error is None else None, before.score if before else None)
    if last.error is not None:
        why = ", the code failed"
    elif last.score is None:
        why = f", it has no score: {clean_line(unscored, 200)}" if unscored else ", it has no score"
    elif before is None:
        why = f", the first score: {objective.value} {last.score:.3f}"
    else:
        why = f": {objective.value} {before.score:.3f} before, {last.score:.3f} after"
    stated = clean_line(last.hypothesis, 200) if last.states_hypothesis else "none given"
    return f"Hypothesis: {stated} -> {found.value}{why}"


def find_parameters(iteration: Iteration, values: Mapping[int, Mapping[str, float]]) -> Mapping[str, float]:
    """Find the parameters of an iteration: as handed in, else read from its code."""
    known = values.get(iteration.number)
    return known if known is not None else read_parameters(iteration.code)


def _format_finding(finding: Finding) -> str:
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    sample = f" For example: {clean_line(finding.sample, 240)}." if finding.sample else ""
    fix = f" Try: {clean_line(finding.fix, 240)}" if finding.fix else ""
    return f"{clean_line(finding.message, 300)}{times}.{sample}{fix}"


def _row(iteration: Iteration, objective: Objective) -> str:
    fate, failed = iteration.verdict or "-", False
    if iteration.error is not None:
        fate, failed = iteration.error.kind or iteration.error.message, True
    elif iteration.score is None:
        fate = "no score"
    trades = None if iteration.metrics is None else iteration.metrics.trades
    return _write_row(iteration.number, iteration.parent, _objective_value(iteration, objective), trades, fate, failed, iteration.change)


@lru_cache(maxsize=KEPT_ROWS)
def _write_row(number: int, parent: int | None, value: float | None, trades: int | None, fate: str, failed: bool, change: str) -> str:
    """Write a line once: it stands in every later prompt."""
    cells = [
        str(number),
        "-" if parent is None else str(parent),
        format_ratio(value, missing="n/a"),
        "n/a" if trades is None else find_figure("trades").format(trades),
        (f"failed ({clean_line(fate, 40)})" if failed else fate).replace("|", "/"),
        clean_line(change, 80).replace("|", "/") or "-",
    ]
    return " | ".join(cells)


def _objective_value(iteration: Iteration, objective: Objective) -> float | None:
    if iteration.metrics is None or objective is Objective.FORMULA:
        return iteration.score
    value: float | None = getattr(iteration.metrics, objective.value)
    return value
