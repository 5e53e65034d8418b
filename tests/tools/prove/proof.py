"""What a part of the proof is given, and how it fails."""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Proof:
    """One part's run: a folder of its own, kept if it fails, the seed of all that is drawn, and how much to do."""

    home: Path
    seed: int
    scale: Literal["short", "full"]
    say: Callable[[str], None]

    def draw(self) -> random.Random:
        """Chances that are the same for the same seed."""
        return random.Random(self.seed)

    def size(self, *, short: int, full: int) -> int:
        """How many to do at this scale."""
        return full if self.scale == "full" else short

    @property
    def log(self) -> Path:
        """What processes of this part write, beside the state it is about."""
        return self.home / "log.txt"


def seconds(measured: Sequence[float]) -> str:
    """Times in words: the middle one and the longest."""
    if not measured:
        return "none measured"
    return f"median {statistics.median(measured):.2f} s, longest {max(measured):.2f} s"
