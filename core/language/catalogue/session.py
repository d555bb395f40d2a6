"""The trading day: its own prices so far, the day before, the opening range, and levels made from them."""

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit, index_by_name

_PIVOTS = "Floor traders' formula on the day before: p = (h + l + c) / 3, r1 = 2p - l, s1 = 2p - h, r2 = p + h - l, r3 = h + 2(p - l)."


def _current_period(unit: str, name: str) -> Indicator:
    """Prices of the day, week or month that is going on."""
    return Indicator(
        name=name,
        title=f"The {unit} so far",
        explanation=f"Open, high and low since the {unit} began, this bar included.",
        group="session",
        params=(),
        lines=tuple(OutputLine(price, Unit.LEVEL, phrase=price, attribute=f"day_{price}") for price in ("open", "high", "low")),
        phrase=f"{unit} so far",
        code=f'TradingPeriod({{data}}, unit="{unit}"{{roll}})',
        warmup=lambda p: 1,
        reference=f"Started anew on each {unit} of trading days.",
        classes=("TradingPeriod",),
    )


def _previous_period(unit: str, name: str) -> Indicator:
    """Prices of the day, week or month before the present one."""
    return Indicator(
        name=name,
        title=f"The {unit} before",
        explanation=f"Close, open, high and low of the {unit} before this one; no value in the first {unit}.",
        group="session",
        params=(),
        lines=tuple(OutputLine(price, Unit.LEVEL, phrase=price, attribute=f"last_{price}") for price in ("close", "open", "high", "low")),
        phrase=f"{unit} before",
        code=f'TradingPeriod({{data}}, unit="{unit}"{{roll}})',
        warmup=lambda p: 1,
        reference=f"The {unit} before on which there were bars, made of trading days.",
        classes=("TradingPeriod",),
    )


SESSION = IndicatorGroup(
    "The trading day",
    index_by_name(
        Indicator(
            name="vwap",
            title="Volume-weighted average price",
            explanation="Average price paid since the day began, with bands of standard deviations around it.",
            group="session",
            params=(Param("deviations", 2.0, 0.1, 10.0, integer=False, meaning="standard deviations of the bands"),),
            lines=(
                OutputLine("vwap", Unit.LEVEL, phrase="line"),
                OutputLine("upper", Unit.LEVEL, phrase="upper band ({deviations} deviations)"),
                OutputLine("lower", Unit.LEVEL, phrase="lower band ({deviations} deviations)"),
            ),
            phrase="VWAP since the day began",
            code="SessionVWAP({data}, deviations={deviations}{roll})",
            warmup=lambda p: 1,
            reference="Typical price weighted with volume, started anew on each trading day; the typical price while nothing was traded.",
            classes=("SessionVWAP",),
            intraday=True,
        ),
        *(_current_period(unit, name) for unit, name in (("day", "today"), ("week", "this_week"), ("month", "this_month"))),
        *(_previous_period(unit, name) for unit, name in (("day", "yesterday"), ("week", "last_week"), ("month", "last_month"))),
        Indicator(
            name="gap",
            title="Opening gap",
            explanation="Today's open against yesterday's close, in percent; the same on every bar of the day.",
            group="session",
            params=(),
            lines=(OutputLine("value", Unit.PERCENT),),
            phrase="opening gap in percent",
            code="OpeningGap({data}{roll})",
            warmup=lambda p: 1,
            reference="100 (open of the day / close of the day before - 1); no value on the first day.",
            classes=("TradingPeriod", "OpeningGap"),
        ),
        Indicator(
            name="opening_range",
            title="Opening range",
            explanation="High and low of the first minutes of the session; no value until they are over.",
            group="session",
            params=(Param("minutes", 30, 1, 600, meaning="minutes from the session's open"),),
            lines=(
                OutputLine("high", Unit.LEVEL, phrase="high", attribute="top"),
                OutputLine("low", Unit.LEVEL, phrase="low", attribute="bottom"),
            ),
            phrase="{minutes}-minute opening range",
            code="OpeningRange({data}, minutes={minutes}{roll}{opens})",
            warmup=lambda p: 1,
            reference=(
                "Bars that start less than `minutes` after the session's open, or after the day's first bar where the open is not known; "
                "Crabel, Day Trading with Short Term Patterns (1990)."
            ),
            classes=("OpeningRange",),
            intraday=True,
        ),
        Indicator(
            name="pivot_points",
            title="Pivot points",
            explanation="Support and resistance from the day before: pivot p, resistances r1 to r3, supports s1 to s3.",
            group="session",
            params=(),
            lines=tuple(
                OutputLine(name, Unit.LEVEL, phrase=phrase, attribute="pivot" if name == "p" else "")
                for name, phrase in (
                    ("p", "pivot"),
                    ("r1", "first resistance"),
                    ("r2", "second resistance"),
                    ("r3", "third resistance"),
                    ("s1", "first support"),
                    ("s2", "second support"),
                    ("s3", "third support"),
                )
            ),
            phrase="pivot points",
            code="PivotPoints({data}{roll})",
            warmup=lambda p: 1,
            reference=_PIVOTS,
            classes=("TradingPeriod", "PivotPoints"),
        ),
        Indicator(
            name="camarilla",
            title="Camarilla levels",
            explanation="Reversal levels h3 and l3 and breakout levels h4 and l4 from the day before.",
            group="session",
            params=(),
            lines=tuple(
                OutputLine(name, Unit.LEVEL, phrase=phrase)
                for name, phrase in (
                    ("h3", "upper reversal level"),
                    ("h4", "upper breakout level"),
                    ("l3", "lower reversal level"),
                    ("l4", "lower breakout level"),
                )
            ),
            phrase="Camarilla levels",
            code="CamarillaLevels({data}{roll})",
            warmup=lambda p: 1,
            reference="Stott (1989): close of the day before plus and minus 1.1 / 4 and 1.1 / 2 of its range.",
            classes=("TradingPeriod", "CamarillaLevels"),
        ),
    ),
    {
        "SessionVWAP": '''class SessionVWAP(Stepwise):
    """Average price paid since the day began, with bands; the typical price while nothing was traded."""

    lines = ("vwap", "upper", "lower", "paid", "paid_square", "traded", "day")
    params = (("deviations", 2.0), ("roll", 0))

    def nextstart(self):
        self.lines.day[0] = trading_day(self.data.datetime.datetime(0), self.p.roll)
        self.step(0.0, 0.0, 0.0)

    def next(self):
        self.lines.day[0] = trading_day(self.data.datetime.datetime(0), self.p.roll)
        if self.lines.day[0] != self.lines.day[-1]:
            self.step(0.0, 0.0, 0.0)
        else:
            self.step(self.lines.paid[-1], self.lines.paid_square[-1], self.lines.traded[-1])

    def step(self, paid, square, traded):
        price, volume = (self.data.high[0] + self.data.low[0] + self.data.close[0]) / 3.0, self.data.volume[0]
        paid, square, traded = paid + price * volume, square + price * price * volume, traded + volume
        mean = paid / traded if traded > 0 else price
        reach = self.p.deviations * math.sqrt(max(square / traded - mean * mean, 0.0)) if traded > 0 else 0.0
        self.lines.vwap[0], self.lines.upper[0], self.lines.lower[0] = mean, mean + reach, mean - reach
        self.lines.paid[0], self.lines.paid_square[0], self.lines.traded[0] = paid, square, traded
''',
        "TradingPeriod": '''class TradingPeriod(Stepwise):
    """Prices of the day, week or month so far and of the one before, which has no value in the first."""

    lines = ("day_open", "day_high", "day_low", "last_open", "last_high", "last_low", "last_close", "period")
    params = (("unit", "day"), ("roll", 0))

    def nextstart(self):
        self.lines.period[0] = self.number(self.data.datetime.datetime(0))
        self.begin(math.nan, math.nan, math.nan, math.nan)

    def next(self):
        lines = self.lines
        lines.period[0] = self.number(self.data.datetime.datetime(0))
        if lines.period[0] != lines.period[-1]:
            self.begin(lines.day_open[-1], lines.day_high[-1], lines.day_low[-1], self.data.close[-1])
            return
        lines.day_open[0] = lines.day_open[-1]
        lines.day_high[0] = max(lines.day_high[-1], self.data.high[0])
        lines.day_low[0] = min(lines.day_low[-1], self.data.low[0])
        lines.last_open[0], lines.last_high[0] = lines.last_open[-1], lines.last_high[-1]
        lines.last_low[0], lines.last_close[0] = lines.last_low[-1], lines.last_close[-1]

    def begin(self, last_open, last_high, last_low, last_close):
        lines = self.lines
        lines.day_open[0], lines.day_high[0], lines.day_low[0] = self.data.open[0], self.data.high[0], self.data.low[0]
        lines.last_open[0], lines.last_high[0], lines.last_low[0], lines.last_close[0] = last_open, last_high, last_low, last_close

    def number(self, at):
        day = trading_day(at, self.p.roll)
        if self.p.unit == "day":
            return day
        if self.p.unit == "week":
            return (day - 1) // 7
        date = at.date().fromordinal(day)
        return date.year * 12 + date.month
''',
        "OpeningGap": '''class OpeningGap(Stepwise):
    """Today's open against yesterday's close, in percent."""

    lines = ("gap",)
    params = (("roll", 0),)

    def __init__(self):
        self.day = TradingPeriod(self.data, roll=self.p.roll)

    def next(self):
        before = self.day.last_close[0]
        self.lines.gap[0] = 100.0 * (self.day.day_open[0] / before - 1.0) if before else math.nan
''',
        "OpeningRange": '''class OpeningRange(Stepwise):
    """High and low of the first minutes of the session, from the bar after them; without a told open it begins with the day's first bar."""

    lines = ("top", "bottom", "high_so_far", "low_so_far", "began", "day")
    params = (("minutes", 30), ("roll", 0), ("opens", -1))

    def nextstart(self):
        self.step(True)

    def next(self):
        self.step(False)

    def step(self, first):
        lines, now = self.lines, self.data.datetime.datetime(0)
        minute = (now.hour * 60 + now.minute - self.p.roll) % 1440
        lines.day[0] = trading_day(now, self.p.roll)
        new_day = first or lines.day[0] != lines.day[-1]
        opened = 0 if self.p.roll else self.p.opens if self.p.opens >= 0 else minute
        lines.began[0] = opened if new_day else lines.began[-1]
        high, low = (math.nan, math.nan) if new_day else (lines.high_so_far[-1], lines.low_so_far[-1])
        into = minute - lines.began[0]
        if 0 <= into < self.p.minutes:
            high = self.data.high[0] if high != high else max(high, self.data.high[0])
            low = self.data.low[0] if low != low else min(low, self.data.low[0])
        over = into >= self.p.minutes
        lines.high_so_far[0], lines.low_so_far[0] = high, low
        lines.top[0], lines.bottom[0] = (high, low) if over else (math.nan, math.nan)
''',
        "PivotPoints": '''class PivotPoints(Stepwise):
    """Floor traders' levels from the day before."""

    lines = ("pivot", "r1", "r2", "r3", "s1", "s2", "s3")
    params = (("roll", 0),)

    def __init__(self):
        self.day = TradingPeriod(self.data, roll=self.p.roll)

    def next(self):
        high, low, lines = self.day.last_high[0], self.day.last_low[0], self.lines
        pivot = (high + low + self.day.last_close[0]) / 3.0
        lines.pivot[0] = pivot
        lines.r1[0], lines.s1[0] = 2.0 * pivot - low, 2.0 * pivot - high
        lines.r2[0], lines.s2[0] = pivot + high - low, pivot - high + low
        lines.r3[0], lines.s3[0] = high + 2.0 * (pivot - low), low - 2.0 * (high - pivot)
''',
        "CamarillaLevels": '''class CamarillaLevels(Stepwise):
    """Stott's levels from the day before."""

    lines = ("h3", "h4", "l3", "l4")
    params = (("roll", 0),)

    def __init__(self):
        self.day = TradingPeriod(self.data, roll=self.p.roll)

    def next(self):
        close, lines = self.day.last_close[0], self.lines
        reach = 1.1 * (self.day.last_high[0] - self.day.last_low[0])
        lines.h3[0], lines.l3[0] = close + reach / 4.0, close - reach / 4.0
        lines.h4[0], lines.l4[0] = close + reach / 2.0, close - reach / 2.0
''',
    },
)
