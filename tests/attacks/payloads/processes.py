"""Categories exec, forkbomb, signal and thread: other programs, other processes, and things that live on."""

from tests.attacks.payloads.making import at_stop, in_parts

EXEC = {
    "os.system": "import os\nassert os.system('echo ESCAPED') == 0",
    "execv": "import os\nos.execv('/bin/echo', ['echo', 'ESCAPED'])",
    "posix_spawn": "import os\npid = os.posix_spawn('/bin/echo', ['echo', 'ESCAPED'], {})\nos.waitpid(pid, 0)\nprint('ESCAPED')",
    "subprocess with a shell": "import subprocess\nprint(subprocess.check_output('echo ESCAPED', shell=True))",
    "forkpty": "import os\npid, fd = os.forkpty()\nprint('ESCAPED', pid)",
    "vfork by ctypes": "import ctypes\np = ctypes.CDLL(None).vfork()\nassert p > 0, p\nprint('ESCAPED', p)",
    "raw clone": "import ctypes\np = ctypes.CDLL(None).syscall(56, 17, 0, 0, 0, 0)\nassert p > 0, p\nprint('ESCAPED', p)",
    "raw clone3": (
        "import ctypes\na = ctypes.create_string_buffer(88)\np = ctypes.CDLL(None).syscall(435, a, 88)\nassert p > 0, p\nprint('ESCAPED', p)"
    ),
    "multiprocessing": (
        "import multiprocessing as m\np = m.get_context('fork').Process(target=print, args=('ESCAPED',))\np.start(); p.join()\n"
        "assert p.exitcode == 0\nprint('ESCAPED')"
    ),
    "execve of a memory file": (
        "import os\nf = os.memfd_create('x')\nos.write(f, b'#!/bin/sh\\necho ESCAPED\\n')\nos.execve(f, ['x'], {})"
    ),
    "fexecve of an inherited descriptor": (
        "import os\nfor f in range(0, 20):\n    try: os.execve(f, ['x'], {})\n    except OSError: pass\nopen('@@SECRET@@')\nprint('ESCAPED')"
    ),
    "timeit through a shell": "import os\nprint(os.popen('id').read() and 'ESCAPED')",
}
FORKBOMB = {
    "fork in a loop": {"each": "import os\nfor _ in range(50): os.fork()"},
    "threads without end": {"init": "import threading, time\nfor _ in range(500): threading.Thread(target=time.sleep, args=(60,)).start()"},
    "raw clone in a loop": {"top": "import ctypes\nc = ctypes.CDLL(None)\nfor _ in range(200): c.syscall(56, 17, 0, 0, 0, 0)"},
    "caught and tried again": {"each": "import os\nfor _ in range(2000):\n    try: os.fork()\n    except OSError: pass"},
}
SIGNAL = {
    "kill the parent": "import os\nos.kill(os.getppid(), 9)\nprint('ESCAPED?')",
    "kill the group": "import os\nos.killpg(0, 9)",
    "kill process 1": "import os\nos.kill(1, 9)",
    "stop oneself": "import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)",
    "pidfd": "import os, signal\nf = os.pidfd_open(os.getppid() or 1)\nsignal.pidfd_send_signal(f, 9)\nprint('ESCAPED')",
    "raw tgkill": "import ctypes, os\nprint('r', ctypes.CDLL(None).syscall(234, os.getpid(), os.getpid(), 9))",
    "sigqueue by ctypes": "import ctypes, os\nr = ctypes.CDLL(None).sigqueue(os.getppid() or 1, 10, 0)\nprint('ESCAPED') if r == 0 else None",
    "change another's limits": ("import resource, os\nresource.prlimit(os.getppid() or 1, resource.RLIMIT_CPU, (1, 1))\nprint('ESCAPED')"),
    "own limits up": ("import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nx = bytearray(2**30)\nprint('ESCAPED', len(x))"),
    "priority up": "import os\nos.setpriority(os.PRIO_PROCESS, 0, -20)\nprint('ESCAPED')",
}
THREAD = {
    "thread that prints later": (
        "import threading, time\ndef late():\n    time.sleep(0.3); print('ESCAPED late')\nthreading.Thread(target=late).start()"
    ),
    "daemon thread that keeps the process": "import threading\nthreading.Thread(target=threading.Event().wait, daemon=False).start()",
    "object that speaks when it is destroyed": (
        "import os\nclass Last:\n    def __del__(self): os.write(1, b'ESCAPED del')\nimport sys\nsys.modules['keep'] = Last()"
    ),
    "atexit by C": "import atexit\natexit._run_exitfuncs()\natexit.register(print, 'ESCAPED exit')",
    "exception hook": "import sys\nsys.excepthook = lambda *a: print('ESCAPED hook')\nsys.unraisablehook = sys.excepthook",
    "alarm that outlives the run": "import signal\nsignal.signal(14, lambda *a: print('ESCAPED alarm'))\nsignal.alarm(1)",
    "thread pool": "import concurrent.futures as c\nprint('ESCAPED', c.ThreadPoolExecutor(1).submit(pow, 2, 3).result(1))",
    "new session": "import os\nos.setsid()\nprint('session')",
}
PAYLOADS = (
    *at_stop("exec", "denied", EXEC),
    *in_parts("forkbomb", "contained", FORKBOMB),
    *at_stop("signal", "contained", SIGNAL),
    *at_stop("thread", "contained", THREAD),
)
