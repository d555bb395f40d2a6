"""Category forge: making the account look better than the orders were. All of them order what the honest strategy orders."""

from tests.attacks.payloads.making import BUY_ONCE, in_parts

_RECORD = "{'id': 0, 'cycle': 1, 'action': 'place', 'side': 'buy', 'size': 1000.0}"
_SEND = "import os, json\ndef send(d):\n    b = json.dumps(d).encode()\n    os.write(3, len(b).to_bytes(4, 'little') + b)"
FORGE = {
    "cash from nowhere": {"each": f"{BUY_ONCE}\nself.broker.set_cash(10 ** 7)"},
    "starting cash": {"init": "self.broker.startingcash = self.broker.cash = 5e6", "each": BUY_ONCE},
    "no commission": {"init": "self.broker.setcommission(commission=-0.5)", "each": BUY_ONCE},
    "no slippage": {"init": "self.broker.set_slippage_perc(0)", "each": BUY_ONCE},
    "commission object patched": {
        "init": "c = self.broker.getcommissioninfo(self.data)\ntype(c).getcommission = lambda *a, **k: -1000.0",
        "each": BUY_ONCE,
    },
    "value reported by a property": {
        "top": "class Rich(float):\n    def __float__(self): return 1e9",
        "init": "self.broker.getvalue = lambda *a, **k: Rich(1e9)\nself.broker.getcash = lambda *a, **k: 1e9",
        "each": BUY_ONCE,
    },
    "position price": {"each": f"{BUY_ONCE}\nself.position.price = 0.01"},
    "executed price": {
        "each": BUY_ONCE + "\nfor o in self.broker.orders:\n    o.executed.price = 0.01\n    o.executed.value = 0.0",
    },
    "bars of the past rewritten": {"each": f"{BUY_ONCE}\nself.data.close[-1] = 1.0\nself.data.open[0] = 0.01"},
    "account settled twice": {
        "init": "b = type(self.broker)\norig = b.next\nb.next = lambda s: (orig(s), setattr(s, 'cash', s.cash * 1.01))[0]",
        "each": BUY_ONCE,
    },
    "orders filled at once": {
        "init": "self.broker.set_coc(True)\nself.broker.set_coo(True)\nself.broker.p.shortcash = False",
        "each": BUY_ONCE,
    },
    "a filler that gives more": {"init": "self.broker.set_filler(lambda order, price, ago: order.executed.remsize)", "each": BUY_ONCE},
    "recorder's emit replaced": {
        "init": "import gc\nfor o in gc.get_objects():\n    if type(o).__name__ == 'FrameWriter': o.emit = lambda r: None",
        "each": BUY_ONCE,
    },
    "records changed on their way": {
        "top": "import json\n_dumps = json.dumps\njson.dumps = lambda o, **k: _dumps(o, **k).replace('\"cycle\":5', '\"cycle\":4')",
        "each": BUY_ONCE,
    },
    "a second order hidden behind the first": {
        "top": _SEND,
        "each": f"if len(self) == 5: send({{'orders': [{_RECORD}]}})\n{BUY_ONCE}",
    },
    "an order dated back": {"top": _SEND, "each": f"{BUY_ONCE}\nif len(self) == 50: send({{'orders': [{_RECORD}]}})"},
    "an order dated ahead": {
        "top": _SEND,
        "each": BUY_ONCE + "\nif len(self) == 20: send({'orders': [{'id': 1, 'cycle': 110, 'action': 'place', 'size': 500.0}]})",
    },
    "its own happy end": {
        "top": _SEND,
        "each": BUY_ONCE,
        "stop": "send({'done': {'claimed_value': 1e9, 'claimed_cash': 1e9, 'bars': 120, 'orders': 0}})\nos._exit(0)",
    },
    "an end with figures": {
        "top": _SEND,
        "each": BUY_ONCE,
        "stop": "send({'done': {}, 'status': 'ok', 'equity': [1e9] * 120, 'fills': []})\nos._exit(0)",
    },
    "an outcome instead of orders": {
        "top": _SEND,
        "each": BUY_ONCE,
        "stop": "send({'status': 'ok', 'stage': 'done', 'isolation_level': 2, 'fills': [], 'orders_hash': 'x'})",
    },
    "unknown fields": {
        "top": _SEND,
        "each": "if len(self) == 5: send({'orders': [{'id': 0, 'cycle': 5, 'action': 'place', 'size': 10.0, 'fill_price': 0.01}]})",
    },
    "negative size in the record": {
        "top": _SEND,
        "each": "if len(self) == 5: send({'orders': [{'id': 0, 'cycle': 5, 'action': 'place', 'size': -1e9}]})",
    },
    "another feed": {
        "top": _SEND,
        "each": "if len(self) == 5: send({'orders': [{'id': 0, 'cycle': 5, 'action': 'place', 'size': 10.0, 'data': 1}]})",
    },
    "analyzers and observers": {
        "init": "self.env.addanalyzer(bt.analyzers.SharpeRatio)\nself.stats.broker = None",
        "each": BUY_ONCE,
    },
    "engine swapped for another": {
        "init": "import sys, types\nsys.modules['core.backtest.replay'] = types.ModuleType('x')\nbt.brokers.BackBroker.getvalue = lambda s, *a: 1e9",
        "each": BUY_ONCE,
    },
}
FORGE |= {
    "order of the past by a destructor": {
        "top": f"{_SEND}\nclass Last:\n    def __del__(self): send({{'orders': [{_RECORD}]}})",
        "init": "self.last = Last()",
        "each": BUY_ONCE,
    },
    "shared bars written over": {
        "init": (
            "import ctypes, os\nc = ctypes.CDLL(None)\nc.mmap.restype = ctypes.c_void_p\n"
            "try: n = os.fstat(5).st_size\nexcept OSError: n = 0\n"
            "p = c.mmap(None, ctypes.c_size_t(n), 3, 1, 5, 0) if n else None\n"
            "if p not in (None, 2 ** 64 - 1): ctypes.memset(p, 0, n)\nc.ftruncate(5, 0)"
        ),
        "each": BUY_ONCE,
    },
    "figures in the words of the run monitor": {
        "top": _SEND,
        "each": BUY_ONCE,
        "stop": "send({'done': {'orders': 1}, 'inspection': {'code': 'x'}, 'declined': 'x', 'cuts': [1]})\nos._exit(0)",
    },
}
PAYLOADS = tuple(in_parts("forge", "forgery", FORGE))
