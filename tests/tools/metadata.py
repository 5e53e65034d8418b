"""Compares what `assistant sources` finds out about documents with labels made by reading them.

Run: python -m tests.tools.metadata SET=FOLDER…   where SET is a table of tests/fixtures/metadata-labels.toml.
"""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path

from index.inventory import InventorySource, take_inventory

LABELS = Path(__file__).parents[1] / "fixtures" / "metadata-labels.toml"
RESULTS = ("right", "not known", "wrong")
FIELDS = ("force", "period", "inspector", "published", "dated")


def compare(labels: dict[str, list[str]], folder: Path) -> tuple[dict[str, Counter[str]], list[str]]:
    """Returns, by field, how many values are right, not known and wrong; and a line for each that is not right."""
    counts: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    lines = []
    sources = {source.source: source for source in take_inventory(folder).sources}
    for name, values in labels.items():
        for field, label in zip(FIELDS, values, strict=True):
            result = verdict(sources[name], field, label)
            counts[field][result] += 1
            if result != "right":
                lines.append(f"{result}: {name}, {field}: {sources[name].value(field)!r}, and not {label!r}")
    return counts, lines


def verdict(source: InventorySource, field: str, label: str) -> str:
    """Returns "right", "not known" where a value that the document states is missing, or "wrong"."""
    value = source.value(field)
    if value == label:
        return "right"
    return "wrong" if value else "not known"


def main(arguments: list[str]) -> int:
    """Prints the counts of each set and every difference. Returns 1 if any value is wrong."""
    total: dict[str, Counter[str]] = {field: Counter() for field in FIELDS}
    labels = tomllib.loads(LABELS.read_text(encoding="utf-8"))
    for argument in arguments:
        name, folder = argument.split("=", 1)
        counts, lines = compare(labels[name], Path(folder))
        print(name, *lines, sep="\n  ")  # noqa: T201
        for field in FIELDS:
            total[field] += counts[field]
    for field, counted in total.items():
        print(f"{field:<10}", *(f"{counted[result]:>4} {result}" for result in RESULTS))  # noqa: T201
    return int(any(counted["wrong"] for counted in total.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
