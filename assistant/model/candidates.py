"""The sentences a model chooses among: those the answer without it quotes, each by an opaque label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.answer import Answer, Citation, Statement
from assistant.characters import seen
from assistant.claims.lexicon import ClaimWords
from assistant.extract import leans_on_the_one_before
from assistant.model.labels import draw_labels

MOST = 60  # sentences; an answer of more is not summarised


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence, with what must be shown before it, as numbers of the answer's citations. The last is its own."""

    label: str
    numbers: tuple[int, ...]
    citation: Citation

    def material(self) -> dict[str, str]:
        """What the model is shown of it."""
        return {
            "label": self.label,
            "force": self.citation.force,
            "period": self.citation.period,
            "text": self.citation.quote,
        }


def summarisable(answer: Answer) -> bool:
    """Whether a model is asked: something was found, and it is no list of everything and no table."""
    arranged = any(part is not None for part in (answer.table, answer.coverage, answer.sides))
    return answer.status.answered and not arranged and len(answer.statements) <= MOST


def shown_to_a_model(quote: str, lexicon: ClaimWords) -> bool:
    """Whether a sentence speaks of a force, as far as its words tell, and not to a machine or to whoever uses one."""
    return lexicon.addressed.search(quote) is None and lexicon.addressed.search(seen(quote)) is None


def candidates_of(answer: Answer) -> tuple[Candidate, ...]:
    """The candidates of an answer, in its order, under labels that stand in none of its texts."""
    texts = [answer.question, answer.standalone_question, *(f"{one.quote} {one.title}" for one in answer.citations)]
    labels = draw_labels(len(answer.statements), texts)
    by_number = {citation.number: citation for citation in answer.citations}
    return tuple(
        Candidate(label, _with_antecedent(statement, answer.citations), by_number[statement.citations[-1]])
        for label, statement in zip(labels, answer.statements, strict=True)
    )


def _with_antecedent(statement: Statement, citations: Sequence[Citation]) -> tuple[int, ...]:
    """A statement's citations; before a sentence that is misread alone, the one before it where that is quoted too."""
    own = citations[statement.citations[0] - 1]
    if len(statement.citations) > 1 or not leans_on_the_one_before(own.quote):
        return statement.citations
    earlier = [one for one in citations if one.transcript_id == own.transcript_id and one.end <= own.start]
    nearest = max(earlier, key=lambda one: one.end, default=None)
    return statement.citations if nearest is None else (nearest.number, *statement.citations)
