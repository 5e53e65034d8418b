"""`python -m tests.tools.prove [PART ...] [--seed N] [--scale short|full]`: what was promised, put to the proof.

Each part runs in a process of its own. Its seed is printed; what it breaks is kept, and named with the command that
breaks it again. docs/reliability.md says what each part shows, and what it measured.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path

from tests.tools.prove import faults
from tests.tools.prove.proof import Proof

PARTS = {
    "kills": "SIGKILL at random moments of indexing",
    "killed": "SIGKILL at every step of the writer in turn",
    "failing": "ENOSPC, EIO, EACCES and ENOMEM at every step of the writer in turn",
    "memory": "indexing with too little memory",
    "disk": "indexing onto a disk that is too small",
    "damage": "every file of record and generation damaged under a service and before it starts",
    "altered": "a byte of a record or a source altered, a span shifted by one",
    "writers": "two indexers of one folder at once",
    "withdrawn": "sources withdrawn while fifty people ask",
    "verbatim": "documents at random, each quotation held against its file",
    "hostile": "files that are broken or mean harm, among good ones",
    "absent": "questions that what is held cannot answer",
}
NEEDING_FAULTS = {"killed", "failing"}  # loaded before the process begins
ROOT = Path(__file__).parents[3]


def main() -> int:
    """Run the parts that are named, or all; 1 if one failed."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.tools.prove", description="Put what was promised to the proof."
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help="; ".join(f"{k}: {v}" for k, v in PARTS.items()))
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**6))
    parser.add_argument("--scale", choices=("short", "full"), default="full")
    parser.add_argument("--here", type=Path, help=argparse.SUPPRESS)  # the folder of the one part run in this process
    asked = parser.parse_args()
    unknown = set(asked.parts) - set(PARTS)
    if unknown:
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if asked.here:
        part = import_module(f"tests.tools.prove.{asked.parts[0]}")
        part.run(Proof(asked.here, asked.seed, asked.scale, lambda text: print(f"  {text}", flush=True)))  # noqa: T201
        return 0
    return max([_run(part, asked.seed, asked.scale) for part in asked.parts or PARTS])


def _run(part: str, seed: int, scale: str) -> int:
    """One part in a process of its own, in a folder that is kept if it fails: 0, or 1."""
    # A kill leaves what was written to the system, on the disk or not: so it may as well be memory, which is quicker.
    memory = Path("/dev/shm")
    home = Path(tempfile.mkdtemp(prefix=f"prove-{part}-", dir=memory if memory.is_dir() else None))
    again = [sys.executable, "-m", "tests.tools.prove", part, "--seed", str(seed), "--scale", scale]
    print(f"{part}: {PARTS[part]} (seed {seed}, {scale})", flush=True)  # noqa: T201
    started = time.monotonic()
    surroundings = os.environ | {"TMPDIR": str(home), "PYTHONPATH": str(ROOT)}
    surroundings |= faults.compiled(home) if part in NEEDING_FAULTS else {}
    code = subprocess.run([*again, "--here", str(home)], cwd=ROOT, env=surroundings, check=False).returncode
    if code:
        print(f"  FAILED (status {code}); kept in {home}; again: {' '.join(again)}", flush=True)  # noqa: T201
        return 1
    shutil.rmtree(home)
    print(f"  held, in {time.monotonic() - started:.0f} s", flush=True)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
