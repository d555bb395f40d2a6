"""The instruments of a basket sent out as evaluations: to this machine's sandbox, or to wherever there is a place for many."""

from collections.abc import Sequence

from core.domain.backtest import BacktestPlan, Outcome, OutcomeStatus
from core.domain.bars import Bars
from core.domain.errors import RunKilledError
from core.domain.proved_program import ProvedProgram
from core.driving.fan_out import Evaluations, EvaluationTask
from core.driving.ports import Cancel
from core.driving.run_code import Report, Spread


def build_spread(evaluations: Evaluations) -> Spread:
    """Build the way to run one program on several instruments as one evaluation each."""

    def run(
        code: str | ProvedProgram, plan: BacktestPlan, members: Sequence[Bars], *, cancel: Cancel, report: Report
    ) -> list[Outcome] | None:
        found: dict[int, Outcome] = {}
        proved = code if isinstance(code, ProvedProgram) else None
        text = code.code if isinstance(code, ProvedProgram) else code
        for place, made in evaluations.run_all([EvaluationTask(text, plan, own, proved=proved) for own in members], cancel=cancel):
            if made.outcome.status is OutcomeStatus.SUPERVISOR_DIED:
                raise RunKilledError(made.fault.message if made.fault else "The run's processes were killed by the machine.")
            found[place] = made.outcome
            report(place, made.outcome)
        return None if cancel.is_set() or len(found) < len(members) else [found[place] for place in range(len(members))]

    return run
