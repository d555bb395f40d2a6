"""Progress of a backtest, while a screen waits for it."""

from collections.abc import Callable

from streamlit.delta_generator import DeltaGenerator

from core.domain.backtest import Progress


def build_progress_watcher(place: DeltaGenerator, *, per_unit: bool = False) -> Callable[[Progress], None]:
    """Build a watcher that shows bars and account value in `place`; a click elsewhere ends the wait, and the backtest with it.

    Of an account that is paid into the value is that of a unit, which `per_unit` says.
    """
    what = "a unit of the account" if per_unit else "account"

    def watch(progress: Progress) -> None:
        account = f", {what} at {progress.equity[-1]:,.0f}" if progress.equity else ""
        place.progress(min(1.0, progress.done / progress.total), text=f"{progress.done:,} of {progress.total:,} bars{account}")

    return watch
