"""Names of what is compared, by which runs and markets are told apart in as few words as do."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from core.domain.run import Run
from core.report.labels import TIMEFRAME


def name_runs(runs: Sequence[Run]) -> dict[str, str]:
    """Name runs so that they are told apart: by instrument and timeframe where these differ, by the beginning of the id else; nothing
    where there is one.

    Of a basket the first instrument is named, and how many there are beside it.
    """
    known = {run.id: run for run in runs}
    if len(known) < 2:
        return {}
    named = {run.id: run.plan.workflow.name or run.plan.bars.subject for run in known.values()}
    if len({run.plan.bars.subject for run in known.values()}) > 1:
        named = {run_id: f"{name} {_name_instruments(known[run_id])}".strip() for run_id, name in named.items()}
    named = {run_id: f"{name} {_name_timeframe(known[run_id], known.values())}".strip() for run_id, name in named.items()}
    times = Counter(named.values())
    return {run_id: f"{name} {run_id[:4]}" if times[name] > 1 else name for run_id, name in named.items()}


def name_markets(runs: Mapping[tuple[str, str], Run]) -> dict[tuple[str, str], str]:
    """Name buy and hold of each bars so that they are told apart: by instrument, timeframe and years where these differ, else by a run
    that has them."""
    several = len({run.plan.bars.subject for run in runs.values()}) > 1
    named = {}
    for key, run in runs.items():
        words = ("Buy and hold", run.plan.bars.subject if several else "", _name_timeframe(run, runs.values()))
        named[key] = " ".join(word for word in words if word)
    for further in (_name_years, lambda run: run.id[:4]):
        times = Counter(named.values())
        named = {key: f"{name} {further(runs[key])}".strip() if times[name] > 1 else name for key, name in named.items()}
    return named


def _name_instruments(run: Run) -> str:
    if not run.plan.workflow.name and not run.plan.bars.basket:
        return ""  # the instrument is what it is called by already
    further = len(run.plan.bars.members) - 1
    return f"{run.plan.bars.members[0].subject}{f' + {further}' if further else ''}"


def _name_timeframe(run: Run, others: Iterable[Run]) -> str:
    if len({other.plan.bars.timeframe for other in others}) < 2:
        return ""
    return TIMEFRAME[run.plan.bars.timeframe].lower()


def _name_years(run: Run) -> str:
    bars = run.plan.bars
    return " to ".join(f"{day:%Y}" for day in (bars.start, bars.end) if day is not None)
