"""The writer killed, and each of its calls made to fail, at every step in turn until it passes.

A step is a call that regards the index folder or the writer's temporary files: opening, reading, writing, syncing,
renaming, removing, resizing, mapping.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.tools.prove import faults
from tests.tools.prove.faults import DIE, TEAR, Fault
from tests.tools.prove.hindered import Hindered
from tests.tools.prove.proof import Proof

SAMPLE = 1  # step of each fault in the short form


@dataclass(frozen=True)
class Steps:
    """One fault, step by step."""

    hindered: Hindered
    fault: Fault

    def at(self, nth: int) -> bool:
        """The fault at the n-th step; whether the run had as many."""
        hindered, what = self.hindered, f"{self.fault.name} at step {nth}"
        ended = hindered.attempt(lambda: faults.arm(hindered.work, self.fault, nth), faults.disarm)
        if ended.told is not None and ended.told["relieved"] < nth:
            assert not ended.told["error"]
            return False
        hindered.judge(ended, what, may_die=self.fault.action in (DIE, TEAR))
        return True

    def count(self) -> int:
        """How many steps a run has that meets no fault."""
        hindered = self.hindered
        ended = hindered.attempt(lambda: faults.arm(hindered.work, self.fault, 0), faults.disarm)
        return int(ended.told["relieved"])


def each(proof: Proof, fault: Fault) -> None:
    """A fault at every step until it passes, or at a few that are drawn; the numbers are said.

    First where Chroma's folder is built afresh, then where so little has changed that a copy of it is.
    """
    draw = proof.draw()
    for patched in (False, True):
        steps = Steps(Hindered(proof, patched=patched), fault)
        total = steps.count()
        chosen = sorted(draw.sample(range(1, total + 1), SAMPLE)) if proof.scale == "short" else range(1, 2 * total)
        met = 0
        for nth in chosen:
            if not steps.at(nth):
                break
            met += 1
        how = "patched" if patched else "afresh"
        proof.say(f"{fault.name}, {how}, {met} of {total} steps: {steps.hindered.summary()}")
