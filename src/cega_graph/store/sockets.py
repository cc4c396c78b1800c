"""A wall in the kernel: a process that can open no socket any more, while files still open.

Linux only (x86-64 and ARM64), by seccomp: a filter in classic BPF that answers `socket` with "not
permitted". Sources: Linux `seccomp(2)`, `linux/filter.h`, `linux/audit.h`.
"""

from __future__ import annotations

import ctypes
import errno
import platform
import struct
import sys
from typing import Final

_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_ALLOW, _FAIL = 0x7FFF0000, 0x00050000
_NO_NEW_PRIVILEGES, _SECCOMP, _FILTER = 38, 22, 2

_MACHINES: Final = {"x86_64": (0xC000003E, 41), "aarch64": (0xC00000B7, 198)}
"""Machine → its number in audit records, and that of the call `socket`."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def refuse_sockets() -> bool:
    """Let this process, and whatever it starts, open no socket from now on; tell whether the kernel does so."""
    numbers = _MACHINES.get(platform.machine())
    if sys.platform != "linux" or numbers is None:
        return False
    machine, call = numbers
    steps = [
        (_LOAD, 0, 0, 4), (_EQUAL, 1, 0, machine), (_RETURN, 0, 0, _FAIL | errno.EPERM),
        (_LOAD, 0, 0, 0), (_EQUAL, 0, 1, call), (_RETURN, 0, 0, _FAIL | errno.EPERM), (_RETURN, 0, 0, _ALLOW),
    ]  # fmt: skip
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *step) for step in steps))
    program = _Program(len(steps), ctypes.cast(code, ctypes.c_char_p))
    prctl = ctypes.CDLL(None).prctl
    return not prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0) and not prctl(_SECCOMP, _FILTER, ctypes.byref(program), 0, 0)
