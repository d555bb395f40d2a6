"""Categories file_read, file_write, import and env: what lies on the disk and in the process's surroundings."""

from tests.attacks.payloads.making import at_stop

READ = {
    "pathlib": "from pathlib import Path\nprint('ESCAPED', Path('@@SECRET@@').read_text())",
    "codecs": "import codecs\nprint('ESCAPED', codecs.open('@@SECRET@@', encoding='latin-1').read())",
    "low-level FileIO": "import _io\nprint('ESCAPED', _io.FileIO('@@SECRET@@').readall())",
    "posix.open and sendfile": ("import posix\nf = posix.open('@@SECRET@@', 0)\nposix.sendfile(1, f, 0, 99)\nprint('ESCAPED')"),
    "linecache": "import linecache\nx = linecache.getline('@@SECRET@@', 1)\nassert x\nprint('ESCAPED', x)",
    "tokenize": "import tokenize\nprint('ESCAPED', tokenize.open('@@SECRET@@').read())",
    "directory listing": "import os\nprint('ESCAPED', os.listdir('@@WDIR@@/..'))",
    "scandir of the root": "import os\nn = [e.name for e in os.scandir('/')]\nprint('ESCAPED', n)",
    "existence by error number": (
        "import os, errno\n"
        "try: os.open('@@SECRET@@', os.O_RDONLY | os.O_DIRECTORY)\n"
        "except OSError as e:\n"
        "    if e.errno == errno.ENOTDIR: print('ESCAPED it is a file')"
    ),
    "lstat": "import os\nprint('ESCAPED', os.lstat('@@SECRET@@').st_size)",
    "readlink of own executable": "import os\nprint('ESCAPED', os.readlink('/proc/self/exe'))",
    "memory map of a file": (
        "import mmap, os\nf = os.open('@@SECRET@@', 0)\nprint('ESCAPED', bytes(mmap.mmap(f, 0, prot=mmap.PROT_READ)))"
    ),
    "dot-dot out of the working folder": "print('ESCAPED', open('../../../../../../@@SECRET@@').read())",
    "chdir then relative": "import os\nos.chdir(os.path.dirname('@@SECRET@@'))\nprint('ESCAPED', open('secret.txt').read())",
    "chroot": "import os\nos.chroot(os.path.dirname('@@SECRET@@'))\nprint('ESCAPED', open('/secret.txt').read())",
    "descriptors left open": (
        "import os\n"
        "for d in range(3, 1024):\n"
        "    try: s = os.fstat(d)\n"
        "    except OSError: continue\n"
        "    try: data = os.pread(d, 4096, 0)\n"
        "    except OSError: continue\n"
        "    print('ESCAPED', d, data)"
    ),
    "zipimport": "import zipimport\nzipimport.zipimporter('@@SECRET@@')\nprint('ESCAPED')",
    "configparser": "import configparser\nprint('ESCAPED' if configparser.ConfigParser().read('@@SECRET@@') else 1 / 0)",
}
WRITE = {
    "pathlib": "from pathlib import Path\nPath('@@WDIR@@/a').write_text('x')",
    "exclusive creation": "open('@@WDIR@@/b', 'x').close()",
    "append to the canary": "open('@@SECRET@@', 'a').write('!')",
    "truncate the canary": "import os\nos.truncate('@@SECRET@@', 0)",
    "delete the canary": "import os\nos.unlink('@@SECRET@@')",
    "rename the canary": "import os\nos.rename('@@SECRET@@', '@@WDIR@@/c')",
    "hard link": "import os\nos.link('@@SECRET@@', '@@WDIR@@/d')",
    "named pipe": "import os\nos.mkfifo('@@WDIR@@/e')",
    "device node": "import os, stat\nos.mknod('@@WDIR@@/f', 0o666 | stat.S_IFCHR, os.makedev(1, 3))",
    "change the mode": "import os\nos.chmod('@@SECRET@@', 0o777)",
    "unnamed temporary file linked later": (
        "import os\nf = os.open('@@WDIR@@', os.O_TMPFILE | os.O_WRONLY)\nos.write(f, b'x')\nprint('ESCAPED')"
    ),
    "shelve": "import shelve\nshelve.open('@@WDIR@@/g')['a'] = 1",
    "logging file handler": "import logging\nlogging.FileHandler('@@WDIR@@/h').emit(logging.makeLogRecord({'msg': 'x'}))",
    "shared memory file": (
        "import os\nos.close(os.open('/dev/shm/stratloop-attack', os.O_CREAT | os.O_RDWR))\n"
        "os.unlink('/dev/shm/stratloop-attack')\nprint('ESCAPED')"
    ),
    "extended attribute": "import os\nos.setxattr('@@SECRET@@', 'user.a', b'x')\nprint('ESCAPED')",
    "times of the canary": "import os\nos.utime('@@SECRET@@', (0, 0))\nprint('ESCAPED')",
}
IMPORT = {
    "a file as a module": (
        "import importlib.util as u\ns = u.spec_from_file_location('m', '@@SECRET@@')\nprint('ESCAPED', s.loader.get_data('@@SECRET@@'))"
    ),
    "SourceFileLoader by type": (
        "import importlib.machinery as m\nprint('ESCAPED', m.SourceFileLoader('x', '@@SECRET@@').get_data('@@SECRET@@'))"
    ),
    "loader of a loaded module": "import json\nprint('ESCAPED', json.__loader__.get_data('@@SECRET@@'))",
    "frozen importer's own open": (
        "import sys\nb = sys.modules['_frozen_importlib_external']\nprint('ESCAPED', b._io.FileIO('@@SECRET@@').read())"
    ),
    "subprocess out of sys.modules": (
        "import sys\nm = sys.modules.get('subprocess') or __import__('subprocess')\nprint(m.run(['echo', 'ESCAPED'], capture_output=True))"
    ),
    "a module from the writable folder": (
        "import sys\nsys.path[:] = ['@@WDIR@@']\nopen('@@WDIR@@/found.py', 'w').write('')\nimport found\nprint('ESCAPED')"
    ),
    "pkgutil data": "import pkgutil\nprint('ESCAPED', pkgutil.get_data('json', '@@SECRET@@'))",
    "resources of a package": "import importlib.resources as r\nprint('ESCAPED', r.files('json').joinpath('@@SECRET@@').read_text())",
}
ENVIRONMENT = {
    "getenv": "import os\nx = os.getenv('OPENAI_API_KEY')\nprint('ESCAPED', x) if x else None",
    "posix.environ": "import posix\nprint(posix.environ)",
    "own environ in proc": "print('ESCAPED', open('/proc/self/environ').read())",
    "environ of the parent": "import os\nprint('ESCAPED', open(f'/proc/{os.getppid()}/environ', 'rb').read())",
    "C environ by ctypes": (
        "import ctypes\n"
        "e = ctypes.POINTER(ctypes.c_char_p).in_dll(ctypes.CDLL(None), 'environ')\n"
        "i = 0\n"
        "while e and e[i]:\n"
        "    print('ENV', e[i]); i += 1"
    ),
    "libc getenv": (
        "import ctypes\ng = ctypes.CDLL(None).getenv\ng.restype = ctypes.c_char_p\nprint(g(b'ANTHROPIC_API_KEY'), g(b'OPENAI_API_KEY'))"
    ),
    "strings of the heap": (
        "import gc\n"
        "for o in gc.get_objects():\n"
        "    for v in (o.values() if isinstance(o, dict) else o if isinstance(o, (list, tuple)) else ()):\n"
        "        if isinstance(v, (str, bytes)) and ('sk-' in str(v)[:40]): print('FOUND', v)"
    ),
    "application's modules": (
        "import sys\n"
        "bad = [m for m in sys.modules if m.split('.')[0] in ('streamlit', 'litellm', 'sqlmodel', 'keyring')]\n"
        "print('ESCAPED', bad) if bad else None"
    ),
    "who and where": (
        "import os, socket\n"
        "print('ESCAPED' if os.path.expanduser('~') not in ('~', '/') and os.path.isdir(os.path.expanduser('~')) else 'nobody')"
    ),
    "name of the host": "import os\nn = os.uname().nodename\nprint('ESCAPED', n) if os.path.exists('/proc') and n else None",
}
PAYLOADS = (
    *at_stop("file_read", "denied", READ),
    *at_stop("file_write", "denied", WRITE),
    *at_stop("import", "denied", IMPORT),
    *at_stop("env", "denied", ENVIRONMENT),
)
