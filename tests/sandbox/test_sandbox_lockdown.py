"""The system-call filter does what its tables say, on both processor families, without needing either of them."""

import re
import struct
from pathlib import Path

import pytest

from core.sandbox import lockdown
from core.sandbox.lockdown import Layer, detect_layers, seccomp_program
from tests.needs import need

ALLOW, DENY, KILL = 0x7FFF0000, 0x00050001, 0x80000000
ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


def verdict(name: str, number: int, *arguments: int, arch: int | None = None) -> int:
    """What the filter answers to a call: a classic BPF machine in a few lines."""
    padded = [*arguments, 0, 0, 0, 0, 0, 0][:6]
    data = struct.pack("<IIQ6Q", number, ARCH[name] if arch is None else arch, 0, *padded)
    code = [struct.unpack_from("=HBBI", seccomp_program(name), start) for start in range(0, len(seccomp_program(name)), 8)]
    place, accumulator = 0, 0
    while True:
        kind, then, otherwise, value = code[place]
        place += 1
        if kind == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif kind == 0x06:
            return value
        else:
            holds = {0x15: accumulator == value, 0x35: accumulator >= value, 0x45: bool(accumulator & value)}[kind]
            place += then if holds else otherwise


@pytest.mark.parametrize("name", ARCH)
def test_listed_calls_pass_and_all_others_are_denied(name: str) -> None:
    plain, guarded = set(lockdown._PLAIN_CALLS[name].values()), set(lockdown._GUARDED_CALLS[name].values())
    for number in range(0, 600):
        if number not in guarded:
            assert verdict(name, number) == (ALLOW if number in plain else DENY)


@pytest.mark.parametrize("name", ARCH)
def test_another_processor_family_or_the_x32_calls_end_the_process(name: str) -> None:
    assert verdict(name, 0, arch=0x40000003) == KILL
    assert verdict("x86_64", 0x40000000) == KILL


@pytest.mark.parametrize("name", ARCH)
def test_pages_may_not_be_executable(name: str) -> None:
    call = lockdown._GUARDED_CALLS[name]
    assert verdict(name, call["mmap"], 0, 4096, 3, 34) == ALLOW
    assert verdict(name, call["mmap"], 0, 4096, 7, 34) == DENY
    assert verdict(name, call["mprotect"], 0, 4096, 1) == ALLOW
    assert verdict(name, call["mprotect"], 0, 4096, 5) == DENY


@pytest.mark.parametrize("name", ARCH)
@pytest.mark.parametrize("flag", [0o1, 0o2, 0o100, 0o1000, 0o2000, 0o10000000, 0o20000000])
def test_files_may_not_be_opened_for_writing(name: str, flag: int) -> None:
    call = lockdown._GUARDED_CALLS[name]
    assert verdict(name, call["openat"], 0, 0, 0o2000000) == ALLOW
    assert verdict(name, call["openat"], 0, 0, 0o2000000 | flag) == DENY
    assert verdict("x86_64", lockdown._GUARDED_CALLS["x86_64"]["open"], 0, flag) == DENY


@pytest.mark.parametrize("name", ARCH)
def test_limits_may_be_read_but_not_set_and_few_questions_be_asked(name: str) -> None:
    call = lockdown._GUARDED_CALLS[name]
    assert verdict(name, call["prlimit64"], 0, 7, 0, 1) == ALLOW
    assert verdict(name, call["prlimit64"], 0, 7, 0x1000, 0) == DENY
    assert verdict(name, call["prlimit64"], 0, 7, 0x1_0000_0000, 0) == DENY
    assert [verdict(name, call["ioctl"], 1, question) for question in (0x5401, 0x5413, 0x5412, 0x5421)] == [ALLOW, ALLOW, DENY, DENY]
    assert [verdict(name, call["fcntl"], 1, question) for question in (1, 2, 3, 0, 1030, 4)] == [ALLOW] * 3 + [DENY] * 3


@pytest.mark.parametrize("name", ARCH)
def test_the_tables_agree_with_the_kernel_headers(name: str) -> None:
    need(HEADERS[name].exists(), "the kernel's headers (linux-libc-dev)")
    text = HEADERS[name].read_text()
    numbers = {match[1]: int(match[2]) for match in re.finditer(r"#define __NR(?:3264)?_(\w+) (\d+)\s", text)}
    numbers |= {"newfstatat": numbers.get("fstatat", numbers.get("newfstatat", -1))}
    ours = lockdown._PLAIN_CALLS[name] | lockdown._GUARDED_CALLS[name] | lockdown._OTHER_CALLS[name]
    assert ours == {call: numbers[call] for call in ours}


def test_without_a_table_for_the_machine_no_layer_is_claimed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    assert detect_layers() == frozenset()


def test_looking_for_layers_leaves_the_caller_as_it_was() -> None:
    need(bool(lockdown.detect_processor()), "kernel isolation needs Linux on x86_64 or aarch64")
    assert Layer.RLIMITS in detect_layers()
    assert Path(__file__).exists()
