"""Sentences: spans of a transcript that tile it. `transcript.text[s.start:s.end] == s.text`, always."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import version
from itertools import pairwise

import sentencex

from index.abbreviations import belong_together, load_abbreviations
from index.transcript import Block, Role, Transcript

RULES = 1  # of joining and of which blocks are split: raise it when either changes
SPLITTER = f"sentencex {version('sentencex')}, joining {RULES} {load_abbreviations().digest}"

_ENOUGH = 100  # characters before a cut, to see an abbreviation by

# The splitter ends sentences at line ends; within a paragraph they are white space. One character for one, so that
# its offsets hold for the text itself.
_AS_SPACE = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029"), " ")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of one transcript.

    `id` is 15 hexadecimal digits of SHA-256 over (transcript id, start, end, text): the same text at the same
    place has the same id in every index. `block` numbers the transcript's block it lies in, `ordinal` its place
    in the transcript, both from 0.
    """

    id: str
    transcript_id: str
    ordinal: int
    block: int
    start: int
    end: int
    text: str
    role: Role

    @property
    def key(self) -> int:
        """The id as a non-negative integer under 2**60, for stores that number their rows."""
        return int(self.id, 16)


def split(transcript: Transcript) -> tuple[Sentence, ...]:
    """The sentences of a transcript, in order: ordered, disjoint, and nothing but white space between them.

    Findings are split by sentencex (rules after Wikimedia's sentencex), pieces cut at an abbreviation joined again.
    Every other block (title, strapline, heading, markup) is one sentence.
    """
    spans = (
        (number, block.role, start, end)
        for number, block in enumerate(transcript.blocks)
        for start, end in _spans(transcript.text, block)
    )
    return tuple(
        Sentence(
            id=_id(transcript.id, start, end, transcript.text[start:end]),
            transcript_id=transcript.id,
            ordinal=ordinal,
            block=number,
            start=start,
            end=end,
            text=transcript.text[start:end],
            role=role,
        )
        for ordinal, (number, role, start, end) in enumerate(spans)
    )


def _spans(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Where the sentences of one block lie, white space at their ends cut off."""
    written = text[block.start : block.end].rstrip()
    cuts = [*(_boundaries(written) if block.role is Role.FINDING else ()), len(written)]
    start = 0
    for cut, following in pairwise([*cuts, len(written)]):
        before = written[max(start, cut - _ENOUGH) : cut].strip()
        after = written[cut:following].strip()
        if before and not (after and belong_together(before, after)):
            sentence = written[start:cut]
            begins = block.start + start + len(sentence) - len(sentence.lstrip())
            yield begins, begins + len(sentence.strip())
            start = cut


def _boundaries(written: str) -> list[int]:
    """Ends of sentences by sentencex, in characters, without the last."""
    found = sentencex.get_sentence_boundaries("en", written.translate(_AS_SPACE))
    return sorted({boundary["end_index"] for boundary in found if 0 < boundary["end_index"] < len(written)})


def _id(transcript_id: str, start: int, end: int, text: str) -> str:
    return hashlib.sha256(f"{transcript_id}\0{start}\0{end}\0{text}".encode()).hexdigest()[:15]
