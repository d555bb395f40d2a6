"""The bar that a value is read on, while an expression is compiled."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BarOffset:
    """The bar that a value is read on: so many bars ago, counted from a loop variable when one is running, on one feed."""

    ago: int = 0
    loop: str = ""
    feed: int = 0
    outer: "BarOffset | None" = None
    """Expression of the run's own bars, while reading a higher timeframe."""
    spans: tuple[int | str, ...] = ()
    """Number of passes of each running loop: a number, or Python."""

    def earlier(self, bars: int) -> "BarOffset":
        return BarOffset(self.ago + bars, self.loop, self.feed, self.outer, self.spans)

    def add_loop(self, loop: str, span: int | str) -> "BarOffset":
        return BarOffset(self.ago, f"{self.loop} + {loop}" if self.loop else loop, self.feed, self.outer, (*self.spans, span))

    @property
    def bars(self) -> str:
        """Bars ago as Python: `0`, `3`, `i + 1`."""
        if not self.loop:
            return str(self.ago)
        return f"{self.loop} + {self.ago}" if self.ago else self.loop

    @property
    def index(self) -> str:
        """Index into a line: `0`, `-3`, `-i - 1`, or a place in a higher timeframe."""
        own = "".join(f" - {part}" for part in [*self.loop.split(" + "), str(self.ago)] if part not in ("", "0"))
        if self.outer is not None:
            back = self.outer.bars
            place = f"self.completed({self.feed})" if back == "0" else f"self.completed({self.feed}, {back})"
            return place + own
        return own[1:].replace("- ", "-", 1) if own else "0"
