"""What the page shows when it is opened: the filters and examples for what is held, and what its address asks for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from assistant.reading import Held
from assistant.web.desk import Asker
from assistant.web.examples import Examples

LONGEST = 500  # characters of a question an address may bring


@dataclass(frozen=True, slots=True)
class Limit:
    """One filter: what can be chosen, as (shown, value), and what is chosen, as values."""

    choices: tuple[tuple[str, str], ...]
    chosen: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opened:
    """The state of the page before anything is asked. `limits` are by force, by period and by transcript."""

    limits: tuple[Limit, Limit, Limit]
    question: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens the page. Raises `IndexingError` as asking does."""

    asker: Asker
    examples: Examples

    def at(self, asked: Mapping[str, str]) -> Opened:
        """The page for an address with these options: `force`, `period`, `transcript`, `q`. What is not held is left.

        A question is put into the box, not asked: that is for the person who reads it to do.
        """
        held = self.asker.sources.held()
        limits = (
            _limit(((one.force, one.force) for one in held if one.force), asked.get("force", "")),
            _limit(((one.period, one.period) for one in held if one.period), asked.get("period", "")),
            _limit(_titles(held), asked.get("transcript", "")),
        )
        return Opened(limits, asked.get("q", "")[:LONGEST], self.examples.offered())


def _limit(choices: Iterable[tuple[str, str]], asked: str) -> Limit:
    offered = tuple(sorted(set(choices)))
    return Limit(offered, tuple(value for _, value in offered if value == asked))


def _titles(held: Sequence[Held]) -> list[tuple[str, str]]:
    """The transcripts by title, with the file's name where one title is that of several."""
    titles = [one.title or one.source for one in held]
    return [
        (f"{title} ({one.source})" if titles.count(title) > 1 else title, one.transcript_id)
        for title, one in zip(titles, held, strict=True)
    ]
