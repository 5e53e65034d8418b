"""The outcome of a question, and the reason for it in the words of the messages file."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from assistant.answer import Citation, Statement, Status
from assistant.answer_layout import Coverage, Sides, Table
from assistant.coverage import in_words
from assistant.messages import listed, load_messages
from assistant.question.intent import AnswerKind
from assistant.question.question import Question
from assistant.question.scope import Corpus, Scope


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a question ended: a status, and for an answer its statements and citations."""

    status: Status
    statements: tuple[Statement, ...] = ()
    citations: tuple[Citation, ...] = ()
    nearest: tuple[Citation, ...] = ()
    missing: tuple[str, ...] = ()  # parts of the question without evidence
    lacks: AnswerKind | None = None  # the kind of detail that the question asks for and nothing gives
    among: tuple[str, ...] = ()  # forces whose assessments would each answer a question that does not name one
    speaker: str = ""  # whose words a question that is not answered asks for
    speaks: bool = False  # whether that speaker is known to speak in any document searched
    unknown: tuple[str, ...] = ()  # names in the question that occur in no source
    other_periods: tuple[str, ...] = ()  # of the force quoted, in which likely sentences were found and not quoted
    counted: str = ""  # how many formal records were found, that none is listed, or what is known of the documents
    about_documents: bool = False  # `counted` answers by itself, from the metadata of the documents
    coverage: Coverage | None = None
    most: int = 0  # how many sentences of each force and period are shown, where not all are
    table: Table | None = None
    sides: Sides | None = None
    notes: tuple[str, ...] = ()
    note_sources: tuple[Citation, ...] = ()


def reason(outcome: Outcome, question: Question, corpus: Corpus, limit: int) -> str:
    """The reason for an outcome, in one or two sentences; `limit` is the most characters a question may have."""
    scope = question.scope
    if outcome.coverage is not None:
        return " ".join(filter(None, (outcome.counted, in_words(outcome.coverage, scope, outcome.most))))
    if outcome.counted:
        return outcome.counted
    if outcome.sides is not None:
        return load_messages().say("sides.reason", scope=scope_in_words(scope, corpus))
    line = answer_line(outcome, question, corpus)
    if outcome.status is Status.ANSWERED:
        return line
    name = _reason_name(outcome, question, corpus)
    stated = load_messages().say(
        f"reason.{name}",
        missing=", ".join(outcome.missing),
        scope=scope_in_words(scope, corpus),
        detail=load_messages().say(f"detail.{outcome.lacks.value}") if outcome.lacks else "",
        forces=", ".join(scope.missing_forces),
        periods=", ".join(scope.missing_periods),
        held=_available(outcome.status, scope, corpus),
        outside=listed(scope.outside),
        filter=scope.limited_to,
        name=scope.ambiguous,
        choices=listed(scope.choices),
        unknown=listed(outcome.unknown),
        speaker=outcome.speaker[:1].upper() + outcome.speaker[1:],
        whose=outcome.speaker,
        characters=f"{len(question.text):,}",
        limit=f"{limit:,}",
        documents=load_messages().count("documents", len(scope.places)),
    )
    return " ".join(filter(None, (stated, line, _unknown_forces(outcome.status, name, corpus, scope))))


def answer_line(outcome: Outcome, question: Question, corpus: Corpus) -> str:
    """What a reader needs at a glance: how many sentences, of which forces and periods, the newest, and other times.

    Empty without quotations.
    """
    words = load_messages()
    if not outcome.citations:
        return ""
    found = [citation for citation in outcome.citations if not citation.context]
    context = len(outcome.citations) - len(found)
    sentences = words.count("sentences", len(found))
    if context:
        sentences = words.say("line.context", sentences=sentences, number=context)
    lines = [words.say("line.found", sentences=sentences, places=_places_quoted(found))]
    years = {period.label: period.first for period in corpus.periods}
    shown = sorted({citation.period for citation in found if citation.period}, key=lambda label: years.get(label, 0))
    if len(shown) > 1:
        lines.append(words.say("line.newest", period=shown[-1]))
    if shown:
        newest = years.get(shown[-1], 0)
        later = [label for label in outcome.other_periods if years[label] > newest]
        earlier = [label for label in outcome.other_periods if years[label] <= newest]
        lines += [words.say("line.later", periods=listed(later))] if later else []
        lines += [words.say("line.earlier", periods=listed(earlier))] if earlier else []
        lines += _not_searched({citation.force for citation in found}, newest, question.scope, corpus)
    return " ".join(lines)


def _places_quoted(found: Sequence[Citation]) -> str:
    """The forces quoted, each with its periods: `Northshire Constabulary (2016, 2018/19), Westmere Police`."""
    words = load_messages()
    periods: dict[str, dict[str, None]] = {}
    for citation in found:
        of_force = periods.setdefault(citation.force or words.say("line.no_force"), {})
        of_force.update(dict.fromkeys(filter(None, [citation.period])))
    return listed(
        [
            words.say("line.place", force=force, periods=", ".join(sorted(named))) if named else force
            for force, named in periods.items()
        ]
    )


def _not_searched(forces: Collection[str], newest: int, scope: Scope, corpus: Corpus) -> list[str]:
    """That there are later assessments of the one force quoted than the question or its filter allows, if so."""
    if len(forces) != 1 or "" in forces or not scope.places:
        return []
    (force,) = forces
    outside = set(corpus.by_force.get(force, ())) - set(scope.places)
    later = [period.label for period in corpus.periods_of(sorted(outside)) if period.first > newest]
    return [load_messages().say("line.not_searched", force=force, periods=listed(later))] if later else []


def _unknown_forces(status: Status, name: str, corpus: Corpus, scope: Scope) -> str:
    """That the force of some documents is not known, where a refusal about a force might be due to that."""
    of_force = bool(scope.forces) and status in (Status.NOT_IN_ASSESSMENTS, Status.DETAIL_NOT_GIVEN)
    if not corpus.unknown_force or not (of_force or name == Status.FORCE_NOT_HELD.value):
        return ""
    documents = load_messages().count("documents", len(corpus.unknown_force))
    return load_messages().say(
        "reason.unknown_searched_not" if of_force else "reason.unknown_forces", documents=documents
    )


def scope_in_words(scope: Scope, corpus: Corpus) -> str:
    """What was searched, in words: the forces and periods, or every transcript."""
    if not corpus.transcripts:
        return load_messages().say("scope.nothing")
    if not scope.named:
        return scope.limited_to or load_messages().say("scope.everything")
    if scope.is_of_naming:
        return load_messages().say("scope.naming", forces=listed(scope.missing_forces))
    forces = listed(scope.forces) or load_messages().say("scope.all_forces")
    named = ", ".join(part for part in (forces, listed((*scope.periods, *scope.years))) if part)
    return load_messages().say("scope.limited", scope=named, filter=scope.limited_to) if scope.limit else named


def _reason_name(outcome: Outcome, question: Question, corpus: Corpus) -> str:
    """The name of the message that gives the reason for an outcome."""
    scope, status = question.scope, outcome.status
    if status is Status.AMBIGUOUS:
        return _ambiguity_name(question)
    if status is Status.EMPTY_QUESTION and question.is_courtesy:
        return "courtesy"
    if scope.missing_forces and not scope.forces and status in (Status.PARTLY_ANSWERED, Status.FORCE_NOT_HELD):
        return _missing_force_name(status, scope)
    if outcome.speaker:
        return "speaker_silent" if outcome.speaks else "speaker_unknown"
    if status is Status.NOT_IN_ASSESSMENTS and outcome.unknown:
        return "unknown_names"
    if status is Status.PARTLY_ANSWERED and scope.outside:
        return "partly_outside"
    if status is Status.NOT_IN_ASSESSMENTS and not corpus.transcripts:
        return "empty_collection"
    if status is Status.PERIOD_NOT_HELD and not corpus.periods:
        return "no_periods"
    return status.value


def _missing_force_name(status: Status, scope: Scope) -> str:
    """Of a force without an assessment; that of some documents which name it may not be known."""
    answered = status is Status.PARTLY_ANSWERED
    if scope.is_of_naming:
        return "force_only_named" if answered else "force_not_known"
    return "force_mentioned" if answered else status.value


def _ambiguity_name(question: Question) -> str:
    if question.scope.ambiguous:
        return "ambiguous_force"
    return "ambiguous_scope" if question.concepts else "ambiguous_topic"


def _available(status: Status, scope: Scope, corpus: Corpus) -> str:
    """The forces of the collection, or for a missing period, the periods in scope."""
    if status is Status.PERIOD_NOT_HELD:
        places = scope.places or tuple(range(len(corpus.transcripts)))
        return listed([period.label for period in corpus.periods_of(places)])
    return listed(list(corpus.by_force))


def respelt_notes(question: Question) -> tuple[str, ...]:
    """A note for each force whose name was misspelt in the question."""
    messages = load_messages()
    return tuple(
        messages.say("scope.respelt", written=written, force=force) for written, force in question.scope.respelt
    )
