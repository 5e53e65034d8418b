"""Questions to start with: made for what is held, and offered only when they are answered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from importlib import resources
from itertools import chain, islice, zip_longest

from assistant.answer import Status
from assistant.phrasebook import Phrasebook
from assistant.reading import Held
from assistant.web.desk import Asker

OFFERED = 4
TRIED = 24  # questions asked, at most, to find those
OF_ONE = ("example.concerns", "example.topic")  # phrases, where one force is held and where several are
OF_EACH = ("example.concerns_of_force", "example.topic_of_force")
FORCES = 3  # forces that examples are made for


class Examples:
    """Finds example questions, once for each index. Safe to use from several threads."""

    def __init__(self, asker: Asker, words: Phrasebook) -> None:
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
