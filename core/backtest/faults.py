"""The one exception that the engine itself raises inside a strategy's run: something the code did that can have no honest meaning."""


class StrategyFaultError(Exception):
    """A mistake of the strategy, already in words that its author can act on."""

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
