"""Scores an assistant on a gold file: questions, each with the quotations that answer it completely.

A gold line is `{"id", "question", "history"?, "within"?, "type"?, "answerable", "evidence"}`. `evidence` is a list of
facts, each a list of alternative `{"source", "quote"}`; a complete answer cites one alternative of every fact. A
citation matches a gold quotation of the same source when it contains it, or is contained in it and is at least half as
long; white space is normalised. `answerable: null` marks an open case, which is listed but not scored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from statistics import fmean, median
from typing import Protocol, Self

from pydantic import BaseModel, ConfigDict, model_validator

from assistant.answer import Answer, Citation
from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import QuestionLine, open_lines, read_records
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn

FEEDBACK_TYPE = "feedback"  # the `type` of lines that were made from a user's feedback


class QuestionAnswerer(Protocol):
    """The system under evaluation: anything that answers a question."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
    ) -> Answer:
        """Answers a question from the transcripts that the filter lets through; `id` becomes the answer's id."""


class GoldQuote(BaseModel):
    """A quotation that states a fact, and the name of its source file."""

    model_config = ConfigDict(frozen=True)

    source: str
    quote: str


class GoldQuestion(QuestionLine):
    """A question, whether the sources answer it (None: not decided yet), and the quotations that do.

    `standalone` is a follow-up as it should be understood, where a reader wrote it down. `judge` stands for the person
    whose feedback it was made from.
    """

    type: str = "all"
    judge: str = ""
    standalone: str = ""
    answerable: bool | None
    evidence: tuple[tuple[GoldQuote, ...], ...] = ()

    @model_validator(mode="after")
    def _check_evidence(self) -> Self:
        if self.answerable is None and self.evidence:
            raise ValueError("answerable is null, which means not decided, but there is evidence: set it to true")
        if bool(self.answerable) != bool(self.evidence) or not all(self.evidence):
            raise ValueError(
                "an answerable question needs evidence, with a quotation for each fact; an unanswerable one has none"
            )
        return self


@dataclass(frozen=True, slots=True)
class QuestionScore:
    """The score of one answer. `precision` is None when nothing was cited; `seconds` is the time to answer."""

    gold: GoldQuestion
    answered: bool
    recall: float
    precision: float | None
    evidence_f1: float
    cited: int
    characters: int
    seconds: float

    @property
    def complete(self) -> bool:
        """Whether every fact was cited."""
        return self.recall == 1

    @property
    def refused(self) -> bool:
        """Whether the question was not answered."""
        return not self.answered


class Scores(BaseModel):
    """Means over questions, from 0 to 1 except counts and times; None where there is nothing to average.

    `fact_recall`, `complete` and `evidence_f1` are over answerable questions (a refusal scores 0), `precision`, `cited`
    and `characters` over those of them that were answered. `evidence_f1` is the harmonic mean of fact recall and the
    share of quoted characters that are gold. `balanced` is the mean of `refused_rightly` and 1 - `refused_wrongly`.
    `verbatim` is the share of citations found in their source. `open_cases` are the ids of questions not scored;
    `superseded` counts feedback lines that a later line on the same answer replaced.
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


def read_gold(path: Path) -> list[GoldQuestion]:
    """Reads a gold file. Raises `QuestionFileError` at the first bad line, because a partial score would mislead."""
    with open_lines(str(path)) as lines:
        gold: list[GoldQuestion] = []
        for line in read_records(lines, str(path), GoldQuestion):
            if isinstance(line, QuestionFileError):
                raise line
            gold.append(line)
    if not gold:
        raise QuestionFileError(f"{path} contains no question.")
    return gold


def latest_judgements(lines: Sequence[GoldQuestion]) -> list[GoldQuestion]:
    """Drops feedback that a later line on the same answer replaces; other lines all stay, in the file's order.

    Where several people judged an answer and do not agree, the case is open: nobody overrides the others.
    """
    feedback = [(number, line) for number, line in enumerate(lines) if line.type == FEEDBACK_TYPE]
    last = {line.id: number for number, line in feedback}
    by_judge = {(line.id, line.judge): line.answerable for _, line in feedback}
    judgements: dict[str, set[bool | None]] = {}
    for (answer_id, _), answerable in by_judge.items():
        judgements.setdefault(answer_id, set()).add(answerable)
    return [
        line.model_copy(update={"answerable": None, "evidence": ()}) if len(judgements.get(line.id, ())) > 1 else line
        for number, line in enumerate(lines)
        if line.type != FEEDBACK_TYPE or last[line.id] == number
    ]


def score_answer(gold: GoldQuestion, answer: Answer) -> QuestionScore:
    """Compares one answer with its gold question."""
    citations = answer.citations
    recall = _recall(gold, citations)
    return QuestionScore(
        gold=gold,
        answered=answer.status.answered,
        recall=recall,
        precision=_precision(gold, citations),
        evidence_f1=_harmonic_mean(recall, _useful_share(gold, citations)),
        cited=len(citations),
        characters=sum(len(citation.quote) for citation in citations),
        seconds=answer.seconds,
    )


def mean_scores(scores: Sequence[QuestionScore], *, verbatim: float | None = None) -> Scores:
    """Averages the scores of single questions; `verbatim` is passed on."""
    answerable = [score for score in scores if score.gold.answerable]
    unanswerable = [score for score in scores if score.gold.answerable is False]
    answered = [score for score in answerable if score.answered]
    refused_rightly = _mean_of(unanswerable, "refused")
    refused_wrongly = _mean_of(answerable, "refused")
    return Scores(
        answerable=len(answerable),
        unanswerable=len(unanswerable),
        fact_recall=_mean_of(answerable, "recall"),
        complete=_mean_of(answerable, "complete"),
        precision=_mean_of(answered, "precision"),
        evidence_f1=_mean_of(answerable, "evidence_f1"),
        cited=_mean_of(answered, "cited"),
        characters=_mean_of(answered, "characters"),
        refused_rightly=refused_rightly,
        refused_wrongly=refused_wrongly,
        balanced=_balanced(refused_rightly, refused_wrongly),
        verbatim=verbatim,
        median_seconds=median(score.seconds for score in scores) if scores else None,
        by_type=_f1_by_type(answerable),
    )


def evaluate(
    assistant: QuestionAnswerer,
    questions: Iterable[GoldQuestion],
    source_text: Callable[[str], str],
    advance: Callable[[], None],
    answered: Callable[[GoldQuestion, Answer], None] | None = None,
) -> Scores:
    """Asks every question and scores the answers, leaving out open cases.

    `source_text` returns the text of a source by name; `advance` is called after each question, and `answered` with
    each answer.
    """
    scores: list[QuestionScore] = []
    verbatim: list[bool] = []
    open_cases: list[str] = []
    for gold in questions:
        if gold.answerable is None:
            open_cases.append(gold.id)
        else:
            answer = assistant.ask(gold.question, gold.history, within=gold.within, id=gold.id)
            if answered is not None:
                answered(gold, answer)
            scores.append(score_answer(gold, answer))
            verbatim += [
                normalise_spaces(citation.quote) in normalise_spaces(source_text(citation.source))
                for citation in answer.citations
            ]
        advance()
    return mean_scores(scores, verbatim=_mean(verbatim)).model_copy(update={"open_cases": tuple(open_cases)})


def quotes_match(cited: str, gold: str) -> bool:
    """Whether a cited text contains a gold quotation, or is contained in it and is at least half as long."""
    cited, gold = normalise_spaces(cited), normalise_spaces(gold)
    return gold in cited or (cited in gold and 2 * len(cited) >= len(gold))


def normalise_spaces(text: str) -> str:
    """Replaces each run of white space by one space and strips the ends."""
    return " ".join(text.split())


def _matches(citation: Citation, gold: GoldQuote) -> bool:
    return PurePath(citation.source).name == gold.source and quotes_match(citation.quote, gold.quote)


def is_cited(quote: GoldQuote, citations: Sequence[Citation]) -> bool:
    """Whether a citation matches a gold quotation."""
    return any(_matches(citation, quote) for citation in citations)


def _recall(gold: GoldQuestion, citations: Sequence[Citation]) -> float:
    """The share of facts of which any quotation is cited."""
    found = [any(is_cited(quote, citations) for quote in fact) for fact in gold.evidence]
    return sum(found) / len(found) if found else 0.0


def _precision(gold: GoldQuestion, citations: Sequence[Citation]) -> float | None:
    """The share of citations that match any gold quotation."""
    quotes = [quote for fact in gold.evidence for quote in fact]
    right = sum(any(_matches(citation, quote) for quote in quotes) for citation in citations)
    return right / len(citations) if citations else None


def _useful_share(gold: GoldQuestion, citations: Sequence[Citation]) -> float:
    """The share of cited characters that are gold, at most 1."""
    quotes = [quote for fact in gold.evidence for quote in fact]
    useful = sum(len(normalise_spaces(quote.quote)) for quote in quotes if is_cited(quote, citations))
    cited = sum(len(normalise_spaces(citation.quote)) for citation in citations)
    return min(1.0, useful / cited) if cited else 0.0


def _harmonic_mean(a: float, b: float) -> float:
    return 2 * a * b / (a + b) if a + b else 0.0


def _balanced(refused_rightly: float | None, refused_wrongly: float | None) -> float | None:
    if refused_rightly is None or refused_wrongly is None:
        return None
    return (refused_rightly + 1 - refused_wrongly) / 2


def _mean_of(scores: Iterable[QuestionScore], measure: str) -> float | None:
    """The mean of a field of `QuestionScore`, leaving out None."""
    values = [getattr(score, measure) for score in scores]
    return _mean(value for value in values if value is not None)


def _mean(values: Iterable[float]) -> float | None:
    collected = list(values)
    return fmean(collected) if collected else None


def _f1_by_type(answerable: Sequence[QuestionScore]) -> dict[str, float]:
    types = sorted({score.gold.type for score in answerable})
    return {name: fmean(score.evidence_f1 for score in answerable if score.gold.type == name) for name in types}
