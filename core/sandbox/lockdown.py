"""The boundary: what the Linux kernel is asked to forbid before a line of untrusted code runs, in one file to be read in ten minutes.

`isolate_process` is called once by the zygote when everything is imported; `confine` is called by each child just before it runs
untrusted code. Nothing here decides what is promised: the self-test measures that. Only the standard library, Linux only; on other
machines `detect_layers` is empty. Nothing here knows of strategies, bars or messages.
"""

import ctypes
import errno
import functools
import os
import platform
import struct
import sys
from collections.abc import Callable, Iterable
from enum import StrEnum


class Layer(StrEnum):
    """One barrier; each stops something that the others let through."""

    NAMESPACES = "namespaces"
    """Own user, mount, net, ipc, uts and (for the child) pid namespace; the root directory is empty."""
    LANDLOCK = "landlock"
    """No path may be opened, no TCP port bound or connected, no signal or abstract socket leaves the child."""
    SECCOMP = "seccomp"
    """Only the system calls that computing needs; everything else answers `Operation not permitted`."""
    RLIMITS = "rlimits"
    """Time, memory, files, processes."""
    CAPABILITIES = "capabilities"
    """None, also not those of root inside the own user namespace."""
    ENVIRONMENT = "environment"
    """No environment variable."""


ALL_LAYERS = frozenset(Layer)
NOBODY = 65534

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER = 0x20000, 0x4000000, 0x8000000, 0x10000000
CLONE_NEWPID, CLONE_NEWNET = 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 2, 4, 8, 32, 4096, 16384, 1 << 18
MNT_DETACH = 2
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 1, 4, 24, 22, 38, 47
PR_CAP_AMBIENT_CLEAR_ALL, SECCOMP_MODE_FILTER = 4, 2
SIGKILL = 9

_PLAIN_CALLS: dict[str, dict[str, int]] = {
    # Calls that are allowed whatever their arguments. The busiest come first: the filter is searched from the top.
    "x86_64": {
        "read": 0, "write": 1, "futex": 202, "munmap": 11, "madvise": 28, "brk": 12, "mremap": 25, "close": 3, "fstat": 5,
        "lseek": 8, "pread64": 17, "readv": 19, "writev": 20, "poll": 7, "ppoll": 271, "select": 23, "pselect6": 270,
        "clock_gettime": 228, "clock_getres": 229, "clock_nanosleep": 230, "nanosleep": 35, "gettimeofday": 96, "time": 201,
        "times": 100, "getrusage": 98, "getrlimit": 97, "getrandom": 318, "rt_sigaction": 13, "rt_sigprocmask": 14,
        "rt_sigreturn": 15, "sigaltstack": 131, "restart_syscall": 219, "sched_yield": 24, "sched_getaffinity": 204, "getcpu": 309,
        "getpid": 39, "getppid": 110, "gettid": 186, "getuid": 102, "geteuid": 107, "getgid": 104, "getegid": 108, "capget": 125,
        "uname": 63, "sysinfo": 99, "newfstatat": 262, "set_robust_list": 273, "rseq": 334, "exit": 60, "exit_group": 231,
    },
    "aarch64": {
        "read": 63, "write": 64, "futex": 98, "munmap": 215, "madvise": 233, "brk": 214, "mremap": 216, "close": 57, "fstat": 80,
        "lseek": 62, "pread64": 67, "readv": 65, "writev": 66, "ppoll": 73, "pselect6": 72,
        "clock_gettime": 113, "clock_getres": 114, "clock_nanosleep": 115, "nanosleep": 101, "gettimeofday": 169,
        "times": 153, "getrusage": 165, "getrlimit": 163, "getrandom": 278, "rt_sigaction": 134, "rt_sigprocmask": 135,
        "rt_sigreturn": 139, "sigaltstack": 132, "restart_syscall": 128, "sched_yield": 124, "sched_getaffinity": 123, "getcpu": 168,
        "getpid": 172, "getppid": 173, "gettid": 178, "getuid": 174, "geteuid": 175, "getgid": 176, "getegid": 177, "capget": 90,
        "uname": 160, "sysinfo": 179, "newfstatat": 79, "set_robust_list": 99, "rseq": 293, "exit": 93, "exit_group": 94,
    },
}  # fmt: skip
_GUARDED_CALLS: dict[str, dict[str, int]] = {
    "x86_64": {"mmap": 9, "mprotect": 10, "open": 2, "openat": 257, "ioctl": 16, "fcntl": 72, "prlimit64": 302},
    "aarch64": {"mmap": 222, "mprotect": 226, "openat": 56, "ioctl": 29, "fcntl": 25, "prlimit64": 261},
}
_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_OTHER_CALLS = {
    "x86_64": {"capset": 126, "pivot_root": 155},
    "aarch64": {"capset": 91, "pivot_root": 41},
}
_LANDLOCK_CREATE, _LANDLOCK_RESTRICT = 444, 446
_FORBIDDEN_OPEN = 0o1 | 0o2 | 0o100 | 0o1000 | 0o2000 | 0o10000000 | 0o20000000
"""O_WRONLY, O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_PATH, O_TMPFILE: what remains is reading."""
_PROT_EXEC = 4
_TTY_QUESTIONS = (0x5401, 0x5413)
"""TCGETS and TIOCGWINSZ: `is this a terminal, how wide is it`."""
_DESCRIPTOR_QUESTIONS = (1, 2, 3)
"""F_GETFD, F_SETFD, F_GETFL."""


def detect_processor() -> str:
    """Detect the processor family; an empty string when there is no table for it."""
    name = platform.machine().lower()
    name = {"amd64": "x86_64", "arm64": "aarch64"}.get(name, name)
    return name if sys.platform == "linux" and name in _AUDIT_ARCH and sys.maxsize > 2**32 else ""


def detect_layers() -> frozenset[Layer]:
    """Detect the layers that this kernel seems to offer, in throw-away children, so that nothing of it sticks to the caller."""
    if not detect_processor():
        return frozenset()
    optional: dict[Layer, Callable[[], object]] = {
        Layer.NAMESPACES: _try_namespaces,
        Layer.LANDLOCK: forbid_paths,
        Layer.SECCOMP: forbid_calls,
    }
    return frozenset(Layer) - {layer for layer, attempt in optional.items() if not _works(attempt)}


def isolate_process(layers: Iterable[Layer]) -> None:
    """Give up root, then see neither files, nor network, nor other programs' memory ever again. For the zygote, once.

    Raises OSError when a layer that was asked for cannot be had.
    """
    drop_root()
    if Layer.NAMESPACES in layers:
        enter_namespaces()
    if Layer.LANDLOCK in layers:
        forbid_paths()
    if Layer.SECCOMP in layers:
        seccomp_program(detect_processor())  # is made once, for every child


def confine(layers: Iterable[Layer], *, cpu_seconds: int, memory_bytes: int) -> None:
    """Put every remaining layer around the calling process, for good. For the child, just before untrusted code.

    `memory_bytes` is the whole address space, what is mapped already included. Raises OSError when a layer fails.
    """
    if Layer.ENVIRONMENT in layers:
        os.environ.clear()
    if Layer.RLIMITS in layers:
        limit_resources(cpu_seconds=cpu_seconds, memory_bytes=memory_bytes)
    if Layer.CAPABILITIES in layers:
        drop_capabilities()
    _prctl(PR_SET_DUMPABLE, 0)
    if Layer.LANDLOCK in layers:
        forbid_paths()
    if Layer.SECCOMP in layers:
        forbid_calls()


def die_with_parent() -> None:
    """Ask the kernel to kill this process when the one that forked it ends."""
    _prctl(PR_SET_PDEATHSIG, SIGKILL)


def drop_root() -> None:
    """Become the user `nobody` if root. Where that user is not mapped (a rootless container), stay: the namespaces follow."""
    if os.getuid() == 0:
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.EINVAL):
                raise
    _prctl(PR_SET_DUMPABLE, 1)  # a change of user makes /proc/self belong to root; the id maps are written through it


def enter_namespaces() -> None:
    """Move into new user, mount, net, ipc and uts namespaces whose root directory is an empty, read-only tmpfs."""
    user, group = os.getuid(), os.getgid()
    _check(_libc().unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS), "unshare")
    for name, text in (("setgroups", "deny"), ("gid_map", f"{group} {group} 1"), ("uid_map", f"{user} {user} 1")):
        _write(f"/proc/self/{name}", text)
    _check(_libc().sethostname(b"sandbox", 7), "sethostname")
    _mount(None, b"/", None, MS_REC | MS_PRIVATE)
    _mount(b"tmpfs", b"/proc", b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, b"size=4k,nr_inodes=4,mode=0555")
    os.chdir("/proc")
    _syscall(_OTHER_CALLS[detect_processor()]["pivot_root"], b".", b".")
    _check(_libc().umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")
    _mount(None, b"/", None, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC)


def enter_process_namespace() -> None:
    """The next fork is process 1 of a namespace of its own: it sees nobody, and everything it starts dies with it."""
    _check(_libc().unshare(CLONE_NEWPID), "unshare")


def limit_resources(*, cpu_seconds: int, memory_bytes: int) -> None:
    """Hard limits on time, address space, files, processes and queues."""
    import resource

    limits = {
        resource.RLIMIT_CPU: (cpu_seconds, cpu_seconds),
        resource.RLIMIT_AS: (memory_bytes, memory_bytes),
        resource.RLIMIT_FSIZE: (0, 0),
        resource.RLIMIT_NPROC: (0, 0),
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_NOFILE: (24, 24),
        resource.RLIMIT_MEMLOCK: (0, 0),
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    for kind, limit in limits.items():
        resource.setrlimit(kind, limit)


def drop_capabilities() -> None:
    """No capability is left, in no set. An ordinary user may not shrink the bounding set, and has nothing to gain from it."""
    for number in range(64):
        if _libc().prctl(PR_CAPBSET_DROP, number, 0, 0, 0):
            break
    _libc().prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    _syscall(_OTHER_CALLS[detect_processor()]["capset"], header, bytes(24))


def forbid_paths() -> None:
    """Landlock: handle every right that the running kernel knows, and grant none."""
    abi = _syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    rights = (1 << {1: 13, 2: 14, 3: 15, 4: 15}.get(abi, 16)) - 1
    ruleset = struct.pack("=Q", rights)
    if abi >= 4:
        ruleset += struct.pack("=Q", 0b11)  # bind and connect TCP
    if abi >= 6:
        ruleset += struct.pack("=Q", 0b11)  # abstract Unix sockets, signals
    descriptor = _syscall(_LANDLOCK_CREATE, ruleset, ctypes.c_size_t(len(ruleset)), 0)
    try:
        _prctl(PR_SET_NO_NEW_PRIVS, 1)
        _syscall(_LANDLOCK_RESTRICT, descriptor, 0)
    finally:
        os.close(descriptor)


def forbid_calls() -> None:
    """Seccomp: install the allow-list."""
    program = seccomp_program(detect_processor())
    buffer = ctypes.create_string_buffer(program, len(program))
    header = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(buffer))  # struct sock_fprog
    _prctl(PR_SET_NO_NEW_PRIVS, 1)
    _check(_libc().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, header, 0, 0), "seccomp")


@functools.cache
def seccomp_program(name: str) -> bytes:
    """The filter for a processor family, as classic BPF: check the processor, then one small block for each allowed call."""
    kill, deny, allow = _ret(0x80000000), _ret(0x00050000 | errno.EPERM), _ret(0x7FFF0000)
    program = [_load(4), _jump(0x15, _AUDIT_ARCH[name], 1, 0), kill, _load(0)]
    if name == "x86_64":
        program += [_jump(0x35, 0x40000000, 0, 1), kill]  # the x32 calls
    for number in _PLAIN_CALLS[name].values():
        program += [_jump(0x15, number, 0, 1), allow]
    call = _GUARDED_CALLS[name]
    without_bits = {"mmap": (2, _PROT_EXEC), "mprotect": (2, _PROT_EXEC), "open": (1, _FORBIDDEN_OPEN), "openat": (2, _FORBIDDEN_OPEN)}
    for key in [key for key in without_bits if key in call]:
        argument, mask = without_bits[key]
        program += [_jump(0x15, call[key], 0, 4), _load(16 + 8 * argument), _jump(0x45, mask, 0, 1), deny, allow]
    for key, values in (("ioctl", _TTY_QUESTIONS), ("fcntl", _DESCRIPTOR_QUESTIONS)):
        program += [_jump(0x15, call[key], 0, len(values) + 3), _load(16 + 8 * 1)]
        program += [_jump(0x15, value, len(values) - place, 0) for place, value in enumerate(values)]
        program += [deny, allow]
    # prlimit64 may read a limit (its third argument, the new one, is null), never set one
    program += [_jump(0x15, call["prlimit64"], 0, 6), _load(32), _jump(0x15, 0, 0, 2), _load(36), _jump(0x15, 0, 1, 0), deny, allow]
    return b"".join([*program, deny])


def _load(offset: int) -> bytes:
    return struct.pack("=HBBI", 0x20, 0, 0, offset)


def _jump(kind: int, value: int, then: int, otherwise: int) -> bytes:
    """0x15 equal, 0x35 at least, 0x45 any bit of; the numbers of instructions to skip."""
    return struct.pack("=HBBI", kind, then, otherwise, value)


def _ret(value: int) -> bytes:
    return struct.pack("=HBBI", 0x06, 0, 0, value)


def _works(attempt: Callable[[], object]) -> bool:
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            attempt()
            status = 0
        except OSError:
            status = 1
        finally:
            os._exit(status)
    return os.waitpid(pid, 0)[1] == 0


def _try_namespaces() -> None:
    drop_root()
    enter_namespaces()
    enter_process_namespace()
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@functools.cache
def _libc() -> ctypes.CDLL:
    """The C library; opened once, because each opening makes classes anew, and a child makes a hundred calls before its code begins."""
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: str) -> int:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{what}: {os.strerror(code)}")
    return result


def _syscall(number: int, *arguments: object) -> int:
    return _check(_libc().syscall(number, *arguments), f"system call {number}")


def _prctl(option: int, value: int) -> None:
    _check(_libc().prctl(option, value, 0, 0, 0), f"prctl {option}")


def _mount(source: bytes | None, target: bytes, kind: bytes | None, flags: int, data: bytes | None = None) -> None:
    _check(_libc().mount(source, target, kind, ctypes.c_ulong(flags), data), f"mount {target.decode()}")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)
