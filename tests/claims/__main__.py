"""`python -m tests.claims`: how the guards judge statements whose truth is known."""

from __future__ import annotations

import sys

from tests.claims.labelled import labelled, score

found = score(labelled())
lines = [f"true statements: {found.true}, wrongly removed: {len(found.removed)} ({found.wrongly_removed:.1%})"]
for kind in sorted(kind for kind in found.counts if kind):
    missed = [one for one in found.missed if one.false == kind]
    lines.append(f"false by {kind}: {found.counts[kind]}, caught: {found.counts[kind] - len(missed)}")
for removed, faults in found.removed:
    lines.append(f"removed though true ({', '.join(faults)}): {removed.text}")
for missed in found.missed:
    lines.append(f"shown though false ({missed.false}): {missed.text}")
sys.stdout.write("\n".join(lines) + "\n")
