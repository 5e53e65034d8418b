"""The composer without a model: chosen sentences become statements, each quoted whole and cited.

It adds no word of its own. Where a sentence would mislead alone ("This is limited by…", "However…"), the sentence
before it is quoted with it and marked as context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer import Citation, Statement
from assistant.sources import locator
from index.storage.reader import StoredSentence

_LEANS = re.compile(
    r"^[\"'“‘(]*(this|these|those|that|such|however|but|although(?=,)|nevertheless|nonetheless|in particular"
    r"|for example|for instance|as a result|therefore|despite this|once again|also|yet|so|the latter|the former"
    r"|both)\b[,\s]",
    re.IGNORECASE,
)


def depends_on_previous(sentence: str) -> bool:
    """Whether a sentence opens as one that is misread alone."""
    return _LEANS.match(sentence) is not None


def compose(
    chosen: Sequence[StoredSentence], before: dict[str, StoredSentence]
) -> tuple[tuple[Statement, ...], tuple[Citation, ...]]:
    """Statements and their citations, in the order of the chosen sentences.

    `before` maps a sentence's id to the sentence before it, for those that lean on it. One already cited is not
    repeated.
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


def cite(found: StoredSentence, number: int, *, context: bool) -> Citation:
    """The citation of a stored sentence."""
    period = found.metadata.period
    return Citation(
        number=number,
        source=found.source,
        transcript_id=found.sentence.transcript_id,
        title=found.title,
        force=found.metadata.force,
        period=period.label if period else "",
        sentence=found.sentence.id,
        locator=locator(found.locators),
        start=found.sentence.start,
        end=found.sentence.end,
        quote=found.sentence.text,
        sha256=found.sha256,
        url=found.metadata.url,
        licence=found.metadata.licence,
        context=context,
    )
