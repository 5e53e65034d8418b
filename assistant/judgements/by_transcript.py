"""The judgements layer: what every sentence held states, and about what, worked out once a transcript and kept.

It reads whole transcripts as they were indexed, so nothing it holds can be other words than a source's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from assistant.compose import depends_on_previous
from assistant.filter import Filter, check_known
from assistant.judgements.praise_and_concern import Side, Stated, Term, names_a_term, stated_in
from assistant.judgements.themes import themes_named
from assistant.sources import Held, SourcePage, SourceReader
from index.text.lexicon import HIGH_GRADES, LOW_GRADES
from index.text.normalise import clean
from index.text.sentences import Sentence
from index.text.transcript import Role

_NEXT_OF_SEVERAL = re.compile(r"^(?:the )?(?:first|second|third|fourth|fifth|sixth|another|other|one)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence with a theme or a judgement. `before` is the sentence before it, where it is misread alone.

    `themes` are keys, the one it is most about first: by its own words, or what it leans on, then by its heading's.
    """

    sentence: Sentence
    before: Sentence | None
    stated: Stated
    themes: tuple[str, ...]

    @property
    def text_before(self) -> str:
        """The sentence before it, where it is misread alone; else nothing."""
        return self.before.text if self.before is not None else ""

    def side_on(self, theme: str) -> Side | None:
        """Which way it judges a theme: by the grades it gives to that, where it gives several things grades."""
        given = [grade.grade for grade in self.stated.grades if theme in themes_named(grade.of)]
        if not given or len(self.stated.grades) < 2:
            return self.stated.side
        high, low = HIGH_GRADES & set(given), LOW_GRADES & set(given)
        return Side.BOTH if high and low else Side.PRAISE if high else Side.CONCERN if low else None


class Judgements:
    """What the sentences of the transcripts held state. Safe to use from several threads."""

    def __init__(self, sources: SourceReader) -> None:
        self._sources = sources
        self._known: dict[str, tuple[Judged, ...]] = {}

    @property
    def sources(self) -> SourceReader:
        """Where they are read."""
        return self._sources

    def of(self, transcript_id: str) -> tuple[Judged, ...]:
        """The sentences of a transcript that have a theme or state a judgement, in order; none of one not held."""
        known = self._known.get(transcript_id)
        if known is None:
            page = self._sources.transcript_page(transcript_id)
            known = tuple(one for one in _read(page) if one.stated or one.themes) if page else ()
            self._known[transcript_id] = known  # two threads may work out the same at once: it is the same
        return known

    def on_pages(self, transcripts: Iterable[Held]) -> Iterator[tuple[SourcePage, Judged]]:
        """The sentences `of` some transcripts, each beside the page it stands on."""
        for held in transcripts:
            page = self._sources.transcript_page(held.transcript_id)
            if page is not None:
                yield from ((page, one) for one in self.of(held.transcript_id))

    def held(self, within: Filter) -> tuple[Held, ...]:
        """The transcripts that a filter lets through, by force, then by time. Raises `FilterError`."""
        held = self._sources.held()
        check_known("force", within.forces, (one.force for one in held))
        check_known("period", within.periods, (one.period for one in held))
        check_known("transcript", within.transcripts, (one.transcript_id for one in held))
        chosen = [one for one in held if within.lets_through(one.force, one.period, one.transcript_id)]
        return tuple(sorted(chosen, key=lambda one: (one.force, one.period, one.title, one.source)))


def _read(page: SourcePage) -> Iterator[Judged]:
    """Every finding of a transcript, in order."""
    heading = ""
    heading_themes: tuple[str, ...] = ()
    last: Judged | None = None
    for sentence in page.sentences:
        if sentence.role is Role.HEADING:
            heading, named = clean(sentence.text), themes_named(sentence.text)
            if named or not names_a_term(heading):  # "Area for improvement" stands below the heading that says of what
                heading_themes = named
        if sentence.role is not Role.FINDING:
            continue
        above = last if last is not None and last.sentence.block == sentence.block else None
        last = _judged(sentence, above, heading, heading_themes)
        yield last


def _judged(sentence: Sentence, above: Judged | None, heading: str, heading_themes: tuple[str, ...]) -> Judged:
    stated = stated_in(sentence.text, heading)
    leans = above is not None and depends_on_previous(sentence.text)
    own = themes_named(sentence.text) or (above.themes if above is not None and leans else ())
    if above is not None and (leans or _NEXT_OF_SEVERAL.match(sentence.text)):
        stated = _taken_on(stated, above.stated)
    themes = tuple(dict.fromkeys((*own, *heading_themes)))
    return Judged(sentence, above.sentence if above is not None and leans else None, stated, themes)


def _taken_on(stated: Stated, above: Stated) -> Stated:
    """What a sentence that goes on about the one before it states: the cause of concern named there is its own too."""
    if stated.term is not None or stated.side is not Side.CONCERN or above.term not in (Term.CAUSE, Term.AREA):
        return stated
    return replace(stated, term=above.term)
