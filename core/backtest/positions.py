"""Arithmetic of one position, as the simulator does it. No Backtrader here."""


def combine(held: float, paid: float, size: float, price: float) -> tuple[float, float, float, float]:
    """Combine a position with an execution: size and price of the new position, and the units that were opened and closed.

    >>> combine(10, 5.0, -15, 6.0)
    (-5, 6.0, -5, -10)
    """
    total = held + size
    if not total:
        return total, 0.0, 0, size
    if not held:
        return total, price, size, 0
    if (held > 0) is (size > 0):
        return total, (paid * held + size * price) / total, size, 0
    if (held > 0) is (total > 0):
        return total, paid, 0, size
    return total, price, total, -held
