"""Categories dunder, gadget, ctypes and audit: ways round a filter inside the interpreter, and below it."""

from tests.attacks.payloads.making import at_stop

DUNDER = {
    "subclass walk to os._wrap_close": (
        "c = [k for k in object.__subclasses__() if k.__name__ == '_wrap_close'][0]\n"
        "print('ESCAPED', c.__init__.__globals__['open']('@@SECRET@@').read() if 'open' in c.__init__.__globals__ else "
        "c.__init__.__globals__['fdopen'](c.__init__.__globals__['sys'].modules['posix'].open('@@SECRET@@', 0)).read())"
    ),
    "globals of an engine method": (
        "g = bt.Strategy.buy.__globals__\nb = g['__builtins__']\nb = b if isinstance(b, dict) else vars(b)\n"
        "print('ESCAPED', b['open']('@@SECRET@@').read())"
    ),
    "format string attribute walk": (
        "class A: pass\nt = '{0.__init__.__globals__}'.format(bt.Cerebro.__init__ and bt.Cerebro)\n"
        "print('ESCAPED', eval('open(\"@@SECRET@@\").read()'))"
    ),
    "generator frame": ("def g():\n    yield g.gi_frame.f_builtins['open']('@@SECRET@@').read()\ng = g()\nprint('ESCAPED', next(g))"),
    "coroutine frame": (
        "async def c(): pass\nk = c()\nb = k.cr_frame.f_builtins\nk.close()\nprint('ESCAPED', b['open']('@@SECRET@@').read())"
    ),
    "mro through a metaclass": (
        "m = type(bt.Strategy).__mro__[-1]\nw = [s for s in m.__subclasses__() if 'warning' in s.__module__]\n"
        "print('ESCAPED', w[0].__init__.__globals__['sys'].modules['io'].open('@@SECRET@@').read())"
    ),
    "code object swap": ("def f(): return None\ndef g(): return open('@@SECRET@@').read()\nf.__code__ = g.__code__\nprint('ESCAPED', f())"),
    "type() with a hostile __del__": ("T = type('T', (), {'__del__': lambda s: print('ESCAPED', open('@@SECRET@@').read())})\nT()"),
    "getattr on pieces of names": "o = getattr(__builtins__, 'op' + 'en', None) or __builtins__['op' + 'en']\nprint('ESCAPED', o('@@SECRET@@').read())",
}
GADGET = {
    "numpy.load with pickle": ("import numpy as np\nx = np.load('@@SECRET@@', allow_pickle=True)\nprint('ESCAPED', x)"),
    "numpy.loadtxt": "import numpy as np\nprint('ESCAPED', np.loadtxt('@@SECRET@@', dtype=str))",
    "numpy.save": "import numpy as np\nnp.save('@@WDIR@@/n.npy', [1])",
    "ndarray.tofile": "import numpy as np\nnp.arange(3).tofile('@@WDIR@@/n.bin')",
    "numpy DataSource": "import numpy as np\nprint('ESCAPED', np.lib.npyio.DataSource('@@WDIR@@').open('@@SECRET@@').read())",
    "pandas.read_json": "import pandas as pd\nprint('ESCAPED', pd.read_json('@@SECRET@@'))",
    "pandas.read_pickle": "import pandas as pd\nprint('ESCAPED', pd.read_pickle('@@SECRET@@'))",
    "pandas to_json": "import pandas as pd\npd.Series([1]).to_json('@@WDIR@@/p.json')",
    "pandas query with a call": (
        "import pandas as pd\nimport os\nd = pd.DataFrame({'a': [1]})\nprint(d.query('@os.system(\"echo ESCAPED\") == 0'))"
    ),
    "pandas clipboard": "import pandas as pd\nprint('ESCAPED', pd.read_clipboard())",
    "pickle of a reducer": (
        "import pickle\nclass R:\n    def __reduce__(self): return (open, ('@@SECRET@@',))\n"
        "print('ESCAPED', pickle.loads(pickle.dumps(R())).read())"
    ),
    "backtrader CSV feed": ("f = bt.feeds.GenericCSVData(dataname='@@SECRET@@')\nf.start()\nprint('ESCAPED', f.f.read())"),
    "backtrader writer": "bt.WriterFile(out='@@WDIR@@/w.csv').start()",
    "backtrader online feed": "bt.feeds.YahooFinanceData(dataname='X', proxies={}).start()\nprint('started')",
    "namedtuple with code in it": (
        "import collections\ncollections.namedtuple('x', 'a', module='os')\nprint('ESCAPED', eval('__import__(\"posix\").open(\"@@SECRET@@\", 0)'))"
    ),
    "inspect source of a file": "import inspect, types\nm = types.ModuleType('m')\nm.__file__ = '@@SECRET@@'\nprint('ESCAPED', inspect.getsource(m))",
}
CTYPES = {
    "libc open": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nf = libc.open(b'@@SECRET@@', 0)\nassert f >= 0\nb = ctypes.create_string_buffer(99)\n"
        "libc.read(f, b, 99)\nprint('ESCAPED', b.value)"
    ),
    "open_by_handle_at": (
        "import ctypes\nr = ctypes.CDLL(None).syscall(304, -100, ctypes.create_string_buffer(64), 0)\nassert r >= 0\nprint('ESCAPED')"
    ),
    "executable page": (
        "import ctypes, mmap\nm = mmap.mmap(-1, 4096, prot=7)\nm.write(b'\\xb8\\x2a\\0\\0\\0\\xc3')\n"
        "a = ctypes.addressof(ctypes.c_char.from_buffer(m))\nprint('ESCAPED', ctypes.CFUNCTYPE(ctypes.c_int)(a)())"
    ),
    "mprotect to executable": (
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.mmap.restype = ctypes.c_void_p\n"
        "p = libc.mmap(None, ctypes.c_size_t(4096), 3, 34, -1, 0)\n"
        "assert libc.mprotect(ctypes.c_void_p(p), ctypes.c_size_t(4096), 7) == 0\nprint('ESCAPED')"
    ),
    "bpf": "import ctypes\nr = ctypes.CDLL(None).syscall(321, 0, ctypes.create_string_buffer(128), 128)\nassert r >= 0\nprint('ESCAPED')",
    "keyctl": "import ctypes\nr = ctypes.CDLL(None).syscall(250, 0, -3, 1)\nassert r >= 0\nprint('ESCAPED', r)",
    "userfaultfd": "import ctypes\nr = ctypes.CDLL(None).syscall(323, 0o2000000 | 1)\nassert r >= 0\nprint('ESCAPED', r)",
    "perf_event_open": (
        "import ctypes\nr = ctypes.CDLL(None).syscall(298, ctypes.create_string_buffer(128), 0, -1, -1, 0)\nassert r >= 0\nprint('ESCAPED')"
    ),
    "mount": "import ctypes\nr = ctypes.CDLL(None).mount(b'none', b'/', b'tmpfs', 0, None)\nassert r == 0\nprint('ESCAPED')",
    "memory of the parent": (
        "import ctypes, os\nb = ctypes.create_string_buffer(8)\n"
        "v = (ctypes.c_void_p * 2)(ctypes.addressof(b), 8)\n"
        "r = ctypes.CDLL(None).syscall(310, os.getppid() or 1, v, 1, v, 1, 0)\nassert r > 0\nprint('ESCAPED')"
    ),
    "32-bit personality": "import ctypes\nr = ctypes.CDLL(None).personality(8)\nassert r >= 0\nprint('ESCAPED')",
    "setns to the host": (
        "import ctypes, os\nf = os.open('/proc/1/ns/mnt', 0)\nassert ctypes.CDLL(None).setns(f, 0) == 0\nprint('ESCAPED')"
    ),
    "write through null": "import ctypes\nctypes.memset(8, 0, 8)",
    "endless recursion in C": "import ctypes\nF = ctypes.CFUNCTYPE(None)\ndef f(): g()\ng = F(f)\ng()",
}
AUDIT = {
    "hook list by C": "import ctypes\nctypes.pythonapi.PyObject_GetAttrString\nprint('ESCAPED', ctypes.CDLL(None).open(b'@@SECRET@@', 0) >= 0 or 1 / 0)",
    "no event for this call": "import posix\nposix.mkfifo('@@WDIR@@/fifo')\nprint('ESCAPED')",
    "event under another name": "import _io\nprint('ESCAPED', _io.open_code('@@SECRET@@').read())",
    "settrace to look at the platform": (
        "import sys\nf = sys._getframe()\nseen = []\n"
        "while f:\n    seen += [v for v in f.f_locals.values() if isinstance(v, str)]\n    f = f.f_back\n"
        "print([s for s in seen if 'canary' in s])"
    ),
    "interpreter inside the interpreter": (
        'import _xxsubinterpreters as s\ni = s.create()\ns.run_string(i, \'print("ESCAPED", open("@@SECRET@@").read())\')'
    ),
    "new interpreter by C": (
        'import ctypes\nr = ctypes.pythonapi.PyRun_SimpleString(b\'print("ESCAPED", open("@@SECRET@@").read())\')\nassert r == 0'
    ),
}
PAYLOADS = (
    *at_stop("dunder", "denied", DUNDER),
    *at_stop("gadget", "denied", GADGET),
    *at_stop("ctypes", "denied", CTYPES),
    *at_stop("audit", "denied", AUDIT),
)
