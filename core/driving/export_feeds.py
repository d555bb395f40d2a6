"""The part of an exported program that builds its feeds out of the file of bars: of one instrument, of several, or of a basket."""

from collections.abc import Mapping
from string import Template
from textwrap import indent

from core.domain.bars import Bars
from core.domain.longer_bars import read_day_hours, render_longer_bars

DAY_FEED = '''\
    class DayFeed(backtrader.feeds.GenericCSVData):
        """Bars of days and weeks, known by their date alone: plain Backtrader sets the end of the session behind it."""

        def _loadline(self, tokens):
            loaded = super()._loadline(tokens)
            self.lines.datetime[0] //= 1
            return loaded

'''

FEED_OF_ONE = Template("""\
    with open(options.bars, newline="", encoding="utf-8") as file:
        first = next(csv.DictReader(file))
    feed = $feed(
        dataname=options.bars,
        dtformat="%Y-%m-%dT%H:%M:%S" if "T" in first["time"] else "%Y-%m-%d",
        datetime=0, time=-1, open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
        timeframe=backtrader.TimeFrame.$unit, compression=$compression,
    )
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(feed, name=$symbol)
    script = globals().get("SCRIPT_RUN", {})
    strategy = script.get("strategy") or $strategy
""")

LONGER_FEEDS = Template("""\
    for length in getattr(strategy, "timeframes", ()):
        add_longer_bars(cerebro, feed, length, $hours)
""")

LONGER_FEEDS_OF_SCRIPT = Template("""\
    for length in script.get("timeframes", ()):
        resample_as_the_script(cerebro, feed, length)
""")

RESAMPLING_OF_SCRIPT = Template("""\
    def resample_as_the_script(cerebro, feed, length):
        minutes, days, weeks = backtrader.TimeFrame.Minutes, backtrader.TimeFrame.Days, backtrader.TimeFrame.Weeks
        units = {"m": (minutes, 1), "h": (minutes, 60), "d": (days, 1), "w": (weeks, 1)}
        frame, factor = units[length[-1]]
        inside = $compression if frame == minutes else 0
        cerebro.resampledata(
            feed, timeframe=frame, compression=factor * int(length[:-1]), adjbartime=False, boundoff=inside,
            name=globals().get("SCRIPT_RUN", {}).get("longer_names", {}).get(length),
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
    script = globals().get("SCRIPT_RUN", {})
    strategy = script.get("strategy") or $strategy
    symbols = $symbols
    together = min(set.intersection(*({row["time"] for row in rows if row["instrument"] == one} for one in symbols)))
    feeds = []
    for symbol in symbols:
        own = [",".join(list(row.values())[:6]) for row in rows if row["instrument"] == symbol and row["time"] >= together]
        feeds.append($feed(
            dataname=io.StringIO("\\n".join(own) + "\\n"), name=symbol, headers=False,
            dtformat="%Y-%m-%dT%H:%M:%S" if "T" in rows[0]["time"] else "%Y-%m-%d",
            datetime=0, time=-1, open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
            timeframe=backtrader.TimeFrame.$unit, compression=$compression,
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
            $add_longer
''')


SET_UP = """\
    cerebro.broker.setcash(options.cash)
    cerebro.broker.setcommission(commission=options.commission$leverage)
$costs    if options.slippage:
        cerebro.broker.set_slippage_perc(options.slippage)
    if strategy is not backtrader.SignalStrategy:
        cerebro.addstrategy(strategy, **script.get("parameters", {}))
    if script.get("sizer"):
        cerebro.addsizer(script["sizer"], **script.get("sizer_parameters", {}))
    for kind, signal, values, words in script.get("signals", ()):
        cerebro.add_signal(kind, signal, *values, **words)
    for entry, add in (
        ("timers", cerebro.add_timer), ("indicators", cerebro.addindicator),
        ("analyzers", cerebro.addanalyzer), ("observers", cerebro.addobserver),
    ):
        for values, words in script.get(entry, ()):
            add(*values, **words)
    cerebro.p.tradehistory = bool(script.get("tradehistory"))
    cerebro.signal_accumulate(script.get("signal_accumulate", False))
    cerebro.signal_concurrent(script.get("signal_concurrent", False))
    cerebro.run($runonce)
"""
"""Statements that give `cerebro` its account and its strategy and run it, once the feeds are there."""

BASKET_RUNNER = Template(
    '''

def run_with_backtrader() -> None:
    """Run the strategy above on each instrument of a CSV file of bars (time, open, high, low, close, volume, instrument).

    Each has an account of its own; the final value is the mean of them, that of an account that is shared out equally.
    """
    import argparse
    import csv

    parser = argparse.ArgumentParser(description=$title)
    parser.add_argument("bars", nargs="?", default=__file__.rpartition(".")[0] + ".csv")
    parser.add_argument("--cash", type=float, default=$cash, help="of each account")
    parser.add_argument("--commission", type=float, default=$commission, help="fraction of the traded value")
    parser.add_argument("--slippage", type=float, default=$slippage, help="fraction of the price")
    options = parser.parse_args()
    with open(options.bars, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    finals = []
    for symbol in BASKET:
        try:
            finals.append(run_on_one(options, rows, symbol))
        except Exception as error:
            print(f"{symbol:<12} failed: {type(error).__name__}: {error}; its account stays in cash")
            finals.append(options.cash)
        else:
            print(f"{symbol:<12} {finals[-1]:>16,.2f}  {finals[-1] / options.cash - 1:>+8.1%}")
    print(f"final value {sum(finals) / len(finals):.2f}$final")


def run_on_one(options, rows: list, symbol: str) -> float:
    """Run the strategy on the bars of one instrument; gives the final value of its account."""
    import io

    import backtrader

$seeds$feeds'''
    + SET_UP
    + """\
    return cerebro.broker.getvalue()


if __name__ == "__main__":
    run_with_backtrader()
"""
)
"""The part of a program that was measured on a basket: each of its instruments is run alone."""

FEED_OF_MEMBER = Template("""\
    own = [",".join(list(row.values())[:6]) for row in rows if row["instrument"] == symbol]
    feed = $feed(
        dataname=io.StringIO("\\n".join(own) + "\\n"), name=symbol, headers=False,
        dtformat="%Y-%m-%dT%H:%M:%S" if "T" in rows[0]["time"] else "%Y-%m-%d",
        datetime=0, time=-1, open=1, high=2, low=3, close=4, volume=5, openinterest=-1,
        timeframe=backtrader.TimeFrame.$unit, compression=$compression,
    )
    cerebro = backtrader.Cerebro(stdstats=False)
    cerebro.adddata(feed, name=symbol)
""")


def render_feeds(bars: Bars, strategy: str, *, longer: bool = True, of_script: bool = False) -> str:
    """Render the statements that read the file of bars and add its feeds to `cerebro`.

    With `longer` those of longer bars too; with `of_script` they are Backtrader's own, as the script has them.
    """
    timeframe = bars.timeframe
    unit = "Weeks" if timeframe.value == "1w" else "Days" if timeframe.value == "1d" else "Minutes"
    feed = "backtrader.feeds.GenericCSVData" if unit == "Minutes" else "DayFeed"
    words = {"unit": unit, "compression": timeframe.minutes if unit == "Minutes" else 1, "strategy": strategy, "feed": feed}
    rule = RESAMPLING_OF_SCRIPT.substitute(words) if of_script else f"{indent(render_longer_bars(), '    ')}\n"
    rule = ("" if unit == "Minutes" else DAY_FEED) + (rule if longer else "")
    ending = LONGER_FEEDS_OF_SCRIPT if of_script else LONGER_FEEDS
    if bars.members and not bars.further:
        hours = f"{ {one.instrument.symbol: read_day_hours(one.instrument) for one in bars.others[: bars.members]} }[symbol]"
        _, _, rest = FEED_OF_ONE.substitute(words, symbol="symbol").partition("cerebro.adddata(feed, name=symbol)\n")
        return rule + FEED_OF_MEMBER.substitute(words) + rest + (ending.substitute(hours=hours) if longer else "")
    if bars.members or bars.others:
        return rule + _render_feeds_of_several(bars, words, of_script)
    text = FEED_OF_ONE.substitute(words, symbol=repr(bars.instrument.symbol))
    return rule + text + (ending.substitute(hours=read_day_hours(bars.instrument)) if longer else "")


def _render_feeds_of_several(bars: Bars, words: Mapping[str, object], of_script: bool) -> str:
    hours = f"{ {one.instrument.symbol: read_day_hours(one.instrument) for one in bars.instruments} }[symbols[part[1]]]"
    add = f"add_longer_bars(cerebro, feeds[part[1]], part[0], {hours})"
    add = "resample_as_the_script(cerebro, feeds[part[1]], part[0])" if of_script else add
    if not bars.members:
        return FEEDS_OF_SEVERAL.substitute(words, symbols=repr([one.instrument.symbol for one in bars.instruments]), add_longer=add)
    further = [one.instrument.symbol for one in bars.further]
    several = FEEDS_OF_SEVERAL.substitute(words, symbols=f"[symbol, *{further!r}]", add_longer=add)
    return "".join(several.partition("    class OwnBarsBroker")[1:])
