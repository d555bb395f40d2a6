"""Moving averages: smooth lines on the scale of whatever they are taken of."""

from collections.abc import Callable, Mapping

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name, period

Warmup = Callable[[Mapping[str, float]], float]


def _average(
    name: str,
    title: str,
    explanation: str,
    code: str,
    reference: str,
    *,
    params: tuple[Param, ...] = (period(20),),
    warmup: Warmup = lambda p: p["period"],
    classes: tuple[str, ...] = (),
    phrase: str = "",
    ordered: tuple[str, ...] = (),
) -> Indicator:
    """An average of any series, the close by default; its line takes the kind of that series."""
    return Indicator(
        name=name,
        title=title,
        explanation=explanation,
        group="average",
        params=params,
        lines=(OutputLine("value", Unit.ANY),),
        phrase=phrase or "{period}-bar " + title[0].lower() + title[1:] + "{of}",
        code=code,
        warmup=warmup,
        reference=reference,
        sources=("close",),
        classes=classes,
        ordered=ordered,
    )


AVERAGES = IndicatorGroup(
    "Averages",
    index_by_name(
        _average(
            "sma",
            "Simple moving average",
            "Mean of the last bars, all with the same weight.",
            "bt.ind.SMA({source}, period={period})",
            "Arithmetic mean; Murphy, Technical Analysis of the Financial Markets (1999).",
        ),
        _average(
            "ema",
            "Exponential moving average",
            "Average whose weights fall off exponentially; reacts faster than a simple one.",
            "bt.ind.EMA({source}, period={period})",
            "Smoothing 2 / (period + 1), seeded with the simple average of the first period.",
        ),
        _average(
            "wma",
            "Weighted moving average",
            "Average with linearly falling weights, the newest bar heaviest.",
            "bt.ind.WMA({source}, period={period})",
            "Weights period, period - 1, ..., 1.",
        ),
        _average(
            "smma",
            "Smoothed moving average",
            "Wilder's slow average, the one inside RSI and ATR.",
            "bt.ind.SMMA({source}, period={period})",
            "Smoothing 1 / period, seeded with the simple average; Wilder, New Concepts in Technical Trading Systems (1978).",
        ),
        _average(
            "dema",
            "Double exponential moving average",
            "Exponential average with most of its lag taken out.",
            "bt.ind.DEMA({source}, period={period})",
            "2 ema - ema(ema); Mulloy, Stocks & Commodities (February 1994).",
            warmup=lambda p: 2 * p["period"] - 1,
        ),
        _average(
            "tema",
            "Triple exponential moving average",
            "Exponential average with still less lag than the double one.",
            "bt.ind.TEMA({source}, period={period})",
            "3 ema - 3 ema(ema) + ema(ema(ema)); Mulloy, Stocks & Commodities (February 1994).",
            warmup=lambda p: 3 * p["period"] - 2,
        ),
        _average(
            "hma",
            "Hull moving average",
            "Very fast and smooth average built from three weighted ones.",
            "bt.ind.HMA({source}, period={period})",
            "wma(2 wma(n / 2) - wma(n), square root of n), lengths rounded down; Hull (2005).",
            params=(period(20, low=2),),
            warmup=lambda p: p["period"] + int(p["period"] ** 0.5) - 1,
        ),
        _average(
            "zlema",
            "Zero-lag exponential moving average",
            "Exponential average of a series with its lag subtracted beforehand.",
            "bt.ind.ZLEMA({source}, period={period})",
            "ema of 2 x - x[(period - 1) // 2]; Ehlers and Way (2010).",
            params=(period(20, low=3),),
            warmup=lambda p: p["period"] + (p["period"] - 1) // 2,
        ),
        _average(
            "kama",
            "Kaufman adaptive moving average",
            "Fast in a trend, nearly still in noise.",
            "KAMA({source}, period={period}, fast={fast}, slow={slow})",
            "Kaufman, Trading Systems and Methods (1998); seeded with the value before the first, efficiency 0 on a flat stretch.",
            params=(
                period(10, low=2),
                Param("fast", 2, 1, 50, meaning="bars of the fastest average"),
                Param("slow", 30, 2, 200, meaning="bars of the slowest average"),
            ),
            warmup=lambda p: p["period"] + 1,
            classes=("KAMA",),
            phrase="{period}-bar Kaufman adaptive moving average{of}",
            ordered=("fast", "slow"),
        ),
        _average(
            "vwma",
            "Volume-weighted moving average",
            "Mean of the last bars, each weighted with its volume.",
            "VWMA({source}, {data}.volume, period={period})",
            "Sum of value times volume over the sum of volume; the plain mean where no volume was traded.",
            classes=("VWMA",),
        ),
        _average(
            "alma",
            "Arnaud Legoux moving average",
            "Average with bell-shaped weights, placed near the newest bars: smooth and with little lag.",
            "ALMA({source}, period={period}, offset={offset}, sigma={sigma})",
            "Weights exp(-(i - m)^2 / (2 s^2)), m = offset (period - 1), s = period / sigma; Legoux and Kouzis-Loukas (2009).",
            params=(
                period(20, low=2),
                Param("offset", 0.85, 0.0, 1.0, integer=False, meaning="place of the bell: 0 oldest, 1 newest bar"),
                Param("sigma", 6.0, 0.5, 20.0, integer=False, meaning="sharpness of the bell"),
            ),
            classes=("ALMA",),
            phrase="{period}-bar Arnaud Legoux moving average{of}",
        ),
        _average(
            "trima",
            "Triangular moving average",
            "Average of an average: the middle of the period weighs most.",
            "TriangularAverage({source}, period={period})",
            "Simple average over (n + 1) // 2 bars of a simple average over n // 2 + 1 bars.",
            params=(period(20, low=2),),
            classes=("TriangularAverage",),
        ),
        _average(
            "t3",
            "Tillson T3 average",
            "Six exponential averages in a row, combined so that little lag is left.",
            "TillsonT3({source}, period={period}, volume_factor={volume_factor})",
            "Tillson, Stocks & Commodities (January 1998).",
            params=(period(10, low=2), Param("volume_factor", 0.7, 0.0, 1.0, integer=False, meaning="how far lag is taken out")),
            warmup=lambda p: 6 * p["period"] - 5,
            classes=("TillsonT3",),
            phrase="{period}-bar T3 average{of}",
        ),
        _average(
            "mcginley",
            "McGinley dynamic",
            "Average that slows down when the price runs away upwards and speeds up when it falls.",
            "McGinley({source}, period={period})",
            "m + (x - m) / (period (x / m)^4), McGinley (1997); seeded with the simple average.",
            classes=("McGinley",),
            phrase="{period}-bar McGinley dynamic{of}",
        ),
        _average(
            "vidya",
            "Variable index dynamic average",
            "Exponential average whose speed follows the momentum of the last bars.",
            "VIDYA({source}, period={period}, momentum={momentum})",
            "Smoothing 2 / (period + 1) times the absolute Chande momentum; Chande (1992); seeded with the value before the first.",
            params=(period(20), Param("momentum", 9, 2, 200, meaning="bars of the momentum")),
            warmup=lambda p: p["momentum"] + 1,
            classes=("VIDYA",),
            phrase="{period}-bar variable index dynamic average{of}",
        ),
    ),
    {
        "KAMA": '''class KAMA(Stepwise):
    """Kaufman's adaptive average: the smoothing follows how straight the way of the last bars was."""

    lines = ("kama",)
    params = (("period", 10), ("fast", 2), ("slow", 30))

    def __init__(self):
        self.way = bt.ind.SumN(abs(self.data - self.data(-1)), period=self.p.period)

    def nextstart(self):
        self.step(self.data[-1])

    def next(self):
        self.step(self.lines.kama[-1])

    def step(self, before):
        way = self.way[0]
        efficiency = abs(self.data[0] - self.data[-self.p.period]) / way if way else 0.0
        fast, slow = 2.0 / (self.p.fast + 1), 2.0 / (self.p.slow + 1)
        smoothing = (efficiency * (fast - slow) + slow) ** 2
        self.lines.kama[0] = before + smoothing * (self.data[0] - before)
''',
        "VWMA": '''class VWMA(Stepwise):
    """Mean of the last bars weighted with volume; the plain mean where nothing was traded."""

    _mindatas = 2
    lines = ("vwma",)
    params = (("period", 20),)

    def __init__(self):
        self.traded = bt.ind.SumN(self.data * self.data1, period=self.p.period)
        self.volume = bt.ind.SumN(self.data1, period=self.p.period)
        self.plain = bt.ind.SMA(self.data, period=self.p.period)

    def next(self):
        volume = self.volume[0]
        self.lines.vwma[0] = self.traded[0] / volume if volume else self.plain[0]
''',
        "ALMA": '''class ALMA(Stepwise):
    """Arnaud Legoux average: bell-shaped weights."""

    lines = ("alma",)
    params = (("period", 20), ("offset", 0.85), ("sigma", 6.0))

    def __init__(self):
        period = self.p.period
        self.addminperiod(period)
        middle, width = self.p.offset * (period - 1), period / self.p.sigma
        weights = [math.exp(-((place - middle) ** 2) / (2 * width * width)) for place in range(period)]
        self.weights = [weight / math.fsum(weights) for weight in weights]

    def next(self):
        newest = self.p.period - 1
        self.lines.alma[0] = math.fsum(weight * self.data[place - newest] for place, weight in enumerate(self.weights))
''',
        "TriangularAverage": '''class TriangularAverage(bt.Indicator):
    """A simple average of a simple average."""

    lines = ("trima",)
    params = (("period", 20),)

    def __init__(self):
        first = bt.ind.SMA(self.data, period=self.p.period // 2 + 1)
        self.lines.trima = bt.ind.SMA(first, period=(self.p.period + 1) // 2)
''',
        "TillsonT3": '''class TillsonT3(bt.Indicator):
    """Six exponential averages in a row, combined."""

    lines = ("t3",)
    params = (("period", 10), ("volume_factor", 0.7))

    def __init__(self):
        averages, series = [], self.data
        for _ in range(6):
            series = bt.ind.EMA(series, period=self.p.period)
            averages.append(series)
        v = self.p.volume_factor
        third, fourth, fifth, sixth = averages[2:]
        self.lines.t3 = (
            -(v**3) * sixth
            + (3 * v**2 + 3 * v**3) * fifth
            + (-6 * v**2 - 3 * v - 3 * v**3) * fourth
            + (1 + 3 * v + v**3 + 3 * v**2) * third
        )
''',
        "McGinley": '''class McGinley(Stepwise):
    """McGinley's dynamic average."""

    lines = ("mcginley",)
    params = (("period", 20),)

    def __init__(self):
        self.mean = bt.ind.SMA(self.data, period=self.p.period)

    def nextstart(self):
        self.lines.mcginley[0] = self.mean[0]

    def next(self):
        before, value = self.lines.mcginley[-1], self.data[0]
        pace = self.p.period * min(max(value / before, 0.1), 10.0) ** 4 if before else self.p.period
        self.lines.mcginley[0] = before + (value - before) / max(pace, 1.0)
''',
        "VIDYA": '''class VIDYA(Stepwise):
    """An exponential average whose speed follows the Chande momentum."""

    lines = ("vidya",)
    params = (("period", 20), ("momentum", 9))

    def __init__(self):
        change = self.data - self.data(-1)
        self.net = bt.ind.SumN(change, period=self.p.momentum)
        self.way = bt.ind.SumN(abs(change), period=self.p.momentum)

    def nextstart(self):
        self.step(self.data[-1])

    def next(self):
        self.step(self.lines.vidya[-1])

    def step(self, before):
        speed = abs(self.net[0]) / self.way[0] if self.way[0] else 0.0
        self.lines.vidya[0] = before + 2.0 / (self.p.period + 1) * speed * (self.data[0] - before)
''',
    },
)
