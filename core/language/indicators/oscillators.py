"""Oscillators: how fast and how far the price has moved, mostly on a fixed scale."""

from core.language.indicators.base import Indicator, Kind, Line, Param, Shelf, period, table

OSCILLATORS = Shelf(
    table(
        Indicator(
            name="rsi",
            title="Relative strength index",
            explanation="Share of gains in the recent movement, 0 to 100; low is oversold, high is overbought.",
            group="oscillator",
            params=(period(14),),
            lines=(Line("value", Kind.OSCILLATOR, 0, 100),),
            phrase="{period}-bar RSI{of}",
            code="bt.ind.RSI({source}, period={period}, safediv=True)",
            warmup=lambda p: p["period"] + 1,
            reference="Wilder (1978), Wilder smoothing; 100 without losses, 50 when nothing moved.",
            sources=("close",),
        ),
        Indicator(
            name="stoch",
            title="Stochastic oscillator",
            explanation="Where the close lies in the range of the last bars, 0 to 100: slow %K and its average %D.",
            group="oscillator",
            params=(
                period(14),
                Param("d", 3, 1, 100, meaning="bars of the average %D"),
                Param("smooth", 3, 1, 100, meaning="bars that smooth %K"),
            ),
            lines=(Line("k", Kind.OSCILLATOR, 0, 100, "%K", "percD"), Line("d", Kind.OSCILLATOR, 0, 100, "%D", "percDSlow")),
            phrase="{period}-bar stochastic",
            code="bt.ind.StochasticFull({data}, period={period}, period_dfast={smooth}, period_dslow={d}, safediv=True, safezero=50.0)",
            warmup=lambda p: p["period"] + p["smooth"] + p["d"] - 2,
            reference="Lane; simple averages; 50 where high and low of the whole period are equal.",
        ),
        Indicator(
            name="cci",
            title="Commodity channel index",
            explanation="Distance of the typical price from its average, in mean deviations; beyond +-100 is unusual.",
            group="oscillator",
            params=(period(20, low=2),),
            lines=(Line("value", Kind.RATIO),),
            phrase="{period}-bar CCI",
            code="CCI({data}, period={period})",
            warmup=lambda p: p["period"],
            reference="Lambert (1980), factor 0.015; 0 where nothing moved.",
            classes=("CCI",),
        ),
        Indicator(
            name="williams_r",
            title="Williams %R",
            explanation="Where the close lies under the high of the last bars, -100 (at the low) to 0 (at the high).",
            group="oscillator",
            params=(period(14),),
            lines=(Line("value", Kind.OSCILLATOR, -100, 0),),
            phrase="{period}-bar Williams %R",
            code="WilliamsR({data}, period={period})",
            warmup=lambda p: p["period"],
            reference="Williams (1973); -50 where high and low of the whole period are equal.",
            classes=("WilliamsR",),
        ),
        Indicator(
            name="roc",
            title="Rate of change",
            explanation="Change over the period in percent.",
            group="oscillator",
            params=(period(12),),
            lines=(Line("value", Kind.PERCENT),),
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
            lines=(Line("value", Kind.DISTANCE),),
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
                Line("macd", Kind.DISTANCE, phrase="line"),
                Line("signal", Kind.DISTANCE, phrase="signal line"),
                Line("histogram", Kind.DISTANCE, phrase="histogram", attribute="histo"),
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
                Line("ppo", Kind.PERCENT, phrase="line"),
                Line("signal", Kind.PERCENT, phrase="signal line"),
                Line("histogram", Kind.PERCENT, phrase="histogram", attribute="histo"),
            ),
            phrase="PPO({fast}, {slow}, {signal}){of}",
            code="PPO({source}, fast={fast}, slow={slow}, signal={signal})",
            warmup=lambda p: max(p["fast"], p["slow"]) + p["signal"] - 1,
            reference="100 (ema fast - ema slow) / ema slow; 0 where the slow average is 0.",
            sources=("close",),
            classes=("PPO",),
            ordered=("fast", "slow"),
        ),
    ),
    {
        "CCI": '''class CCI(bt.Indicator):
    """Lambert's commodity channel index; 0 where nothing moved."""

    lines = ("cci",)
    params = (("period", 20),)

    def __init__(self):
        self.typical = (self.data.high + self.data.low + self.data.close) / 3.0
        self.mean = bt.ind.SMA(self.typical, period=self.p.period)

    def next(self):
        mean, period = self.mean[0], self.p.period
        deviation = math.fsum(abs(self.typical[-i] - mean) for i in range(period)) / period
        away = self.typical[0] - mean
        self.lines.cci[0] = away / (0.015 * deviation) if deviation > 1e-12 * abs(mean) else 0.0
''',
        "WilliamsR": '''class WilliamsR(bt.Indicator):
    """Place of the close under the highest high, -100 to 0; -50 on a flat stretch."""

    lines = ("percent_r",)
    params = (("period", 14),)

    def __init__(self):
        self.top = bt.ind.Highest(self.data.high, period=self.p.period)
        self.bottom = bt.ind.Lowest(self.data.low, period=self.p.period)

    def next(self):
        span = self.top[0] - self.bottom[0]
        self.lines.percent_r[0] = -100.0 * (self.top[0] - self.data.close[0]) / span if span else -50.0
''',
        "RateOfChange": '''class RateOfChange(bt.Indicator):
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
    },
)
