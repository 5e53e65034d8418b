"""What a page needs of the sources: a sentence among its neighbours, a whole transcript, and a list of what is held.

The transcripts of an opened index, for reading: whole, or the sentences around one.

Where in its source a sentence stands, in the words people use: "page 14, “Custody”".
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import quote, urlencode

from assistant.answer import Citation
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from index.published.generation import SupersededFacts, TranscriptFacts
from index.published.open import OpenIndex
from index.text.sentences import Sentence, split
from index.text.transcript import Locator, Role, Transcript, places_at


def locator(places: Iterable[Locator]) -> str:
    """Page, time, speaker and section, as far as they are known, in that order; empty when none is."""
    words = load_messages()
    return ", ".join(words.say(f"locator.{place.kind}", label=place.label) for place in places)


ASK = "/ask"


@dataclass(frozen=True, slots=True)
class Held:
    """One line of the list of what is held. `force` and `period` are empty when the source does not name them.

    `superseded_by` is the id of the transcript that took this one's place; empty for one that is searched.
    """

    transcript_id: str
    source: str
    title: str
    force: str
    period: str
    sentences: int
    superseded_by: str = ""


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A transcript and its sentences, in the order of the text; and the later one that took its place, if one did."""

    transcript: Transcript
    sentences: tuple[Sentence, ...]
    later: Held | None = None


class SourceReader(Protocol):
    """Reads the sources as they were indexed. Safe to call from several threads at once."""

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        """The sentence with up to `around` sentences on each side, in order; nothing when it is not held."""
        ...

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        """The whole transcript, or None when it is not held."""
        ...

    def held(self) -> tuple[Held, ...]:
        """Everything that is searched, in a fixed order."""
        ...

    def superseded(self) -> tuple[Held, ...]:
        """Earlier snapshots of what is searched, in a fixed order: kept to be read, and not searched."""
        ...


def transcript_address(transcript_id: str) -> str:
    """Where a transcript is shown, as a path from the root of the site."""
    return f"/sources/{quote(transcript_id, safe='')}"


def asking_address(question: str, within: Filter = EVERYTHING, **more: str) -> str:
    """Where a question is asked and answered, as a path from the root of the site; `more` are further options of it.

    Without a question, where one can be asked within the filter.
    """
    asked = [("q", question)] if question else []
    return f"{ASK}?{urlencode([*asked, *within.pairs, *more.items()])}"


def sentence_anchor(sentence_id: str) -> str:
    """The id of a sentence's element on its transcript's page."""
    return f"s-{sentence_id}"


def citation_of(page: SourcePage, sentence: Sentence, number: int = 1) -> Citation:
    """A sentence of a page as the citation of that number."""
    transcript = page.transcript
    return Citation(
        number=number,
        source=transcript.source,
        transcript_id=transcript.id,
        title=transcript.title,
        force=transcript.metadata.force,
        period=transcript.metadata.period.label if transcript.metadata.period else "",
        sentence=sentence.id,
        locator=locator(places_at(transcript, sentence.block, sentence.start)),
        start=sentence.start,
        end=sentence.end,
        quote=sentence.text,
        sha256=transcript.sha256,
        url=transcript.metadata.url,
        licence=transcript.metadata.licence,
        context=False,
    )


def permalink(citation: Citation) -> str:
    """Where a quotation is shown in the version of its source that it was cut from, as a path from the root of the
    site: the page says so when the source has changed since.
    """
    version = urlencode({"text": citation.sha256, "sentence": citation.sentence})
    anchor = quote(sentence_anchor(citation.sentence), safe="")
    return f"{transcript_address(citation.transcript_id)}?{version}#{anchor}"


class Library:
    """A `SourceReader` over one opened index."""

    def __init__(self, index: OpenIndex) -> None:
        self._index = index

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        """See `SourceReader`."""
        page = self.transcript_page(transcript_id)
        readable = [sentence for sentence in page.sentences if sentence.role is not Role.MARKUP] if page else []
        places = [place for place, sentence in enumerate(readable) if sentence.id == sentence_id]
        return tuple(readable[max(0, places[0] - around) : places[0] + around + 1]) if places else ()

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        """See `SourceReader`."""
        transcript = self._index.transcript(transcript_id)
        if transcript is None:
            return None
        by = next((one.superseded_by for one in self._superseded if one.transcript_id == transcript_id), "")
        later = next((one for one in self._held if one.transcript_id == by), None)
        return SourcePage(transcript, split(transcript), later)

    def held(self) -> tuple[Held, ...]:
        """See `SourceReader`."""
        return self._held

    def superseded(self) -> tuple[Held, ...]:
        """See `SourceReader`."""
        return self._superseded

    @cached_property
    def _held(self) -> tuple[Held, ...]:
        return _in_order(_held(found, found.rows) for found in self._index.generation.transcripts)

    @cached_property
    def _superseded(self) -> tuple[Held, ...]:
        return _in_order(_held(found, found.sentences, found.by) for found in self._index.generation.superseded)


def _held(found: TranscriptFacts | SupersededFacts, sentences: int, superseded_by: str = "") -> Held:
    period = found.metadata.period
    return Held(
        transcript_id=found.id,
        source=found.source,
        title=found.title,
        force=found.metadata.force,
        period=period.label if period else "",
        sentences=sentences,
        superseded_by=superseded_by,
    )


def _in_order(listed: Iterable[Held]) -> tuple[Held, ...]:
    return tuple(sorted(listed, key=lambda held: (held.force, held.period, held.title, held.source)))
