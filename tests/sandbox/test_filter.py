"""The filter of system calls, on both architectures: what the kernel would answer to every call.

The program is run here by an interpreter of our own for classic BPF, and the numbers of the calls stand here
once more, from the kernel's tables (arch/x86/entry/syscalls/syscall_64.tbl, asm-generic/unistd.h): so that
neither libseccomp nor the machine decides what is right.
"""

from __future__ import annotations

import struct
import sys
from functools import cache

import pytest

from grader.inside import kernel, landlock, lockdown, seccomp
from grader.sandbox import filter as filter_

pytest.importorskip("pyseccomp")

X86_64, AARCH64 = 0xC000003E, 0xC00000B7
OTHERS = {"i386": 0x40000003, "arm": 0x40000028, "riscv64": 0xC00000F3, "none": 0}
X32 = 0x4000_0000  # added to a number on x86-64, it makes the call another architecture's
ALLOW, KILLS = 0x7FFF_0000, (0x0000_0000, 0x8000_0000)
EACCES = 0x0005_0000 | 13

# Name: its number on x86-64, on aarch64 (None: there is no such call).
FREE = {
    "read": (0, 63), "readv": (19, 65), "write": (1, 64), "writev": (20, 66), "lseek": (8, 62),
    "fstat": (5, 80), "close": (3, 57), "poll": (7, None), "ppoll": (271, 73), "select": (23, None),
    "pselect6": (270, 72), "mremap": (25, 216),
    "munmap": (11, 215), "madvise": (28, 233), "brk": (12, 214), "membarrier": (324, 283),
    "futex": (202, 98), "rseq": (334, 293), "set_robust_list": (273, 99), "sched_yield": (24, 124),
    "rt_sigaction": (13, 134), "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139), "sigaltstack": (131, 132), "setitimer": (38, 103), "getitimer": (36, 102),
    "alarm": (37, None), "restart_syscall": (219, 128), "nanosleep": (35, 101),
    "gettimeofday": (96, 169), "time": (201, None), "getrandom": (318, 278), "getcwd": (79, 17),
    "umask": (95, 166), "getpid": (39, 172), "gettid": (186, 178),
    "getuid": (102, 174), "geteuid": (107, 175), "getgid": (104, 176), "getegid": (108, 177),
    "getresuid": (118, 148), "getresgid": (120, 150), "getgroups": (115, 158),
    "exit": (60, 93), "exit_group": (231, 94),
}  # fmt: skip
# Allowed with some arguments only.
BOUND = {
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "fcntl": (72, 25),
    "ioctl": (16, 29),
    "prlimit64": (302, 261),
    "getrusage": (98, 165),
    "clock_gettime": (228, 113),
    "clock_getres": (229, 114),
    "clock_nanosleep": (230, 115),
}
FORBIDDEN = {
    # What tells of the machine, of other processes, or of what is at the channel's other end.
    "uname": (63, 160), "sysinfo": (99, 179), "getppid": (110, 173), "getpgrp": (111, None),
    "getpgid": (121, 155), "getsid": (124, 156), "times": (100, 153), "sched_getaffinity": (204, 123),
    "recvfrom": (45, 207), "sendto": (44, 206), "getcpu": (309, 168), "getpriority": (140, 141),
    "sched_getparam": (143, 121), "sched_getscheduler": (145, 120), "capget": (125, 90),
    "getpeername": (52, 205), "getsockname": (51, 204), "ioprio_get": (252, 31), "statfs": (137, 43),
    "open": (2, None), "openat": (257, 56), "openat2": (437, 437), "creat": (85, None), "stat": (4, None),
    "newfstatat": (262, 79), "statx": (332, 291), "access": (21, None), "faccessat": (269, 48),
    "getdents64": (217, 61), "readlink": (89, None), "readlinkat": (267, 78), "unlink": (87, None),
    "unlinkat": (263, 35), "mkdir": (83, None), "mkdirat": (258, 34), "rename": (82, None),
    "renameat": (264, 38), "symlinkat": (266, 36), "linkat": (265, 37), "truncate": (76, 45),
    "ftruncate": (77, 46), "fallocate": (285, 47), "chdir": (80, 49), "chroot": (161, 51),
    "fchmod": (91, 52), "fchmodat": (268, 53), "fchownat": (260, 54), "mount": (165, 40),
    "umount2": (166, 39), "pivot_root": (155, 41), "dup": (32, 23), "dup2": (33, None), "dup3": (292, 24),
    "pipe": (22, None), "pipe2": (293, 59), "memfd_create": (319, 279), "sendfile": (40, 71),
    "splice": (275, 76), "fork": (57, None), "vfork": (58, None), "clone": (56, 220), "clone3": (435, 435),
    "execve": (59, 221), "execveat": (322, 281), "wait4": (61, 260), "kill": (62, 129),
    "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138), "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424), "pidfd_getfd": (438, 438), "ptrace": (101, 117),
    "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "socket": (41, 198),
    "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "sendmsg": (46, 211),
    "recvmsg": (47, 212), "setsockopt": (54, 208), "prctl": (157, 167), "seccomp": (317, 277),
    "setuid": (105, 146), "setresuid": (117, 147), "setrlimit": (160, 164), "setsid": (112, 157),
    "setpriority": (141, 140), "sched_setaffinity": (203, 122), "unshare": (272, 97), "setns": (308, 268),
    "bpf": (321, 280), "keyctl": (250, 219), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "shmget": (29, 194), "semget": (64, 190), "msgget": (68, 186),
    "mq_open": (240, 180), "timer_create": (222, 107), "inotify_init1": (294, 26),
    "epoll_create1": (291, 20), "eventfd2": (290, 19), "landlock_create_ruleset": (444, 444),
}  # fmt: skip
SIDES = {"x86-64": (X86_64, 0), "aarch64": (AARCH64, 1)}


@cache
def instructions(architecture: int) -> list[tuple[int, int, int, int]]:
    return list(struct.iter_unpack("<HBBI", filter_.program(architecture)))


def verdict(program: int, number: int, *arguments: int, architecture: int | None = None) -> int:
    """Return what the filter for one architecture says to a call by it, or by another: classic BPF, as in
    bpf(4).
    """
    given = [argument & (1 << 64) - 1 for argument in arguments] + [0] * (6 - len(arguments))
    asked_by = program if architecture is None else architecture
    data = struct.pack("<iIQ6Q", number - (1 << 32 if number >= 1 << 31 else 0), asked_by, 0, *given)
    at = accumulator = 0
    code = instructions(program)
    while True:
        what, if_true, if_false, constant = code[at]
        at += 1
        if what == 0x20:  # load a word
            (accumulator,) = struct.unpack_from("<I", data, constant)
        elif what == 0x54:  # and
            accumulator &= constant
        elif what == 0x05:  # jump
            at += constant
        elif what in (0x15, 0x25, 0x35, 0x45):  # jump if equal, greater, greater or equal, bits in common
            holds = {
                0x15: accumulator == constant,
                0x25: accumulator > constant,
                0x35: accumulator >= constant,
                0x45: bool(accumulator & constant),
            }[what]
            at += if_true if holds else if_false
        elif what == 0x06:  # return
            return constant
        else:
            raise AssertionError(f"an instruction that this test does not know: {what:#x}")


@pytest.fixture(params=SIDES)
def side(request: pytest.FixtureRequest) -> tuple[int, int]:
    """Return an architecture, and the place of its numbers in the tables."""
    return SIDES[request.param]


def test_the_lists_are_ours() -> None:
    """The tables hold every name that the filter lets pass, and no other."""
    assert set(FREE) == set(filter_.ALLOWED)
    assert not set(FORBIDDEN) & (set(FREE) | set(BOUND))


def test_exactly_the_listed_calls_are_allowed(side: tuple[int, int]) -> None:
    """Of all numbers, with no argument set, those of the tables pass; all others are answered with EACCES."""
    architecture, column = side
    # PROT_NONE, the terminal's or our own limits: with nothing but zeros, fcntl and ioctl alone are refused.
    numbers = {row[column] for row in FREE.values()} - {None}
    numbers |= {BOUND[name][column] for name in BOUND if name not in ("fcntl", "ioctl")}
    for number in range(2_000):
        expected = ALLOW if number in numbers else EACCES
        assert verdict(architecture, number) == expected, number


@pytest.mark.parametrize("name", FORBIDDEN)
def test_what_is_forbidden_is_forbidden(name: str, side: tuple[int, int]) -> None:
    """Files, processes, signals, sockets, the kernel's interfaces: refused whatever the arguments are."""
    architecture, column = side
    number = FORBIDDEN[name][column]
    if number is not None:
        for argument in (0, 1, 2, 3, 0x5401, (1 << 64) - 100, (1 << 64) - 1):
            assert verdict(architecture, number, *[argument] * 6) == EACCES


def test_arguments_are_looked_at(side: tuple[int, int]) -> None:
    """No memory becomes code, no descriptor sends signals, nothing but isatty, no limit but one's own."""
    architecture, column = side

    def says(name: str, *arguments: int) -> bool:
        answer = verdict(architecture, BOUND[name][column], *arguments)
        assert answer in (ALLOW, EACCES)
        return answer == ALLOW

    for name in ("mmap", "mprotect"):
        for protection in range(16):
            assert says(name, 0, 4096, protection) == (not protection & 4)
        assert not says(name, 0, 4096, 1 << 40 | 4)
    for command in range(2_000):
        assert says("fcntl", 1, command) == (command in (1, 2, 3))
    assert not says("fcntl", 1, 1 << 32 | 3)
    for request in (*range(0x5400, 0x5480), 0x8912, 0):
        assert says("ioctl", 1, request) == (request == 0x5401)
    for name in ("clock_gettime", "clock_getres", "clock_nanosleep"):
        for clock in (*range(16), 16, 17, 1 << 32, (1 << 32) - 6, (1 << 64) - 6):  # ~pid << 3: of a process
            assert says(name, clock) == (clock < 16)
    for whom in (0, 1, (1 << 32) - 1, (1 << 64) - 1):  # RUSAGE_SELF, THREAD and CHILDREN
        assert says("getrusage", whom) == (whom == 0)
    assert says("prlimit64", 0, 7, 0, 1)
    assert not says("prlimit64", 0, 7, 1, 0)
    assert not says("prlimit64", 1, 7, 0, 1)


def test_calls_by_another_architecture_kill(side: tuple[int, int]) -> None:
    """Every call by an architecture that is not this machine's own kills the job, allowed numbers too."""
    architecture, _ = side
    strangers = {*OTHERS.values(), X86_64, AARCH64} - {architecture}
    for stranger in strangers:
        for number in range(600):
            assert verdict(architecture, number, architecture=stranger) in KILLS


def test_x32_calls_kill() -> None:
    """The numbers of x32, which come under the name of x86-64, kill; on aarch64 they are no calls at all."""
    for number in (*range(600), 0x1FFF_FFFF):
        assert verdict(X86_64, X32 + number) in KILLS
        assert verdict(AARCH64, X32 + number) == EACCES
    assert verdict(X86_64, (1 << 32) - 1) in (*KILLS, EACCES)  # -1, as a tracer sets it


@pytest.mark.skipif(sys.platform != "linux", reason="there is a filter on Linux alone")
def test_what_is_loaded_is_what_was_looked_at() -> None:
    """This machine's own filter is one of the two, and no longer than the kernel takes."""
    assert filter_.program() in (filter_.program(X86_64), filter_.program(AARCH64))
    for architecture, _ in SIDES.values():
        assert 0 < len(instructions(architecture)) <= 4096


def test_the_raw_numbers_of_ours_hold_on_both() -> None:
    """Landlock's calls and prctl's options, which we number ourselves, are the same on both."""
    import pyseccomp

    for architecture, _ in SIDES.values():
        for number, name in (
            (landlock.SYS_CREATE_RULESET, "landlock_create_ruleset"),
            (landlock.SYS_RESTRICT_SELF, "landlock_restrict_self"),
        ):
            assert pyseccomp.resolve_syscall(architecture, name) == number
    for architecture, machine in ((X86_64, "x86_64"), (AARCH64, "aarch64")):
        assert pyseccomp.resolve_syscall(architecture, "seccomp") == seccomp.SYS_SECCOMP[machine]
    # linux/prctl.h knows no architecture for these.
    assert (kernel.PR_SET_DUMPABLE, lockdown.PR_SET_NO_NEW_PRIVS, seccomp.PR_SET_SECCOMP) == (4, 38, 22)
