"""Turns what was selected for a question into an outcome: statements and citations, or a status that says why not.

One function for each mode that `assistant.question.routing` chooses among.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from assistant.answer import Citation, Statement, Status
from assistant.answer_layout import Aspect, Sides
from assistant.compose import compose
from assistant.coverage import Quoted, comparison, coverage_of, notes_on, over_time, sort_key
from assistant.judgements.by_transcript import JudgedSentence, Judgements
from assistant.judgements.praise_and_concern import JudgementWords, Side
from assistant.judgements.themes import Theme, Themes
from assistant.messages import load_messages
from assistant.outcome import Outcome
from assistant.question.intent import AnswerKind
from assistant.question.list_request import ListRequest
from assistant.question.question import Question
from assistant.question.scope import Corpus, ScopePart
from assistant.retrieval.evidence import Evidence, PartEvidence, Selection
from assistant.retrieval.sentences import SentenceStore
from assistant.sources import cite
from index.storage.reader import StoredSentence

MAX_LISTED = 600  # sentences of one answer; beyond it, only the most probable of each force and period are listed
MAX_OF_THEME_AND_SIDE = 12
MIN_RELATIVE_PROBABILITY = 0.5  # of a sentence, against the best one, to count as another force's answer


def listed_outcome(
    question: Question,
    evidence: Sequence[Evidence],
    sentences: SentenceStore,
    corpus: Corpus,
    *,
    graded: bool,
    in_other_words: bool,
) -> Outcome | None:
    """Everything that states what a question asks for all of, by force and period; None where nothing does.

    `graded` asks for the note that the scale of grades changed; `in_other_words` says that no sentence contained the
    inspectorate's term, so that other words counted.
    """
    if not evidence:
        return None
    stored = sentences.by_row([item.row for item in evidence])
    most, kept = _most_probable(stored, evidence)
    ordered = sorted(kept, key=_listing_order)
    statements, citations = compose(ordered, sentences.previous(ordered))
    scales = notes_on(sentence.metadata.period for sentence in ordered) if graded else ()
    other_words = (load_messages().say("coverage.other_words"),) if in_other_words else ()
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        coverage=coverage_of(citations, question.scope, corpus),
        most=most,
        notes=(*scales, *other_words),
        note_sources=_note_sources(scales, question, sentences),
    )


def _listing_order(stored: StoredSentence) -> tuple[tuple[str, int, int, str], str, int]:
    """By force and time, then by place in the transcript."""
    return sort_key(stored.metadata), stored.sentence.transcript_id, stored.sentence.ordinal


def _most_probable(stored: Sequence[StoredSentence], evidence: Sequence[Evidence]) -> tuple[int, list[StoredSentence]]:
    """Of more than `MAX_LISTED` the most probable of each force and period, and how many of each; else all, and 0."""
    if len(stored) <= MAX_LISTED:
        return 0, list(stored)
    by_probability = sorted(range(len(stored)), key=lambda position: (-evidence[position].probability, position))
    seen: Counter[object] = Counter()
    ranks = np.zeros(len(stored), dtype=np.int64)
    for position in by_probability:
        metadata = stored[position].metadata
        seen[(metadata.force, metadata.period)] += 1
        ranks[position] = seen[(metadata.force, metadata.period)]
    sizes = np.cumsum(np.bincount(ranks))
    most = max(1, int(np.searchsorted(sizes, MAX_LISTED, side="right")) - 1)
    return most, [sentence for sentence, rank in zip(stored, ranks, strict=True) if rank <= most]


def meeting_request(part: PartEvidence, request: ListRequest, words: JudgementWords) -> PartEvidence:
    """A part without the sentences that do not judge or grade as the question asks."""
    met = tuple(item for item in part.selection.evidence if request.met_by(item.text, words))
    return replace(part, selection=Selection(met))


def search_outcome(
    question: Question, parts: Sequence[PartEvidence], sentences: SentenceStore, corpus: Corpus
) -> Outcome | None:
    """The evidence of each part; partial when something asked for was not found or is not among the sources.

    A question about "the force" that several forces' assessments answer is ambiguous. None where there is no evidence.
    """
    ordered = sorted(parts, key=lambda part: _part_order(part.part, corpus))
    rows = list(dict.fromkeys(item.row for part in ordered for item in part.selection.evidence))
    if not rows:
        return None
    stored = sentences.by_row(rows)
    forces = _forces_of(sentences.by_row(_likely_rows(parts))) if question.leaves_force_open else ()
    if len(forces) > 1:
        return Outcome(Status.AMBIGUOUS, among=forces)
    statements, citations = compose(stored, sentences.previous(stored))
    missing = _missing(question, parts)
    outcome = Outcome(
        Status.PARTLY_ANSWERED if missing else Status.ANSWERED,
        statements=statements,
        citations=citations,
        missing=missing,
        other_periods=_other_periods(parts, stored, corpus),
    )
    composed = zip(rows, stored, statements, strict=True)
    quoted = {row: Quoted(one.metadata, statement.citations) for row, one, statement in composed}
    compared = [(one.part, [item.row for item in one.selection.evidence]) for one in ordered if one.part is not None]
    table = comparison(compared, quoted) or over_time(quoted.values())
    if table is None:
        return outcome
    scales = notes_on(sentence.metadata.period for sentence in stored)
    return replace(outcome, table=table, notes=scales, note_sources=_note_sources(scales, question, sentences))


def _other_periods(parts: Sequence[PartEvidence], stored: Sequence[StoredSentence], corpus: Corpus) -> tuple[str, ...]:
    """The periods of the one force quoted, besides those quoted, of candidates as likely as `_likely_rows` asks."""
    forces = {sentence.metadata.force for sentence in stored}
    if len(forces) != 1 or "" in forces:
        return ()
    rows = set(_likely_rows(parts))
    near = [part.ranked.taken(np.flatnonzero(part.ranked.on_topic).tolist()) for part in parts]
    likely = {place for one in near for row, place in zip(one.rows, one.places, strict=True) if int(row) in rows}
    places = sorted(int(place) for place in likely if corpus.transcripts[place].force in forces)
    shown = {sentence.metadata.period for sentence in stored}
    return tuple(period.label for period in corpus.periods_of(places) if period not in shown)


def _likely_rows(parts: Sequence[PartEvidence]) -> list[int]:
    """The rows of the candidates that are half as probable as the most probable evidence, or more."""
    best = max((item.probability for part in parts for item in part.selection.evidence), default=0.0)
    likely = (part.ranked.rows[part.ranked.probability >= MIN_RELATIVE_PROBABILITY * best] for part in parts)
    return list(dict.fromkeys(row for rows in likely for row in rows.tolist()))


def _forces_of(stored: Sequence[StoredSentence]) -> tuple[str, ...]:
    return tuple(sorted({sentence.metadata.force for sentence in stored} - {""}))


def _missing(question: Question, parts: Sequence[PartEvidence]) -> tuple[str, ...]:
    """What was asked for and is not in the answer: forces and periods by name, and parts with no evidence."""
    scope = question.scope
    empty = [part.part.label for part in parts if part.part is not None and not part.selection.evidence]
    return tuple(dict.fromkeys((*scope.missing_forces, *scope.missing_periods, *scope.outside, *empty)))


def not_found_outcome(
    question: Question, parts: Sequence[PartEvidence], corpus: Corpus, *, off_topic: bool, speaks: bool
) -> Outcome:
    """The refusal of a question that was searched without finding evidence.

    `speaks` says whether the speaker whose words it asks for speaks in any of the documents searched.
    """
    speaker = question.speaker
    if speaker is not None and (speaks or (speaker.is_certain and not speaker.may_be_any)):
        return Outcome(Status.NOT_IN_ASSESSMENTS, speaker=speaker.text, speaks=speaks)
    lacking = {part.selection.missing_detail for part in parts}
    detail = lacking.pop() if len(lacking) == 1 else None  # every part lacks it
    if question.scope.missing_forces and not question.scope.forces:
        return Outcome(Status.FORCE_NOT_HELD)
    if question.scope.missing_periods:
        return Outcome(Status.PERIOD_NOT_HELD)
    unknown = tuple(dict.fromkeys(name for part in parts for name in part.ranked.unknown_names))
    if unknown:
        return Outcome(Status.NOT_IN_ASSESSMENTS, unknown=unknown)
    if detail is not None:
        return Outcome(Status.DETAIL_NOT_GIVEN, lacks=detail)
    if corpus.by_force and off_topic:
        return Outcome(Status.NOT_ABOUT_ASSESSMENTS)
    return Outcome(Status.NOT_IN_ASSESSMENTS)


def is_graded(question: Question, request: ListRequest) -> bool:
    """Whether a list is of grades, so that a change of the scale of grades has to be noted."""
    return bool(request.grades) or question.intent.kind is AnswerKind.GRADE


@dataclass(frozen=True, slots=True)
class _ThemedSentence:
    """A judged sentence under the key of one theme (empty for none) and on one side."""

    theme: str
    side: Side
    judged: JudgedSentence


def two_sided_outcome(
    question: Question, themes: frozenset[str], judgements: Judgements, sentences: SentenceStore
) -> Outcome | None:
    """What the assessments in scope praise and what they are concerned about, by theme; None where they do neither."""
    ids = sentences.transcript_ids(question.scope.places)
    judged = [item for transcript_id in ids for item in _themed(judgements.of(transcript_id), themes)]
    shown = _by_theme(judged, judgements.themes)
    if not shown:
        return None
    stored = sentences.reread([item.judged.sentence for item in shown])
    statements, citations = compose(stored, sentences.previous(stored))
    most = load_messages().say("sides.limit", number=f"{MAX_OF_THEME_AND_SIDE:,}")
    return Outcome(
        Status.ANSWERED,
        statements=statements,
        citations=citations,
        sides=_sides(shown, statements, judgements.themes),
        notes=(most,) if len(shown) < len(judged) else (),
    )


def _themed(judged: Iterable[JudgedSentence], themes: frozenset[str]) -> list[_ThemedSentence]:
    """Each sentence that is on a side, once: under the theme it is most about among those asked for."""
    found = []
    for sentence in judged:
        theme = next((theme for theme in (*sentence.themes, "") if theme in themes), None)
        if theme is not None and sentence.stated.side is not None:
            found.append(_ThemedSentence(theme, sentence.stated.side, sentence))
    return found


def _by_theme(judged: Sequence[_ThemedSentence], themes: Themes) -> list[_ThemedSentence]:
    """By theme, then by side, then in reading order; of many, those that name a term or give a grade first."""
    shown: list[_ThemedSentence] = []
    for theme in (*(theme.key for theme in themes), ""):
        for side in Side:
            here = [item for item in judged if (item.theme, item.side) == (theme, side)]
            ranked = sorted(here, key=lambda item: not (item.judged.stated.term or item.judged.stated.grades))
            kept = {id(item) for item in ranked[:MAX_OF_THEME_AND_SIDE]}
            shown += [item for item in here if id(item) in kept]
    return shown


def _sides(shown: Sequence[_ThemedSentence], statements: Sequence[Statement], themes: Themes) -> Sides:
    numbers: dict[str, dict[Side, list[int]]] = {}
    for item, statement in zip(shown, statements, strict=True):
        numbers.setdefault(item.theme, {side: [] for side in Side})[item.side] += statement.citations
    return Sides(themes=tuple(_aspect(themes.by_key(key), of_theme) for key, of_theme in numbers.items()))


def _aspect(theme: Theme | None, numbers: Mapping[Side, Sequence[int]]) -> Aspect:
    praise, concern, both = (tuple(numbers[side]) for side in (Side.PRAISE, Side.CONCERN, Side.BOTH))
    return Aspect(theme=theme.name if theme else "", praise=praise, concern=concern, both=both)


def _note_sources(notes: Sequence[str], question: Question, sentences: SentenceStore) -> tuple[Citation, ...]:
    """The sentence that says what the note on grades says, if the sources have one and the filter allows it."""
    limit = question.scope.limit
    stored = sentences.scale_change(limit.places if limit else ()) if notes else []
    return tuple(cite(sentence, number, context=False) for number, sentence in enumerate(stored, 1))


def _part_order(part: ScopePart | None, corpus: Corpus) -> tuple[str, int]:
    """The key that sorts parts by force, then by time."""
    if part is None:
        return "", 0
    period = corpus.transcripts[part.places[0]].period if part.period and part.places else None
    return part.force, period.first if period else 0
