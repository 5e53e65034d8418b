"""The blocks of a transcript with their sentences, as the recognition of formal records reads them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.records.record import opens_with_deadline
from index.text.sentences import Sentence
from index.text.transcript import Block, Role, Transcript
from index.text.words import MARKDOWN_SUFFIXES, clean

_NUMBER = re.compile(
    r"\(?(?P<number>[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivx]{1,5})[.)]+(?=\s|$)|(?P<bare>[0-9]{1,3}(?:\.[0-9]{1,3})+)(?=\s|$)"
)
_LINE_END = re.compile(r"[.!?:;,…][\"'”’)\]]*\s*$|\b(?:and|or)\s*$")
_LINE = re.compile(r"[^\r\n]+")
_LOWER = re.compile(r"[\"'“‘(\[]*[a-z]")
MAX_LINE_CHARACTERS = 400


@dataclass(frozen=True, slots=True)
class Part:
    """A block with words, its sentences in order, its number as printed, and whether it is marked as a list item."""

    number: int  # of the block within the transcript
    block: Block
    text: str
    sentences: tuple[Sentence, ...]
    printed: str
    is_marked: bool

    @property
    def ordinals(self) -> tuple[int, ...]:
        """The ordinals of its sentences."""
        return tuple(sentence.ordinal for sentence in self.sentences)

    @property
    def is_heading(self) -> bool:
        """Whether the reader found it to be a heading or a title."""
        return self.block.role in (Role.HEADING, Role.TITLE)

    def lines(self) -> list[Part]:
        """The part as one part for each line with a sentence, if each line ends like a sentence or a list item.

        A paragraph whose lines end anywhere is wrapped, and its lines mean nothing: it stays whole.
        """
        lines = [match for match in _LINE.finditer(self.text) if match.group().strip()]
        if len(lines) < 2 or not all(_LINE_END.search(line.group()) for line in lines[:-1]):
            return [self]
        starts = {self.block.start + line.start() + _indent(line.group()) for line in lines}
        grouped: list[list[Sentence]] = []
        for sentence in self.sentences:
            if sentence.start in starts or not grouped:
                grouped.append([])
            grouped[-1].append(sentence)
        return [self._line(tuple(group)) for group in grouped]

    def _line(self, sentences: tuple[Sentence, ...]) -> Part:
        text = " ".join(sentence.text for sentence in sentences)
        printed = printed_number(text)
        is_first = sentences[0] is self.sentences[0]
        return replace(
            self,
            text=text,
            sentences=sentences,
            printed=printed or (self.printed if is_first else ""),
            is_marked=bool(printed) or (is_first and self.is_marked),
        )


def parts_of(transcript: Transcript, sentences: Sequence[Sentence]) -> Iterator[Part]:
    """Yields the blocks that have words, in order. `sentences` are all those of the transcript.

    The words of a Markdown file, and of its sentences, are without their emphasis, links and tags.
    """
    is_markdown = transcript.source.lower().endswith(MARKDOWN_SUFFIXES)
    of_block: dict[int, list[Sentence]] = {}
    for sentence in sentences:
        plain = replace(sentence, text=clean(sentence.text, markdown=True)) if is_markdown else sentence
        of_block.setdefault(sentence.block, []).append(plain)
    mark = ""
    for number, block in enumerate(transcript.blocks):
        text = transcript.text[block.start : block.end]
        if block.role is Role.MARKUP:
            mark = text
            continue
        text = clean(text, markdown=True) if is_markdown and _is_short_line(text) else text
        printed = printed_number(text) or printed_number(mark)
        yield Part(number, block, text, tuple(of_block.get(number, ())), printed, bool(mark) or bool(printed))
        mark = ""


def _is_short_line(text: str) -> bool:
    """Whether a text may be a heading or a label; longer ones are read sentence by sentence."""
    return len(text) <= MAX_LINE_CHARACTERS and "\n" not in text


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def printed_number(text: str) -> str:
    """Returns the number or letter that a text begins with: "2" of "2. By June", "4.1", "b" of "(b)"."""
    found = _NUMBER.match(text)
    return (found["number"] or found["bare"] or "") if found else ""


def without_number(text: str) -> str:
    """Returns a text without the number that it begins with."""
    found = _NUMBER.match(text)
    return text[found.end() :].lstrip() if found else text


def begins_small(text: str) -> bool:
    """Whether a text, after its number, begins with a small letter."""
    return _LOWER.match(without_number(text)) is not None


def by_deadline(sentences: tuple[Sentence, ...]) -> list[tuple[Sentence, ...]]:
    """The sentences of a recommendation, cut where one begins with a deadline of its own."""
    runs: list[list[Sentence]] = []
    for sentence in sentences:
        if not runs or opens_with_deadline(sentence.text):
            runs.append([])
        runs[-1].append(sentence)
    return [tuple(run) for run in runs]
