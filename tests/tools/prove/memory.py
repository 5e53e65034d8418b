"""Indexing with too little memory: a limit on its address space (RLIMIT_AS), raised until it is enough.

Where Chroma (its Rust library rayon) is refused a thread, it makes no more of them for as long as the process lives.
"""

from __future__ import annotations

import resource
from pathlib import Path

from tests.tools.prove.hindered import Hindered
from tests.tools.prove.proof import Proof

MOST = 512  # MiB beyond what the process has when it begins; each thread of Chroma reserves some, and it must end well
PAGE = resource.getpagesize()


def run(proof: Proof) -> None:
    """Limits from nothing to enough, evenly apart."""
    hindered = Hindered(proof)
    step = proof.size(short=256, full=4)
    for more in range(0, MOST + 1, step):
        ended = hindered.attempt(lambda more=more: _limit(more), _lift)
        hindered.judge(ended, f"{more} MiB more", may_die=True, may_need_restart=True)
    assert ended.told is not None
    assert not ended.told["error"], "it needs more memory than was foreseen"
    proof.say(f"RLIMIT_AS, {step} MiB apart: {hindered.summary()}")


def _limit(more: int) -> None:
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * PAGE
    resource.setrlimit(resource.RLIMIT_AS, (taken + more * 2**20, resource.RLIM_INFINITY))


def _lift() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
