"""A winner as a file of its own: the exact code, what it was measured on, and a small runner for plain Backtrader.

The bars that it was measured on go beside it as CSV, so that the figure can be had again with one command.
"""

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from string import Template
from textwrap import wrap

from core.domain.bars import PRICE_COLUMNS, Bars
from core.domain.errors import InputError
from core.domain.iteration import IterationDetail
from core.domain.python_syntax import parse_module_tree
from core.domain.run import Run
from core.driving.export_brokers import render_brokers, render_costs, render_leverage
from core.driving.export_feeds import BASKET_RUNNER, SET_UP, render_feeds
from core.driving.export_surroundings import list_packages, surround_code
from core.gate.parsed_source import SCRIPT_RUN, ParsedCode
from core.prompts import read_parameters
from core.report.assessment import Assessment
from core.report.figures import LEAD_FIGURES, describe_figures
from core.report.labels import describe_author, is_written_by_model
from core.report.statements import describe_gaps, describe_tries, describe_verdict, list_luck_statements

BACKTRADER = "1.9.78.123"
"""Version of Backtrader that figures were measured with, the last one that was released."""
HEADER_WIDTH = 120
"""Characters of a line of the header's prose."""

HEADER = Template("""\
# $title
#
# Made by Stratloop: run $run, iteration $number, written by $author on $day.$artificial
# Measured on $symbol $timeframe, $bars bars from $first to $last (SHA-256 $hash).
$numbers$proof$assessment
#
# Run it again with plain Backtrader:  pip install backtrader==$backtrader$packages  and  python $file.py $file.csv
""")

RUNNER = Template(
    '''

def run_with_backtrader() -> None:
    """Run the strategy above on a CSV file of bars (time, open, high, low, close, volume; oldest first)."""
$hashes    import argparse
    import csv
    import io

    import backtrader

$seeds    parser = argparse.ArgumentParser(description=$title)
    parser.add_argument("bars", nargs="?", default=__file__.rpartition(".")[0] + ".csv")
    parser.add_argument("--cash", type=float, default=$cash)
    parser.add_argument("--commission", type=float, default=$commission, help="fraction of the traded value")
    parser.add_argument("--slippage", type=float, default=$slippage, help="fraction of the price")
    options = parser.parse_args()

$feeds'''
    + SET_UP
    + """\
    print(f"final value {cerebro.broker.getvalue():.2f}$final")


if __name__ == "__main__":
    run_with_backtrader()
"""
)


HASHES = """\
    import os
    import subprocess
    import sys

    if sys.flags.hash_randomization:  # sets of words have the order then that they had when this was measured
        sys.exit(subprocess.call([sys.executable, *sys.argv], env={**os.environ, "PYTHONHASHSEED": "0"}))

"""
ORDERED_BY_HASH = frozenset({"hash", "set", "frozenset"})
"""Names of what comes out in the order of hashes, which Python draws anew each time it starts."""


SEEDS = Template("""\
    import random
$numpy
    random.seed($seed)
""")


@dataclass(frozen=True, slots=True)
class ExportProof:
    """Result of running the program in a fresh process with plain Backtrader."""

    final: float
    """Final value that it came to."""
    versions: Mapping[str, str]
    """Programs that it was run with."""
    day: date
    isolation_level: int = 2
    """Isolation of that process, 2 to 0: on level 0 a program that wanted to could have looked up the value that it has to print."""


@dataclass(frozen=True, slots=True)
class Export:
    """Two files to hand out: a program, and the bars that it was measured on."""

    name: str
    """File name without ending."""
    iteration: int
    code: str
    bars: str
    """CSV text."""
    proof: ExportProof | None = None
    """None for a draft."""


def export_iteration(
    run: Run,
    detail: IterationDetail,
    code: str,
    bars: Bars,
    assessment: Assessment,
    *,
    name: str = "",
    half: float | None = None,
    proof: ExportProof | None = None,
) -> Export:
    """`code` (the part of the iteration's code that runs) with a header and a runner. Raises InputError when it never ran.

    `bars` are the training bars that the iteration was measured on, `assessment` is what is said of it. With `half`, the program begins
    with half the cash, and `half` is the final value that was measured so. Without a `proof` it is a draft, to be proved: it does not hold
    the value that it has to come to.
    """
    iteration = detail.iteration
    if iteration.metrics is None:
        raise InputError(f"Iteration {iteration.number} of run {run.id} has no figures, so there is nothing to export.")
    file = name or f"{_identifier(run.plan.workflow.name)}_{run.id}_{iteration.number}"
    plan, money = run.plan, run.plan.backtest if half is None else run.plan.backtest.halve()
    shared = "" if half is None else ", half the cash (one of two programs)"
    title = _to_one_line(f"{plan.workflow.name}, iteration {iteration.number}{shared}")
    header = HEADER.substitute(
        title=title,
        run=run.id,
        number=iteration.number,
        author=_to_one_line(describe_author(iteration)),
        numbers=_describe_numbers(code),
        proof=describe_proof(proof) if proof else "",
        day=f"{iteration.created:%Y-%m-%d}",
        artificial=" An AI model wrote this code." if is_written_by_model(iteration) else "",
        backtrader=BACKTRADER,
        packages="".join(f" {name}" for name in list_packages(code)),
        symbol=_to_one_line(", ".join(one.instrument.symbol for one in (bars.others if bars.members else bars.instruments))),
        timeframe=bars.timeframe.value,
        bars=len(bars),
        first=format_bar_time(bars, bars.first),
        last=format_bar_time(bars, bars.last),
        hash=bars.hash,
        assessment=describe_assessment(assessment),
        file=file,
    )
    runner = (BASKET_RUNNER if bars.members else RUNNER).substitute(
        title=repr(title),
        cash=repr(money.cash),
        commission=repr(money.commission),
        slippage=repr(money.slippage),
        leverage=render_leverage(money),
        costs=render_costs(money),
        feeds=render_feeds(bars, find_strategy_name(code), longer="timeframes" in code, of_script=_resamples_itself(code))
        + render_brokers(money, code),
        runonce=_choose_method(bars, code),
        final=f" (Stratloop measured {find_final(detail, half):.2f})" if proof else "",
        seeds=_render_seeds(code),
        hashes=HASHES if _uses_hashes(code) else "",
    )
    table = f"\n\nBASKET = {[one.instrument.symbol for one in bars.others[: bars.members]]!r}" if bars.members else ""
    return Export(
        name=file,
        iteration=iteration.number,
        code=f"{header}\n{surround_code(code.strip())}\n{table}{runner}",
        bars=render_bars_csv(bars),
        proof=proof,
    )


def _resamples_itself(code: str) -> bool:
    """True for a script whose own call asked for longer bars."""
    return re.search(rf"(?:^|; ){SCRIPT_RUN} = .*?['\"]timeframes['\"]", code, re.MULTILINE | re.DOTALL) is not None


def format_bar_time(bars: Bars, moment: datetime) -> str:
    """Format the time of a bar: the day alone where bars are days or longer."""
    return f"{moment:%Y-%m-%d %H:%M}" if bars.timeframe.intraday else f"{moment:%Y-%m-%d}"


def _choose_method(bars: Bars, code: str) -> str:
    """Choose how plain Backtrader computes: bar by bar where several instruments run together, or where lines are the code's own."""
    together = bool(bars.further) if bars.members else bool(bars.others)
    return "preload=False, runonce=False" if together else "runonce=False" if _has_own_lines(code) else ""


def find_final(detail: IterationDetail, half: float | None = None) -> float:
    """Find the final value that a program has to come to. Raises InputError where nothing was measured."""
    metrics = detail.iteration.metrics
    if metrics is None:
        raise InputError(f"Iteration {detail.iteration.number} of run {detail.iteration.run_id} has no figures.")
    return metrics.final_value if half is None else half


def describe_proof(proof: ExportProof) -> str:
    """Describe a proof as comment lines."""
    with_what = f"Backtrader {proof.versions.get('backtrader', BACKTRADER)}, Python {proof.versions.get('python', '')}"
    told = (
        f"Proved: on {proof.day:%Y-%m-%d} this program was run in a fresh process with plain Backtrader and the file of bars "
        f"({with_what}). It came to a final value of {proof.final:.2f}, which is what was measured."
    )
    limit = describe_proof_limit(proof)
    return "".join(f"# {line}\n" for line in wrap(f"{told} {limit}" if limit else told, HEADER_WIDTH))


def describe_proof_limit(proof: ExportProof) -> str:
    """Describe what a proof cannot promise where the process was not isolated; empty elsewhere.

    >>> describe_proof_limit(ExportProof(final=1.0, versions={}, day=date(2026, 1, 1), isolation_level=2))
    ''
    """
    if proof.isolation_level > 0:
        return ""
    return "That process was not isolated from its machine (sandbox level 0): it proves honest code, not code that means to deceive."


def _describe_numbers(code: str) -> str:
    """Describe the numbers that the program runs with, as comment lines."""
    numbers = ", ".join(f"{name}={value:g}" for name, value in read_parameters(code).items())
    return (
        "".join(f"# {line}\n" for line in wrap(_to_one_line(f"Numbers as run: {numbers}.", longest=2_000), HEADER_WIDTH)) if numbers else ""
    )


def _render_seeds(code: str) -> str:
    """Render the seeds that random numbers begin with, for code that draws any."""
    if "random" not in code:
        return ""
    numpy = "\n    import numpy\n\n    numpy.random.seed(0)" if "numpy" in code or "np." in code else ""
    return SEEDS.substitute(seed=0, numpy=numpy)


def _uses_hashes(code: str) -> bool:
    """True when code may depend on the hashes of words: it names what goes by them, or writes a set."""
    nodes = list(ast.walk(parse_module_tree(code)))
    named = any(isinstance(node, ast.Name) and node.id in ORDERED_BY_HASH for node in nodes)
    return named or any(isinstance(node, ast.Set | ast.SetComp) for node in nodes)


def describe_assessment(found: Assessment) -> str:
    """Describe an assessment as comment lines: figures, luck, hold-out, risk."""
    figures = describe_figures(found.metrics, LEAD_FIGURES, missing="not defined") if found.metrics else "none"
    luck = "; ".join(f"{said.name} {said.figure}" for said in list_luck_statements(found))
    tried = describe_tries(found)
    told = [*describe_verdict(found), f"In training: {figures}.", f"Luck: {luck}. {tried}" if luck else tried, *describe_gaps(found)]
    if found.hold_out is not None:
        told.append(f"Hold-out: {found.hold_out.about} {found.hold_out.sentence}")
    told.append(found.risk)
    return "\n".join(f"# {line}" for text in told for line in wrap(_to_one_line(text, longest=2_000), HEADER_WIDTH))


def render_bars_csv(bars: Bars) -> str:
    """Render bars as CSV text, numbers so that reading them gives the same bits; each row of several instruments names its own."""
    if bars.others:
        listed = {one.instrument.symbol: one for one in reversed(bars.others if bars.members else bars.instruments)}
        parts = [(one.instrument.symbol, render_bars_csv(one.drop_repeated()).splitlines()) for one in reversed(listed.values())]
        rows = [f"{row},{_quote(symbol)}" for symbol, lines in parts for row in lines[1:]]
        return "\n".join([",".join(("time", *PRICE_COLUMNS, "instrument")), *rows]) + "\n"
    times = bars.time.astype("datetime64[s]").astype(str) if bars.timeframe.intraday else bars.time.astype("datetime64[D]").astype(str)
    columns = [getattr(bars, name).tolist() for name in PRICE_COLUMNS]
    lines = [",".join(("time", *PRICE_COLUMNS))]
    lines += [",".join((time, *map(repr, row))) for time, row in zip(times.tolist(), zip(*columns, strict=True), strict=True)]
    return "\n".join(lines) + "\n"


def _quote(text: str) -> str:
    """A text as a field of CSV."""
    doubled = text.replace('"', '""')
    return f'"{doubled}"' if any(mark in text for mark in ',"\n') else text


def find_strategy_name(code: str) -> str:
    """Find the name of the class that runs where the code's script names none: the last strategy. Raises InputError when there is none."""
    try:
        parsed = ParsedCode(code, parse_module_tree(code))
    except (SyntaxError, ValueError, RecursionError) as error:
        raise InputError(f"The code does not parse: {error}.") from error
    if parsed.strategy_names:
        return parsed.strategy_names[-1]
    if SCRIPT_RUN in parsed.roots:
        return "backtrader.SignalStrategy"
    raise InputError("The code holds no strategy class.")


def _has_own_lines(code: str) -> bool:
    """True when a strategy of the code has lines of its own, which plain Backtrader leaves empty when it computes in bulk."""
    parsed = ParsedCode(code, parse_module_tree(code))
    bodies = [part for node in parsed.strategies for part in node.body]
    named = any(
        isinstance(part, ast.Assign) and any(isinstance(name, ast.Name) and name.id == "lines" for name in part.targets) for part in bodies
    )
    return named or "LinePlotterIndicator" in code


def _to_one_line(text: str, *, longest: int = 200) -> str:
    """One printable line."""
    return "".join(character if character.isprintable() else " " for character in text)[:longest]


def _identifier(text: str) -> str:
    """A safe file name.

    >>> _identifier("SMA cross / 2")
    'sma_cross_2'
    """
    words = "".join(character if character.isascii() and character.isalnum() else " " for character in text.lower()).split()
    return "_".join(words)[:60] or "strategy"
