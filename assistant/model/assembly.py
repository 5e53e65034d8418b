"""An answer put together anew: a model's checked statements first, then whatever of the quotations they leave over.

Every quotation of the answer without the model is in the answer with it: a model can neither add evidence nor hide any.
"""

from __future__ import annotations

from collections.abc import Sequence

from assistant.answer import Citation, Statement
from assistant.model.candidates import Candidate


class Assembly:
    """Statements in the order they are added; citations are numbered as they first appear."""

    def __init__(self, citations: Sequence[Citation], candidates: Sequence[Candidate]) -> None:
        self._citations = citations
        self._candidates = candidates
        self._numbers: dict[int, int] = {}
        self._shown: set[str] = set()
        self._statements: list[Statement] = []

    @property
    def statements(self) -> tuple[Statement, ...]:
        return tuple(self._statements)

    @property
    def citations(self) -> tuple[Citation, ...]:
        """The citations of the statements so far, by their new numbers."""
        return tuple(self._citations[old - 1].model_copy(update={"number": new}) for old, new in self._numbers.items())

    def summary(self, text: str, candidates: Sequence[Candidate]) -> Statement:
        """Add a checked statement with its quotations."""
        numbers = dict.fromkeys(self._number(old) for one in candidates for old in one.numbers)
        self._shown.update(one.label for one in candidates)
        self._statements.append(Statement(text=text, citations=tuple(numbers), kind="summary"))
        return self._statements[-1]

    def quotation(self, candidate: Candidate) -> None:
        """Add a bare quotation, unless it is shown already."""
        if candidate.label in self._shown:
            return
        self._shown.add(candidate.label)
        numbers = [self._number(old) for old in candidate.numbers]
        text = " ".join(self._citations[old - 1].quote for old in candidate.numbers)
        self._statements.append(Statement(text=text, citations=tuple(numbers)))

    def rest(self) -> None:
        """Add every quotation that is not shown yet, in the order of the answer without the model."""
        for candidate in self._candidates:
            self.quotation(candidate)

    def _number(self, old: int) -> int:
        return self._numbers.setdefault(old, len(self._numbers) + 1)
