"""Reports how the check of summaries judges labelled statements. Run it with `python -m tests.tools.faithfulness`."""

from __future__ import annotations

import sys
from collections import Counter

from tests.fixtures.statements import DEVELOPMENT, fault, labelled_statements

for name in (DEVELOPMENT,):
    lines = [name]
    for is_true, wrong in ((False, "distortions shown"), (True, "true compressions removed")):
        statements = [statement for statement in labelled_statements(name) if statement.is_true is is_true]
        failed = [statement for statement in statements if (fault(statement) is None) is not is_true]
        lines.append(f"  {wrong}: {len(failed)} of {len(statements)}")
        totals, by_kind = (Counter(statement.kind for statement in group) for group in (statements, failed))
        lines += [f"    {kind}: {by_kind[kind]} of {totals[kind]}" for kind in sorted(totals)]
        lines += [f"    {statement.kind}: {statement.cited[0].quote} => {statement.text}" for statement in failed]
    sys.stdout.write("\n".join(lines) + "\n")
