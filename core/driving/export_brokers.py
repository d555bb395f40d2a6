"""The part of an exported program that gives plain Backtrader the account that was measured: its costs, and brokers of a few lines."""

import re
from string import Template

from core.domain.backtest import BacktestPlan

FLAT_COMMISSION = Template("""\

    class Commission(backtrader.CommInfoBase):
        params = (("stocklike", True), ("commtype", backtrader.CommInfoBase.COMM_PERC), ("percabs", True))

        def _getcommission(self, size, price, pseudoexec):
            if not size:
                return 0.0
            due = abs(size) * options.commission * price
            return max(due + abs(size) * $unit + $order, $least)

    cerebro.broker.addcommissioninfo(Commission(commission=options.commission$leverage))
""")


IN_BAR = '''\

    class InBarBroker(type(cerebro.broker)):
        """Keeps sales within their bar: plain Backtrader lets a limit that fills at the open slip below the low, down to its price."""

        def _try_exec_limit(self, order, popen, phigh, plow, plimit):
            at_open = not order.isbuy() and plimit <= popen
            super()._try_exec_limit(order, popen, phigh, plow, max(plow, plimit) if at_open else plimit)

    cerebro.broker = InBarBroker()
'''


DEPOSITS = Template('''\

    class PaidIntoBroker(type(cerebro.broker)):
        """Pays into the account on the first bar of each new week, month, quarter or year: at its close, when its orders are done."""

        deposits = $deposits
        periods = None

        def next(self):
            day = self.cerebro.datas[0].datetime.date(0)
            month = day.year * 12 + day.month - 1
            periods = {"weekly": (day.toordinal() - 1) // 7, "monthly": month, "quarterly": month // 3, "yearly": day.year}
            if self.periods:
                paid = sum(amount for amount, every in self.deposits if periods[every] != self.periods[every])
                if paid:
                    self.add_cash(paid)
            self.periods = periods
            super().next()

    cerebro.broker = PaidIntoBroker()
''')


OPENINGS = '''\

    class OpeningBroker(type(cerebro.broker)):
        """Knows limit orders with on_open=True: they take part in the next opening only, before all that waits for a price."""

        def submit_accept(self, order):
            super().submit_accept(order)
            if self.is_for_opening(order):
                ordered = sorted(self.pending, key=lambda one: not (self.is_for_opening(one) or self.is_market(one)))
                self.pending.clear()
                self.pending.extend(ordered)

        def is_for_opening(self, order):
            return order.exectype == order.Limit and bool(order.info.get("on_open"))

        def is_market(self, order):
            return order.exectype == order.Market and order.active()

        def _try_exec_limit(self, order, popen, phigh, plow, plimit):
            if not self.is_for_opening(order):
                super()._try_exec_limit(order, popen, phigh, plow, plimit)
                return
            if popen <= plimit if order.isbuy() else popen >= plimit:
                super()._try_exec_limit(order, popen, phigh, plow, plimit)
            if order.alive():  # the opening left it over
                order.status, order.executed.dt = order.Expired, order.data.datetime[0]
                self.notify(order)
                if order.parent is None:
                    self._bracketize(order, cancel=True)

    cerebro.broker = OpeningBroker()
'''


LIMITS = re.compile(r"Limit|bracket|on_open|exectype\s*=\s*\d")
"""Words without which a program places no limit order."""


def render_costs(plan: BacktestPlan) -> str:
    """Render what the options of the runner cannot say: amounts for units, orders, a minimum, and slippage as an amount."""
    lines = ""
    if plan.has_flat_commission:
        amounts = {"unit": plan.commission_per_unit, "order": plan.commission_per_order, "least": plan.commission_minimum}
        lines += FLAT_COMMISSION.substitute({name: repr(amount) for name, amount in amounts.items()}, leverage=render_leverage(plan))
    if plan.slippage_price:
        lines += f"    cerebro.broker.set_slippage_fixed({plan.slippage_price!r}, slip_limit=True, slip_match=True)\n"
    return lines


def render_leverage(plan: BacktestPlan) -> str:
    """Render the leverage of an account as one more argument of its commission; nothing for an account without."""
    return f", leverage={plan.leverage!r}" if plan.leverage > 1 else ""


def render_brokers(plan: BacktestPlan, code: str) -> str:
    """Render the brokers of code with limit orders that slip or are for the opening, and of an account that is paid into; else nothing."""
    limits = IN_BAR if (plan.slippage or plan.slippage_price) and LIMITS.search(code) else ""
    openings = OPENINGS if "on_open" in code else ""
    deposits = [(one.amount, one.every.value) for one in plan.deposits]
    return limits + openings + (DEPOSITS.substitute(deposits=repr(deposits)) if deposits else "")
