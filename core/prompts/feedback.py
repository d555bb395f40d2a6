"""What happened, told to the author of the code: figures, errors with the lines around them, findings, the table of tries.

Here: facts as short text. Not here: the frame of the prompt (`core.prompts.render`) and the facts themselves.
"""

from collections.abc import Mapping, Sequence

from core.domain.backtest import CodeFault
from core.domain.iteration import Finding, Iteration, judged, scored_ancestor
from core.domain.metrics import Metrics
from core.domain.run import Objective
from core.prompts.parameters import parameter_values
from core.prompts.wording import clean, line

ERROR_LIMIT = 1_500
LOG_LIMIT = 500
CODE_LIMIT = 24_000
AROUND = 3
"""Lines shown before and after the one that failed."""
SHOWN = 5
"""Rows of the history table from the top, and from the end."""


def figures(metrics: Metrics) -> str:
    """One iteration's figures in two lines, in the units that people use for each.

    >>> print(figures(Metrics(total_return=0.1, cagr=0.05, sharpe=0.8, trades=3, max_drawdown=-0.2)).splitlines()[0])
    sharpe 0.80, total return 10.0 %, cagr 5.0 %, max drawdown -20.0 %, volatility n/a, sortino n/a, calmar n/a
    """
    first = (
        f"sharpe {number(metrics.sharpe)}, total return {percent(metrics.total_return)}, cagr {percent(metrics.cagr)}, "
        f"max drawdown {percent(metrics.max_drawdown)}, volatility {percent(metrics.volatility)}, "
        f"sortino {number(metrics.sortino)}, calmar {number(metrics.calmar)}"
    )
    second = (
        f"closed trades {metrics.trades}, win rate {percent(metrics.win_rate)}, profit factor {number(metrics.profit_factor)}, "
        f"profit per trade {number(metrics.expectancy)}, in the market {percent(metrics.exposure)} of bars, "
        f"turnover {metrics.turnover:.1f} a year, commission paid {metrics.costs:.0f}"
    )
    return f"{first}\n{second}"


def failure(fault: CodeFault, code: str) -> str:
    """An error with its line, the lines around it and a hint; at most 1,500 characters, head and tail kept."""
    where = f" in line {fault.line}" if fault.line else ""
    kind = f"{line(fault.kind, 60)}: " if fault.kind else ""
    parts = [f"Error{where}: {kind}{clean(fault.message, 600)}"]
    if fault.line:
        parts.append(numbered(code, fault.line))
    if fault.hint:
        parts.append(f"Hint: {clean(fault.hint, 300)}")
    return clean("\n".join(part for part in parts if part), ERROR_LIMIT)


def numbered(code: str, number: int) -> str:
    """The line that failed with three lines before and after it, numbered, the line itself marked; empty when there is no such line.

    >>> print(numbered("a\\nb\\nc", 2))
      1 | a
    > 2 | b
      3 | c
    """
    lines = code.split("\n")
    if not 1 <= number <= len(lines):
        return ""
    first, last = max(number - AROUND, 1), min(number + AROUND, len(lines))
    width = len(str(last))
    marked = range(first, last + 1)
    return "\n".join(f"{'>' if at == number else ' '} {at:>{width}} | {lines[at - 1][:160]}" for at in marked)


def printed(log: str) -> str:
    """What the code printed: at most 500 characters, quoted as data."""
    return clean(log.strip(), LOG_LIMIT)


def observations(findings: Sequence[Finding]) -> str:
    """Findings as a list, the worst first as they come."""
    return "\n".join(f"- {_observation(finding)}" for finding in findings)


def table(history: Sequence[Iteration], values: Mapping[int, Mapping[str, float]], objective: Objective, shown: int = SHOWN) -> str:
    """The best and the newest iterations, one line each; how many were left out stands below. Its size does not grow with the run."""
    if not history:
        return ""
    ranked = sorted((each for each in history if each.score is not None), key=lambda each: (-(each.score or 0.0), each.number))
    chosen = {each.number: each for each in (*ranked[:shown], *history[len(history) - min(shown, len(history)) :])}
    head = f"number | from | status | {objective.value} | return | drawdown | trades | change | parameters"
    rows = [_row(chosen[key], values.get(key), objective) for key in sorted(chosen)]
    left = len(history) - len(chosen)
    return "\n".join([head, *rows, *([f"({left} more not shown)"] if left else [])])


def judgment(last: Iteration, history: Sequence[Iteration], objective: Objective, unscored: str = "") -> str:
    """What became of the last hypothesis: the score before and after, in one line; `unscored` is why there is none after."""
    before = scored_ancestor(last.parent, history)
    found = judged(last.score if last.error is None else None, before.score if before else None)
    if last.error is not None:
        why = ", the code failed"
    elif last.score is None:
        why = f", it has no score: {line(unscored, 200)}" if unscored else ", it has no score"
    elif before is None:
        why = f", the first score: {objective.value} {last.score:.3f}"
    else:
        why = f": {objective.value} {before.score:.3f} before, {last.score:.3f} after"
    stated = line(last.hypothesis, 200) if last.states_hypothesis else "none given"
    return f"Hypothesis: {stated} -> {found.value}{why}"


def params_of(iteration: Iteration, values: Mapping[int, Mapping[str, float]]) -> Mapping[str, float]:
    """Parameters of an iteration: as handed in, else read from its code."""
    known = values.get(iteration.number)
    return known if known is not None else parameter_values(iteration.code)


def number(value: float | None) -> str:
    """Two decimals, or n/a."""
    return "n/a" if value is None else f"{value:.2f}"


def percent(value: float | None) -> str:
    """A fraction in percent, or n/a."""
    return "n/a" if value is None else f"{value * 100:.1f} %"


def _observation(finding: Finding) -> str:
    times = f" ({finding.count} times)" if finding.count > 1 else ""
    sample = f" For example: {line(finding.sample, 240)}." if finding.sample else ""
    fix = f" Try: {line(finding.fix, 240)}" if finding.fix else ""
    return f"{line(finding.message, 300)}{times}.{sample}{fix}"


def _row(iteration: Iteration, values: Mapping[str, float] | None, objective: Objective) -> str:
    metrics = iteration.metrics
    known = values if values is not None else parameter_values(iteration.code)
    params = " ".join(f"{name}={value:g}" for name, value in known.items())
    cells = [
        str(iteration.number),
        "-" if iteration.parent is None else str(iteration.parent),
        iteration.status.value
        if iteration.error is None
        else f"{iteration.status.value} ({line(iteration.error.kind or iteration.error.message, 40)})",
        number(_reached(iteration, objective)),
        percent(metrics.total_return if metrics else None),
        percent(metrics.max_drawdown if metrics else None),
        str(metrics.trades) if metrics else "n/a",
        line(iteration.change, 80).replace("|", "/") or "-",
        line(params, 160).replace("|", "/") or "-",
    ]
    return " | ".join(cells)


def _reached(iteration: Iteration, objective: Objective) -> float | None:
    if iteration.metrics is None or objective is Objective.FORMULA:
        return iteration.score
    value: float | None = getattr(iteration.metrics, objective.value)
    return value
