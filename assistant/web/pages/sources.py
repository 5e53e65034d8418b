"""The list of the sources by force, and the page of one transcript: its metadata, its text, and a marked sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from assistant.export.reference import quotation, reference
from assistant.filter import Filter
from assistant.messages import Messages
from assistant.sources import SourcePage, asking_address, citation_of, permalink, sentence_anchor
from assistant.web.layout import render_page
from assistant.work import checked
from index.published.generation import IndexedTranscript
from index.text.sentences import Sentence
from index.text.transcript import Block, Role, Transcript

TAGS = {role: "h2" if role is Role.HEADING else "p" for role in Role}
SHA256 = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Permalink:
    """The version and the sentence that a permalink names: a SHA-256 digest and an id. Malformed values are ignored."""

    text: str = ""
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of the text: a sentence with the anchor of its element, or what is between sentences, without one."""

    text: str
    anchor: str = ""
    cited: bool = False


@dataclass(frozen=True, slots=True)
class TextLine:
    """An element of the text, and the white space before it."""

    before: str
    tag: str
    role: str
    parts: tuple[TextPart, ...]


@dataclass(frozen=True, slots=True)
class MarkedSentence:
    """The sentence of a permalink: its reference, the text to copy, its anchor, and the addresses of its neighbours.

    An address is empty where there is no neighbour.
    """

    reference: str
    quotation: str
    anchor: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class TranscriptPage:
    """The view of `source.html`. Facts are values by the name of the message that labels them."""

    title: str
    later: IndexedTranscript | None
    changed: str
    cited: MarkedSentence | None
    metadata: dict[str, str]
    lines: tuple[TextLine, ...]
    text_after: str
    file_facts: dict[str, str]


def transcript_html(
    source: SourcePage, messages: Messages, link: Permalink = Permalink(), *, site: str = "", root: str = ""
) -> str:
    """Renders the page, with the sentence that `link` names marked if the transcript has it.

    When the text is not the version that the link names, the page says so first. `site` is the address of this site,
    which the sentence's reference begins its permalink with.
    """
    transcript = source.transcript
    readable = [sentence for sentence in source.sentences if sentence.role is not Role.MARKUP]
    cited = next((sentence for sentence in readable if sentence.id == link.sentence), None)
    lines, text_after = text_lines(source, cited.id if cited else "")
    page = TranscriptPage(
        title=transcript.title or transcript.source,
        later=source.later,
        changed=_change_message(transcript, link, cited, messages),
        cited=_cited_sentence(source, readable, cited, site, messages) if cited else None,
        metadata=_metadata(transcript, messages),
        lines=lines,
        text_after=text_after,
        file_facts={
            "source.file": transcript.source,
            "source.sentences": f"{len(source.sentences):,}",
            "source.digest": transcript.sha256,
        },
    )
    return render_page("source.html", page, messages, root=root)


def text_lines(source: SourcePage, cited: str = "") -> tuple[tuple[TextLine, ...], str]:
    """Returns the text of a transcript as lines, and the text after the last line. Together they are the whole text.

    The sentence with the id `cited` is marked.
    """
    text = source.transcript.text
    by_block: dict[int, list[Sentence]] = {}
    for sentence in source.sentences:
        by_block.setdefault(sentence.block, []).append(sentence)
    lines: list[TextLine] = []
    position = 0
    for run in checked(_runs_of_blocks(source.transcript)):
        start, last = source.transcript.blocks[run.start].start, source.transcript.blocks[run.stop - 1]
        sentences = [sentence for block in run for sentence in by_block.get(block, [])]
        parts = tuple(_parts(text, start, last.end, sentences, cited))
        lines.append(TextLine(text[position:start], TAGS[last.role], last.role.value, parts))
        position = last.end
    return tuple(lines), text[position:]


def _runs_of_blocks(transcript: Transcript) -> Iterator[range]:
    """Yields the blocks of each line, by number: a bullet or a hash shares the line of the words after it."""
    start = 0
    blocks = transcript.blocks
    for number, block in enumerate(blocks, start=1):
        if number == len(blocks) or not _shares_line(transcript.text, block, blocks[number]):
            yield range(start, number)
            start = number


def _shares_line(text: str, block: Block, following: Block) -> bool:
    return block.role is Role.MARKUP and not set("\r\n") & set(text[block.end - 1 : following.start])


def _parts(text: str, start: int, end: int, sentences: Sequence[Sentence], cited: str) -> Iterator[TextPart]:
    """Yields the sentences of `text[start:end]` and what is between them."""
    position = start
    for sentence in sentences:
        yield TextPart(text[position : sentence.start])
        yield TextPart(sentence.text, sentence_anchor(sentence.id), sentence.id == cited)
        position = sentence.end
    yield TextPart(text[position:end])


def _change_message(transcript: Transcript, link: Permalink, cited: Sentence | None, messages: Messages) -> str:
    """Returns that the text is not the version of the link, and what became of the sentence; empty if it is."""
    if not SHA256.fullmatch(link.text) or link.text == transcript.sha256:
        return ""
    if not link.sentence:
        return messages.say("permalink.changed")
    return messages.say("permalink.still_there" if cited else "permalink.gone")


def _cited_sentence(
    source: SourcePage, readable: Sequence[Sentence], cited: Sentence, site: str, messages: Messages
) -> MarkedSentence:
    citation = citation_of(source, cited)
    index = readable.index(cited)
    before, after = readable[:index][-1:], readable[index + 1 :][:1]
    return MarkedSentence(
        reference=reference(citation, site=site, messages=messages),
        quotation=quotation(citation, site=site, messages=messages),
        anchor=sentence_anchor(cited.id),
        before=permalink(citation_of(source, before[0])) if before else "",
        after=permalink(citation_of(source, after[0])) if after else "",
    )


def _metadata(transcript: Transcript, messages: Messages) -> dict[str, str]:
    metadata = transcript.metadata
    return {
        "source.force": metadata.force or messages.say("source.unnamed"),
        "source.period": metadata.period.label if metadata.period else messages.say("source.unnamed"),
        "source.inspector": metadata.inspector,
        "source.programme": metadata.programme,
        "source.kind": metadata.kind,
        "source.published": metadata.published,
        "source.updated": metadata.updated,
        "source.url": metadata.url,
        "source.licence": metadata.licence,
        "source.catalogued": ", ".join(messages.say(f"source.{name}") for name in metadata.catalogued),
    }


@dataclass(frozen=True, slots=True)
class ContentsEntry:
    """One transcript, and the later one that superseded it, if one did."""

    transcript: IndexedTranscript
    later: IndexedTranscript | None

    @property
    def ask_address(self) -> str:
        """The address of the form that asks about this transcript alone."""
        return asking_address("", Filter(transcripts=(self.transcript.id,)))


@dataclass(frozen=True, slots=True)
class ForceContents:
    """The transcripts of one force; the force is empty for transcripts that name none."""

    force: str
    entries: tuple[ContentsEntry, ...]

    @property
    def current(self) -> tuple[IndexedTranscript, ...]:
        """The transcripts that are searched."""
        return tuple(entry.transcript for entry in self.entries if entry.later is None)

    @property
    def ask_address(self) -> str:
        """The address of the form that asks about this force."""
        return asking_address("", Filter(forces=(self.force,)))


@dataclass(frozen=True, slots=True)
class ContentsPage:
    """The view of `contents.html`. `current` are the transcripts that are searched."""

    current: Sequence[IndexedTranscript]
    forces: tuple[ForceContents, ...]


def contents_html(
    current: Sequence[IndexedTranscript],
    messages: Messages,
    *,
    superseded: Sequence[IndexedTranscript] = (),
    root: str = "",
) -> str:
    """Renders the page, ordered by force, period and title; transcripts that name no force come last.

    Each of the `superseded` links to the one that superseded it. They are not counted.
    """
    later = {transcript.id: transcript for transcript in current}
    ordered = sorted(
        [*current, *superseded], key=lambda held: (not held.force, held.force, held.period, held.title, held.source)
    )
    entries = [
        ContentsEntry(transcript, later[transcript.superseded_by] if transcript.superseded_by else None)
        for transcript in ordered
    ]
    by_force = groupby(entries, key=lambda entry: entry.transcript.force)
    forces = tuple(ForceContents(force, tuple(of_force)) for force, of_force in by_force)
    return render_page("contents.html", ContentsPage(current, forces), messages, root=root)
