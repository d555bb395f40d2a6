"""Swing points: the last and the one before, lines through two, divergence, retracement; and two lines that follow the price."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

_SIDES = (
    Param("left", 3, 1, 100, meaning="bars on the left"),
    Param("right", 3, 1, 100, meaning="bars on the right"),
)
_AROUND = "({left} bars before and {right} after each)"


def _swing(name: str, title: str, explanation: str, phrase: str, *, high: bool, line: str) -> Indicator:
    """Something that is read from the last two swing highs or lows."""
    return Indicator(
        name=name,
        title=title,
        explanation=explanation,
        group="trend",
        params=_SIDES,
        lines=(OutputLine("value", Unit.LEVEL),),
        phrase=f"{phrase} {_AROUND}",
        code=f"SwingPair({{data}}.{'high' if high else 'low'}, left={{left}}, right={{right}}, side={1 if high else -1}).{line}",
        warmup=lambda p: p["left"] + p["right"] + 1,
        reference="Fractal pivots, known once their right side is complete; no value before there are two.",
        classes=("SwingPair",),
    )


def _divergence(name: str, title: str, explanation: str, phrase: str, *, high: bool) -> Indicator:
    """A swing of the price that an oscillator does not confirm."""
    return Indicator(
        name=name,
        title=title,
        explanation=explanation,
        group="trend",
        params=_SIDES,
        lines=(OutputLine("value", Unit.FLAG, 0, 1),),
        phrase=f"{phrase} of the {{source}} {_AROUND}",
        code=f"Divergence({{data}}.{'high' if high else 'low'}, {{source}}, left={{left}}, right={{right}}, side={1 if high else -1})",
        warmup=lambda p: p["left"] + p["right"] + 1,
        reference="Seen on the bar on which the second swing is confirmed, so many bars after it; 0 before there are two.",
        sources=("rsi(14)",),
        classes=("Divergence",),
    )


SWINGS = IndicatorGroup(
    "Swing points and following lines",
    index_by_name(
        Indicator(
            name="swing_high",
            title="Swing high",
            explanation="Last confirmed swing high: above the bars on both sides, known only when the right side is complete.",
            group="trend",
            params=(Param("left", 3, 1, 100, meaning="bars on the left"), Param("right", 3, 1, 100, meaning="bars on the right")),
            lines=(OutputLine("value", Unit.LEVEL),),
            phrase="last swing high ({left} lower bars before it, {right} after it)",
            code="SwingPoint({data}.high, left={left}, right={right}, side=1)",
            warmup=lambda p: p["left"] + p["right"] + 1,
            reference="Fractal pivot, strictly higher than its neighbors; no value before the first one.",
            classes=("SwingPoint",),
        ),
        Indicator(
            name="swing_low",
            title="Swing low",
            explanation="Last confirmed swing low: below the bars on both sides, known only when the right side is complete.",
            group="trend",
            params=(Param("left", 3, 1, 100, meaning="bars on the left"), Param("right", 3, 1, 100, meaning="bars on the right")),
            lines=(OutputLine("value", Unit.LEVEL),),
            phrase="last swing low ({left} higher bars before it, {right} after it)",
            code="SwingPoint({data}.low, left={left}, right={right}, side=-1)",
            warmup=lambda p: p["left"] + p["right"] + 1,
            reference="Fractal pivot, strictly lower than its neighbors; no value before the first one.",
            classes=("SwingPoint",),
        ),
        _swing(
            "previous_swing_high",
            "Swing high before the last",
            "The confirmed swing high before the last one.",
            "swing high before the last",
            high=True,
            line="before",
        ),
        _swing(
            "previous_swing_low",
            "Swing low before the last",
            "The confirmed swing low before the last one.",
            "swing low before the last",
            high=False,
            line="before",
        ),
        _swing(
            "swing_high_line",
            "Line through two swing highs",
            "The straight line through the last two swing highs, drawn on to this bar: a resistance line.",
            "line through the last two swing highs",
            high=True,
            line="drawn",
        ),
        _swing(
            "swing_low_line",
            "Line through two swing lows",
            "The straight line through the last two swing lows, drawn on to this bar: a support line.",
            "line through the last two swing lows",
            high=False,
            line="drawn",
        ),
        _divergence(
            "bullish_divergence",
            "Bullish divergence",
            "A lower swing low of the price while the oscillator makes a higher one.",
            "bullish divergence",
            high=False,
        ),
        _divergence(
            "bearish_divergence",
            "Bearish divergence",
            "A higher swing high of the price while the oscillator makes a lower one.",
            "bearish divergence",
            high=True,
        ),
        Indicator(
            name="retracement",
            title="Retracement",
            explanation="Share of the last swing that the close has given back, in percent: 0 at its end, 100 at its beginning.",
            group="trend",
            params=_SIDES,
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase=f"share of the last swing that is given back {_AROUND}",
            code="Retracement({data}, left={left}, right={right})",
            warmup=lambda p: p["left"] + p["right"] + 1,
            reference="Between the last swing high and low; up when the high is the later one. No value before there are both.",
            classes=("Retracement",),
        ),
        Indicator(
            name="atr_trailing_stop",
            title="ATR trailing stop",
            explanation="A line some average true ranges behind the close that changes sides when the close crosses it.",
            group="trend",
            params=(period(14), Param("multiple", 2.5, 0.1, 20.0, integer=False, meaning="multiple of the average true range")),
            lines=(OutputLine("line", Unit.LEVEL, phrase="line"), OutputLine("direction", Unit.RATIO, -1, 1, "direction")),
            phrase="ATR trailing stop({period}, {multiple})",
            code="AtrTrailingStop({data}, period={period}, multiple={multiple})",
            warmup=lambda p: p["period"] + 1,
            reference="Wilder's volatility system (1978): never moves back before a close crosses it; direction 1 while it lies below.",
            classes=("AtrTrailingStop",),
        ),
        Indicator(
            name="kalman",
            title="Kalman filter",
            explanation="A local level that follows the series the faster, the more of its movement is taken for signal.",
            group="average",
            params=(Param("signal", 0.05, 0.0001, 100.0, integer=False, meaning="variance of the signal over that of the noise"),),
            lines=(OutputLine("kalman", Unit.ANY),),
            phrase="Kalman filter({signal}){of}",
            code="KalmanFilter({source}, signal={signal})",
            warmup=lambda p: 1,
            reference="Kalman (1960), local-level model with one ratio of variances; it begins at the first value.",
            sources=("close",),
            classes=("KalmanFilter",),
        ),
    ),
    {
        "SwingPoint": '''class SwingPoint(Stepwise):
    """The last value that stood out on both sides, from the bar on which its right side is complete."""

    lines = ("point",)
    params = (("left", 3), ("right", 3), ("side", 1))

    def __init__(self):
        self.addminperiod(self.p.left + self.p.right + 1)

    def nextstart(self):
        self.step(math.nan)

    def next(self):
        self.step(self.lines.point[-1])

    def step(self, known):
        middle, side = self.data[-self.p.right], self.p.side
        around = [ago for ago in range(self.p.left + self.p.right + 1) if ago != self.p.right]
        stands_out = all(side * (middle - self.data[-ago]) > 0 for ago in around)
        self.lines.point[0] = middle if stands_out else known
''',
        "SwingPair": '''class SwingPair(Stepwise):
    """The swing point before the last one, and the line through both as it stands on the present bar."""

    lines = ("before", "drawn", "last", "last_at", "before_at", "bar")
    params = (("left", 3), ("right", 3), ("side", 1))

    def __init__(self):
        self.addminperiod(self.p.left + self.p.right + 1)

    def nextstart(self):
        self.step(math.nan, math.nan, math.nan, math.nan, float(self.p.left + self.p.right))

    def next(self):
        lines = self.lines
        self.step(lines.last[-1], lines.last_at[-1], lines.before[-1], lines.before_at[-1], lines.bar[-1] + 1.0)

    def step(self, last, last_at, before, before_at, bar):
        lines, middle, side = self.lines, self.data[-self.p.right], self.p.side
        around = [ago for ago in range(self.p.left + self.p.right + 1) if ago != self.p.right]
        if all(side * (middle - self.data[-ago]) > 0 for ago in around):
            before, before_at, last, last_at = last, last_at, middle, bar - self.p.right
        lines.last[0], lines.last_at[0], lines.before[0], lines.before_at[0], lines.bar[0] = last, last_at, before, before_at, bar
        lines.drawn[0] = last + (last - before) / (last_at - before_at) * (bar - last_at)
''',
        "Divergence": '''class Divergence(Stepwise):
    """1 on the bar that confirms a swing of the price beyond the one before, which the other series does not follow."""

    _mindatas = 2
    lines = ("found", "price", "other")
    params = (("left", 3), ("right", 3), ("side", 1))

    def __init__(self):
        self.addminperiod(self.p.left + self.p.right + 1)

    def nextstart(self):
        self.step(math.nan, math.nan)

    def next(self):
        self.step(self.lines.price[-1], self.lines.other[-1])

    def step(self, price, other):
        lines, back, side = self.lines, self.p.right, self.p.side
        middle, beside = self.data[-back], self.data1[-back]
        lines.found[0] = 0.0
        around = [ago for ago in range(self.p.left + self.p.right + 1) if ago != back]
        if all(side * (middle - self.data[-ago]) > 0 for ago in around):
            lines.found[0] = float(side * (middle - price) > 0 and side * (beside - other) < 0)
            price, other = middle, beside
        lines.price[0], lines.other[0] = price, other
''',
        "Retracement": '''class Retracement(Stepwise):
    """How much of the move between the last swing high and low the close has given back, in percent."""

    lines = ("share", "top", "bottom", "rising")
    params = (("left", 3), ("right", 3))

    def __init__(self):
        self.addminperiod(self.p.left + self.p.right + 1)

    def nextstart(self):
        self.step(math.nan, math.nan, 1.0)

    def next(self):
        self.step(self.lines.top[-1], self.lines.bottom[-1], self.lines.rising[-1])

    def step(self, top, bottom, rising):
        lines, back = self.lines, self.p.right
        around = [ago for ago in range(self.p.left + self.p.right + 1) if ago != back]
        high, low = self.data.high, self.data.low
        if all(high[-back] > high[-ago] for ago in around):
            top, rising = high[-back], 1.0
        if all(low[-back] < low[-ago] for ago in around):
            bottom, rising = low[-back], 0.0
        lines.top[0], lines.bottom[0], lines.rising[0] = top, bottom, rising
        away = top - self.data.close[0] if rising else self.data.close[0] - bottom
        lines.share[0] = 100.0 * away / (top - bottom) if top != bottom else math.nan
''',
        "AtrTrailingStop": '''class AtrTrailingStop(Stepwise):
    """A line some average true ranges behind the close, on the other side once the close has crossed it."""

    lines = ("line", "direction")
    params = (("period", 14), ("multiple", 2.5))

    def __init__(self):
        self.reach = bt.ind.ATR(self.data, period=self.p.period)

    def nextstart(self):
        self.lines.line[0], self.lines.direction[0] = self.data.close[0] - self.p.multiple * self.reach[0], 1.0

    def next(self):
        close, line, side = self.data.close[0], self.lines.line[-1], self.lines.direction[-1]
        reach = self.p.multiple * self.reach[0]
        crossed = close < line if side > 0 else close > line
        side = -side if crossed else side
        level = close - side * reach
        self.lines.line[0] = level if crossed else max(level, line) if side > 0 else min(level, line)
        self.lines.direction[0] = side
''',
        "KalmanFilter": '''class KalmanFilter(Stepwise):
    """The level of a series, seen through noise."""

    lines = ("level", "doubt")
    params = (("signal", 0.05),)

    def nextstart(self):
        self.lines.level[0], self.lines.doubt[0] = self.data[0], 1.0

    def next(self):
        doubt = self.lines.doubt[-1] + self.p.signal
        gain = doubt / (doubt + 1.0)
        self.lines.level[0] = self.lines.level[-1] + gain * (self.data[0] - self.lines.level[-1])
        self.lines.doubt[0] = (1.0 - gain) * doubt
''',
    },
)
