"""Progress of one instrument of a basket while a program runs on all of them: told as soon as it is done there."""

from core.domain.value import Value


class InstrumentProgress(Value):
    """One instrument on which the program is done, before anything is scored."""

    symbol: str
    total_return: float | None = None
    """Fraction of the cash that its own account has made; None when the code failed there."""
    trades: int = 0
    """Closed trades."""
