"""Every part of the proof in its short form, always with the same seed: `make prove` draws another, and does it all."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEED = 2016


def short(part: str) -> str:
    """What a part of the proof says; it must hold."""
    process = subprocess.run(
        [sys.executable, "-m", "tests.prove", part, "--seed", str(SEED), "--scale", "short"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_killed_at_a_hundred_random_moments_an_index_is_never_unreadable_and_never_wrong() -> None:
    assert "100 kills" in short("kills")
