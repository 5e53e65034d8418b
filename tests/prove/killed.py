"""The writer killed at every step in turn, until it passes."""

from __future__ import annotations

from tests.prove.faults import KILLS
from tests.prove.proof import Proof
from tests.prove.steps import each


def run(proof: Proof) -> None:
    """Killed between two calls, and in the middle of a write."""
    for fault in KILLS:
        each(proof, fault)
