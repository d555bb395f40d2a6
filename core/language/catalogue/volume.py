"""Volume: how much was traded, and on which side."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

VOLUME = IndicatorGroup(
    "Volume",
    index_by_name(
        Indicator(
            name="obv",
            title="On-balance volume",
            explanation="Running sum of volume, added on rising and subtracted on falling closes.",
            group="volume",
            params=(),
            lines=(OutputLine("value", Unit.VOLUME),),
            phrase="on-balance volume",
            code="OnBalanceVolume({data})",
            warmup=lambda p: 2,
            reference="Granville (1963); starts at 0 on the first bar.",
            classes=("OnBalanceVolume",),
        ),
        Indicator(
            name="mfi",
            title="Money flow index",
            explanation="RSI weighted with volume, 0 to 100.",
            group="volume",
            params=(period(14),),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
            phrase="{period}-bar money flow index",
            code="MoneyFlowIndex({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Quong and Soudack (1989), typical price times volume; 50 where no money flowed.",
            classes=("MoneyFlowIndex",),
        ),
        Indicator(
            name="cmf",
            title="Chaikin money flow",
            explanation="Share of volume that closed near the high (positive) or near the low (negative), -1 to 1.",
            group="volume",
            params=(period(20),),
            lines=(OutputLine("value", Unit.OSCILLATOR, -1, 1),),
            phrase="{period}-bar Chaikin money flow",
            code="ChaikinMoneyFlow({data}, period={period})",
            warmup=lambda p: p["period"],
            reference="Chaikin; 0 where nothing was traded, a flat bar counts as neutral.",
            classes=("FlowVolume", "ChaikinMoneyFlow"),
        ),
        Indicator(
            name="accumulation_distribution",
            title="Accumulation/distribution line",
            explanation="Running sum of volume, weighted with where the close lies in its bar.",
            group="volume",
            params=(),
            lines=(OutputLine("value", Unit.VOLUME),),
            phrase="accumulation/distribution line",
            code="AccumulationDistribution({data})",
            warmup=lambda p: 1,
            reference="Chaikin; starts with the first bar's flow, a flat bar adds nothing.",
            classes=("FlowVolume", "AccumulationDistribution"),
        ),
        Indicator(
            name="chaikin_oscillator",
            title="Chaikin oscillator",
            explanation="Fast less slow average of the accumulation/distribution line.",
            group="volume",
            params=(
                Param("fast", 3, 1, 100, meaning="bars of the fast average"),
                Param("slow", 10, 2, 200, meaning="bars of the slow average"),
            ),
            lines=(OutputLine("value", Unit.VOLUME),),
            phrase="Chaikin oscillator({fast}, {slow})",
            code="ChaikinOscillator({data}, fast={fast}, slow={slow})",
            warmup=lambda p: max(p["fast"], p["slow"]),
            reference="Chaikin; exponential averages seeded with simple ones.",
            classes=("FlowVolume", "AccumulationDistribution", "ChaikinOscillator"),
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="force_index",
            title="Force index",
            explanation="Change of the close times volume, smoothed.",
            group="volume",
            params=(period(13),),
            lines=(OutputLine("value", Unit.VOLUME),),
            phrase="{period}-bar force index",
            code="bt.ind.EMA(({data}.close - {data}.close(-1)) * {data}.volume, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Elder, Trading for a Living (1993); exponential average seeded with a simple one.",
        ),
        Indicator(
            name="ease_of_movement",
            title="Ease of movement",
            explanation="How far the bar's middle moves for the volume that it takes, smoothed.",
            group="volume",
            params=(period(14),),
            lines=(OutputLine("value", Unit.ANY),),
            phrase="{period}-bar ease of movement",
            code="EaseOfMovement({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Arms; 1e8 times change of middle times range over volume, simple average; a bar without volume counts as 0.",
            classes=("EaseOfMovement",),
        ),
        Indicator(
            name="volume_oscillator",
            title="Percentage volume oscillator",
            explanation="Fast against slow average volume in percent: positive when volume picks up.",
            group="volume",
            params=(
                Param("fast", 12, 1, 200, meaning="bars of the fast average"),
                Param("slow", 26, 2, 400, meaning="bars of the slow average"),
            ),
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase="volume oscillator({fast}, {slow})",
            code="PPO({data}.volume, fast={fast}, slow={slow}, signal=1)",
            warmup=lambda p: max(p["fast"], p["slow"]),
            reference="100 (ema fast - ema slow) / ema slow of the volume; 0 without volume.",
            classes=("PPO",),
            ordered=("fast", "slow"),
        ),
        Indicator(
            name="relative_volume",
            title="Relative volume",
            explanation="This bar's volume against the average of the bars before it; 2 is twice the usual.",
            group="volume",
            params=(period(20),),
            lines=(OutputLine("value", Unit.RATIO, low=0),),
            phrase="{period}-bar relative volume",
            code="RelativeVolume({data}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Volume over the simple average of the bars before; 0 where that average is 0.",
            classes=("RelativeVolume",),
        ),
        Indicator(
            name="price_volume_trend",
            title="Price volume trend",
            explanation="Running sum of volume times the relative change of the close.",
            group="volume",
            params=(),
            lines=(OutputLine("value", Unit.VOLUME),),
            phrase="price volume trend",
            code="PriceVolumeTrend({data})",
            warmup=lambda p: 2,
            reference="Starts at 0 on the first bar.",
            classes=("PriceVolumeTrend",),
        ),
    ),
    {
        "OnBalanceVolume": '''class OnBalanceVolume(Stepwise):
    """Volume added on rising closes and subtracted on falling ones, from 0."""

    lines = ("obv",)

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        self.lines.obv[0] = self.signed()

    def next(self):
        self.lines.obv[0] = self.lines.obv[-1] + self.signed()

    def signed(self):
        change = self.data.close[0] - self.data.close[-1]
        return self.data.volume[0] if change > 0 else -self.data.volume[0] if change < 0 else 0.0
''',
        "MoneyFlowIndex": '''class MoneyFlowIndex(Stepwise):
    """RSI weighted with volume; 50 where no money flowed."""

    lines = ("mfi",)
    params = (("period", 14),)

    def __init__(self):
        typical = (self.data.high + self.data.low + self.data.close) / 3.0
        flow = typical * self.data.volume
        self.up = bt.ind.SumN(bt.If(typical > typical(-1), flow, 0.0), period=self.p.period)
        self.down = bt.ind.SumN(bt.If(typical < typical(-1), flow, 0.0), period=self.p.period)

    def next(self):
        both = self.up[0] + self.down[0]
        self.lines.mfi[0] = 100.0 * self.up[0] / both if both else 50.0
''',
        "FlowVolume": '''class FlowVolume(Stepwise):
    """Volume weighted with where the close lies in its bar, -1 to 1; a flat bar is neutral."""

    lines = ("flow",)

    def next(self):
        high, low, close = self.data.high[0], self.data.low[0], self.data.close[0]
        place = ((close - low) - (high - close)) / (high - low) if high > low else 0.0
        self.lines.flow[0] = place * self.data.volume[0]
''',
        "ChaikinMoneyFlow": '''class ChaikinMoneyFlow(bt.Indicator):
    """Share of volume that closed near the high or the low; 0 without volume."""

    lines = ("cmf",)
    params = (("period", 20),)

    def __init__(self):
        flow = bt.ind.SumN(FlowVolume(self.data), period=self.p.period)
        self.lines.cmf = bt.DivByZero(flow, bt.ind.SumN(self.data.volume, period=self.p.period), zero=0.0)
''',
        "AccumulationDistribution": '''class AccumulationDistribution(Stepwise):
    """Running sum of the flow volume."""

    lines = ("line",)

    def __init__(self):
        self.flow = FlowVolume(self.data)

    def nextstart(self):
        self.lines.line[0] = self.flow[0]

    def next(self):
        self.lines.line[0] = self.lines.line[-1] + self.flow[0]
''',
        "ChaikinOscillator": '''class ChaikinOscillator(bt.Indicator):
    """Fast less slow average of the accumulation/distribution line."""

    lines = ("oscillator",)
    params = (("fast", 3), ("slow", 10))

    def __init__(self):
        line = AccumulationDistribution(self.data)
        self.lines.oscillator = bt.ind.EMA(line, period=self.p.fast) - bt.ind.EMA(line, period=self.p.slow)
''',
        "EaseOfMovement": '''class EaseOfMovement(bt.Indicator):
    """How far the bar's middle moves for the volume that it takes; a bar without volume counts as 0."""

    lines = ("ease",)
    params = (("period", 14),)

    def __init__(self):
        middle = (self.data.high + self.data.low) / 2.0
        moved = 100000000.0 * (middle - middle(-1)) * (self.data.high - self.data.low)
        self.lines.ease = bt.ind.SMA(bt.DivByZero(moved, self.data.volume, zero=0.0), period=self.p.period)
''',
        "RelativeVolume": '''class RelativeVolume(bt.Indicator):
    """Volume against the average of the bars before; 0 where nothing was traded on them."""

    lines = ("relative",)
    params = (("period", 20),)

    def __init__(self):
        usual = bt.ind.SMA(self.data.volume(-1), period=self.p.period)
        self.lines.relative = bt.DivByZero(self.data.volume, usual, zero=0.0)
''',
        "PriceVolumeTrend": '''class PriceVolumeTrend(Stepwise):
    """Running sum of volume times the relative change of the close, from 0."""

    lines = ("trend",)

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        self.lines.trend[0] = self.flow()

    def next(self):
        self.lines.trend[0] = self.lines.trend[-1] + self.flow()

    def flow(self):
        before = self.data.close[-1]
        return self.data.volume[0] * (self.data.close[0] / before - 1.0) if before else 0.0
''',
    },
)
