"""The writer killed at every step in turn, until it passes."""

from __future__ import annotations

from tests.tools.prove.faults import KILLS
from tests.tools.prove.proof import Proof
from tests.tools.prove.steps import each


def run(proof: Proof) -> None:
    """Killed between two calls, and in the middle of a write."""
    for fault in KILLS:
        each(proof, fault)
