"""Killed at a hundred random moments of indexing, an index is never unreadable and never wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEED = 2016


@pytest.mark.long
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs processes that fork")
def test_a_hundred_kills() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "tests.index.kills", str(SEED), "100"],
        capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert process.returncode == 0, process.stderr
