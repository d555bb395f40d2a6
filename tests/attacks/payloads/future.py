"""Category lookahead: trading on bars that have not happened. Each turns what it peeked into orders, so that it shows."""

from tests.attacks.payloads.making import in_parts

_TRADE = "\nif up and not self.position: self.buy(size=20)\nelif not up and self.position: self.close()"
_PEEK_LIST = "i = len(self)\nif i >= len(self.f): return\nup = self.f[i] > self.f[i - 1]" + _TRADE
FUTURE = {
    "index one ahead": {"each": "try: up = self.data.close[1] > self.data.close[0]\nexcept IndexError: return" + _TRADE},
    "index by a subtraction": {
        "each": "k = len('ab') - len('a')\ntry: up = self.data.high[k] > self.data.high[0]\nexcept IndexError: return" + _TRADE
    },
    "array copied at the start": {"init": "self.f = list(self.data.close.array)", "each": _PEEK_LIST},
    "array through the lines object": {"init": "self.f = list(self.data.lines.lines[0].array)", "each": _PEEK_LIST},
    "array by vars()": {"init": "self.f = list(vars(self.data.lines.close)['array'])", "each": _PEEK_LIST},
    "negative wrap to the end": {
        "each": (
            "if len(self) == 1: self.last = [self.data.close[-k] for k in range(1, 20)]\n"
            "v = [x for x in self.last if x == x]\nup = bool(v) and self.data.close[0] < v[0]"
        )
        + _TRADE
    },
    "line shifted into the future": {
        "init": "self.f = self.data.high(2)",
        "each": "try: up = self.f[0] > self.data.close[0]\nexcept IndexError: return" + _TRADE,
    },
    "average of a shifted line": {
        "init": "self.f = bt.ind.SMA(self.data.close(3), period=2)",
        "each": "try: up = self.f[0] > self.data.close[0]\nexcept IndexError: return" + _TRADE,
    },
    "own indicator computed at once": {
        "top": (
            "class Ahead(bt.Indicator):\n    lines = ('f',)\n    def next(self): self.lines.f[0] = 0.0\n"
            "    def once(self, start, end):\n        a = self.data.close.array\n"
            "        for i in range(start, end): self.lines.f.array[i] = a[min(i + 1, len(a) - 1)] - a[i]\n"
        ),
        "init": "self.a = Ahead(self.data)",
        "each": "up = self.a.f[0] > 0" + _TRADE,
    },
    "pandas shift": {
        "init": "import pandas as pd\ns = pd.Series(self.data.close.array)\nself.f = s.shift(-1).fillna(0).tolist()",
        "each": "i = len(self) - 1\nif i >= len(self.f): return\nup = self.f[i] > self.data.close[0]" + _TRADE,
    },
    "numpy maximum of everything": {
        "init": "import numpy as np\na = np.array(self.data.high.array)\nself.top = a.max() if len(a) else float('nan')",
        "each": "up = self.data.close[0] < self.top * 0.9" + _TRADE,
    },
    "plot range": {
        "each": "v = self.data.close.plotrange(len(self), len(self) + 1)\nif not len(v): return\nup = v[0] > self.data.close[0]" + _TRADE
    },
    "getzero": {"each": "v = self.data.close.getzero(len(self), 1)\nif not len(v): return\nup = v[0] > self.data.close[0]" + _TRADE},
    "pointer moved and moved back": {
        "each": (
            "l = self.data.lines.close\ntry:\n    l.advance(); v = l.array[l.idx]; l.rewind()\nexcept IndexError: return\nup = v > l[0]"
        )
        + _TRADE
    },
    "pointer set": {
        "each": "l = self.data.close\ni = l._idx\ntry: v = l.array[i + 1]\nexcept IndexError: return\nup = v > l.array[i]" + _TRADE
    },
    "length of the buffer": {
        "each": "n = self.data.buflen()\nup = n - len(self) > 20 and len(self) % 7 < 4 and n > len(self)" + _TRADE,
    },
    "heap walk for arrays": {
        "init": (
            "import gc\nself.f = []\n"
            "for o in gc.get_objects():\n"
            "    a = getattr(o, 'array', None) if type(o).__name__ == 'LineBuffer' else None\n"
            "    if a is not None and len(a) > len(self.f) and max(a, default=0) < 10 ** 4: self.f = list(a)"
        ),
        "each": _PEEK_LIST,
    },
    "frames of the platform": {
        "init": (
            "import sys\nself.f = []\nk = sys._getframe()\n"
            "while k:\n"
            "    for v in list(k.f_locals.values()):\n"
            "        c = getattr(v, 'close', None)\n"
            "        if hasattr(c, 'tolist') and len(c) > len(self.f): self.f = c.tolist()\n"
            "    k = k.f_back"
        ),
        "each": _PEEK_LIST,
    },
    "memory of the process": {
        "init": (
            "import ctypes, gc, struct\nself.f = []\n"
            "for o in gc.get_objects():\n"
            "    if type(o).__name__ == 'mmap' and len(o) > 48: self.f = list(struct.unpack(f'{len(o) // 8}d', o[:]))"
        ),
        "each": _PEEK_LIST,
    },
    "asking for bars by oneself": {
        "init": (
            "import os, struct\nself.f = []\n"
            "for _ in range(10):\n"
            "    os.write(3, b'\\x02\\0\\0\\0[]')\n"
            "    self.f.append(struct.unpack('<q5d', os.read(4, 48))[4])"
        ),
        "each": "i = len(self)\nif i >= len(self.f): return\nup = self.f[i] > self.f[i - 1]" + _TRADE,
    },
    "generator that pulls the feed": {
        "each": "s = self.data.source\nr = getattr(s, 'next_bar', lambda: None)()\nif r is None: return\nup = r[4] > self.data.close[0]"
        + _TRADE
    },
    "feed's own columns": {
        "init": "c = getattr(self.data.source, 'close', None)\nself.f = [] if c is None else list(c)",
        "each": _PEEK_LIST,
    },
    "cheat on open": {
        "init": "self.env.p.cheat_on_open = True\nself.cerebro.p.cheat_on_open = True",
        "each": "up = self.data.close[0] > self.data.open[0]" + _TRADE,
    },
    "a second pass over the data": {
        "top": "SEEN = []\n",
        "init": "for i in range(self.data.buflen()):\n    SEEN.append(self.data.close.array[i])",
        "each": "i = len(self)\nif i >= len(SEEN): return\nup = SEEN[i] > SEEN[i - 1]" + _TRADE,
    },
}
FUTURE |= {
    "timer that cheats": {
        "init": (
            "self.add_timer(bt.timer.SESSION_START, cheat=True)\n"
            "def at_open(timer, when, *a, **k):\n"
            "    up = self.data.close[0] > self.data.open[0]\n"
            "    if up and not self.position: self.buy(size=20)\n"
            "    elif not up and self.position: self.close()\n"
            "self.notify_timer = at_open"
        )
    },
    "class made on the way, with a pass of its own": {
        "init": (
            "def make():\n"
            "    def once(s, start, end):\n"
            "        a = s.data.close.array\n"
            "        for i in range(start, end): s.lines.f.array[i] = a[min(i + 1, len(a) - 1)] - a[i]\n"
            "    parts = {'lines': ('f',), 'next': lambda s: s.lines.f.__setitem__(0, 0.0), 'once': once, '__module__': __name__}\n"
            "    return type(bt.Indicator)('A', (bt.Indicator,), parts)\n"
            "self.a = make()(self.data)"
        ),
        "each": "up = self.a.f[0] > 0" + _TRADE,
    },
    "view of the memory of a line": {
        "each": "import numpy as np\nself.v = np.frombuffer(self.data.close.array)\ni = len(self)\nif i >= len(self.v): return\n"
        "up = self.v[i] > self.v[i - 1]" + _TRADE
    },
    "size of what the process was given": {
        "init": "import os\ntry: self.n = os.fstat(5).st_size // 48\nexcept OSError: self.n = 0",
        "each": "up = 0 < self.n - len(self) < 60 and len(self) % 7 < 4" + _TRADE,
    },
    "hook on every step of the platform": {
        "init": (
            "import sys\nself.rows = []\n"
            "def hook(f, e, a):\n"
            "    self.rows += [v for v in f.f_locals.values() if isinstance(v, tuple) and len(v) == 6]\n"
            "    return hook\n"
            "sys.settrace(hook)\nf = sys._getframe()\nwhile f: f.f_trace = hook; f = f.f_back"
        ),
        "each": "if not self.rows: return\nup = self.rows[-1][4] > self.data.close[0]" + _TRADE,
    },
}
FUTURE |= {
    "values of an indicator that was never there": {
        "init": (
            "import os, json, struct\n"
            "t = json.dumps({'blocks': [['window largest', [4], [], 3, []], ['-', [7, 4], [], 0, []]]}).encode()\n"
            "self.head = struct.pack('<I', len(t)) + t\nself.f = []"
        ),
        "each": (
            "import os, struct\n"
            "if len(self) == 10:\n"
            "    os.write(3, self.head)\n"
            "    for _ in range(20):\n"
            "        os.write(3, b'\\x02\\0\\0\\0[]')\n"
            "        self.f.append(struct.unpack('<q8d', os.read(4, 72))[8])\n"
            "i = len(self) - 10\nif not 0 <= i < len(self.f): return\nup = self.f[i] > 0"
        )
        + _TRADE,
    },
    "values in the memory of the process": {
        "init": "self.average = bt.ind.SMA(period=3)",
        "each": (
            "import gc\n"
            "if len(self) == 20: self.f = max((o for o in gc.get_objects() if isinstance(o, list) and o and type(o[0]) is float), key=len, default=[])\n"
            "i = len(self)\nf = getattr(self, 'f', [])\nif i >= len(f): return\nup = f[i] > f[i - 1]"
        )
        + _TRADE,
    },
}
PAYLOADS = tuple(in_parts("lookahead", "lookahead", FUTURE))
