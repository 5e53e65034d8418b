"""The start state of the chat page: filters and example questions for the index, and the options in the URL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, islice, zip_longest

from assistant.answer import Status
from assistant.messages import Messages
from assistant.web.asker import Asker
from index.published.generation import IndexedTranscript

MAX_EXAMPLES = 4
MAX_EXAMPLES_TRIED = 24  # questions asked to find them
MAX_EXAMPLE_FORCES = 3
MAX_URL_QUESTION_CHARACTERS = 500
ONE_FORCE_EXAMPLES = ("example.concerns", "example.topic")  # names of messages
SEVERAL_FORCES_EXAMPLES = ("example.concerns_of_force", "example.topic_of_force")


class ExampleQuestions:
    """Finds example questions that the index answers, once for each index. Safe to use from several threads."""

    def __init__(self, asker: Asker, messages: Messages) -> None:
        self._asker = asker
        self._messages = messages
        self._found: tuple[tuple[IndexedTranscript, ...], tuple[str, ...]] = ((), ())

    def answered(self) -> tuple[str, ...]:
        """Returns at most `MAX_EXAMPLES` questions that are answered now. Raises `IndexingError` as asking does."""
        transcripts = self._asker.sources.transcripts()
        if self._found[0] != transcripts:
            tried = islice(self._candidates(transcripts), MAX_EXAMPLES_TRIED)
            answered = (question for question in tried if self._is_answered(question))
            self._found = (transcripts, tuple(islice(answered, MAX_EXAMPLES)))
        return self._found[1]

    def _is_answered(self, question: str) -> bool:
        return self._asker.ask(question).status is Status.ANSWERED

    def _candidates(self, transcripts: tuple[IndexedTranscript, ...]) -> Iterable[str]:
        """Questions in a fixed order, about each force in turn, with different topics for each."""
        names = (transcript.force for transcript in transcripts if transcript.force)
        forces = list(dict.fromkeys(names))[:MAX_EXAMPLE_FORCES]
        topics = example_topics()
        if len(forces) < 2:
            by_force = [self._about(ONE_FORCE_EXAMPLES, "", topics)]
        else:
            by_force = [
                self._about(SEVERAL_FORCES_EXAMPLES, force, topics[number :: len(forces)])
                for number, force in enumerate(forces)
            ]
        questions = [question for question in chain.from_iterable(zip_longest(*by_force)) if question]
        if len(transcripts) == 1:
            questions.insert(MAX_EXAMPLES - 1, self._messages.say("example.author"))
        return questions

    def _about(self, examples: tuple[str, str], force: str, topics: tuple[str, ...]) -> list[str]:
        """Questions about a force. The messages for a single force do not name it."""
        concerns, topic = examples
        about_topics = [self._messages.say(topic, force=force, topic=name) for name in topics]
        return [self._messages.say(concerns, force=force), *about_topics]


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
    examples: ExampleQuestions

    def state(self, options: Mapping[str, str]) -> StartState:
        """Returns the state for a URL's options: `force`, `period`, `transcript`, `q`. Ignores unknown values.

        A question is put into the box, not asked: the reader decides whether to ask it.
        """
        transcripts = self.asker.sources.transcripts()
        forces = ((transcript.force, transcript.force) for transcript in transcripts if transcript.force)
        periods = ((transcript.period, transcript.period) for transcript in transcripts if transcript.period)
        filters = (
            _filter_choice(forces, options.get("force", "")),
            _filter_choice(periods, options.get("period", "")),
            _filter_choice(_titles(transcripts), options.get("transcript", "")),
        )
        question = options.get("q", "")[:MAX_URL_QUESTION_CHARACTERS]
        return StartState(filters, question, self.examples.answered())


def _filter_choice(choices: Iterable[tuple[str, str]], chosen: str) -> FilterChoice:
    ordered = tuple(sorted(set(choices)))
    return FilterChoice(ordered, tuple(value for _, value in ordered if value == chosen))


def _titles(transcripts: Sequence[IndexedTranscript]) -> list[tuple[str, str]]:
    """The transcripts by title, with the file name where several have the same title."""
    titles = [transcript.title or transcript.source for transcript in transcripts]
    return [
        (f"{title} ({transcript.source})" if titles.count(title) > 1 else title, transcript.id)
        for title, transcript in zip(titles, transcripts, strict=True)
    ]
