"""What a page needs of the sources: a sentence among its neighbours, a whole transcript, and a list of what is held."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, urlencode

from assistant.answer import Citation
from assistant.filter import EVERYTHING, Filter
from assistant.locator import locator
from index.sentence import Sentence
from index.transcript import Transcript, places_at

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
