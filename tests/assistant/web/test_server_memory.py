"""The limit on malloc arenas: threads share the memory they have freed."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
# Fifty threads at once allocate blocks too large for Python's own allocator and too small to be mapped separately.
PROGRAM = """
import ctypes, sys, threading
from assistant.web.process import limit_malloc_arenas
assert sys.argv[1] == "unlimited" or limit_malloc_arenas()
barrier = threading.Barrier(50)
def work():
    block = bytearray(50_000)
    barrier.wait()
threads = [threading.Thread(target=work) for _ in range(50)]
for thread in threads: thread.start()
for thread in threads: thread.join()
c = ctypes.CDLL(None)
c.fopen.restype = ctypes.c_void_p
file = c.fopen(sys.argv[2].encode(), b"w")
c.malloc_info(0, ctypes.c_void_p(file))
c.fclose(ctypes.c_void_p(file))
"""


def count_arenas(mode: str, folder: Path) -> int:
    file = folder / f"{mode}.xml"
    subprocess.run([sys.executable, "-c", PROGRAM, mode, str(file)], check=True, cwd=ROOT)
    return file.read_text(encoding="utf-8").count("<heap nr=")


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no arenas")
def test_threads_use_at_most_two_arenas(tmp_path: Path) -> None:
    assert count_arenas("unlimited", tmp_path) > 2
    assert count_arenas("limited", tmp_path) <= 2
