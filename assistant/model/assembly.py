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
        self._preferred: list[Candidate] = []
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

    def prefer(self, candidates: Sequence[Candidate]) -> None:
        """Have sentences stand first among those that no summary cites: what was said of them could not be shown."""
        self._preferred += candidates

    def rest(self) -> None:
        """Add, as bare quotations, every sentence that no summary cites: the preferred, then the others in order."""
        for candidate in (*self._preferred, *self._candidates):
            if candidate.label not in self._shown:
                self._shown.add(candidate.label)
                numbers = [self._number(old) for old in candidate.numbers]
                text = " ".join(self._citations[old - 1].quote for old in candidate.numbers)
                self._statements.append(Statement(text=text, citations=tuple(numbers)))

    def _number(self, old: int) -> int:
        return self._numbers.setdefault(old, len(self._numbers) + 1)
