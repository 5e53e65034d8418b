"""Threads share the memory they have freed."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Fifty threads at once allocate what is too large for Python's own allocator and too small to be mapped by itself.
PROGRAM = """
import ctypes, sys, threading
from assistant.web.server import share_arenas
assert sys.argv[1] == "as it is" or share_arenas()
together = threading.Barrier(50)
def work():
    held = bytearray(50_000)
    together.wait()
threads = [threading.Thread(target=work) for _ in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = c.fopen(sys.argv[2].encode(), b"w")
c.malloc_info(0, ctypes.c_void_p(file))
c.fclose(ctypes.c_void_p(file))
"""


def arenas(how: str, folder: Path) -> int:
    file = folder / f"{how}.xml"
    subprocess.run([sys.executable, "-c", PROGRAM, how, str(file)], check=True, cwd=ROOT)
    return file.read_text(encoding="utf-8").count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries know no arenas")
def test_threads_take_memory_from_two_arenas_at_most(tmp_path: Path) -> None:
    assert arenas("as it is", tmp_path) > 2
    assert arenas("shared", tmp_path) <= 2
