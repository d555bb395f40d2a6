"""Wishes of a script that cannot be met as it says, with the words that tell so."""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from core.gate.parsed_source import dotted_name
from core.gate.script_call import ScriptCall

NAMED_ONCE = {
    "addanalyzer": "The analyzer {what} was left out: the platform computes its own figures.",
    "addobserver": "The observer {what} was left out; only Broker, Trades and BuySell are there.",
    "addobservermulti": "The observer {what} was left out; only Broker, Trades and BuySell are there.",
    "addwriter": "The writer was left out: there are no files here, and the platform keeps the results.",
    "add_timer": "The timer was left out: without strats=True it is not told to the strategy. Call self.add_timer() in its __init__().",
    "addindicator": "The indicator {what} was left out: Backtrader calls next() only once it has its bars. Make it in __init__().",
    "addcalendar": "The calendar was left out: the bars of the run are taken as they are.",
    "addtz": "The time zone was left out: bars are in the exchange's own time.",
    "replaydata": "replaydata() was left out: the strategy runs on the run's own bars, each complete, and not on longer ones "
    "while they form. resampledata() gives longer bars once they are complete.",
    "set_coc": "set_coc() (cheat on close) was left out: a market order fills at the next bar's open, not at the close that placed it. "
    "The nearest here is exectype=bt.Order.Close, which fills at the close of the next session.",
    "set_coo": "set_coo() (cheat on open) was left out: an order fills on the bar after the one that placed it. "
    "Move the rules of next_open() into next(), where the close is known and the next open is the price.",
    "set_checksubmit": "set_checksubmit() was left out: a purchase beyond the cash is rejected.",
    "set_shortcash": "set_shortcash() was left out: a short sale brings its proceeds into cash.",
    "set_filler": "set_filler() was left out: an order fills whole.",
    "set_fundmode": "set_fundmode() was left out: the account is valued in money.",
    "set_slippage_fixed": "set_slippage_fixed() was left out: the plan's slippage, a fraction of the price, counts.",
    "addcommissioninfo": "addcommissioninfo({what}) was left out: the plan's commission, a fraction of the traded value, counts.",
    "addfilter": "The feed's filter {what} was left out: the run's bars are taken as they are.",
    "addfilter_simple": "The feed's filter {what} was left out: the run's bars are taken as they are.",
    "chaindata": "chaindata() was left out: the run's own bars count.",
    "rolloverdata": "rolloverdata() was left out: the run's own bars count.",
    "set_eosbar": "set_eosbar() was left out: the last bar of a session is told by the times of the bars.",
    "signal_strategy": "signal_strategy() was left out: the signals are traded by Backtrader's own SignalStrategy.",
    "set_fund_history": "set_fund_history() was left out: only the strategy's orders count.",
    "compensate": "compensate() was left out: a purchase of one instrument does not lower the position in another.",
    "broker": "The script's own broker was left out: orders go to the platform's.",
    "add_order_history": "add_order_history() was left out: only the strategy's orders count.",
    "add_cash": "add_cash() was left out: cash cannot be added here, and the figures are without it.",
}
"""Wishes that cannot be met as the script says, with the reason."""
SWITCHES = frozenset(("set_coc", "set_coo", "set_checksubmit", "set_shortcash"))
"""Wishes that are none when they ask for what holds anyway: the first two off, the others on."""
WARNED_OF = frozenset(("replaydata", "addindicator", "compensate", "signal_strategy"))
"""Wishes without which the strategy is another one."""
_BROKER_SETTINGS = {
    "cash": "setcash",
    "slip_perc": "set_slippage_perc",
    "slip_fixed": "set_slippage_fixed",
    **{name: f"set_{name}" for name in ("coc", "coo", "checksubmit", "shortcash", "filler", "fundmode")},
}
"""Arguments of Backtrader's own broker, by the method that sets the same."""
_FEED_OPTIONS = {
    ("fromdate", "todate", "start", "end", "period", "interval"): "the range of the run counts.",
    ("filters", "sessionstart", "sessionend", "tz", "tzinput", "calendar"): "the run's bars are taken as they are.",
}
ENGINE_OPTIONS = {
    "cheat_on_open": "Cerebro(cheat_on_open=True) was left out: next_open() is not called, and an order fills on the next bar.",
    "quicknotify": "Cerebro(quicknotify=True) was left out: fills are told on the next bar.",
    "oldsync": "Cerebro(oldsync=True) was left out.",
    "tz": "Cerebro(tz=...) was left out: bars are in the exchange's own time.",
}


def spell_out_brokers(calls: Sequence[ScriptCall]) -> Iterator[ScriptCall]:
    """The calls with `cerebro.broker = BackBroker(cash=1000, coc=True)` as the calls that set the same; another broker stays what it is."""
    for call in calls:
        made = call.args[0] if call.name in ("broker", "setbroker") and call.args else None
        if call.name == "setbroker":
            call = replace(call, name="broker")
        plain = isinstance(made, ast.Call) and dotted_name(made.func).rpartition(".")[2] in ("BackBroker", "BrokerBack")
        if not isinstance(made, ast.Call) or not plain or not all(word.arg in _BROKER_SETTINGS for word in made.keywords):
            yield call
        for word in made.keywords if isinstance(made, ast.Call) and plain else ():
            if word.arg in _BROKER_SETTINGS:
                yield replace(call, name=_BROKER_SETTINGS[word.arg], args=(word.value,), keywords=())


def describe_feed_options(calls: Sequence[ScriptCall]) -> Iterator[tuple[ScriptCall, str]]:
    """Calls that make a feed of a part of its bars, or change them, each with the words that tell what was left out; one of each kind."""
    feeds = [call for call in calls if call.inside.startswith(("backtrader.feeds.", "yfinance."))]
    for options, words in _FEED_OPTIONS.items():
        given = [(call, sorted({word.arg for word in call.keywords if word.arg in options})) for call in feeds]
        for call, names in [one for one in given if one[1]][:1]:
            yield call, f"The feed's {', '.join(map(str, names))} was left out: {words}"


def read_setting(target: ast.Attribute, value: ast.expr) -> tuple[ast.expr, str, tuple[ast.expr, ...], tuple[ast.keyword, ...]] | None:
    """`cerebro.broker.p.coc = True` as the call that sets the same: owner, name, arguments; None where nothing of an engine is set."""
    if target.attr == "broker":
        return target, "broker", (value,), ()
    owner = target.value
    if not isinstance(owner, ast.Attribute) or owner.attr not in ("p", "params"):
        return None
    if target.attr in _BROKER_SETTINGS:
        return owner.value, _BROKER_SETTINGS[target.attr], (value,), ()
    if target.attr in ENGINE_OPTIONS or target.attr == "tradehistory":
        return owner.value, "run", (), (ast.keyword(arg=target.attr, value=value),)
    return None
