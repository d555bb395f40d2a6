"""Category network: out of the machine, or to somebody on it."""

from tests.attacks.payloads.making import at_stop

NETWORK = {
    "TCP": "import socket\ns = socket.create_connection(('127.0.0.1', @@PORT@@), 1)\ns.sendall(b'x')\nprint('ESCAPED')",
    "low-level _socket": "import _socket\ns = _socket.socket()\ns.connect(('127.0.0.1', @@PORT@@))\nprint('ESCAPED')",
    "UDP connected": (
        "import socket\ns = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\n"
        "s.connect(('127.0.0.1', @@PORT@@))\ns.send(b'x')\nprint('ESCAPED')"
    ),
    "IPv6": "import socket\ns = socket.socket(socket.AF_INET6)\ns.bind(('::1', 0))\nprint('ESCAPED')",
    "abstract Unix socket": "import socket\ns = socket.socket(socket.AF_UNIX)\ns.connect('\\0@@ABSTRACT@@')\nprint('ESCAPED')",
    "Unix socket pair": "import socket\na, b = socket.socketpair()\nprint('ESCAPED')",
    "netlink": "import socket\ns = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0)\nprint('ESCAPED')",
    "vsock": "import socket\ns = socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM)\nprint('ESCAPED')",
    "kernel crypto socket": "import socket\ns = socket.socket(38, 5, 0)\nprint('ESCAPED')",
    "urllib": "import urllib.request\nprint('ESCAPED', urllib.request.urlopen('http://127.0.0.1:@@PORT@@/', timeout=1))",
    "smtplib": "import smtplib\nsmtplib.SMTP('127.0.0.1', @@PORT@@, timeout=1)\nprint('ESCAPED')",
    "logging over the network": (
        "import logging, logging.handlers\n"
        "logging.handlers.DatagramHandler('127.0.0.1', @@PORT@@).emit(logging.makeLogRecord({'msg': 'x'}))\nprint('sent')"
    ),
    "libc socket": (
        "import ctypes\nf = ctypes.CDLL(None, use_errno=True).socket(2, 1, 0)\nassert f >= 0, ctypes.get_errno()\nprint('ESCAPED')"
    ),
    "sendto without a connection": (
        "import ctypes, struct\nlibc = ctypes.CDLL(None)\nfd = libc.socket(2, 2, 0)\nassert fd >= 0\n"
        "a = struct.pack('!2xH4B8x', @@PORT@@, 127, 0, 0, 1)\nlibc.sendto(fd, b'x', 1, 0, b'\\2\\0' + a[2:], 16)\nprint('ESCAPED')"
    ),
    "names": "import socket\nprint('ESCAPED', socket.gethostbyname('localhost'))",
}
PAYLOADS = tuple(at_stop("network", "denied", NETWORK))
