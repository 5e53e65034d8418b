"""How the process of a service uses memory and processors: shared out among many questions, not lavished on one."""

from __future__ import annotations

import ctypes
import sys

MALLOC_ARENAS = 2
M_ARENA_MAX = -8  # in malloc.h; see mallopt(3)
SWITCH_SECONDS = 0.0003  # after which a thread that runs Python lets another; Python's own is 0.005


def prepare_process() -> None:
    """Makes this process ready to serve. Call it before threads start."""
    limit_malloc_arenas()
    use_one_blas_thread()
    # PyTorch gives up Python's lock at each of its many steps, and waited for it that long each time.
    sys.setswitchinterval(SWITCH_SECONDS)


def use_one_blas_thread() -> None:
    """Has NumPy multiply matrices in the calling thread alone, from now on, in the whole process.

    Those of one question are too small to share out, and the idle threads of OpenBLAS spin: under load they took as
    much of a processor as the questions.
    """
    import numpy as np  # noqa: F401  # its libraries must be there to be limited
    from threadpoolctl import threadpool_limits

    threadpool_limits(limits=1, user_api="blas")


def limit_malloc_arenas() -> bool:
    """Limits the arenas that the C library gives threads to take memory from.

    glibc gives up to eight for each core, and memory freed in one is of no use to the others: a service that opens a
    new index in a different thread each time would keep the memory for it many times over. Two arenas are enough where
    one thread at a time runs Python. Returns False where the C library has no such limit.
    """
    if sys.platform != "linux":
        return False
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    return set_option is not None and bool(set_option(M_ARENA_MAX, MALLOC_ARENAS))
