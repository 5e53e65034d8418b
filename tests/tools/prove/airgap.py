"""No network: index, ask, serve and browse where there is none, every attempt to leave counted by the kernel.

    python -m tests.tools.prove.airgap --scale full [--wheels FOLDER]

starts itself again in a network namespace that has a loopback interface and no route anywhere, so that whatever tries
to leave has nowhere to go. The kernel counts each try (`OutNoRoutes`), whichever process makes it: server, child
processes, browser. Names are looked up at an address that has no route either. `--scale full` also installs from a
folder of wheels first, if one is given. Linux, as the superuser or where user namespaces are allowed.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.tools.prove.server import ROOT, say

_UNSHARE = ["unshare", "--net", "--mount", *(() if os.geteuid() == 0 else ("--map-root-user",))]
CONTROLS = 2  # attempts that are made on purpose, so that it is seen that attempts are counted


@dataclass(frozen=True)
class Sealed:
    """Attempts to leave by what was done, and what came of it."""

    attempts: dict[str, int]
    outcomes: dict[str, str]

    @property
    def faults(self) -> list[str]:
        """What tried to leave, what did not work, and whether the counting itself does not."""
        control = self.attempts.get("control", 0)
        found = [] if control >= CONTROLS else [f"of {CONTROLS} attempts made on purpose {control} were counted"]
        found += [
            f"{name}: {count} attempts to leave" for name, count in self.attempts.items() if name != "control" and count
        ]
        return found + [f"{name}: {how}" for name, how in self.outcomes.items() if how != "well"]


def can_be_sealed() -> bool:
    """Whether a network namespace can be made here, and names be looked up elsewhere in it."""
    return subprocess.run([*_UNSHARE, "true"], capture_output=True, check=False).returncode == 0


def sealed_run(folder: Path, *, browse: bool, wheels: Path | None = None) -> Sealed:
    """Do it in a namespace of its own: all of it, or without `browse` only what takes seconds.

    Raises `RuntimeError` when something fails there that has nothing to do with the network.
    """
    command = [
        *_UNSHARE,
        sys.executable,
        "-m",
        "tests.tools.prove.airgap_inside",
        str(folder),
        str(int(browse)),
        str(wheels or ""),
    ]
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANT_", "HF_"))}
    surroundings |= {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=surroundings, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"in the namespace: {done.stderr[-3000:]}")
    said = json.loads(done.stdout.splitlines()[-1])
    return Sealed(said["attempts"], said["outcomes"])


def run(seed: int, *, full: bool, wheels: Path | None = None) -> int:
    """Run it and print what was counted; 0 when nothing tried to leave and everything worked, else 1."""
    with TemporaryDirectory() as folder:
        sealed = sealed_run(Path(folder), browse=full, wheels=wheels)
    for name, count in sealed.attempts.items():
        say(f"{name}: {count} attempts to leave" + (f", {sealed.outcomes[name]}" if name in sealed.outcomes else ""))
    for problem in sealed.faults:
        say(f"NOT REACHED: {problem}")
    return int(bool(sealed.faults))


if __name__ == "__main__":
    given = sys.argv[1:]
    folder_of_wheels = Path(given[given.index("--wheels") + 1]) if "--wheels" in given else None
    sys.exit(run(1, full="full" in given, wheels=folder_of_wheels))
