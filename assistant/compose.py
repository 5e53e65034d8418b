"""Composes statements from the selected sentences, each quoted whole and cited.

No word is added. Where a sentence would mislead alone ("This is limited by…", "However…"), the sentence before it is
quoted with it and marked as context.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from assistant.answer import EXTRACTIVE, Answer, AskedPart, Citation, Searched, Statement, Status
from assistant.messages import listed, load_messages
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


def combined(answers: Sequence[Answer], question: str, identity: str, seconds: float) -> Answer:
    """One answer to a turn of several questions, from the answer to each; a sentence is cited once."""
    cited: dict[str, Citation] = {}
    statements: dict[tuple[int, ...], Statement] = {}
    parts = []
    for answer in answers:
        numbers = {}
        for citation in answer.citations:
            known = cited.setdefault(citation.sentence, citation.model_copy(update={"number": len(cited) + 1}))
            numbers[citation.number] = known.number
        for statement in answer.statements:
            own = tuple(numbers[number] for number in statement.citations)
            statements.setdefault(own, statement.model_copy(update={"citations": own}))
        parts.append(
            AskedPart(
                question=answer.question,
                status=answer.status,
                reason=answer.reason,
                citations=tuple(dict.fromkeys(numbers.values())),
            )
        )
    status = _status_of(parts)
    return Answer(
        id=identity,
        question=question,
        standalone_question=question,
        status=status,
        reason=_reason_of(parts, answers),
        statements=tuple(statements.values()),
        citations=_in_full(answers, cited),
        nearest=() if status.answered else answers[0].nearest,
        asked=tuple(parts),
        notes=tuple(dict.fromkeys(note for answer in answers for note in answer.notes)),
        about_documents=any(answer.about_documents for answer in answers),
        searched=_searched(answers),
        index=answers[0].index,
        mode=EXTRACTIVE,
        seconds=round(seconds, 4),
    )


def _in_full(answers: Sequence[Answer], cited: dict[str, Citation]) -> tuple[Citation, ...]:
    """The citations; one that is context to one question and evidence to another is evidence."""
    evidence = {citation.sentence for answer in answers for citation in answer.citations if not citation.context}
    return tuple(
        citation.model_copy(update={"context": citation.context and citation.sentence not in evidence})
        for citation in cited.values()
    )


def _status_of(parts: Sequence[AskedPart]) -> Status:
    statuses = [part.status for part in parts]
    if all(status is Status.ANSWERED for status in statuses):
        return Status.ANSWERED
    return Status.PARTLY_ANSWERED if any(status.answered for status in statuses) else statuses[0]


def _reason_of(parts: Sequence[AskedPart], answers: Sequence[Answer]) -> str:
    """Why each question has no answer, or what else is said of it; that all are answered where nothing is."""
    messages = load_messages()
    said = [
        messages.say("asked.reason", question=part.question, reason=part.reason)
        for part, answer in zip(parts, answers, strict=True)
        if part.status is not Status.ANSWERED or answer.coverage or answer.about_documents
    ]
    return " ".join(said) or messages.say("asked.answered", number=str(len(parts)))


def _searched(answers: Sequence[Answer]) -> Searched:
    """What was searched for the questions; where it differs, the most that was searched for one, and each scope."""
    widest = max((answer.searched for answer in answers), key=lambda searched: searched.sentences)
    scopes = list(dict.fromkeys(answer.searched.scope for answer in answers))
    return widest.model_copy(update={"scope": listed(scopes)})
