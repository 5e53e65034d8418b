"""Scores of the installed system on a gold file: questions, and the quotations that make a complete answer to each.

A gold line is `{"id", "question", "history"?, "within"?, "type"?, "answerable", "evidence"}`. `evidence` is a list of
facts, each a list of `{"source", "quote"}` of which any one is enough; all facts make a complete answer. A cited
quotation finds a gold one of the same source when it holds it, or is held by it and is at least half of it; white space
counts once. Where `answerable` is null the case is open: nobody has decided yet, so it is named and not scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from statistics import fmean, median
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, model_validator

from assistant.answer import Answer, Citation
from assistant.evaluation.json_lines import QuestionLine
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn

FEEDBACK = "feedback"  # the type of a line that a person's judgement of an answer made


class GoldTurn(Protocol):
    """What is evaluated: anything that answers a question."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
    ) -> Answer:
        """Answer one question, looking only at what is `within` the filter; `id` becomes the answer's."""


class GoldQuote(BaseModel):
    """A passage of a source that states a fact, by the file's name."""

    model_config = ConfigDict(frozen=True)

    source: str
    quote: str


class GoldQuestion(QuestionLine):
    """A question, whether the sources answer it (None: not decided yet), and where."""

    type: str = "all"
    answerable: bool | None
    evidence: tuple[tuple[GoldQuote, ...], ...] = ()

    @model_validator(mode="after")
    def _answerable_means_evidence(self) -> Self:
        if self.answerable is None and self.evidence:
            raise ValueError("answerable is null, which means not decided, and there is evidence: set it to true")
        if bool(self.answerable) != bool(self.evidence) or not all(self.evidence):
            raise ValueError("an answerable question has evidence, each fact a quotation, and an unanswerable one none")
        return self


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """One answer against its gold. `precision` is None when nothing was cited."""

    gold: GoldQuestion
    answered: bool
    recall: float
    precision: float | None
    evidence_f1: float
    cited: int
    characters: int
    seconds: float


class Scores(BaseModel):
    """Means over questions, all between 0 and 1 but the counts and times; None where there is nothing to average.

    `fact_recall`, `complete` and `evidence_f1` are over answerable questions (a refusal scores 0), `precision`, `cited`
    and `characters` over those of them that were answered. `evidence_f1` is the harmonic mean of fact recall and the
    share of quoted characters that are gold. `balanced` is the mean of refusing rightly and not refusing wrongly.
    `open_cases` are the ids of questions not scored; `superseded` counts judgements that a later one replaced.
    """

    model_config = ConfigDict(frozen=True)

    answerable: int
    unanswerable: int
    fact_recall: float | None
    complete: float | None
    precision: float | None
    evidence_f1: float | None
    cited: float | None
    characters: float | None
    refused_rightly: float | None
    refused_wrongly: float | None
    balanced: float | None
    verbatim: float | None
    median_seconds: float | None
    by_type: dict[str, float]
    open_cases: tuple[str, ...] = ()
    superseded: int = 0


def compare(gold: GoldQuestion, answer: Answer) -> QuestionScore:
    """Hold one answer against its gold."""
    citations = answer.citations
    quotes = [quote for fact in gold.evidence for quote in fact]
    found = [any(_finds(citation, quote) for citation in citations for quote in fact) for fact in gold.evidence]
    useful = sum(len(_spaced_once(quote.quote)) for quote in quotes if any(_finds(c, quote) for c in citations))
    right = sum(any(_finds(citation, quote) for quote in quotes) for citation in citations)
    shown = sum(len(_spaced_once(citation.quote)) for citation in citations)
    recall = sum(found) / len(found) if found else 0.0
    return QuestionScore(
        gold=gold,
        answered=answer.status.answered,
        recall=recall,
        precision=right / len(citations) if citations else None,
        evidence_f1=_harmonic_mean(recall, min(1.0, useful / shown) if shown else 0.0),
        cited=len(citations),
        characters=sum(len(citation.quote) for citation in citations),
        seconds=answer.seconds,
    )


def summarise(outcomes: Sequence[QuestionScore], *, verbatim: float | None = None) -> Scores:
    """The means of many outcomes. `verbatim` is the share of quotations that stand in their source."""
    answerable = [outcome for outcome in outcomes if outcome.gold.answerable]
    unanswerable = [outcome for outcome in outcomes if outcome.gold.answerable is False]
    answered = [outcome for outcome in answerable if outcome.answered]
    rightly = _mean(not outcome.answered for outcome in unanswerable)
    wrongly = _mean(not outcome.answered for outcome in answerable)
    return Scores(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        fact_recall=_mean(outcome.recall for outcome in answerable),
        complete=_mean(outcome.recall == 1 for outcome in answerable),
        precision=_mean(outcome.precision for outcome in answered if outcome.precision is not None),
        evidence_f1=_mean(outcome.evidence_f1 for outcome in answerable),
        cited=_mean(outcome.cited for outcome in answered),
        characters=_mean(outcome.characters for outcome in answered),
        refused_rightly=rightly,
        refused_wrongly=wrongly,
        balanced=None if rightly is None or wrongly is None else (rightly + 1 - wrongly) / 2,
        verbatim=verbatim,
        median_seconds=median(outcome.seconds for outcome in outcomes) if outcomes else None,
        by_type=_by_type(answerable),
    )


def evaluate(
    asked: GoldTurn, questions: Iterable[GoldQuestion], source_text: Callable[[str], str], advance: Callable[[], None]
) -> Scores:
    """Ask every question and score the answers, open cases left out.

    `source_text` reads a source by its name; `advance` follows each question.
    """
    outcomes: list[QuestionScore] = []
    verbatim: list[bool] = []
    undecided: list[str] = []
    for gold in questions:
        if gold.answerable is None:
            undecided.append(gold.id)
            advance()
            continue
        answer = asked.ask(gold.question, gold.history, within=gold.within, id=gold.id)
        outcomes.append(compare(gold, answer))
        verbatim += [_spaced_once(c.quote) in _spaced_once(source_text(c.source)) for c in answer.citations]
        advance()
    return summarise(outcomes, verbatim=_mean(verbatim)).model_copy(update={"open_cases": tuple(undecided)})


def _finds(citation: Citation, gold: GoldQuote) -> bool:
    if PurePath(citation.source).name != gold.source:
        return False
    cited, wanted = _spaced_once(citation.quote), _spaced_once(gold.quote)
    return wanted in cited or (cited in wanted and 2 * len(cited) >= len(wanted))


def _spaced_once(text: str) -> str:
    return " ".join(text.split())


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _mean(values: Iterable[float]) -> float | None:
    kept = list(values)
    return fmean(kept) if kept else None


def _by_type(answerable: Sequence[QuestionScore]) -> dict[str, float]:
    kinds = sorted({outcome.gold.type for outcome in answerable})
    return {kind: fmean(o.evidence_f1 for o in answerable if o.gold.type == kind) for kind in kinds}
