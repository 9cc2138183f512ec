"""Child processes that do not outlive the process that started them."""

import ctypes
import signal
import subprocess
import sys
from collections.abc import Sequence
from typing import Any

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(number: signal.Signals = signal.SIGTERM) -> None:
    """Let the kernel send `number` to this process when its parent dies, however it dies. Only Linux knows how."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)


def start(argv: Sequence[str], **options: Any) -> subprocess.Popen[bytes]:
    """Start `argv` so that it ends with this process; `options` are those of Popen. Call it from the main thread."""
    # The kernel watches the thread that forked, and a fork beside other threads may copy a lock that is held.
    return subprocess.Popen(argv, preexec_fn=end_with_parent, **options)  # noqa: PLW1509, S603 - see the line above
