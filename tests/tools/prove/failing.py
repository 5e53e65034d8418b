"""Each of the writer's calls made to fail in turn, until it passes."""

from __future__ import annotations

from tests.tools.prove.faults import FAILURES
from tests.tools.prove.proof import Proof
from tests.tools.prove.steps import each


def run(proof: Proof) -> None:
    """A full disk, a broken one, one that may not be written, and too little memory."""
    for fault in FAILURES:
        each(proof, fault)
