"""The part of an exported program that builds its feeds out of the file of bars: of one instrument, or of several."""

from string import Template

from core.domain.bars import Bars

FEED_OF_ONE = Template("""\
    with open(options.bars, newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    feed = backtrader.feeds.GenericCSVData(
        dataname=options.bars,
        dtformat="%Y-%m-%dT%H:%M:%S" if "T" in first["time"] else "%Y-%m-%d",
        datetime=0, time=-1, open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
        timeframe=backtrader.TimeFrame.$unit, compression=$compression,
        sessionend=datetime.time(23, 59, 59),
    )
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(feed, name=$symbol)
    minutes, days, weeks = backtrader.TimeFrame.Minutes, backtrader.TimeFrame.Days, backtrader.TimeFrame.Weeks
    units = {"m": (minutes, 1), "h": (minutes, 60), "d": (days, 1), "w": (weeks, 1)}
    script = globals().get("SCRIPT_RUN", {})
    strategy = script.get("strategy") or $strategy
    for length in getattr(strategy, "timeframes", ()) or script.get("timeframes", ()):
        frame, factor = units[length[-1]]
        inside = $compression if frame == minutes else 0
        cerebro.resampledata(
            feed, timeframe=frame, compression=factor * int(length[:-1]), adjbartime=False, boundoff=inside
        )
""")

FEEDS_OF_SEVERAL = Template('''\
    with open(options.bars, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))

    class OwnBarsBroker(backtrader.brokers.BackBroker):
        """Executes an order on bars of its own instrument only: on moments without one, Backtrader would take the last one again."""

        def _try_exec(self, order):
            if order.data.datetime[0] == max(data.datetime[0] for data in self.cerebro.datas if len(data)):
                super()._try_exec(order)

    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.broker = OwnBarsBroker()
    minutes, days, weeks = backtrader.TimeFrame.Minutes, backtrader.TimeFrame.Days, backtrader.TimeFrame.Weeks
    units = {"m": (minutes, 1), "h": (minutes, 60), "d": (days, 1), "w": (weeks, 1)}
    script = globals().get("SCRIPT_RUN", {})
    strategy = script.get("strategy") or $strategy
    symbols = $symbols
    feeds = []
    for symbol in symbols:
        own = [",".join(list(row.values())[:6]) for row in rows if row["instrument"] == symbol]
        feeds.append(backtrader.feeds.GenericCSVData(
            dataname=io.StringIO("\\n".join(own) + "\\n"), name=symbol, headers=False,
            dtformat="%Y-%m-%dT%H:%M:%S" if "T" in rows[0]["time"] else "%Y-%m-%d",
            datetime=0, time=-1, open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
            timeframe=backtrader.TimeFrame.$unit, compression=$compression,
            sessionend=datetime.time(23, 59, 59),
        ))
    longer = [(length, 0) for length in getattr(strategy, "timeframes", ()) or script.get("timeframes", ())]
    said = list(script.get("feeds", ()))
    names = [part for part in said if isinstance(part, str)]
    layout = said + [""] * (len(symbols) - len(names)) if names else ["", *longer, *[""] * (len(symbols) - 1)]
    place = 0
    for part in layout:
        if isinstance(part, str) and place < len(symbols):
            cerebro.adddata(feeds[place], name=part or symbols[place])
            cerebro.datasbyname.setdefault(symbols[place], feeds[place])
            place += 1
        elif not isinstance(part, str):
            frame, factor = units[part[0][-1]]
            inside = $compression if frame == minutes else 0
            cerebro.resampledata(
                feeds[part[1]], timeframe=frame, compression=factor * int(part[0][:-1]), adjbartime=False, boundoff=inside
            )
''')


def render_feeds(bars: Bars, strategy: str) -> str:
    """Render the statements that read the file of bars and add its feeds to `cerebro`."""
    timeframe = bars.timeframe
    unit = "Weeks" if timeframe.value == "1w" else "Days" if timeframe.value == "1d" else "Minutes"
    words = {"unit": unit, "compression": timeframe.minutes if unit == "Minutes" else 1, "strategy": strategy}
    if bars.others:
        return FEEDS_OF_SEVERAL.substitute(words, symbols=repr([one.instrument.symbol for one in bars.instruments]))
    return FEED_OF_ONE.substitute(words, symbol=repr(bars.instrument.symbol))
