"""Momentum: how fast and how far the price has moved, on no fixed scale."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

MOMENTUM = IndicatorGroup(
    "Momentum",
    index_by_name(
        Indicator(
            name="roc",
            title="Rate of change",
            explanation="Change over the period in percent.",
            group="oscillator",
            params=(period(12),),
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase="{period}-bar rate of change{of}",
            code="RateOfChange({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="100 (x / x[period] - 1); 0 where x[period] is 0.",
            sources=("close",),
            classes=("RateOfChange",),
        ),
        Indicator(
            name="momentum",
            title="Momentum",
            explanation="Change over the period in price.",
            group="oscillator",
            params=(period(12),),
            lines=(OutputLine("value", Unit.DISTANCE),),
            phrase="{period}-bar momentum{of}",
            code="bt.ind.Momentum({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="x - x[period].",
            sources=("close",),
        ),
        Indicator(
            name="macd",
            title="MACD",
            explanation="Distance of a fast from a slow exponential average, its signal line, and the difference of the two.",
            group="oscillator",
            params=(
                Param("fast", 12, 1, 200, meaning="bars of the fast average"),
                Param("slow", 26, 2, 400, meaning="bars of the slow average"),
                Param("signal", 9, 1, 200, meaning="bars of the signal line"),
            ),
            lines=(
                OutputLine("macd", Unit.DISTANCE, phrase="line"),
                OutputLine("signal", Unit.DISTANCE, phrase="signal line"),
                OutputLine("histogram", Unit.DISTANCE, phrase="histogram", attribute="histo"),
            ),
            phrase="MACD({fast}, {slow}, {signal}){of}",
            code="bt.ind.MACDHisto({source}, period_me1={fast}, period_me2={slow}, period_signal={signal})",
            warmup=lambda p: max(p["fast"], p["slow"]) + p["signal"] - 1,
            reference="Appel (1979); exponential averages seeded with simple ones.",
            sources=("close",),
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="ppo",
            title="Percentage price oscillator",
            explanation="MACD in percent of the slow average, comparable between instruments.",
            group="oscillator",
            params=(
                Param("fast", 12, 1, 200, meaning="bars of the fast average"),
                Param("slow", 26, 2, 400, meaning="bars of the slow average"),
                Param("signal", 9, 1, 200, meaning="bars of the signal line"),
            ),
            lines=(
                OutputLine("ppo", Unit.PERCENT, phrase="line"),
                OutputLine("signal", Unit.PERCENT, phrase="signal line"),
                OutputLine("histogram", Unit.PERCENT, phrase="histogram", attribute="histo"),
            ),
            phrase="PPO({fast}, {slow}, {signal}){of}",
            code="PPO({source}, fast={fast}, slow={slow}, signal={signal})",
            warmup=lambda p: max(p["fast"], p["slow"]) + p["signal"] - 1,
            reference="100 (ema fast - ema slow) / ema slow; 0 where the slow average is 0.",
            sources=("close",),
            classes=("PPO",),
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="trix",
            title="TRIX",
            explanation="One-bar change, in percent, of a triple exponential average: momentum without noise.",
            group="oscillator",
            params=(period(15),),
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase="{period}-bar TRIX{of}",
            code="Trix({source}, period={period})",
            warmup=lambda p: 3 * p["period"] - 1,
            reference="Hutson (1983); 100 times the one-bar rate of change of ema(ema(ema)).",
            sources=("close",),
            classes=("RateOfChange", "Trix"),
        ),
        Indicator(
            name="tsi",
            title="True strength index",
            explanation="Doubly smoothed change against doubly smoothed movement, -100 to 100.",
            group="oscillator",
            params=(
                Param("slow", 25, 1, 200, meaning="bars of the first smoothing"),
                Param("fast", 13, 1, 200, meaning="bars of the second smoothing"),
            ),
            lines=(OutputLine("value", Unit.OSCILLATOR, -100, 100),),
            phrase="TSI({slow}, {fast}){of}",
            code="TrueStrength({source}, slow={slow}, fast={fast})",
            warmup=lambda p: p["slow"] + p["fast"],
            reference="Blau (1991), exponential averages; 0 where nothing moved.",
            sources=("close",),
            classes=("TrueStrength",),
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="awesome_oscillator",
            title="Awesome oscillator",
            explanation="Difference of a fast and a slow average of the bar's middle.",
            group="oscillator",
            params=(
                Param("fast", 5, 1, 200, meaning="bars of the fast average"),
                Param("slow", 34, 2, 400, meaning="bars of the slow average"),
            ),
            lines=(OutputLine("value", Unit.DISTANCE),),
            phrase="awesome oscillator({fast}, {slow})",
            code="bt.ind.AwesomeOscillator({data}, fast={fast}, slow={slow})",
            warmup=lambda p: max(p["fast"], p["slow"]),
            reference="Williams (1995): simple averages of (high + low) / 2.",
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="dpo",
            title="Detrended price oscillator",
            explanation="Price of half a period ago less today's average: shows cycles without the trend.",
            group="oscillator",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.DISTANCE),),
            phrase="{period}-bar detrended price{of}",
            code="DetrendedPrice({source}, period={period})",
            warmup=lambda p: max(p["period"], p["period"] // 2 + 2),
            reference="x[period // 2 + 1] - sma(period): only past values, never the centered form that needs the future.",
            sources=("close",),
            classes=("DetrendedPrice",),
        ),
        Indicator(
            name="kst",
            title="Know sure thing",
            explanation="Four smoothed rates of change added up, with a signal line.",
            group="oscillator",
            params=(Param("signal", 9, 1, 100, meaning="bars of the signal line"),),
            lines=(OutputLine("kst", Unit.PERCENT, phrase="line"), OutputLine("signal", Unit.PERCENT, phrase="signal line")),
            phrase="know sure thing{of}",
            code="KnowSureThing({source}, signal={signal})",
            warmup=lambda p: 45 + p["signal"] - 1,
            reference="Pring (1992): changes over 10, 15, 20, 30 bars, averaged over 10, 10, 10, 15, weighted 1 to 4.",
            sources=("close",),
            classes=("RateOfChange", "KnowSureThing"),
        ),
        Indicator(
            name="coppock",
            title="Coppock curve",
            explanation="Weighted average of two rates of change, made for the turn after a long decline.",
            group="oscillator",
            params=(
                Param("long", 14, 2, 400, meaning="bars of the longer change"),
                Param("short", 11, 1, 400, meaning="bars of the shorter change"),
                Param("average", 10, 1, 200, meaning="bars of the weighted average"),
            ),
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase="Coppock curve({long}, {short}, {average}){of}",
            code="Coppock({source}, long={long}, short={short}, average={average})",
            warmup=lambda p: max(p["long"], p["short"]) + p["average"],
            reference="Coppock, Barron's (1962).",
            sources=("close",),
            classes=("RateOfChange", "Coppock"),
            ordered=("short", "long"),
        ),
    ),
    {
        "RateOfChange": '''class RateOfChange(Stepwise):
    """Change over the period in percent; 0 where the old value is 0."""

    lines = ("change",)
    params = (("period", 12),)

    def __init__(self):
        self.addminperiod(self.p.period + 1)

    def next(self):
        before = self.data[-self.p.period]
        self.lines.change[0] = 100.0 * (self.data[0] / before - 1.0) if before else 0.0
''',
        "PPO": '''class PPO(bt.Indicator):
    """MACD in percent of the slow average."""

    lines = ("ppo", "signal", "histo")
    params = (("fast", 12), ("slow", 26), ("signal", 9))

    def __init__(self):
        fast = bt.ind.EMA(self.data, period=self.p.fast)
        slow = bt.ind.EMA(self.data, period=self.p.slow)
        self.lines.ppo = bt.DivByZero(100.0 * (fast - slow), slow, zero=0.0)
        self.lines.signal = bt.ind.EMA(self.lines.ppo, period=self.p.signal)
        self.lines.histo = self.lines.ppo - self.lines.signal
''',
        "Trix": '''class Trix(bt.Indicator):
    """One-bar change of a triple exponential average, in percent."""

    lines = ("trix",)
    params = (("period", 15),)

    def __init__(self):
        series = self.data
        for _ in range(3):
            series = bt.ind.EMA(series, period=self.p.period)
        self.lines.trix = RateOfChange(series, period=1)
''',
        "TrueStrength": '''class TrueStrength(bt.Indicator):
    """Doubly smoothed change against doubly smoothed movement; 0 where nothing moved."""

    lines = ("tsi",)
    params = (("slow", 25), ("fast", 13))

    def __init__(self):
        change = self.data - self.data(-1)
        net = bt.ind.EMA(bt.ind.EMA(change, period=self.p.slow), period=self.p.fast)
        way = bt.ind.EMA(bt.ind.EMA(abs(change), period=self.p.slow), period=self.p.fast)
        self.lines.tsi = bt.DivByZero(100.0 * net, way, zero=0.0)
''',
        "DetrendedPrice": '''class DetrendedPrice(bt.Indicator):
    """Price of half a period ago less the present average."""

    lines = ("dpo",)
    params = (("period", 20),)

    def __init__(self):
        self.lines.dpo = self.data(-(self.p.period // 2 + 1)) - bt.ind.SMA(self.data, period=self.p.period)
''',
        "KnowSureThing": '''class KnowSureThing(bt.Indicator):
    """Four smoothed rates of change, weighted 1 to 4."""

    lines = ("kst", "signal")
    params = (("signal", 9),)

    def __init__(self):
        parts = []
        for weight, (change, average) in enumerate(((10, 10), (15, 10), (20, 10), (30, 15)), start=1):
            parts.append(weight * bt.ind.SMA(RateOfChange(self.data, period=change), period=average))
        self.lines.kst = parts[0] + parts[1] + parts[2] + parts[3]
        self.lines.signal = bt.ind.SMA(self.lines.kst, period=self.p.signal)
''',
        "Coppock": '''class Coppock(bt.Indicator):
    """Weighted average of two rates of change."""

    lines = ("coppock",)
    params = (("long", 14), ("short", 11), ("average", 10))

    def __init__(self):
        both = RateOfChange(self.data, period=self.p.long) + RateOfChange(self.data, period=self.p.short)
        self.lines.coppock = bt.ind.WMA(both, period=self.p.average)
''',
    },
)
