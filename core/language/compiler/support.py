"""Functions and classes of compiled files that belong to the language itself rather than to an indicator."""

HELPERS = {
    "trading_day": '''def trading_day(at, roll=0):
    """Number of the trading day in which a moment lies; from minute `roll` on it is the next one."""
    return at.toordinal() + (0 < roll <= at.hour * 60 + at.minute)
''',
    "ratio": '''def ratio(above, below):
    """A quotient, without a value when the divisor is zero: every comparison with it is false."""
    return above / below if below else math.nan
''',
    "remainder": '''def remainder(above, below):
    """What is left of a division, without a value when the divisor is zero."""
    return above % below if below else math.nan
''',
    "power": '''def power(base, exponent):
    """A power, without a value where there is none."""
    if base < 0 and exponent != int(exponent) or base == 0 and exponent < 0:
        return math.nan
    try:
        return base**exponent
    except OverflowError:
        return math.inf
''',
    "square_root": '''def square_root(number):
    """A square root, without a value below zero."""
    return math.sqrt(number) if number >= 0 else math.nan
''',
    "logarithm": '''def logarithm(number):
    """A natural logarithm, without a value at or below zero."""
    return math.log(number) if number > 0 else math.nan
''',
    "sign": '''def sign(number):
    """1 above zero, -1 below."""
    return (number > 0) - (number < 0)
''',
    "past": '''def past(values, ago):
    """A remembered value, or none when that bar was not seen."""
    return values[-1 - ago] if len(values) > ago else math.nan
''',
    "count": '''def count(seen, bars, ago=0):
    """On how many of the last bars something was true."""
    end = max(0, len(seen) - ago)
    return sum(seen[max(0, end - bars) : end])
''',
    "since": '''def since(seen, ago=0):
    """Bars since something was last true; no value before the first time."""
    end = max(0, len(seen) - ago)
    last = seen.rfind(1, 0, end)
    return end - 1 - last if last >= 0 else math.nan
''',
}
"""Module functions by name, each ending with a newline."""

SUPPORT_CLASSES = {
    "Stepwise": '''class Stepwise(bt.Indicator):
    """Base of indicators that compute one bar after the other: the same numbers whether Backtrader preloads the bars or not.

    Backtrader's own bulk run of such an indicator loses its place when its source is an indicator of an indicator.
    """

    def oncestart(self, start, end):
        self.replay(start, end, self.nextstart)

    def once(self, start, end):
        self.replay(start, end, self.next)

    def replay(self, start, end, step):
        sources = [self, *self.datas, *self._lineiterators[self.IndType]]
        lines = [line for source in sources for line in source.lines]
        for place in range(start, end):
            for line in lines:
                line.idx = place
            step()
''',
    "Ratio": '''class Ratio(Stepwise):
    """A quotient of two series that keeps its last value where the divisor is zero."""

    _mindatas = 2
    lines = ("ratio",)

    def nextstart(self):
        self.lines.ratio[0] = self.data[0] / self.data1[0] if self.data1[0] else 0.0

    def next(self):
        self.lines.ratio[0] = self.data[0] / self.data1[0] if self.data1[0] else self.lines.ratio[-1]
''',
    "Mapped": '''class Mapped(Stepwise):
    """A function of a series, 0 where it has no value."""

    lines = ("value",)
    params = (("function", "log"),)

    def next(self):
        number, function = self.data[0], self.p.function
        if function == "sign":
            self.lines.value[0] = float((number > 0) - (number < 0))
        elif function == "sqrt":
            self.lines.value[0] = math.sqrt(number) if number >= 0 else 0.0
        else:
            self.lines.value[0] = math.log(number) if number > 0 else 0.0
''',
    "SessionClock": '''class SessionClock(Stepwise):
    """Where a bar stands in its trading day and month, and the minutes left in the session.

    `roll` is the minute at which the trading day begins, `opens` and `closes` are the session's hours, -1 where they are not known. What is
    not known is learned: the day opens with its first bar and closes with the latest bar of the days before, so that on the first day the
    minutes left are a large number. A market whose day rolls on may pause before that; the pause is learned as well.
    """

    lines = (
        "bar_of_day",
        "bar_of_month",
        "ends",
        "into_day",
        "minutes_since_open",
        "minutes_to_close",
        "bar_minutes",
        "day",
        "month",
        "began",
        "latest",
        "close_at",
    )
    params = (("roll", 0), ("opens", -1), ("closes", -1))

    def nextstart(self):
        lines, now = self.lines, self.data.datetime.datetime(0)
        lines.bar_of_day[0] = lines.bar_of_month[0] = 1.0
        lines.bar_minutes[0], lines.close_at[0] = 0.0, -1.0
        lines.day[0] = trading_day(now, self.p.roll)
        lines.month[0] = self.month_of(now)
        self.finish(now, False)

    def next(self):
        now, before, lines = self.data.datetime.datetime(0), self.data.datetime.datetime(-1), self.lines
        lines.day[0] = trading_day(now, self.p.roll)
        new_day = lines.day[0] != lines.day[-1]
        lines.month[0] = self.month_of(now) if new_day else lines.month[-1]
        gap, length = (now - before).total_seconds() / 60.0, lines.bar_minutes[-1]
        lines.bar_minutes[0] = length if new_day else min(gap, length) if length else gap
        lines.bar_of_day[0] = 1.0 if new_day else lines.bar_of_day[-1] + 1.0
        lines.bar_of_month[0] = 1.0 if lines.month[0] != lines.month[-1] else lines.bar_of_month[-1] + 1.0
        known = lines.close_at[-1]
        lines.close_at[0] = max(known, lines.latest[-1]) if new_day else known
        self.finish(now, not new_day)

    def month_of(self, now):
        date = now.date().fromordinal(int(self.lines.day[0]))
        return date.year * 12.0 + date.month

    def finish(self, now, same_day):
        lines, told = self.lines, 1440.0 if self.p.roll else float(self.p.closes)
        opened = 0.0 if self.p.roll else float(self.p.opens)
        starts = float((now.hour * 60 + now.minute - self.p.roll) % 1440)
        ends = starts + lines.bar_minutes[0]
        ends = min(ends, told) if starts < told else ends
        lines.into_day[0], lines.ends[0] = ends, (ends + self.p.roll) % 1440
        lines.began[0] = lines.began[-1] if same_day else opened if opened >= 0 else starts
        lines.minutes_since_open[0] = ends - lines.began[0] if ends > lines.began[0] or opened < 0 else math.nan
        lines.latest[0] = max(ends, lines.latest[-1]) if same_day else ends
        learned = lines.close_at[0]
        close = learned if told < 0 or self.p.roll and learned >= told - 120.0 else told
        lines.minutes_to_close[0] = max(0.0, close - ends) if close > 0 else 1440.0
''',
}
"""Indicator classes by name, each ending with a newline."""
