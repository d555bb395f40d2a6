"""Volatility: ranges, bands and channels."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

VOLATILITY = IndicatorGroup(
    "Volatility and channels",
    index_by_name(
        Indicator(
            name="atr",
            title="Average true range",
            explanation="Typical size of a bar including its opening gap, in price.",
            group="volatility",
            params=(period(14),),
            lines=(OutputLine("value", Unit.DISTANCE, low=0),),
            phrase="{period}-bar average true range",
            code="bt.ind.ATR({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Wilder (1978), Wilder smoothing seeded with a simple average.",
        ),
        Indicator(
            name="natr",
            title="Normalized average true range",
            explanation="Average true range in percent of the close.",
            group="volatility",
            params=(period(14),),
            lines=(OutputLine("value", Unit.PERCENT, low=0),),
            phrase="{period}-bar average true range in percent",
            code="bt.DivByZero(100.0 * bt.ind.ATR({data}, period={period}), {data}.close, zero=0.0)",
            warmup=lambda p: p["period"] + 1,
            reference="100 atr / close.",
        ),
        Indicator(
            name="true_range",
            title="True range",
            explanation="Size of this bar including its opening gap, in price.",
            group="volatility",
            params=(),
            lines=(OutputLine("value", Unit.DISTANCE, low=0),),
            phrase="true range",
            code="bt.ind.TrueRange({data})",
            warmup=lambda p: 2,
            reference="Wilder (1978): the larger of high and the close before, less the smaller of low and the close before.",
        ),
        Indicator(
            name="stddev",
            title="Standard deviation",
            explanation="How widely the last values scatter around their mean.",
            group="volatility",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.DISTANCE, low=0),),
            phrase="{period}-bar standard deviation{of}",
            code="StandardDeviation({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Population standard deviation (divisor: period), two-pass.",
            sources=("close",),
            classes=("StandardDeviation",),
        ),
        Indicator(
            name="bbands",
            title="Bollinger bands",
            explanation="A simple average with bands some standard deviations above and below.",
            group="volatility",
            params=(period(20, low=2), Param("deviations", 2.0, 0.1, 10.0, integer=False, meaning="standard deviations")),
            lines=(
                OutputLine("mid", Unit.ANY, phrase="middle band"),
                OutputLine("upper", Unit.ANY, phrase="upper band"),
                OutputLine("lower", Unit.ANY, phrase="lower band"),
                OutputLine("width", Unit.PERCENT, low=0, phrase="width in percent of the middle"),
                OutputLine("percent_b", Unit.RATIO, phrase="%b (0 at the lower, 1 at the upper band)"),
            ),
            phrase="Bollinger bands({period}, {deviations}){of}",
            code="BollingerBands({source}, period={period}, deviations={deviations})",
            warmup=lambda p: p["period"],
            reference="Bollinger (2001), population standard deviation; %b is 0.5 where the bands meet.",
            sources=("close",),
            classes=("StandardDeviation", "BollingerBands"),
        ),
        Indicator(
            name="highest",
            title="Highest value",
            explanation="The largest value of the last bars, this one included.",
            group="volatility",
            params=(period(20),),
            lines=(OutputLine("value", Unit.ANY),),
            phrase="highest {source} of the last {period} bars",
            code="bt.ind.Highest({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Maximum over the window; write highest(high, 20)[1] for the bars before this one.",
            sources=("high",),
        ),
        Indicator(
            name="lowest",
            title="Lowest value",
            explanation="The smallest value of the last bars, this one included.",
            group="volatility",
            params=(period(20),),
            lines=(OutputLine("value", Unit.ANY),),
            phrase="lowest {source} of the last {period} bars",
            code="bt.ind.Lowest({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Minimum over the window; write lowest(low, 20)[1] for the bars before this one.",
            sources=("low",),
        ),
        Indicator(
            name="donchian",
            title="Donchian channel",
            explanation="Highest high and lowest low of the bars before this one.",
            group="volatility",
            params=(period(20),),
            lines=(
                OutputLine("upper", Unit.LEVEL, phrase="upper line"),
                OutputLine("lower", Unit.LEVEL, phrase="lower line"),
                OutputLine("mid", Unit.LEVEL, phrase="middle line"),
            ),
            phrase="{period}-bar Donchian channel",
            code="DonchianChannel({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Donchian's n-bar rule; this bar is left out, so that a close can break the channel.",
            classes=("DonchianChannel",),
        ),
        Indicator(
            name="keltner",
            title="Keltner channel",
            explanation="An exponential average with bands some average true ranges above and below.",
            group="volatility",
            params=(
                period(20),
                Param("multiple", 2.0, 0.1, 10.0, integer=False, meaning="average true ranges"),
                Param("atr", 10, 1, 200, meaning="bars of the average true range"),
            ),
            lines=(
                OutputLine("mid", Unit.LEVEL, phrase="middle line"),
                OutputLine("upper", Unit.LEVEL, phrase="upper line"),
                OutputLine("lower", Unit.LEVEL, phrase="lower line"),
            ),
            phrase="Keltner channel({period}, {multiple}, {atr})",
            code="KeltnerChannel({data}, period={period}, multiple={multiple}, atr={atr})",
            warmup=lambda p: max(p["period"], p["atr"] + 1),
            reference="Raschke's form: ema of the close, Wilder's ATR.",
            classes=("KeltnerChannel",),
        ),
    ),
    {
        "StandardDeviation": '''class StandardDeviation(Stepwise):
    """Population standard deviation, in two passes: never the root of a negative number."""

    lines = ("deviation",)
    params = (("period", 20),)

    def __init__(self):
        self.mean = bt.ind.SMA(self.data, period=self.p.period)

    def next(self):
        mean, period = self.mean[0], self.p.period
        self.lines.deviation[0] = math.sqrt(math.fsum((self.data[-i] - mean) ** 2 for i in range(period)) / period)
''',
        "BollingerBands": '''class BollingerBands(Stepwise):
    """A simple average with bands some standard deviations away, their width and the place between them."""

    lines = ("mid", "upper", "lower", "width", "percent_b")
    params = (("period", 20), ("deviations", 2.0))

    def __init__(self):
        self.mean = bt.ind.SMA(self.data, period=self.p.period)
        self.scatter = StandardDeviation(self.data, period=self.p.period)

    def next(self):
        mid, half = self.mean[0], self.p.deviations * self.scatter[0]
        self.lines.mid[0] = mid
        self.lines.upper[0] = mid + half
        self.lines.lower[0] = mid - half
        self.lines.width[0] = 200.0 * half / abs(mid) if mid else 0.0
        self.lines.percent_b[0] = (self.data[0] - mid + half) / (2.0 * half) if half else 0.5
''',
        "DonchianChannel": '''class DonchianChannel(bt.Indicator):
    """Highest high and lowest low of the bars before this one."""

    lines = ("upper", "lower", "mid")
    params = (("period", 20),)

    def __init__(self):
        self.lines.upper = bt.ind.Highest(self.data.high(-1), period=self.p.period)
        self.lines.lower = bt.ind.Lowest(self.data.low(-1), period=self.p.period)
        self.lines.mid = (self.lines.upper + self.lines.lower) / 2.0
''',
        "KeltnerChannel": '''class KeltnerChannel(bt.Indicator):
    """An exponential average with bands some average true ranges away."""

    lines = ("mid", "upper", "lower")
    params = (("period", 20), ("multiple", 2.0), ("atr", 10))

    def __init__(self):
        self.lines.mid = bt.ind.EMA(self.data.close, period=self.p.period)
        reach = self.p.multiple * bt.ind.ATR(self.data, period=self.p.atr)
        self.lines.upper = self.lines.mid + reach
        self.lines.lower = self.lines.mid - reach
''',
    },
)
