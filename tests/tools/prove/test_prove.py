"""Every part of the proof in its short form, always with the same seed: `make prove` draws another, and does it all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools.prove.faults import compiler

SEED = 2016
WANTED = {
    "kills": "8 kills",
    "killed": "ended by signal 9",
    "failing": "a plain error",
    "memory": "went on to its end",
    "disk": "went on to its end",
    "damage": "0 ends of the service",
    "altered": "4 of 4 withheld",
    "writers": "the second refused 5 times",
    "withdrawn": "0 with a withdrawn sentence after the swap",
    "verbatim": "0 differ",
    "hostile": "0 deaths",
    "absent": "that cannot be answered",
}

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(not hasattr(os, "fork") or sys.platform != "linux", reason="needs Linux: forks, /proc, limits"),
]


@pytest.mark.parametrize("part", WANTED)
def test_it_holds(part: str) -> None:
    if part in ("killed", "failing") and compiler() is None:
        pytest.skip("needs a C compiler")
    process = subprocess.run(
        [sys.executable, "-m", "tests.tools.prove", part, "--seed", str(SEED), "--scale", "short"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[3],
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    assert WANTED[part] in process.stdout
    assert f"seed {SEED}" in process.stdout


def test_what_is_broken_is_kept_and_named_with_the_command_that_breaks_it_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from tests.tools.prove import __main__ as prove

    monkeypatch.setitem(prove.PARTS, "no-such-part", "fails")
    assert prove._run("no-such-part", 7, "short") == 1
    said = capsys.readouterr().out
    assert "no-such-part --seed 7 --scale short" in said
    kept = Path(said.split("kept in ")[1].split(";")[0])
    assert kept.is_dir()
    kept.rmdir()
