"""What the chat page offers: filters, example questions, the options in the URL, and suggestions after an answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import islice

from assistant.answer import Answer, Citation, Status
from assistant.filter import EVERYTHING, Filter
from assistant.messages import Messages
from assistant.question.wording import uncapitalised
from assistant.web.asker import Asker
from index.published.generation import IndexedTranscript
from index.text.transcript import Role

MAX_EXAMPLES = 5
MAX_TRIED = 6  # questions asked to find an example of one kind
MAX_SUGGESTIONS = 4
MAX_REMEMBERED = 500  # answered questions, with what was suggested after them
MAX_URL_QUESTION_CHARACTERS = 500
MAX_HEADING_CHARACTERS = 60  # of a heading that a question can be about

Fits = Callable[[Answer], bool]


def _is_answered(answer: Answer) -> bool:
    return answer.status is Status.ANSWERED


def _is_listed(answer: Answer) -> bool:
    return answer.coverage is not None and len(answer.coverage.groups) > 0


def _is_compared(answer: Answer) -> bool:
    return answer.table is not None and sum(bool(row.citations) for row in answer.table.rows) > 1


def _has_sides(answer: Answer) -> bool:
    themes = answer.sides.themes if answer.sides is not None else ()
    return any(theme.praise for theme in themes) and any(theme.concern for theme in themes)


@dataclass(frozen=True, slots=True)
class OfferedQuestion:
    """A question that may be offered, and what an answer to it must have."""

    text: str
    fits: Fits = _is_answered


class OfferedQuestions:
    """Finds questions to offer, each asked of the index before it is offered. Safe to use from several threads.

    Examples of every kind of question that the collection allows, and suggestions after an answer.
    """

    def __init__(self, asker: Asker, messages: Messages) -> None:
        self._asker = asker
        self._messages = messages
        self._found: tuple[tuple[IndexedTranscript, ...], tuple[str, ...]] = ((), ())
        self._suggested: OrderedDict[tuple[str, Filter], tuple[str, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def examples(self) -> tuple[str, ...]:
        """Returns at most `MAX_EXAMPLES` questions that are answered now. Raises `IndexingError` as asking does."""
        transcripts = self._asker.sources.transcripts()
        if self._found[0] != transcripts:
            kinds = self._kinds(transcripts)
            firsts = [question for kind in kinds if (question := self._first(kind, EVERYTHING))]
            more = islice(self._topics(transcripts), MAX_TRIED) if len(firsts) < MAX_EXAMPLES else ()
            others = (one.text for one in more if one.text not in firsts and self._is_fit(one, EVERYTHING))
            self._found = (transcripts, (*firsts, *islice(others, MAX_EXAMPLES - len(firsts)))[:MAX_EXAMPLES])
        return self._found[1]

    def known_examples(self) -> tuple[str, ...]:
        """Returns the examples that were found last, without asking anything."""
        return self._found[1]

    def after(self, question: str, within: Filter = EVERYTHING) -> tuple[str, ...]:
        """Returns at most `MAX_SUGGESTIONS` questions that are answered within the same filter.

        None follows a question that is not answered itself. Raises as asking does.
        """
        answer = self._asker.ask(question, within=within)
        if not answer.status.answered or not answer.citations:
            return ()
        key = (f"{answer.index.digest} {answer.standalone_question}", within)
        with self._lock:
            known = self._suggested.get(key)
        if known is None:
            candidates = self._candidates(answer, within)
            known = tuple(one.text for one in candidates if one.text != question and self._is_fit(one, within))
            with self._lock:
                self._suggested[key] = known
                if len(self._suggested) > MAX_REMEMBERED:
                    self._suggested.popitem(last=False)
        return known[:MAX_SUGGESTIONS]

    def _first(self, kind: Iterable[OfferedQuestion], within: Filter) -> str:
        tried = islice(kind, MAX_TRIED)
        return next((question.text for question in tried if self._is_fit(question, within)), "")

    def _is_fit(self, question: OfferedQuestion, within: Filter) -> bool:
        return question.fits(self._asker.ask(question.text, within=within))

    def _kinds(self, transcripts: Sequence[IndexedTranscript]) -> list[Iterable[OfferedQuestion]]:
        """Candidates of each kind in a fixed order: a judgement, which forces, change, comparison, both sides."""
        say, topics = self._messages.say, example_topics()
        periods = _periods_of(transcripts)
        forces = list(periods)
        spans = [(force, of_force[0], of_force[-1]) for force, of_force in periods.items() if len(of_force) > 1]
        one, *others = forces[:2] or [""]
        several = bool(others)
        return [
            self._topics(transcripts),
            [OfferedQuestion(say("example.which", topic=topic), _is_listed) for topic in topics if several],
            [
                OfferedQuestion(say("example.change", topic=topic, force=force, first=first, last=last), _is_compared)
                for topic in topics
                for force, first, last in spans[:1]
            ],
            [
                OfferedQuestion(say("example.compare", topic=topic, force=one, other=other), _is_compared)
                for topic in topics
                for other in others
            ],
            [OfferedQuestion(self._sides(force if several else ""), _has_sides) for force in forces or [""]],
            [OfferedQuestion(say("example.author"))] if len(transcripts) == 1 else [],
        ]

    def _topics(self, transcripts: Sequence[IndexedTranscript]) -> Iterator[OfferedQuestion]:
        """Questions about a topic, for each force in turn; a single force is not named."""
        forces = list(_periods_of(transcripts))
        for number, topic in enumerate(example_topics() if transcripts else ()):
            force = forces[number % len(forces)] if len(forces) > 1 else ""
            yield OfferedQuestion(self._about(topic, force))

    def _about(self, topic: str, force: str) -> str:
        name = "example.topic_of_force" if force else "example.topic"
        return self._messages.say(name, topic=topic, force=force)

    def _sides(self, force: str) -> str:
        return self._messages.say("example.sides_of_force" if force else "example.sides", force=force)

    def _candidates(self, answer: Answer, within: Filter) -> Iterator[OfferedQuestion]:
        """What may follow an answer: its topic in another period and in all forces, both sides, the next section."""
        say = self._messages.say
        cited = [citation for citation in answer.citations if not citation.context]
        allowed = [transcript for transcript in self._asker.sources.transcripts() if within.allows(transcript)]
        periods = _periods_of(allowed)
        forces = list(dict.fromkeys(citation.force for citation in cited if citation.force))
        topic = self._topic(answer, cited)
        if len(forces) == 1 and topic and answer.table is None:
            for other in _other_period(periods.get(forces[0], ()), cited):
                yield OfferedQuestion(
                    say("example.change", topic=topic, force=forces[0], first=other[0], last=other[1]), _is_compared
                )
        if len(periods) > 1 and topic and answer.coverage is None:
            yield OfferedQuestion(say("example.which", topic=topic), _is_listed)
        if len(forces) == 1 and answer.sides is None:
            yield OfferedQuestion(self._sides(forces[0] if len(periods) > 1 else ""), _has_sides)
        if cited and (heading := self._next_heading(cited[-1])):
            yield OfferedQuestion(self._about(heading, cited[-1].force if len(periods) > 1 else ""))

    def _topic(self, answer: Answer, cited: Sequence[Citation]) -> str:
        """The theme that the question names, or else its quotations; empty where they name none."""
        themes = self._asker.judgements.themes
        quoted = " ".join(citation.quote for citation in cited)
        named = (*themes.named(answer.standalone_question), *themes.named(quoted))
        theme = themes.by_key(named[0]) if named else None
        return uncapitalised(theme.name) if theme else ""

    def _next_heading(self, citation: Citation) -> str:
        """The heading of the section that follows a cited sentence, as the topic of a question; empty without one."""
        source = self._asker.sources.transcript_page(citation.transcript_id)
        headings = (
            sentence.text
            for sentence in (source.sentences if source else ())
            if sentence.start >= citation.end and sentence.role is Role.HEADING
        )
        heading = next(headings, "").strip(" .:;?!#")
        return uncapitalised(heading) if 0 < len(heading) <= MAX_HEADING_CHARACTERS else ""


def _periods_of(transcripts: Sequence[IndexedTranscript]) -> dict[str, tuple[str, ...]]:
    """The inspection periods of each force, the earliest first."""
    periods: dict[str, dict[str, int]] = {}
    for transcript in transcripts:
        if transcript.force:
            period = transcript.metadata.period
            periods.setdefault(transcript.force, {}).update({period.label: period.first} if period else {})
    return {force: tuple(sorted(labels, key=labels.__getitem__)) for force, labels in periods.items()}


def _other_period(periods: Sequence[str], cited: Sequence[Citation]) -> list[tuple[str, str]]:
    """An earlier and a later period of a force, of which one is quoted and the other, its nearest, is not."""
    quoted = [periods.index(citation.period) for citation in cited if citation.period in periods]
    if not quoted:
        return []
    newest = max(quoted)
    if newest + 1 < len(periods):
        return [(periods[newest], periods[-1])]
    others = [number for number in range(newest) if number not in quoted]
    return [(periods[others[-1]], periods[newest])] if others else []


@cache
def example_topics() -> tuple[str, ...]:
    """Returns the topics of inspections, in the inspectorate's words, the most frequent questions first."""
    lines = (resources.files("assistant") / "data" / "topics.txt").read_text(encoding="utf-8").splitlines()
    return tuple(line.strip() for line in lines if line.strip() and not line.startswith("#"))


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One filter: its choices as (label, value), and the chosen values."""

    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartState:
    """The state of the page before anything is asked. `filters` are by force, by period and by transcript."""

    filters: tuple[FilterChoice, FilterChoice, FilterChoice]
    question: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartPage:
    """Works out the start state of the page. Raises `IndexingError` as asking does."""

    asker: Asker
    offered: OfferedQuestions

    def state(self, options: Mapping[str, Sequence[str]]) -> StartState:
        """Returns the state for a URL's options: `force`, `period`, `transcript`, `q`. Ignores unknown values.

        The filters may have several values, of transcripts their ids or titles. A question is put into the box, not
        asked: the reader decides whether to ask it.
        """
        transcripts = self.asker.sources.transcripts()
        forces = ((transcript.force, transcript.force) for transcript in transcripts if transcript.force)
        periods = ((transcript.period, transcript.period) for transcript in transcripts if transcript.period)
        filters = (
            _filter_choice(forces, options.get("force", ())),
            _filter_choice(periods, options.get("period", ())),
            _filter_choice(_titles(transcripts), options.get("transcript", ())),
        )
        question = "".join(options.get("q", ())[-1:])[:MAX_URL_QUESTION_CHARACTERS]
        return StartState(filters, question, self.offered.examples())


def _filter_choice(choices: Iterable[tuple[str, str]], chosen: Sequence[str]) -> FilterChoice:
    ordered = tuple(sorted(set(choices)))
    return FilterChoice(ordered, tuple(value for label, value in ordered if value in chosen or label in chosen))


def _titles(transcripts: Sequence[IndexedTranscript]) -> list[tuple[str, str]]:
    """The transcripts by title, with the file name where several have the same title."""
    titles = [transcript.title or transcript.source for transcript in transcripts]
    return [
        (f"{title} ({transcript.source})" if titles.count(title) > 1 else title, transcript.id)
        for title, transcript in zip(titles, transcripts, strict=True)
    ]
