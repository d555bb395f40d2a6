"""Oscillators: where the price lies in its own recent movement, mostly on a fixed scale. How fast it moves is `momentum`."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

OSCILLATORS = IndicatorGroup(
    "Oscillators",
    index_by_name(
        Indicator(
            name="rsi",
            title="Relative strength index",
            explanation="Share of gains in the recent movement, 0 to 100; low is oversold, high is overbought.",
            group="oscillator",
            params=(period(14),),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
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
            lines=(OutputLine("k", Unit.OSCILLATOR, 0, 100, "%K", "percD"), OutputLine("d", Unit.OSCILLATOR, 0, 100, "%D", "percDSlow")),
            phrase="{period}-bar stochastic",
            code="bt.ind.StochasticFull({data}, period={period}, period_dfast={smooth}, period_dslow={d}, safediv=True, safezero=0.5)",
            warmup=lambda p: p["period"] + p["smooth"] + p["d"] - 2,
            reference="Lane; simple averages; 50 where high and low of the whole period are equal.",
        ),
        Indicator(
            name="cci",
            title="Commodity channel index",
            explanation="Distance of the typical price from its average, in mean deviations; beyond +-100 is unusual.",
            group="oscillator",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.RATIO),),
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
            lines=(OutputLine("value", Unit.OSCILLATOR, -100, 0),),
            phrase="{period}-bar Williams %R",
            code="WilliamsR({data}, period={period})",
            warmup=lambda p: p["period"],
            reference="Williams (1973); -50 where high and low of the whole period are equal.",
            classes=("WilliamsR",),
        ),
        Indicator(
            name="stochrsi",
            title="Stochastic RSI",
            explanation="Where the RSI lies in its own recent range, 0 to 100: faster and more nervous than the RSI.",
            group="oscillator",
            params=(
                Param("rsi", 14, 1, 200, meaning="bars of the RSI"),
                Param("period", 14, 2, 200, meaning="bars of its range"),
                Param("smooth", 3, 1, 100, meaning="bars that smooth %K"),
                Param("d", 3, 1, 100, meaning="bars of the average %D"),
            ),
            lines=(OutputLine("k", Unit.OSCILLATOR, 0, 100, "%K"), OutputLine("d", Unit.OSCILLATOR, 0, 100, "%D")),
            phrase="stochastic RSI({rsi}, {period}, {smooth}, {d}){of}",
            code="StochasticRSI({source}, rsi={rsi}, period={period}, smooth={smooth}, d={d})",
            warmup=lambda p: p["rsi"] + p["period"] + p["smooth"] + p["d"] - 2,
            reference="Chande and Kroll (1994); 50 where the RSI did not move.",
            sources=("close",),
            classes=("StochasticRSI",),
        ),
        Indicator(
            name="ultimate_oscillator",
            title="Ultimate oscillator",
            explanation="Buying pressure over three lengths at once, 0 to 100.",
            group="oscillator",
            params=(
                Param("short", 7, 1, 100, meaning="bars of the short length"),
                Param("medium", 14, 2, 200, meaning="bars of the medium length"),
                Param("long", 28, 3, 400, meaning="bars of the long length"),
            ),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
            phrase="ultimate oscillator({short}, {medium}, {long})",
            code="UltimateOscillator({data}, short={short}, medium={medium}, long={long})",
            warmup=lambda p: max(p["short"], p["medium"], p["long"]) + 1,
            reference="Williams (1985), weights 4, 2, 1; a length in which nothing moved counts as one half.",
            classes=("UltimateOscillator",),
            ordered=("short", "medium", "long"),
        ),
        Indicator(
            name="cmo",
            title="Chande momentum oscillator",
            explanation="Net change against total movement, -100 to 100.",
            group="oscillator",
            params=(period(14),),
            lines=(OutputLine("value", Unit.OSCILLATOR, -100, 100),),
            phrase="{period}-bar Chande momentum{of}",
            code="ChandeMomentum({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Chande and Kroll (1994), plain sums; 0 where nothing moved.",
            sources=("close",),
            classes=("ChandeMomentum",),
        ),
        Indicator(
            name="fisher",
            title="Fisher transform",
            explanation="Place of the price in its range, stretched so that turning points stand out; with the value one bar before.",
            group="oscillator",
            params=(period(10, low=2),),
            lines=(
                OutputLine("fisher", Unit.RATIO, phrase="line"),
                OutputLine("signal", Unit.RATIO, phrase="signal line (one bar before)"),
            ),
            phrase="{period}-bar Fisher transform",
            code="FisherTransform({data}, period={period})",
            warmup=lambda p: p["period"],
            reference="Ehlers, Stocks & Commodities (November 2002), of (high + low) / 2; starts from 0.",
            classes=("FisherTransform",),
        ),
        Indicator(
            name="connors_rsi",
            title="Connors RSI",
            explanation="Mean of a short RSI, the RSI of the streak length and the rank of the last change, 0 to 100.",
            group="oscillator",
            params=(
                Param("rsi", 3, 1, 100, meaning="bars of the RSI"),
                Param("streak", 2, 1, 100, meaning="bars of the RSI of the streak"),
                Param("rank", 100, 2, 500, meaning="bars of the rank"),
            ),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
            phrase="Connors RSI({rsi}, {streak}, {rank})",
            code="ConnorsRSI({data}, rsi={rsi}, streak={streak}, rank={rank})",
            warmup=lambda p: max(p["rsi"] + 1, p["streak"] + 2, p["rank"] + 2),
            reference="Connors and Alvarez (2012); the rank is the share of the last changes below this one.",
            classes=("Streak", "RateOfChange", "PercentRank", "ConnorsRSI"),
        ),
        Indicator(
            name="streak",
            title="Streak",
            explanation="Bars in a row on which the close rose (positive) or fell (negative); 0 on an unchanged close.",
            group="oscillator",
            params=(),
            lines=(OutputLine("value", Unit.COUNT),),
            phrase="streak of rising (+) or falling (-) closes",
            code="Streak({data}.close)",
            warmup=lambda p: 2,
            reference="As used inside the Connors RSI.",
            classes=("Streak",),
        ),
        Indicator(
            name="ibs",
            title="Internal bar strength",
            explanation="Where the close lies in its own bar: 0 at the low, 1 at the high.",
            group="oscillator",
            params=(),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 1),),
            phrase="internal bar strength",
            code="InternalBarStrength({data})",
            warmup=lambda p: 1,
            reference="(close - low) / (high - low); 0.5 on a flat bar.",
            classes=("InternalBarStrength",),
        ),
        Indicator(
            name="rvi",
            title="Relative vigor index",
            explanation="How far bars close from their open against how far they range, with a signal line.",
            group="oscillator",
            params=(period(10),),
            lines=(OutputLine("rvi", Unit.RATIO, -1, 1, "line"), OutputLine("signal", Unit.RATIO, -1, 1, "signal line")),
            phrase="{period}-bar relative vigor index",
            code="RelativeVigor({data}, period={period})",
            warmup=lambda p: p["period"] + 6,
            reference="Ehlers (2002): symmetric weights 1, 2, 2, 1; 0 where nothing ranged.",
            classes=("RelativeVigor",),
        ),
    ),
    {
        "CCI": '''class CCI(Stepwise):
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
        "WilliamsR": '''class WilliamsR(Stepwise):
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
        "StochasticRSI": '''class StochasticRSI(bt.Indicator):
    """Place of the RSI in its own range; 50 where it did not move."""

    lines = ("k", "d")
    params = (("rsi", 14), ("period", 14), ("smooth", 3), ("d", 3))

    def __init__(self):
        rsi = bt.ind.RSI(self.data, period=self.p.rsi, safediv=True)
        low = bt.ind.Lowest(rsi, period=self.p.period)
        span = bt.ind.Highest(rsi, period=self.p.period) - low
        place = bt.DivByZero(100.0 * (rsi - low), span, zero=50.0)
        self.lines.k = bt.ind.SMA(place, period=self.p.smooth)
        self.lines.d = bt.ind.SMA(self.lines.k, period=self.p.d)
''',
        "UltimateOscillator": '''class UltimateOscillator(bt.Indicator):
    """Buying pressure over three lengths; a length in which nothing moved counts as one half."""

    lines = ("ultimate",)
    params = (("short", 7), ("medium", 14), ("long", 28))

    def __init__(self):
        bottom = bt.Min(self.data.low, self.data.close(-1))
        pressure = self.data.close - bottom
        reach = bt.Max(self.data.high, self.data.close(-1)) - bottom
        shares = []
        for period in (self.p.short, self.p.medium, self.p.long):
            shares.append(bt.DivByZero(bt.ind.SumN(pressure, period=period), bt.ind.SumN(reach, period=period), zero=0.5))
        self.lines.ultimate = 100.0 * (4.0 * shares[0] + 2.0 * shares[1] + shares[2]) / 7.0
''',
        "ChandeMomentum": '''class ChandeMomentum(bt.Indicator):
    """Net change against total movement; 0 where nothing moved."""

    lines = ("cmo",)
    params = (("period", 14),)

    def __init__(self):
        change = self.data - self.data(-1)
        net = bt.ind.SumN(change, period=self.p.period)
        self.lines.cmo = bt.DivByZero(100.0 * net, bt.ind.SumN(abs(change), period=self.p.period), zero=0.0)
''',
        "FisherTransform": '''class FisherTransform(Stepwise):
    """Ehlers' Fisher transform of the bar's middle."""

    lines = ("fisher", "signal", "smooth")
    params = (("period", 10),)

    def __init__(self):
        self.middle = (self.data.high + self.data.low) / 2.0
        self.top = bt.ind.Highest(self.middle, period=self.p.period)
        self.bottom = bt.ind.Lowest(self.middle, period=self.p.period)

    def nextstart(self):
        self.step(0.0, 0.0)

    def next(self):
        self.step(self.lines.smooth[-1], self.lines.fisher[-1])

    def step(self, smooth, fisher):
        span = self.top[0] - self.bottom[0]
        place = (self.middle[0] - self.bottom[0]) / span - 0.5 if span else 0.0
        smooth = min(max(0.66 * place + 0.67 * smooth, -0.999), 0.999)
        self.lines.smooth[0] = smooth
        self.lines.signal[0] = fisher
        self.lines.fisher[0] = 0.5 * math.log((1 + smooth) / (1 - smooth)) + 0.5 * fisher
''',
        "Streak": '''class Streak(Stepwise):
    """Values in a row that rose (positive) or fell (negative)."""

    lines = ("streak",)

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        self.step(0.0)

    def next(self):
        self.step(self.lines.streak[-1])

    def step(self, before):
        change = self.data[0] - self.data[-1]
        if change > 0:
            self.lines.streak[0] = max(before, 0.0) + 1.0
        else:
            self.lines.streak[0] = min(before, 0.0) - 1.0 if change < 0 else 0.0
''',
        "ConnorsRSI": '''class ConnorsRSI(bt.Indicator):
    """Mean of a short RSI, the RSI of the streak and the rank of the last change."""

    lines = ("connors",)
    params = (("rsi", 3), ("streak", 2), ("rank", 100))

    def __init__(self):
        close = self.data.close
        rsi = bt.ind.RSI(close, period=self.p.rsi, safediv=True)
        streak = bt.ind.RSI(Streak(close), period=self.p.streak, safediv=True)
        rank = PercentRank(RateOfChange(close, period=1), period=self.p.rank)
        self.lines.connors = (rsi + streak + rank) / 3.0
''',
        "InternalBarStrength": '''class InternalBarStrength(Stepwise):
    """Place of the close in its own bar; 0.5 on a flat bar."""

    lines = ("ibs",)

    def next(self):
        span = self.data.high[0] - self.data.low[0]
        self.lines.ibs[0] = (self.data.close[0] - self.data.low[0]) / span if span else 0.5
''',
        "RelativeVigor": '''class RelativeVigor(bt.Indicator):
    """Close less open against high less low, with symmetric weights; 0 where nothing ranged."""

    lines = ("rvi", "signal")
    params = (("period", 10),)

    def __init__(self):
        vigor = self.weighted(self.data.close - self.data.open)
        reach = self.weighted(self.data.high - self.data.low)
        period = self.p.period
        self.lines.rvi = bt.DivByZero(bt.ind.SumN(vigor, period=period), bt.ind.SumN(reach, period=period), zero=0.0)
        self.lines.signal = self.weighted(self.lines.rvi)

    def weighted(self, series):
        return (series + 2.0 * series(-1) + 2.0 * series(-2) + series(-3)) / 6.0
''',
    },
)
