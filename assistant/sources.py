"""Reads the transcripts for people: whole, around one sentence, and as a list. Makes every citation and permalink."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol
from urllib.parse import quote, urlencode

from assistant.answer import Answer, Citation
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from index.published.generation import IndexedTranscript
from index.published.open_index import OpenIndex
from index.records.record import FormalRecord
from index.storage.reader import StoredSentence
from index.text.sentences import Sentence
from index.text.transcript import Locator, Transcript, locators_at


def locator(places: Iterable[Locator]) -> str:
    """Where a sentence is found, in words: "page 14, “Custody”". Empty when the source has no page, time or section."""
    words = load_messages()
    return ", ".join(words.say(f"locator.{place.kind}", label=place.label) for place in places)


ASK = "/ask"
DIGEST_DIGITS = 12  # of a digest in a link to an answer


@dataclass(frozen=True, slots=True)
class SourcePage:
    """A transcript with its sentences and formal records, in reading order.

    `later` is the later version that is searched instead, if any; then there are no records.
    """

    transcript: Transcript
    sentences: tuple[Sentence, ...]
    later: IndexedTranscript | None = None
    records: tuple[FormalRecord, ...] = ()

    def stored(self, sentence: Sentence) -> StoredSentence:
        """One of the sentences with the facts of its transcript, as the record returns it."""
        transcript = self.transcript
        return StoredSentence(
            sentence,
            transcript.source,
            transcript.sha256,
            transcript.title,
            transcript.metadata,
            locators_at(transcript, sentence.block, sentence.start),
        )


class SourceReader(Protocol):
    """Reads the sources as they were indexed. Safe to call from several threads at once."""

    def neighbours(self, transcript_id: str, sentence_id: str, around: int = 2) -> tuple[Sentence, ...]:
        """The sentence with up to `around` sentences on each side, in order; nothing when there is none of that id."""
        ...

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        """The whole transcript, or None when there is none of that id."""
        ...

    def reread(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        """These sentences of searched transcripts with the facts of their transcripts, in the same order."""
        ...

    def transcripts(self) -> tuple[IndexedTranscript, ...]:
        """The transcripts that are searched, in a fixed order."""
        ...

    def superseded(self) -> tuple[IndexedTranscript, ...]:
        """Earlier versions, in a fixed order: they can be read and are not searched."""
        ...

    def published(self) -> float:
        """When the index that answers was published, in seconds since 1970."""
        ...


def transcript_address(transcript_id: str) -> str:
    """The path of a transcript's page, from the root of the site."""
    return f"/sources/{quote(transcript_id, safe='')}"


def asking_address(question: str, within: Filter = EVERYTHING, **more: str) -> str:
    """The path of the page that answers a question; without one, of the form to ask within the filter.

    `more` are further query parameters.
    """
    asked = [("q", question)] if question else []
    return f"{ASK}?{urlencode([*asked, *within.pairs, *more.items()])}"


@dataclass(frozen=True, slots=True)
class SharedAnswer:
    """What a link to an answer says of the answer it was made for: its index, and what it quoted.

    Both are the beginnings of digests, and empty where the link does not say.
    """

    index: str = ""
    quotes: str = ""

    @classmethod
    def of(cls, answer: Answer) -> SharedAnswer:
        """What a link to this answer says."""
        quoted = "\0".join([answer.status.value, *(citation.quote for citation in answer.citations)])
        digest = hashlib.sha256(quoted.encode("utf-8", "surrogatepass")).hexdigest()
        return cls(answer.index.digest[:DIGEST_DIGITS], digest[:DIGEST_DIGITS])

    def change(self, answer: Answer) -> str:
        """What has changed since the link was made, in words; empty where nothing has."""
        now = SharedAnswer.of(answer)
        other_index = self.index not in ("", now.index)
        other_quotes = self.quotes not in ("", now.quotes)
        if not (other_index or other_quotes):
            return ""
        words = load_messages()
        if not other_index:
            return words.say("shared.answer_changed")
        return words.say("shared.both_changed" if other_quotes else "shared.index_changed")


def shared_address(answer: Answer, within: Filter = EVERYTHING) -> str:
    """The path of the page that gives this answer, and says when the collection has changed since."""
    shared = SharedAnswer.of(answer)
    return asking_address(answer.standalone_question, within, index=shared.index, quotes=shared.quotes)


def sentence_anchor(sentence_id: str) -> str:
    """The id of a sentence's element on its transcript's page."""
    return f"s-{sentence_id}"


def cite(found: StoredSentence, number: int, *, context: bool = False) -> Citation:
    """The citation of a sentence. Every citation is made here."""
    metadata = found.metadata
    return Citation(
        number=number,
        source=found.source,
        transcript_id=found.sentence.transcript_id,
        title=found.title,
        force=metadata.force,
        period=metadata.period.label if metadata.period else "",
        sentence=found.sentence.id,
        locator=locator(found.locators),
        start=found.sentence.start,
        end=found.sentence.end,
        quote=found.sentence.text,
        sha256=found.sha256,
        url=metadata.url,
        licence=metadata.licence,
        context=context,
    )


def citation_of(page: SourcePage, sentence: Sentence, number: int = 1) -> Citation:
    """The citation of a sentence of a transcript's page."""
    return cite(page.stored(sentence), number)


def permalink(citation: Citation) -> str:
    """The path that shows a quotation in the version of its source that it was taken from.

    The page says so when the source has changed since.
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
        try:
            key = int(sentence_id, 16)
        except ValueError:
            return ()
        return self._index.neighbours(transcript_id, key, around)

    def transcript_page(self, transcript_id: str) -> SourcePage | None:
        """See `SourceReader`."""
        transcript = self._index.transcript(transcript_id)
        if transcript is None:
            return None
        replaced_by = next((earlier.superseded_by for earlier in self._superseded if earlier.id == transcript_id), "")
        later = next((searched for searched in self._transcripts if searched.id == replaced_by), None)
        return SourcePage(
            transcript, self._index.sentences_of(transcript_id), later, self._index.records(transcript_id)
        )

    def reread(self, sentences: Sequence[Sentence]) -> list[StoredSentence]:
        """See `SourceReader`. Raises as `IndexReader.sentences` does."""
        return self._index.sentences([sentence.key for sentence in sentences])

    def transcripts(self) -> tuple[IndexedTranscript, ...]:
        """See `SourceReader`."""
        return self._transcripts

    def superseded(self) -> tuple[IndexedTranscript, ...]:
        """See `SourceReader`."""
        return self._superseded

    def published(self) -> float:
        """See `SourceReader`."""
        return self._index.published()

    @cached_property
    def _transcripts(self) -> tuple[IndexedTranscript, ...]:
        return _sorted(self._index.generation.transcripts)

    @cached_property
    def _superseded(self) -> tuple[IndexedTranscript, ...]:
        return _sorted(self._index.generation.superseded)


def _sorted(transcripts: Iterable[IndexedTranscript]) -> tuple[IndexedTranscript, ...]:
    """By force, then by period, then by title."""
    return tuple(sorted(transcripts, key=lambda listed: (listed.force, listed.period, listed.title, listed.source)))
