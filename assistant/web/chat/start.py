"""What the page shows when it is opened: the filters and examples for what is held, and what its address asks for.

Questions to start with: made for what is held, and offered only when they are answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from itertools import chain, islice, zip_longest

from assistant.answer import Status
from assistant.messages import Messages
from assistant.sources import Held
from assistant.web.asker import Asker

OFFERED = 4
TRIED = 24  # questions asked, at most, to find those
OF_ONE = ("example.concerns", "example.topic")  # phrases, where one force is held and where several are
OF_EACH = ("example.concerns_of_force", "example.topic_of_force")
FORCES = 3  # forces that examples are made for


class Examples:
    """Finds example questions, once for each index. Safe to use from several threads."""

    def __init__(self, asker: Asker, words: Messages) -> None:
        self._asker = asker
        self._words = words
        self._found: tuple[tuple[Held, ...], tuple[str, ...]] = ((), ())

    def offered(self) -> tuple[str, ...]:
        """At most `OFFERED` questions that what is held now answers. Raises `IndexingError` as asking does."""
        held = self._asker.sources.held()
        if self._found[0] != held:
            answered = (one for one in islice(self._made(held), TRIED) if self._is_answered(one))
            self._found = (held, tuple(islice(answered, OFFERED)))
        return self._found[1]

    def _is_answered(self, question: str) -> bool:
        return self._asker.ask(question).status is Status.ANSWERED

    def _made(self, held: tuple[Held, ...]) -> Iterator[str]:
        """Questions in a fixed order, about one force after the other, the topics of one set apart from the next's."""
        forces = list(dict.fromkeys(one.force for one in held if one.force))[:FORCES]
        if len(forces) < 2:
            of_each = [self._about(OF_ONE, "", topics_asked())]
        else:
            of_each = [self._about(OF_EACH, name, topics_asked()[n :: len(forces)]) for n, name in enumerate(forces)]
        about_itself = [self._words.say("example.author")] if len(held) == 1 else []
        taken_in_turn = chain.from_iterable(zip_longest(*of_each))
        made = [question for question in taken_in_turn if question]
        return chain(made[: OFFERED - 1], about_itself, made[OFFERED - 1 :])

    def _about(self, phrases: tuple[str, str], force: str, topics: tuple[str, ...]) -> list[str]:
        """Questions about a force, which they name where there is more than one."""
        concerns, topic = phrases
        about = [self._words.say(topic, force=force, topic=name) for name in topics]
        return [self._words.say(concerns, force=force), *about]


@cache
def topics_asked() -> tuple[str, ...]:
    """What inspectors look at, in the words of the field, those most often asked about first."""
    data = (resources.files("assistant") / "data" / "topics.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in data.splitlines() if line.strip() and not line.startswith("#"))


LONGEST = 500  # characters of a question an address may bring


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """One filter: what can be chosen, as (shown, value), and what is chosen, as values."""

    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StartState:
    """The state of the page before anything is asked. `limits` are by force, by period and by transcript."""

    limits: tuple[FilterChoice, FilterChoice, FilterChoice]
    question: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StartPage:
    """Opens the page. Raises `IndexingError` as asking does."""

    asker: Asker
    examples: Examples

    def at(self, asked: Mapping[str, str]) -> StartState:
        """The page for an address with these options: `force`, `period`, `transcript`, `q`. What is not held is left.

        A question is put into the box, not asked: that is for the person who reads it to do.
        """
        held = self.asker.sources.held()
        limits = (
            _limit(((one.force, one.force) for one in held if one.force), asked.get("force", "")),
            _limit(((one.period, one.period) for one in held if one.period), asked.get("period", "")),
            _limit(_titles(held), asked.get("transcript", "")),
        )
        return StartState(limits, asked.get("q", "")[:LONGEST], self.examples.offered())


def _limit(choices: Iterable[tuple[str, str]], asked: str) -> FilterChoice:
    offered = tuple(sorted(set(choices)))
    return FilterChoice(offered, tuple(value for _, value in offered if value == asked))


def _titles(held: Sequence[Held]) -> list[tuple[str, str]]:
    """The transcripts by title, with the file's name where one title is that of several."""
    titles = [one.title or one.source for one in held]
    return [
        (f"{title} ({one.source})" if titles.count(title) > 1 else title, one.transcript_id)
        for title, one in zip(titles, held, strict=True)
    ]
