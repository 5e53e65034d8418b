"""Composes statements from the selected sentences, each quoted whole and cited.

No word is added. Where a sentence would mislead alone ("This is limited by…", "However…"), the sentence before it is
quoted with it and marked as context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer import Citation, Statement
from assistant.sources import cite
from index.storage.reader import StoredSentence

_DEPENDENT_OPENING = re.compile(
    r"^[\"'“‘(]*(this|these|those|that|such|however|but|although(?=,)|nevertheless|nonetheless|in particular"
    r"|for example|for instance|as a result|therefore|despite this|once again|also|yet|so|the latter|the former"
    r"|both)\b[,\s]",
    re.IGNORECASE,
)


def depends_on_previous(sentence: str) -> bool:
    """Whether a sentence opens in a way that is misread without the sentence before it."""
    return _DEPENDENT_OPENING.match(sentence) is not None


def compose(
    chosen: Sequence[StoredSentence], before: dict[str, StoredSentence]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Statements and their citations, in the order of the chosen sentences.

    `before` maps the id of a sentence that is misread alone to the sentence before it, which is quoted as context
    unless it is cited already.
    """
    statements: list[Statement] = []
    citations: list[Citation] = []
    shown: set[str] = {found.sentence.id for found in chosen}
    for found in chosen:
        context = before.get(found.sentence.id)
        numbers: list[int] = []
        if context is not None and context.sentence.id not in shown:
            shown.add(context.sentence.id)
            citations.append(cite(context, len(citations) + 1, context=True))
            numbers.append(len(citations))
        citations.append(cite(found, len(citations) + 1, context=False))
        numbers.append(len(citations))
        text = " ".join(citations[number - 1].quote for number in numbers)
        statements.append(Statement(text=text, citations=tuple(numbers)))
    return tuple(statements), tuple(citations)
