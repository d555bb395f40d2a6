"""Statistics of a series: rank, scatter, fit, and the places of its extremes."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Unit, index_by_name, period

_FIT = "Least squares of the last values on their bar numbers."

STATISTICS = IndicatorGroup(
    "Statistics",
    index_by_name(
        Indicator(
            name="zscore",
            title="Z-score",
            explanation="Distance from the mean in standard deviations.",
            group="statistics",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.RATIO),),
            phrase="{period}-bar z-score{of}",
            code="ZScore({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="(x - mean) / population standard deviation; 0 where nothing scattered.",
            sources=("close",),
            classes=("StandardDeviation", "ZScore"),
        ),
        Indicator(
            name="percent_rank",
            title="Percent rank",
            explanation="Share of the values before that lie below this one, 0 to 100.",
            group="statistics",
            params=(period(100, low=2),),
            lines=(OutputLine("value", Unit.OSCILLATOR, 0, 100),),
            phrase="{period}-bar percent rank{of}",
            code="PercentRank({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="Count of the last `period` values before this one that are smaller, in percent.",
            sources=("close",),
            classes=("PercentRank",),
        ),
        Indicator(
            name="linear_regression",
            title="Linear regression",
            explanation="End of the straight line fitted through the last values, its slope a bar, and how well it fits.",
            group="statistics",
            params=(period(20, low=2),),
            lines=(
                OutputLine("value", Unit.ANY, phrase="end", attribute="end"),
                OutputLine("slope", Unit.DISTANCE, phrase="slope"),
                OutputLine("r_squared", Unit.OSCILLATOR, 0, 1, "R squared"),
            ),
            phrase="{period}-bar linear regression{of}",
            code="LinearRegression({source}, period={period})",
            warmup=lambda p: p["period"],
            reference=_FIT + " R squared is 0 where nothing scattered.",
            sources=("close",),
            classes=("LinearRegression",),
        ),
        Indicator(
            name="slope",
            title="Slope",
            explanation="Slope, a bar, of the straight line fitted through the last values.",
            group="statistics",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.DISTANCE),),
            phrase="{period}-bar slope{of}",
            code="LinearRegression({source}, period={period}).slope",
            warmup=lambda p: p["period"],
            reference=_FIT,
            sources=("close",),
            classes=("LinearRegression",),
        ),
        Indicator(
            name="correlation",
            title="Correlation",
            explanation="How closely two series move together over the last bars, -1 to 1.",
            group="statistics",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.OSCILLATOR, -1, 1),),
            phrase="{period}-bar correlation of the {source} and the {source2}",
            code="Correlation({source}, {source2}, period={period})",
            warmup=lambda p: p["period"],
            reference="Pearson; 0 where one of the series did not move.",
            sources=("close", "volume"),
            classes=("Correlation",),
        ),
        Indicator(
            name="median",
            title="Median",
            explanation="Middle of the last values when they are sorted.",
            group="statistics",
            params=(period(20),),
            lines=(OutputLine("value", Unit.ANY),),
            phrase="{period}-bar median{of}",
            code="Median({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Mean of the two middle values for an even period.",
            sources=("close",),
            classes=("Median",),
        ),
        Indicator(
            name="sum",
            title="Sum",
            explanation="Sum of the last values.",
            group="statistics",
            params=(period(20),),
            lines=(OutputLine("value", Unit.ANY),),
            phrase="{period}-bar sum of the {source}",
            code="bt.ind.SumN({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Plain sum.",
            sources=("volume",),
        ),
        *(
            Indicator(
                name=f"all_time_{side}",
                title=f"All-time {side}",
                explanation=f"The {word} {side} since the bars begin, this one included; write `all_time_{side}[1]` for the bars before.",
                group="statistics",
                params=(),
                lines=(OutputLine("value", Unit.ANY),),
                phrase=f"all-time {side}{{of}}",
                code=f"AllTimeExtreme({{source}}, side={sign})",
                warmup=lambda p: 1,
                reference="Of the bars that the run has: what was before them is not known.",
                sources=(side,),
                classes=("AllTimeExtreme",),
                article="an",
            )
            for side, word, sign in (("high", "highest", 1), ("low", "lowest", -1))
        ),
        Indicator(
            name="highest_bar",
            title="Bars since the highest value",
            explanation="How many bars ago the largest of the last values was; 0 is this bar.",
            group="statistics",
            params=(period(20),),
            lines=(OutputLine("value", Unit.COUNT, low=0),),
            phrase="number of bars since the {period}-bar highest {source}",
            code="ExtremeBar({source}, period={period}, side=1)",
            warmup=lambda p: p["period"],
            reference="Of equal values the latest counts.",
            sources=("high",),
            classes=("ExtremeBar",),
        ),
        Indicator(
            name="lowest_bar",
            title="Bars since the lowest value",
            explanation="How many bars ago the smallest of the last values was; 0 is this bar.",
            group="statistics",
            params=(period(20),),
            lines=(OutputLine("value", Unit.COUNT, low=0),),
            phrase="number of bars since the {period}-bar lowest {source}",
            code="ExtremeBar({source}, period={period}, side=-1)",
            warmup=lambda p: p["period"],
            reference="Of equal values the latest counts.",
            sources=("low",),
            classes=("ExtremeBar",),
        ),
        Indicator(
            name="log_return",
            title="Log return",
            explanation="Natural logarithm of the change over the period.",
            group="statistics",
            params=(period(1),),
            lines=(OutputLine("value", Unit.RATIO),),
            phrase="{period}-bar log return{of}",
            code="LogReturn({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="ln(x / x[period]); 0 where one of them is not above 0.",
            sources=("close",),
            classes=("LogReturn",),
        ),
        Indicator(
            name="realised_volatility",
            title="Realized volatility",
            explanation="Standard deviation of the one-bar log returns, in percent a bar.",
            group="volatility",
            params=(period(20, low=2),),
            lines=(OutputLine("value", Unit.PERCENT, low=0),),
            phrase="{period}-bar realised volatility{of}",
            code="RealisedVolatility({source}, period={period})",
            warmup=lambda p: p["period"] + 1,
            reference="100 times the sample standard deviation (divisor: period - 1) of ln(x / x[1]); not annualized.",
            sources=("close",),
            classes=("LogReturn", "RealisedVolatility"),
        ),
        Indicator(
            name="hurst",
            title="Hurst exponent",
            explanation="Above one half the series trends, below it turns back.",
            group="statistics",
            params=(period(100, low=40),),
            lines=(OutputLine("value", Unit.RATIO),),
            phrase="{period}-bar Hurst exponent{of}",
            code="Hurst({source}, period={period})",
            warmup=lambda p: p["period"],
            reference="Slope of ln(standard deviation of x - x[lag]) on ln(lag), lags 2 to 19; 0.5 where nothing moved.",
            sources=("close",),
            classes=("Hurst",),
        ),
    ),
    {
        "AllTimeExtreme": '''class AllTimeExtreme(Stepwise):
    """The largest value since the bars began; with side -1 the smallest."""

    lines = ("value",)
    params = (("side", 1),)

    def nextstart(self):
        self.lines.value[0] = self.data[0]

    def next(self):
        pick = max if self.p.side > 0 else min
        self.lines.value[0] = pick(self.lines.value[-1], self.data[0])
''',
        "ZScore": '''class ZScore(Stepwise):
    """Distance from the mean in standard deviations; 0 where nothing scattered."""

    lines = ("zscore",)
    params = (("period", 20),)

    def __init__(self):
        self.mean = bt.ind.SMA(self.data, period=self.p.period)
        self.scatter = StandardDeviation(self.data, period=self.p.period)

    def next(self):
        scatter = self.scatter[0]
        self.lines.zscore[0] = (self.data[0] - self.mean[0]) / scatter if scatter > 1e-12 * abs(self.mean[0]) else 0.0
''',
        "PercentRank": '''class PercentRank(Stepwise):
    """Share of the values before that lie below this one, in percent."""

    lines = ("rank",)
    params = (("period", 100),)

    def __init__(self):
        self.addminperiod(self.p.period + 1)

    def next(self):
        period, value = self.p.period, self.data[0]
        self.lines.rank[0] = 100.0 * sum(1 for ago in range(1, period + 1) if self.data[-ago] < value) / period
''',
        "LinearRegression": '''class LinearRegression(Stepwise):
    """A straight line through the last values: its end, its slope a bar, and how well it fits."""

    lines = ("end", "slope", "r_squared")
    params = (("period", 20),)

    def __init__(self):
        self.addminperiod(self.p.period)
        middle = (self.p.period - 1) / 2.0
        self.places = [place - middle for place in range(self.p.period)]
        self.spread = math.fsum(place * place for place in self.places)

    def next(self):
        period = self.p.period
        values = [self.data[place - period + 1] for place in range(period)]
        mean = math.fsum(values) / period
        slope = math.fsum(place * (value - mean) for place, value in zip(self.places, values)) / self.spread
        scatter = math.fsum((value - mean) ** 2 for value in values)
        self.lines.slope[0] = slope
        self.lines.end[0] = mean + slope * self.places[-1]
        self.lines.r_squared[0] = min(1.0, slope * slope * self.spread / scatter) if scatter else 0.0
''',
        "Correlation": '''class Correlation(Stepwise):
    """Pearson's correlation of two series; 0 where one of them did not move."""

    _mindatas = 2
    lines = ("correlation",)
    params = (("period", 20),)

    def __init__(self):
        self.addminperiod(self.p.period)

    def next(self):
        period = self.p.period
        first, second = [self.data[-ago] for ago in range(period)], [self.data1[-ago] for ago in range(period)]
        mean, other = math.fsum(first) / period, math.fsum(second) / period
        joint = math.fsum((a - mean) * (b - other) for a, b in zip(first, second))
        scatter = math.fsum((a - mean) ** 2 for a in first) * math.fsum((b - other) ** 2 for b in second)
        self.lines.correlation[0] = min(1.0, max(-1.0, joint / math.sqrt(scatter))) if scatter > 0 else 0.0
''',
        "Median": '''class Median(Stepwise):
    """Middle of the last values."""

    lines = ("median",)
    params = (("period", 20),)

    def __init__(self):
        self.addminperiod(self.p.period)

    def next(self):
        period = self.p.period
        values = sorted(self.data[-ago] for ago in range(period))
        self.lines.median[0] = (values[(period - 1) // 2] + values[period // 2]) / 2.0
''',
        "ExtremeBar": '''class ExtremeBar(Stepwise):
    """How many bars ago the extreme of the last values was; of equal values the latest counts."""

    lines = ("bars",)
    params = (("period", 20), ("side", 1))

    def __init__(self):
        self.addminperiod(self.p.period)

    def next(self):
        side = self.p.side
        self.lines.bars[0] = max(range(self.p.period), key=lambda ago: (side * self.data[-ago], -ago))
''',
        "LogReturn": '''class LogReturn(Stepwise):
    """Natural logarithm of the change over the period; 0 where there is none."""

    lines = ("log_return",)
    params = (("period", 1),)

    def __init__(self):
        self.addminperiod(self.p.period + 1)

    def next(self):
        now, before = self.data[0], self.data[-self.p.period]
        self.lines.log_return[0] = math.log(now / before) if now > 0 and before > 0 else 0.0
''',
        "RealisedVolatility": '''class RealisedVolatility(Stepwise):
    """Sample standard deviation of the one-bar log returns, in percent."""

    lines = ("volatility",)
    params = (("period", 20),)

    def __init__(self):
        self.returns = LogReturn(self.data, period=1)
        self.addminperiod(self.p.period + 1)

    def next(self):
        period = self.p.period
        values = [self.returns[-ago] for ago in range(period)]
        mean = math.fsum(values) / period
        self.lines.volatility[0] = 100.0 * math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (period - 1))
''',
        "Hurst": '''class Hurst(Stepwise):
    """Slope of the scatter of changes on their length, both in logarithms; 0.5 where nothing moved."""

    lines = ("hurst",)
    params = (("period", 100),)

    def __init__(self):
        self.addminperiod(self.p.period)
        logs = [math.log(lag) for lag in range(2, 20)]
        mean = math.fsum(logs) / len(logs)
        self.places = [log - mean for log in logs]
        self.spread = math.fsum(place * place for place in self.places)

    def next(self):
        values = [self.data[-ago] for ago in range(self.p.period - 1, -1, -1)]
        logs = []
        for lag in range(2, 20):
            changes = [after - before for before, after in zip(values, values[lag:])]
            mean = math.fsum(changes) / len(changes)
            scatter = math.fsum((change - mean) ** 2 for change in changes) / len(changes)
            if scatter <= 1e-24 * max(1.0, values[-1] ** 2):
                self.lines.hurst[0] = 0.5
                return
            logs.append(0.5 * math.log(scatter))
        self.lines.hurst[0] = math.fsum(place * log for place, log in zip(self.places, logs)) / self.spread
''',
    },
)
