"""Reports how the check of summaries judges labelled statements. Run it with `python -m tests.tools.faithfulness`.

With `--list`, also the statements that it judges wrongly.
"""

from __future__ import annotations

import sys
from collections import Counter

from tests.fixtures.statements import DEVELOPMENT, DISTORTED, TRUE, LabelledStatement, fault, labelled_statements


def report(heading: str, statements: list[LabelledStatement]) -> list[str]:
    """How many of some statements, all true or all distorted, are judged wrongly, by kind."""
    failed = [statement for statement in statements if (fault(statement) is None) is not statement.is_true]
    totals, by_kind = (Counter(statement.kind for statement in group) for group in (statements, failed))
    lines = [f"{heading}: {len(failed)} of {len(statements)}"]
    lines += [f"    {kind}: {by_kind[kind]} of {totals[kind]}" for kind in sorted(totals)]
    if "--list" in sys.argv:
        lines += [
            f"    {one.kind} ({fault(one)}): {' | '.join(cited.quote for cited in one.cited)} => {one.text}"
            for one in failed
        ]
    return lines


for name in (DEVELOPMENT, DISTORTED, TRUE):
    groups: dict[str, list[LabelledStatement]] = {}
    for statement in labelled_statements(name):
        group = "paraphrases not shown" if statement.is_paraphrase else "true compressions not shown"
        groups.setdefault(group if statement.is_true else "distortions shown", []).append(statement)
    for heading, statements in groups.items():
        sys.stdout.write("\n".join(report(f"{name}, {heading}", statements)) + "\n")
