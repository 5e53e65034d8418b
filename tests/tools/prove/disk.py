"""Indexing onto a disk that is too small, made larger until it is enough.

The disk is one of memory (tmpfs), where this process may mount one; elsewhere it is a limit on the size of a file
(RLIMIT_FSIZE), which the system reports in its own way (EFBIG).
"""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.tools.prove.hindered import Hindered
from tests.tools.prove.proof import Proof

WHOLE = 32 * 2**20  # bytes of the disk
MOST = 2048  # KiB left on it; with so much a run must end well


def run(proof: Proof) -> None:
    """From no room at all to enough of it, evenly apart."""
    hindered = Hindered(proof)
    step = proof.size(short=2048, full=16)
    with _disk(hindered.work) as mounted:
        filler = hindered.work / "filler" / "filler"
        for more in range(0, MOST + 1, step):
            if mounted:
                ended = hindered.attempt(lambda more=more: _fill(filler, more), lambda: shutil.rmtree(filler.parent))
            else:
                ended = hindered.attempt(lambda more=more: _limit(more), _lift)
            hindered.judge(ended, f"{more} KiB", may_die=False)
    assert ended.told is not None
    assert not ended.told["error"], "it needs more room than was foreseen"
    what = "KiB left on a disk (tmpfs)" if mounted else "KiB for a file (RLIMIT_FSIZE)"
    proof.say(f"0 to {MOST} {what}, {step} apart: {hindered.summary()}")


@contextmanager
def _disk(at: Path) -> Iterator[bool]:
    """A disk of memory at a folder; whether there is one. What is on it when something fails is kept beside it."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={WHOLE}", "tmpfs", str(at)]
    if (
        os.geteuid()
        or not shutil.which("mount")
        or subprocess.run(command, check=False, capture_output=True).returncode
    ):
        yield False
        return
    try:
        yield True
    except BaseException:
        shutil.copytree(at, at.with_name("disk"))
        raise
    finally:
        subprocess.run(["umount", str(at)], check=True)


def _fill(filler: Path, left: int) -> None:
    """Fill the disk but for so many KiB."""
    filler.parent.mkdir()
    free = os.statvfs(filler.parent)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free.f_bavail * free.f_bsize - left * 1024))


def _limit(most: int) -> None:
    """Let no file grow over so many KiB."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most * 1024, resource.RLIM_INFINITY))


def _lift() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
