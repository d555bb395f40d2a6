"""Trend: direction and strength, stop-and-reverse lines, clouds, swing points."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

_DI = (
    "DirectionalMovement({data}, period={period})",
    "Wilder (1978), Wilder smoothing of directional movement and true range; 0 where nothing moved.",
)

TREND = IndicatorGroup(
    "Trend",
    index_by_name(
        Indicator(
            name="adx",
            title="Average directional index",
            explanation="Strength of the trend whatever its direction, 0 to 100; above 25 is usually called a trend.",
            group="trend",
            params=(period(14),),
            lines=(
                OutputLine("adx", Unit.OSCILLATOR, 0, 100, "line"),
                OutputLine("plus_di", Unit.OSCILLATOR, 0, 100, "+DI"),
                OutputLine("minus_di", Unit.OSCILLATOR, 0, 100, "-DI"),
            ),
            phrase="{period}-bar ADX",
            code=_DI[0],
            warmup=lambda p: 2 * p["period"],
            reference=_DI[1],
            classes=("DirectionalMovement",),
        ),
        Indicator(
            name="plus_di",
            title="Plus directional indicator",
            explanation="Share of upward movement, 0 to 100.",
            group="trend",
            params=(period(14),),
            lines=(OutputLine("plus_di", Unit.OSCILLATOR, 0, 100),),
            phrase="{period}-bar +DI",
            code=_DI[0] + ".plus_di",
            warmup=lambda p: 2 * p["period"],
            reference=_DI[1],
            classes=("DirectionalMovement",),
        ),
        Indicator(
            name="minus_di",
            title="Minus directional indicator",
            explanation="Share of downward movement, 0 to 100.",
            group="trend",
            params=(period(14),),
            lines=(OutputLine("minus_di", Unit.OSCILLATOR, 0, 100),),
            phrase="{period}-bar -DI",
            code=_DI[0] + ".minus_di",
            warmup=lambda p: 2 * p["period"],
            reference=_DI[1],
            classes=("DirectionalMovement",),
        ),
        Indicator(
            name="aroon",
            title="Aroon",
            explanation="How recent the highest high (up) and the lowest low (down) are, 0 to 100; the oscillator is up less down.",
            group="trend",
            params=(period(25, low=2),),
            lines=(
                OutputLine("up", Unit.OSCILLATOR, 0, 100, "up line"),
                OutputLine("down", Unit.OSCILLATOR, 0, 100, "down line"),
                OutputLine("oscillator", Unit.OSCILLATOR, -100, 100, "oscillator"),
            ),
            phrase="{period}-bar Aroon",
            code="Aroon({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Chande (1995): 100 (period - bars since the extreme) / period, over period + 1 bars; of equals the latest counts.",
            classes=("Aroon",),
        ),
        Indicator(
            name="vortex",
            title="Vortex",
            explanation="Upward and downward movement against the true range; the larger line names the trend.",
            group="trend",
            params=(period(14, low=2),),
            lines=(OutputLine("plus", Unit.RATIO, 0, None, "plus line"), OutputLine("minus", Unit.RATIO, 0, None, "minus line")),
            phrase="{period}-bar vortex",
            code="Vortex({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Botes and Siepman (2010); 1 where nothing moved.",
            classes=("Vortex",),
        ),
        Indicator(
            name="choppiness",
            title="Choppiness index",
            explanation="Sideways (near 100) or trending (near 0) movement.",
            group="trend",
            params=(period(14, low=2),),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
            phrase="{period}-bar choppiness index",
            code="Choppiness({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Dreiss: 100 log10(sum of true ranges / range) / log10(period), kept within 0 and 100; 100 on a flat stretch.",
            classes=("Choppiness",),
        ),
        Indicator(
            name="psar",
            title="Parabolic stop and reverse",
            explanation="A stop line that closes in on the price and flips sides when it is touched; direction is 1 up, -1 down.",
            group="trend",
            params=(
                Param("step", 0.02, 0.001, 0.5, integer=False, meaning="acceleration added at each new extreme"),
                Param("maximum", 0.2, 0.01, 1.0, integer=False, meaning="largest acceleration"),
            ),
            lines=(
                OutputLine("value", Unit.LEVEL, phrase="line", attribute="sar"),
                OutputLine("direction", Unit.RATIO, -1, 1, "direction"),
            ),
            phrase="parabolic SAR({step}, {maximum})",
            code="ParabolicSAR({data}, step={step}, maximum={maximum})",
            warmup=lambda p: 2,
            reference="Wilder (1978); starts in the direction of the first directional movement, up when there is none.",
            classes=("ParabolicSAR",),
        ),
        Indicator(
            name="supertrend",
            title="Supertrend",
            explanation="A trailing line some average true ranges from the bar's middle; direction is 1 up, -1 down.",
            group="trend",
            params=(period(10), Param("multiple", 3.0, 0.1, 20.0, integer=False, meaning="average true ranges")),
            lines=(
                OutputLine("value", Unit.LEVEL, phrase="line", attribute="line"),
                OutputLine("direction", Unit.RATIO, -1, 1, "direction"),
            ),
            phrase="supertrend({period}, {multiple})",
            code="Supertrend({data}, period={period}, multiple={multiple})",
            warmup=lambda p: p["period"] + 1,
            reference="Seban; Wilder's ATR, bands only tighten while the close stays inside; starts up.",
            classes=("Supertrend",),
        ),
        Indicator(
            name="ichimoku",
            title="Ichimoku cloud",
            explanation="Conversion and base line, and the cloud between the two spans as it lies under the present bar.",
            group="trend",
            params=(
                Param("tenkan", 9, 1, 200, meaning="bars of the conversion line"),
                Param("kijun", 26, 2, 400, meaning="bars of the base line, and the shift of the cloud"),
                Param("senkou", 52, 3, 500, meaning="bars of span B"),
            ),
            lines=(
                OutputLine("tenkan", Unit.LEVEL, phrase="conversion line"),
                OutputLine("kijun", Unit.LEVEL, phrase="base line"),
                OutputLine("senkou_a", Unit.LEVEL, phrase="span A"),
                OutputLine("senkou_b", Unit.LEVEL, phrase="span B"),
            ),
            phrase="Ichimoku({tenkan}, {kijun}, {senkou})",
            code="Ichimoku({data}, tenkan={tenkan}, kijun={kijun}, senkou={senkou})",
            warmup=lambda p: max(p["tenkan"], p["kijun"], p["senkou"]) + p["kijun"],
            reference="Hosoda (1969); spans of kijun bars ago, so that no future shows; for the lagging line write close > close[26].",
            classes=("Ichimoku",),
            ordered=("tenkan", "kijun", "senkou"),
        ),
        Indicator(
            name="heikin_ashi",
            title="Heikin-Ashi bars",
            explanation="Averaged bars that hide noise: open, high, low and close of their own.",
            group="trend",
            params=(),
            lines=(
                OutputLine("close", Unit.LEVEL, phrase="close", attribute="ha_close"),
                OutputLine("open", Unit.LEVEL, phrase="open", attribute="ha_open"),
                OutputLine("high", Unit.LEVEL, phrase="high", attribute="ha_high"),
                OutputLine("low", Unit.LEVEL, phrase="low", attribute="ha_low"),
            ),
            phrase="Heikin-Ashi bar",
            code="HeikinAshi({data})",
            warmup=lambda p: 1,
            reference="Valcu, Stocks & Commodities (February 2004); the first open is the middle of the first bar's open and close.",
            classes=("HeikinAshi",),
        ),
        Indicator(
            name="chandelier",
            title="Chandelier exit",
            explanation="Stop lines some average true ranges under the highest high (long) and over the lowest low (short).",
            group="trend",
            params=(period(22), Param("multiple", 3.0, 0.1, 20.0, integer=False, meaning="average true ranges")),
            lines=(OutputLine("long", Unit.LEVEL, phrase="long stop"), OutputLine("short", Unit.LEVEL, phrase="short stop")),
            phrase="chandelier exit({period}, {multiple})",
            code="Chandelier({data}, period={period}, multiple={multiple})",
            warmup=lambda p: p["period"] + 1,
            reference="LeBeau; one period for the extreme and Wilder's ATR.",
            classes=("Chandelier",),
        ),
    ),
    {
        "DirectionalMovement": '''class DirectionalMovement(bt.Indicator):
    """Wilder's directional movement: ADX with both directional indicators; 0 where nothing moved."""

    lines = ("adx", "plus_di", "minus_di")
    params = (("period", 14),)

    def __init__(self):
        up = self.data.high - self.data.high(-1)
        down = self.data.low(-1) - self.data.low
        reach = bt.ind.ATR(self.data, period=self.p.period)
        plus = bt.ind.SMMA(bt.If(bt.And(up > down, up > 0.0), up, 0.0), period=self.p.period)
        minus = bt.ind.SMMA(bt.If(bt.And(down > up, down > 0.0), down, 0.0), period=self.p.period)
        self.lines.plus_di = bt.DivByZero(100.0 * plus, reach, zero=0.0)
        self.lines.minus_di = bt.DivByZero(100.0 * minus, reach, zero=0.0)
        away = abs(self.lines.plus_di - self.lines.minus_di)
        share = bt.DivByZero(100.0 * away, self.lines.plus_di + self.lines.minus_di, zero=0.0)
        self.lines.adx = bt.ind.SMMA(share, period=self.p.period)
''',
        "Aroon": '''class Aroon(Stepwise):
    """How recent the highest high and the lowest low are."""

    lines = ("up", "down", "oscillator")
    params = (("period", 25),)

    def __init__(self):
        self.addminperiod(self.p.period + 1)

    def next(self):
        period, high, low = self.p.period, self.data.high, self.data.low
        top = max(range(period + 1), key=lambda ago: (high[-ago], -ago))
        bottom = min(range(period + 1), key=lambda ago: (low[-ago], ago))
        self.lines.up[0] = 100.0 * (period - top) / period
        self.lines.down[0] = 100.0 * (period - bottom) / period
        self.lines.oscillator[0] = self.lines.up[0] - self.lines.down[0]
''',
        "Vortex": '''class Vortex(bt.Indicator):
    """Movement between opposite extremes of neighbouring bars, against the true range; 1 where nothing moved."""

    lines = ("plus", "minus")
    params = (("period", 14),)

    def __init__(self):
        reach = bt.ind.SumN(bt.ind.TrueRange(self.data), period=self.p.period)
        plus = bt.ind.SumN(abs(self.data.high - self.data.low(-1)), period=self.p.period)
        minus = bt.ind.SumN(abs(self.data.low - self.data.high(-1)), period=self.p.period)
        self.lines.plus = bt.DivByZero(plus, reach, zero=1.0)
        self.lines.minus = bt.DivByZero(minus, reach, zero=1.0)
''',
        "Choppiness": '''class Choppiness(Stepwise):
    """Way against range, on a logarithmic scale from 0 to 100; 100 on a flat stretch."""

    lines = ("choppiness",)
    params = (("period", 14),)

    def __init__(self):
        self.way = bt.ind.SumN(bt.ind.TrueRange(self.data), period=self.p.period)
        self.top = bt.ind.Highest(self.data.high, period=self.p.period)
        self.bottom = bt.ind.Lowest(self.data.low, period=self.p.period)

    def next(self):
        span, way = self.top[0] - self.bottom[0], self.way[0]
        value = 100.0 * math.log10(way / span) / math.log10(self.p.period) if span > 0 and way > 0 else 100.0
        self.lines.choppiness[0] = min(max(value, 0.0), 100.0)
''',
        "ParabolicSAR": '''class ParabolicSAR(Stepwise):
    """Wilder's parabolic stop and reverse."""

    lines = ("sar", "direction", "extreme", "acceleration", "following")
    params = (("step", 0.02), ("maximum", 0.2))

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        high, low = self.data.high, self.data.low
        if low[-1] - low[0] > max(high[0] - high[-1], 0.0):
            self.step(-1.0, high[-1], low[0], self.p.step, 0)
        else:
            self.step(1.0, low[-1], high[0], self.p.step, 0)

    def next(self):
        self.step(self.lines.direction[-1], self.lines.following[-1], self.lines.extreme[-1], self.lines.acceleration[-1], 1)

    def step(self, side, sar, extreme, pace, back):
        high, low = self.data.high, self.data.low
        if (low[0] <= sar) if side > 0 else (high[0] >= sar):
            side, sar, pace = -side, extreme, self.p.step
            sar = max(sar, high[0], high[-back]) if side < 0 else min(sar, low[0], low[-back])
            extreme = low[0] if side < 0 else high[0]
            following = sar + pace * (extreme - sar)
            following = max(following, high[0], high[-back]) if side < 0 else min(following, low[0], low[-back])
        else:
            if (high[0] > extreme) if side > 0 else (low[0] < extreme):
                extreme = high[0] if side > 0 else low[0]
                pace = min(pace + self.p.step, self.p.maximum)
            following = sar + pace * (extreme - sar)
            following = min(following, low[0], low[-back]) if side > 0 else max(following, high[0], high[-back])
        self.lines.sar[0], self.lines.direction[0], self.lines.extreme[0] = sar, side, extreme
        self.lines.acceleration[0], self.lines.following[0] = pace, following
''',
        "Supertrend": '''class Supertrend(Stepwise):
    """A trailing line some average true ranges from the bar's middle."""

    lines = ("line", "direction", "upper", "lower")
    params = (("period", 10), ("multiple", 3.0))

    def __init__(self):
        self.reach = bt.ind.ATR(self.data, period=self.p.period)

    def nextstart(self):
        upper, lower = self.bands()
        self.settle(upper, lower, 1.0)

    def next(self):
        upper, lower = self.bands()
        before = self.data.close[-1]
        if upper > self.lines.upper[-1] and before <= self.lines.upper[-1]:
            upper = self.lines.upper[-1]
        if lower < self.lines.lower[-1] and before >= self.lines.lower[-1]:
            lower = self.lines.lower[-1]
        side, close = self.lines.direction[-1], self.data.close[0]
        side = (-1.0 if close < lower else 1.0) if side > 0 else (1.0 if close > upper else -1.0)
        self.settle(upper, lower, side)

    def bands(self):
        middle, reach = (self.data.high[0] + self.data.low[0]) / 2.0, self.p.multiple * self.reach[0]
        return middle + reach, middle - reach

    def settle(self, upper, lower, side):
        self.lines.upper[0], self.lines.lower[0], self.lines.direction[0] = upper, lower, side
        self.lines.line[0] = lower if side > 0 else upper
''',
        "Ichimoku": '''class Ichimoku(bt.Indicator):
    """Conversion line, base line, and the cloud as it lies under the present bar."""

    lines = ("tenkan", "kijun", "senkou_a", "senkou_b")
    params = (("tenkan", 9), ("kijun", 26), ("senkou", 52))

    def __init__(self):
        tenkan, kijun = self.middle(self.p.tenkan), self.middle(self.p.kijun)
        self.lines.tenkan = tenkan
        self.lines.kijun = kijun
        self.lines.senkou_a = ((tenkan + kijun) / 2.0)(-self.p.kijun)
        self.lines.senkou_b = self.middle(self.p.senkou)(-self.p.kijun)

    def middle(self, period):
        return (bt.ind.Highest(self.data.high, period=period) + bt.ind.Lowest(self.data.low, period=period)) / 2.0
''',
        "HeikinAshi": '''class HeikinAshi(Stepwise):
    """Averaged bars."""

    lines = ("ha_close", "ha_open", "ha_high", "ha_low")

    def nextstart(self):
        self.step((self.data.open[0] + self.data.close[0]) / 2.0)

    def next(self):
        self.step((self.lines.ha_open[-1] + self.lines.ha_close[-1]) / 2.0)

    def step(self, start):
        end = (self.data.open[0] + self.data.high[0] + self.data.low[0] + self.data.close[0]) / 4.0
        self.lines.ha_open[0], self.lines.ha_close[0] = start, end
        self.lines.ha_high[0] = max(self.data.high[0], start, end)
        self.lines.ha_low[0] = min(self.data.low[0], start, end)
''',
        "Chandelier": '''class Chandelier(bt.Indicator):
    """Stop lines hung from the highest high and set over the lowest low."""

    lines = ("long", "short")
    params = (("period", 22), ("multiple", 3.0))

    def __init__(self):
        reach = self.p.multiple * bt.ind.ATR(self.data, period=self.p.period)
        self.lines.long = bt.ind.Highest(self.data.high, period=self.p.period) - reach
        self.lines.short = bt.ind.Lowest(self.data.low, period=self.p.period) + reach
''',
    },
)
