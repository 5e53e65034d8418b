"""`python -m tests.tools.faithfulness`: how the guards judge statements whose truth is known."""

from __future__ import annotations

import sys

from tests.fixtures.statements import SEEN, UNSEEN, labelled, score

for name in (SEEN, UNSEEN):
    found = score(labelled(name))
    removed = f"{len(found.removed)} ({found.wrongly_removed:.1%})"
    lines = [name, f"  true statements: {found.true}, wrongly removed: {removed}"]
    for kind in sorted(kind for kind in found.counts if kind):
        missed = sum(one.false == kind for one in found.missed)
        lines.append(f"  false by {kind}: {found.counts[kind]}, caught: {found.counts[kind] - missed}")
    lines += [f"  removed though true ({', '.join(faults)}): {one.text}" for one, faults in found.removed]
    lines += [f"  shown though false ({one.false}): {one.text}" for one in found.missed]
    sys.stdout.write("\n".join(lines) + "\n")
