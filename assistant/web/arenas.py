"""What a server of many threads holds of memory that it has freed.

The C library of most Linux systems (glibc) gives threads arenas to take memory from, up to eight for each core, and
what is freed in one is of no use to the others: a service that takes up a new index in now this thread, now that, holds
the room for it many times. Two arenas are enough where one thread at a time runs Python.
"""

from __future__ import annotations

import ctypes
import sys

ARENAS = 2
_M_ARENA_MAX = -8  # malloc.h; see mallopt(3)


def share_arenas() -> bool:
    """Limit this process to `ARENAS`, before its threads begin; False where the C library knows no such limit."""
    if sys.platform != "linux":
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(_M_ARENA_MAX, ARENAS))
