"""The sandbox as one owner's work uses it: the same, but that a process stays for the owner's next proved program."""

from collections.abc import Callable, Sequence

from core.domain.backtest import BacktestPlan, Outcome, Progress
from core.domain.bars import Bars
from core.domain.proved_program import ProvedProgram
from core.sandbox.client import Cancel
from core.sandbox.sandbox import Sandbox


class OwnersSandbox:
    """A sandbox for the programs of one owner."""

    def __init__(self, sandbox: Sandbox, owner: str) -> None:
        self._sandbox, self._owner = sandbox, owner

    def run(
        self,
        code: str,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts of a run, in processes of its own. Raises as `Sandbox.run`."""
        return self._sandbox.run(code, plan, bars, cancel=cancel, signals=signals, watch=watch)

    def run_proved(
        self,
        program: ProvedProgram,
        plan: BacktestPlan,
        bars: Bars,
        *,
        cancel: Cancel,
        signals: bool = False,
        watch: Callable[[Progress], None] | None = None,
    ) -> Outcome:
        """Facts of a proved program, in a process that stays for the next one. Raises as `Sandbox.run_proved`."""
        return self._sandbox.run_proved(program, plan, bars, cancel=cancel, signals=signals, watch=watch, owner=self._owner)

    def run_proved_all(self, programs: Sequence[ProvedProgram], plan: BacktestPlan, bars: Bars, *, cancel: Cancel) -> tuple[Outcome, ...]:
        """Facts of several proved programs, in a process of their own. Raises as `Sandbox.run_proved_all`."""
        return self._sandbox.run_proved_all(programs, plan, bars, cancel=cancel)
