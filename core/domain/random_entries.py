"""Trades beside the same ones at random bars: kept with a look at the hold-out, and shown for what nobody selected."""

from core.domain.value import Value


class RandomEntries(Value):
    """The strategy's trades beside the same number of trades, of the same lengths and sides, at random bars."""

    earned: float
    """Mean return of a trade after costs, as a fraction of what it was worth at entry."""
    random_mean: float
    """The same for random entries, on average."""
    random_high: float
    """95% of the random draws stay below this."""
    probability: float
    """Chance that random entries earn as much or more (the p-value); small means that the timing matters."""
    draws: int
