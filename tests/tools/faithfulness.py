"""Reports how the guards judge the labelled statements. Run it with `python -m tests.tools.faithfulness`."""

from __future__ import annotations

import sys

from tests.fixtures.statements import SEEN, UNSEEN, labelled_statements, score

for name in (SEEN, UNSEEN):
    result = score(labelled_statements(name))
    rejected = f"{len(result.rejected)} ({result.false_rejection_rate:.1%})"
    lines = [name, f"  true statements: {result.true_count}, wrongly rejected: {rejected}"]
    for falsehood in sorted(filter(None, result.counts)):
        accepted = sum(statement.falsehood == falsehood for statement in result.accepted)
        total = result.counts[falsehood]
        lines.append(f"  false by {falsehood}: {total}, rejected: {total - accepted}")
    lines += [f"  rejected though true ({', '.join(faults)}): {true.text}" for true, faults in result.rejected]
    lines += [f"  accepted though false ({false.falsehood}): {false.text}" for false in result.accepted]
    sys.stdout.write("\n".join(lines) + "\n")
