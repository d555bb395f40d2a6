"""Categories cpu, hang, memory, output, result and crash: using up, stalling, flooding, lying about the end, falling over."""

from collections.abc import Iterator

from tests.attacks.arena import Payload
from tests.attacks.payloads.making import at_stop, in_parts

CPU = {
    "loop in the class body": {"top": "class Busy:\n    while True: pass"},
    "pattern that backtracks": {"each": "import re\nre.match('(a+)+$', 'a' * 64 + 'b')"},
    "one instruction in C": {"init": "list(range(10 ** 9)) and max(x for x in iter(int, 1))"},
    "sort without end": {"each": "import itertools\nfor p in itertools.permutations(range(50)): sorted(p)"},
    "caught interrupts": {
        "top": "import signal\nfor s in (1, 2, 15, 24):\n    try: signal.signal(s, signal.SIG_IGN)\n    except OSError: pass",
        "each": "while True:\n    try: [x for x in iter(int, 1)]\n    except BaseException: pass",
    },
    "string formatting": {"stop": "'%*d' % (10 ** 9, 1)\nwhile True: format(1, '0100000')"},
}
HANG = {
    "waiting for a lock": {"each": "import threading\nt = threading.Lock(); t.acquire(); t.acquire()"},
    "reading what never comes": {"init": "import os\nr, w = os.pipe()\nos.read(r, 1)\nwhile True: pass"},
    "waiting for the run monitor": {"each": "import os, time\nos.close(3)\ntime.sleep(10 ** 6)"},
    "pause": {"stop": "import signal, time\nsignal.pause()\ntime.sleep(10 ** 6)"},
    "select on nothing": {"stop": "import select\nselect.select([], [], [], None)\nselect.poll().poll()\nimport time\ntime.sleep(10 ** 6)"},
    "sleep in a destructor": {
        "top": "import time\nclass Slow:\n    def __del__(self): time.sleep(10 ** 6)",
        "stop": "x = Slow()\ndel x",
    },
}
MEMORY = {
    "one large block": "x = bytearray(2 ** 40)",
    "many small blocks": "x = []\nwhile True: x.append(bytes(10 ** 6))",
    "numpy": "import numpy as np\nx = [np.ones(10 ** 7)]\nwhile True: x.append(x[-1].copy())",
    "dictionary of strings": "x = {}\nwhile True: x[len(x)] = str(len(x)) * 1000",
    "caught and continued": (
        "x = []\nfor _ in range(10 ** 5):\n    try: x.append(bytearray(10 ** 7))\n    except MemoryError: pass\nraise MemoryError('still here')"
    ),
    "recursion of containers": "x = []\nwhile True: x = [x, x[:], dict(a=x)]\n",
}
OUTPUT = {
    "a gigabyte in lines": {"stop": "line = 'x' * 1023\nfor _ in range(2 ** 20): print(line)"},
    "a gigabyte at once": {"stop": "import os\nb = b'y' * 2 ** 20\nfor _ in range(1024): os.write(1, b)"},
    "terminal escapes": {"stop": "print('\\x1b]0;title\\x07\\x1b[2J\\x1b[31mred\\x1b[0m\\x9b31m' * 50)"},
    "Markdown and HTML": {"stop": "print('# Heading\\n![x](http://127.0.0.1:@@PORT@@/x.png)<script>alert(1)</script>\\n' * 20)"},
    "bidirectional and zero width": {"stop": "print('\\u202eevil\\u2066\\u200b\\ufeff' * 50)"},
    "lone surrogates and nulls": {"stop": "import sys\nsys.stdout.write('\\ud800\\x00\\udfff' * 100)\nprint(chr(0xD800))"},
    "not text": {"stop": "import os\nos.write(2, bytes(range(256)) * 100)"},
    "exception with a megabyte of text": {"stop": "raise ValueError('z' * 10 ** 6)"},
    "exception whose text is an escape": {"stop": "raise type('\\x1b[2JName', (Exception,), {})('\\x1b[31m' * 1000)"},
    "standard streams replaced": {"stop": "import sys\nsys.stdout = sys.stderr = None\nprint('nothing')"},
}
RESULT = {
    "ten million orders": {"each": "for _ in range(10 ** 7): self.buy(size=1)"},
    "ten million records by the pipe": {
        "each": (
            "import os, json, struct\n"
            "r = json.dumps({'orders': [{'id': 0, 'cycle': 1, 'action': 'place', 'size': 1.0}] * 1000}).encode()\n"
            "f = struct.pack('<I', len(r)) + r\n"
            "for _ in range(10 ** 4): os.write(3, f)"
        )
    },
    "NaN size": {"each": "self.sell(size=float('nan'))"},
    "infinite size": {"each": "self.buy(size=float('inf'))"},
    "negative size": {"each": "self.buy(size=-10)"},
    "size that is text": {"each": "self.buy(size='10')"},
    "NaN price": {"each": "self.buy(size=1, exectype=bt.Order.Limit, price=float('nan'))"},
    "size beyond everything": {"each": "self.buy(size=1e300)"},
    "a frame of four gigabytes": {"each": "import os\nos.write(3, b'\\xff\\xff\\xff\\xff' + b'a' * 1000)"},
    "half a frame": {"each": "import os\nos.write(3, b'\\x10\\0\\0\\0{')\nos._exit(0)"},
    "not JSON": {"each": "import os\nos.write(3, b'\\x04\\0\\0\\0\\xff\\xfe\\0\\0')"},
    "nested without end": {"each": "import os\nb = b'{\"a\":' * 50000\nos.write(3, len(b).to_bytes(4, 'little') + b)"},
    "a number with a million digits": {
        "each": "import os\nb = b'[' + b'9' * 10 ** 6 + b']'\nos.write(3, len(b).to_bytes(4, 'little') + b)"
    },
    "millions of empty lists": {"each": "import os\nb = b'[' + b'[],' * 10 ** 6 + b'[]]'\nos.write(3, len(b).to_bytes(4, 'little') + b)"},
}
_END = "import os\nos.write(3, len(b).to_bytes(4, 'little') + b)\nos._exit(0)"
RESULT |= {
    "a size that vanishes in a product": {"each": "self.buy(size=5e-324) if len(self) < 9 else self.close()"},
    "a number without end in the last word": {"stop": f"b = b'{{\"done\":{{\"claimed_value\":1' + b'0' * 400 + b'}}}}'\n{_END}"},
    "lists in lists in the last word": {"stop": f"b = b'{{\"done\":{{\"strategy\":' + b'[' * 970 + b']' * 970 + b'}}}}'\n{_END}"},
}
_DECLARE = (
    "import os, json, struct\ndef declare(b):\n    t = json.dumps({'blocks': b}).encode()\n    os.write(3, struct.pack('<I', len(t)) + t)\n"
)
_BAR = "    os.write(3, b'\\x02\\0\\0\\0[]')\n"
RESULT |= {
    "blocks that are none": {"each": _DECLARE + "declare({'exec': 'import os'})"},
    "blocks of tomorrow": {"each": _DECLARE + "declare([['delay', [4], [], -1, []]])"},
    "blocks declared twice": {"each": _DECLARE + "declare([]); declare([])"},
    "a window of a thousand million bars": {"each": _DECLARE + "declare([['average', [4], [], 10 ** 9, []]])"},
    "a hundred thousand blocks": {"each": _DECLARE + "declare([['+', [4, 1.0], [], 0, []]] * 10 ** 5)"},
    "blocks that take as long as they may": {
        "each": _DECLARE
        + "n = float('nan'); x = [1e308, 5e-324, n] * 1666\n"
        + "declare([['+', [4, 1e300], [], 0, x[:4998]]] + [['weighted', [7], [1.0] + x[:4990], 4990, x[:1]]] * 7)\n"
        + "while True:\n"
        + _BAR
        + "    os.read(4, 10 ** 6)"
    },
    "powers without end": {
        "each": _DECLARE
        + "declare([['**', [4, 1e9], [], 0, []]] + [['**', [7 + k, -1e300], [], 0, []] for k in range(700)])\nwhile True:\n"
        + _BAR
        + "    os.read(4, 10 ** 6)"
    },
}
CRASH = {
    "recursion": "def f(): return f()\nf()",
    "deep pickle": "import pickle\nx = []\nfor _ in range(10 ** 6): x = [x]\npickle.dumps(x)",
    "deep compile": "eval('(' * 5000 + ')' * 5000)",
    "abort": "import os\nos.abort()",
    "exit with success": "import sys\nsys.exit(0)",
    "exit by quit": "raise SystemExit",
    "bad bytecode": "def f(): pass\nf.__code__ = f.__code__.replace(co_code=bytes([150, 1] * 40))\nf()",
    "stream closed below": "import os\nos.close(1); os.close(2)\nprint('gone')",
    "order pipe closed": "import os\nos.close(3)",
    "group of exceptions": "raise BaseExceptionGroup('g', [KeyboardInterrupt(), GeneratorExit()])",
    "exception that cannot be described": "class E(BaseException):\n    def __str__(self): raise self\n    __repr__ = __str__\nraise E()",
}


def _broken_modules() -> Iterator[Payload]:
    codes = {
        "nothing at all": "",
        "not Python": "class (:\n",
        "null bytes": "import backtrader as bt\n\x00\n",
        "lone surrogate": "import backtrader as bt\nx = '\ud800'\n",
        "nested too deep": "x = " + "[" * 3000 + "]" * 3000,
        "a long chain of minus signs": "x = " + "-" * 50_000 + "1",
        "a megabyte of names": "x = 1\n" * 200_000,
        "class that is not a strategy": "class Strategy:\n    def next(self): pass\n",
        "strategy made of lies": "import backtrader as bt\nclass M(type(bt.Strategy)):\n    def __instancecheck__(c, o): return True\n"
        "class S(bt.Strategy, metaclass=M):\n    def __new__(cls, *a, **k): return object()\n",
    }  # fmt: skip
    for number, (note, code) in enumerate(codes.items(), 20):
        yield Payload(f"crash-{number}", "crash", code, "contained", note)


PAYLOADS = (
    *in_parts("cpu", "timeout", CPU),
    *in_parts("hang", "timeout", HANG),
    *at_stop("memory", "memory", MEMORY),
    *in_parts("output", "capped", OUTPUT),
    *in_parts("result", "capped", RESULT),
    *at_stop("crash", "contained", CRASH),
    *_broken_modules(),
)
