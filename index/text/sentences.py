"""Sentences: spans of a transcript that tile it. `transcript.text[s.start:s.end] == s.text`, always.

Where two pieces of a sentence were cut apart at a full stop that does not end it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from itertools import pairwise

import sentencex

from index.errors import VocabularyError
from index.text.transcript import Block, Role, Transcript

_SECTIONS = ("always", "before a number", "before a small letter", "no initial after", "no surname")
_OPENING = r"[\"'“‘(\[]*"
_NUMBER = re.compile(rf"{_OPENING}(?:[0-9]|[A-Z]?[0-9]+[A-Z]*\b|[IVXLC]+\b(?!['’])|[A-Z]\b(?!['’. ]))")
_SMALL = re.compile(rf"{_OPENING}[a-z]")
_LAST_WORD = re.compile(r"(?:(?<=[\s(\[\"'“‘/–—-])|^)(?P<word>[^\W\d_](?:[^\s(\[\"'“‘/–—]*))$")
_INITIAL = re.compile(r"(?:^|(?P<before>\S+)\s+|[\s(\[\"'“‘])(?:[A-Z]\.[ ]?)*[A-Z]\.$")
_NAME = re.compile(r"(?:[A-Z]\.[ ]?)*(?P<word>[A-Z][^\W\d_]*['’-]?[^\W\d_]*)")
_ENUMERATOR = re.compile(r"[\"'“‘(\[]*(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]+")


@dataclass(frozen=True, slots=True)
class DottedAbbreviations:
    """The list by section. What follows decides whether the second and third join; the others are about initials."""

    digest: str  # 12 hexadecimal digits of SHA-256 of the file
    always: frozenset[str]
    before_number: frozenset[str]
    before_small: frozenset[str]
    labelled: frozenset[str]  # "plan": "Plan B." ends in no initial
    no_surnames: frozenset[str]  # words that begin sentences


@cache
def load_abbreviations() -> DottedAbbreviations:
    """Read `data/abbreviations.txt` once. Raises `VocabularyError` when a line stands outside the known sections."""
    data = resources.files("index").joinpath("data", "abbreviations.txt").read_bytes()
    words: dict[str, set[str]] = {section: set() for section in _SECTIONS}
    section = ""
    for line in data.decode("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            if section not in words:
                raise VocabularyError(f"index/data/abbreviations.txt: {line!r} stands under no known heading.")
            words[section].update(line.split())
    return DottedAbbreviations(
        hashlib.sha256(data).hexdigest()[:12], *(frozenset(words[section]) for section in _SECTIONS)
    )


def belong_together(before: str, after: str) -> bool:
    """Whether a piece that ends in a full stop and the piece after it are one sentence. Both without outer spaces.

    True after a rank, a statute's abbreviation before its number, an initial before a surname, or the number of an
    item, and when the second piece holds no letter or digit, or the first does not.
    """
    if not re.search(r"\w", before) or not re.search(r"\w", after) or _ENUMERATOR.fullmatch(before):
        return True
    return before.endswith(".") and (_abbreviated(before, after) or _initial(before, after))


def _abbreviated(before: str, after: str) -> bool:
    found = _LAST_WORD.search(before[-40:])
    if found is None:
        return False
    known, word = load_abbreviations(), found["word"]
    if word in known.always:
        return True
    if word in known.before_number:
        return _NUMBER.match(after) is not None
    return word in known.before_small and _SMALL.match(after) is not None


def _initial(before: str, after: str) -> bool:
    found = _INITIAL.search(before[-60:])
    if found is None or (found["before"] or "").lower().strip("(\"'“‘") in load_abbreviations().labelled:
        return False
    name = _NAME.match(after)
    return name is not None and len(name["word"]) > 1 and name["word"] not in load_abbreviations().no_surnames


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
