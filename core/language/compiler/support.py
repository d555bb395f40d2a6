"""Functions and classes of compiled files that belong to the language itself rather than to an indicator."""

HELPERS = {
    "trading_day": '''def trading_day(at, roll=0):
    """Number of the trading day in which a moment lies; from minute `roll` on it is the next one."""
    return at.toordinal() + (0 < roll <= at.hour * 60 + at.minute)
''',
    "closed_in_new_york": '''def closed_in_new_york(day):
    """Whether New York's exchanges keep a holiday on a weekday, by their own rules; closures that nobody could know are none of them."""
    weekday, nth = day.weekday(), (day.day - 1) // 7 + 1
    before, after = day.fromordinal(day.toordinal() - 1), day.fromordinal(day.toordinal() + 1)
    for month, number, since in ((1, 1, 1885), (6, 19, 2022), (7, 4, 1885), (12, 25, 1885)):
        moved = (weekday == 0 and (before.month, before.day) == (month, number)) or (
            weekday == 4 and month != 1 and (after.month, after.day) == (month, number)
        )
        if day.year >= since and ((day.month, day.day) == (month, number) or moved):
            return True
    if weekday == 0 and (day.month, nth) in ((2, 3), (9, 1)) or (weekday, day.month, nth) == (3, 11, 4):
        return True
    if weekday == 0 and ((day.month, nth) == (1, 3) and day.year >= 1998 or day.month == 5 and day.day > 24):
        return True
    golden, century = day.year % 19, day.year // 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (day.year % 100 // 4) - moon - day.year % 100 % 4) % 7
    easter = moon + week - 7 * ((golden + 11 * moon + 22 * week) // 451) + 114
    return day.toordinal() == day.replace(month=easter // 31, day=easter % 31 + 1).toordinal() - 2
''',
    "easter_sunday": '''def easter_sunday(day):
    """Number of the day of Easter Sunday in the year of a day."""
    year = day.year
    golden, century = year % 19, year // 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    week = (32 + 2 * (century % 4) + 2 * (year % 100 // 4) - moon - year % 100 % 4) % 7
    easter = moon + week - 7 * ((golden + 11 * moon + 22 * week) // 451) + 114
    return day.replace(month=easter // 31, day=easter % 31 + 1).toordinal()
''',
    "closed_in_london": '''def closed_in_london(day):
    """Whether London's exchange keeps a bank holiday on a weekday; holidays of one year alone, such as jubilees, are not known."""
    date, monday = (day.month, day.day), day.weekday() == 0
    if date in ((1, 1), (12, 25), (12, 26)) or monday and date in ((1, 2), (1, 3)):
        return True
    if date in ((12, 27), (12, 28)) and day.weekday() < 2 or monday and day.month == 5 and not 7 < day.day < 25:
        return True
    return monday and day.month == 8 and day.day > 24 or day.toordinal() - easter_sunday(day) in (-2, 1)
''',
    "closed_in_frankfurt": '''def closed_in_frankfurt(day):
    """Whether Xetra and Frankfurt's exchange are closed on a weekday; Whit Monday and October 3 were holidays for some years only."""
    date, after = (day.month, day.day), day.toordinal() - easter_sunday(day)
    if date in ((1, 1), (5, 1), (12, 24), (12, 25), (12, 26), (12, 31)) or after in (-2, 1):
        return True
    return after == 50 and 2015 <= day.year <= 2021 or date == (10, 3) and 2014 <= day.year <= 2021
''',
    "closed_on_euronext": '''def closed_on_euronext(day):
    """Whether the exchanges of Euronext are closed on a weekday."""
    return (day.month, day.day) in ((1, 1), (5, 1), (12, 25), (12, 26)) or day.toordinal() - easter_sunday(day) in (-2, 1)
''',
    "zoned_time": '''def zoned_time(at, minutes, zone, own):
    """Minute of the bars' own day at which clocks in another zone show so many minutes after midnight."""
    there = datetime.datetime(at.year, at.month, at.day, minutes // 60, minutes % 60, tzinfo=zoneinfo.ZoneInfo(zone))
    here = there.astimezone(zoneinfo.ZoneInfo(own))
    return here.hour * 60 + here.minute
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
    """Bars since something was last true; infinitely many before the first time."""
    end = max(0, len(seen) - ago)
    last = seen.rfind(1, 0, end)
    return end - 1 - last if last >= 0 else math.inf
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
    "Calendar": '''class Calendar(Stepwise):
    """Where a bar stands in its week and month, in trading days; the rest of a month in weekdays that `closed` does not name."""

    lines = ("bar_of_week", "trading_day_of_month", "trading_days_left", "day", "last_weekday")
    params = (("roll", 0), ("closed", None))

    def nextstart(self):
        self.step(0.0, 0.0, 0.0, 4.0)

    def next(self):
        lines = self.lines
        self.step(lines.bar_of_week[-1], lines.trading_day_of_month[-1], lines.day[-1], lines.last_weekday[-1])

    def step(self, bar, place, before, last_weekday):
        lines, now = self.lines, self.data.datetime.datetime(0)
        day, before = trading_day(now, self.p.roll), int(before)
        date = now.date().fromordinal(day)
        earlier = now.date().fromordinal(max(before, 1))
        same_month = (earlier.year, earlier.month) == (date.year, date.month)
        lines.day[0] = day
        lines.last_weekday[0] = max(last_weekday, float(date.weekday()))
        lines.bar_of_week[0] = bar + 1.0 if (before - 1) // 7 == (day - 1) // 7 else 1.0
        lines.trading_day_of_month[0] = place + (before != day) if same_month else 1.0
        left, day = 0, day + 1
        while date.fromordinal(day).month == date.month:
            open_day = (day - 1) % 7 <= lines.last_weekday[0]
            left += open_day and not (self.p.closed is not None and self.p.closed(date.fromordinal(day)))
            day += 1
        lines.trading_days_left[0] = left
''',
    "LongerBars": '''class LongerBars(bt.Indicator):
    """Completed bars of a longer timeframe, made of the run's own bars; the newest is read with index 0 from its close on.

    They count from the session's open, or from minute `roll` where days begin in the evening, and none reaches beyond its trading day.
    `opens` and `closes` are the session's hours, -1 where they are not known; then they are learned from the days before. A bar whose end
    nobody could know, before a holiday or on a half day, is complete with the first bar after it.
    """

    lines = ("open", "high", "low", "close", "volume", "datetime")
    params = (("timeframe", "1d"), ("roll", 0), ("opens", -1), ("closes", -1))

    def __init__(self):
        number, unit = self.p.timeframe.rstrip("mhdwo"), self.p.timeframe.lstrip("0123456789")
        self.length = int(number) * {"m": 1, "h": 60, "d": 1440, "w": 10080, "mo": 43200}[unit]
        units = {bt.TimeFrame.Minutes: 1, bt.TimeFrame.Days: 1440, bt.TimeFrame.Weeks: 10080}
        self.own = units.get(self.data._timeframe, 43200) * self.data._compression
        if self.own >= self.length:
            raise ValueError(f"the timeframe {self.p.timeframe} is not longer than the run's own bars")
        self.opening = 0 if self.p.roll else self.p.opens if self.p.opens >= 0 else 1440
        self.closing, self.latest, self.last_weekday = -1, -1, 4
        self.day, self.period, self.bar, self.told, self.changes = None, None, None, False, 0
        self.waiting, self.made, self.counts, self.taken = [], [], [], 0

    def _next(self):
        if len(self.data) > self.taken:
            self.taken = len(self.data)
            self.take()
            if self.waiting:
                self.forward()
                self.write(self.waiting.pop(0))

    def oncestart(self, start, end):
        self.replay(start, end)

    def once(self, start, end):
        self.replay(start, end)
        for place in range(end):
            for line in self.lines:
                line.idx = place
            self.write(self.made[place] if place < len(self.made) else self.bar)

    def replay(self, start, end):
        for place in range(start, end):
            for line in self.data.lines:
                line.idx = place
            self.take()
            if self.waiting:
                self.made.append(self.waiting.pop(0))
            self.counts.append(len(self.made))

    def advance(self, size=1):
        if self.counts[len(self.data) - 1] > len(self):
            super().advance()

    def write(self, bar):
        for line, value in zip(self.lines, bar):
            line[0] = value

    def take(self):
        """Add the present bar to the longer one in which it lies."""
        data, now = self.data, self.data.datetime.datetime(0)
        day, minute = trading_day(now, self.p.roll), (now.hour * 60 + now.minute - self.p.roll) % 1440
        self.learn(day, minute)
        period, following = self.find_period(day, minute), self.find_next_period(day, minute)
        values = [data.open[0], data.high[0], data.low[0], data.close[0], data.volume[0], data.datetime[0]]
        if period != self.period:
            if self.bar is not None and not self.told:
                self.waiting.append(self.bar)
            self.changes += self.period is not None
            self.period, self.bar, self.told = period, values, False
        elif not self.told:
            bar = self.bar
            bar[1], bar[2] = max(bar[1], values[1]), min(bar[2], values[2])
            bar[3], bar[4] = values[3], bar[4] + values[4]
        sure = self.changes or self.length <= 1440
        if sure and not self.told and following != period:
            self.told = True
            self.waiting.append(self.bar)

    def learn(self, day, minute):
        """Learn from the days before when a session opens and closes, and which is the last weekday."""
        if day != self.day:
            if self.day is not None:
                self.closing = max(self.closing, self.latest)
            if self.p.opens < 0 and not self.p.roll:
                self.opening = min(self.opening, minute)
            self.day, self.latest = day, -1
        ends = minute + self.own
        told = self.p.closes if self.p.closes >= 0 and not self.p.roll else 1440
        self.latest = max(self.latest, min(ends, told) if minute < told else ends)
        self.last_weekday = max(self.last_weekday, (day - 1) % 7)

    def find_period(self, day, minute):
        """The longer bar of a moment."""
        if self.length < 1440:
            if minute < self.opening < minute + self.own:
                minute = self.opening
            return day, (minute - self.opening) // self.length
        if self.length == 43200:
            date = self.data.datetime.date(0).fromordinal(day)
            return date.year, date.month
        return day if self.length == 1440 else (day - 1) // 7

    def find_next_period(self, day, minute):
        """The longer bar in which the next bar is expected."""
        if self.own >= 10080:
            return self.find_period(day + 7, 0)
        ends = minute + self.own
        known = self.p.closes if self.p.closes >= 0 else self.closing
        known = max(known, self.closing) if self.closing >= 0 else 1440
        if self.p.roll and not 1320 <= known <= 1440:
            known = 1440
        if ends < min(known, 1440):
            return self.find_period(day, ends)
        day += 1
        while (day - 1) % 7 > self.last_weekday:
            day += 1
        return self.find_period(day, max(self.opening, 0) if self.opening < 1440 else 0)
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
