"""Splits a transcript into sentences, and groups these into passages: short runs of sentences about one subject.

Sentences are spans that tile the transcript, with `transcript.text[s.start:s.end] == s.text`. sentencex finds the
boundaries. Those at a full stop that does not end a sentence, as after "Ch. Supt." or "s. 136", are removed by the
rules below and the list in `data/abbreviations.txt`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from importlib.metadata import version
from itertools import pairwise
from math import ceil

import sentencex

from index.errors import VocabularyError
from index.text.transcript import Block, Role, Transcript

_SECTIONS = ("always", "before a number", "before a small letter", "no initial after", "no surname")
_OPENING = r"[\"'“‘(\[]*"
_NUMBER = re.compile(rf"{_OPENING}(?:[0-9]|[A-Z]?[0-9]+[A-Z]*\b|[IVXLC]+\b(?!['’])|[A-Z]\b(?!['’. ]))")
_SMALL_LETTER = re.compile(rf"{_OPENING}[a-z]")
_LAST_WORD = re.compile(r"(?:(?<=[\s(\[\"'“‘/–—-])|^)(?P<word>[^\W\d_](?:[^\s(\[\"'“‘/–—]*))$")
_INITIAL = re.compile(r"(?:^|(?P<before>\S+)\s+|[\s(\[\"'“‘])(?:[A-Z]\.[ ]?)*[A-Z]\.$")
_SURNAME = re.compile(r"(?:[A-Z]\.[ ]?)*(?P<word>[A-Z][^\W\d_]*['’-]?[^\W\d_]*)")
_ENUMERATOR = re.compile(r"[\"'“‘(\[]*(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]+")
_ABBREVIATION_CHARACTERS = 40  # of the piece before a boundary, searched for an abbreviation
_INITIAL_CHARACTERS = 60  # the same for an initial and the word before it
_CONTEXT_CHARACTERS = 100  # before a boundary, passed to the rules
_MAX_SENTENCE_CHARACTERS = 1_000  # longer ones, as in speech without punctuation, are cut
_CUT_CHARACTERS = 300  # after which a longer sentence is cut, at the last line end, comma or word before
_MIN_CUT_CHARACTERS = 150  # before which it is not
_LINE_END = re.compile(r"[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACE = re.compile(r"\s")
_CLAUSE_END = re.compile(r"[,;:](?=\s)")

# sentencex ends sentences at line ends; within a paragraph these are only white space. One character is replaced by
# one, so that offsets hold for the original text.
_AS_SPACE = dict.fromkeys(map(ord, "\t\n\r\x0b\x0c\x1c\x1d\x1e\x1f\x85\xa0\u2028\u2029"), " ")


@dataclass(frozen=True, slots=True)
class DottedAbbreviations:
    """The word lists of `data/abbreviations.txt`, one field for each section of the file."""

    digest: str  # first 12 hexadecimal digits of the file's SHA-256
    always: frozenset[str]
    before_number: frozenset[str]
    before_small_letter: frozenset[str]
    labelled: frozenset[str]  # words followed by a label, not by an initial: "Plan B."
    not_surnames: frozenset[str]  # words that begin sentences


@cache
def load_abbreviations() -> DottedAbbreviations:
    """Reads `data/abbreviations.txt`, once. Raises `VocabularyError` for a word outside the known sections."""
    data = resources.files("index").joinpath("data", "abbreviations.txt").read_bytes()
    words: dict[str, set[str]] = {section: set() for section in _SECTIONS}
    section = ""
    for line in data.decode("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            if section not in words:
                raise VocabularyError(
                    f"index/data/abbreviations.txt: {line!r} is not under a known heading.",
                    advice="Install the program again to restore the file.",
                )
            words[section].update(line.split())
    digest = hashlib.sha256(data).hexdigest()[:12]
    return DottedAbbreviations(digest, *(frozenset(words[section]) for section in _SECTIONS))


RULES_VERSION = 2  # raise it when the joining rules, or the roles of the blocks that are split, change
SPLITTER = f"sentencex {version('sentencex')}, joining {RULES_VERSION} {load_abbreviations().digest}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A span of one transcript.

    `id` is 15 hexadecimal digits of SHA-256 over (transcript id, start, end, text), so the same text at the same
    position has the same id in every index. `block` is the number of the transcript's block that contains it and
    `ordinal` its number in the transcript, both from 0.
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
        """The id as a non-negative integer below 2**60, for stores that number their rows."""
        return int(self.id, 16)


def split_sentences(transcript: Transcript) -> tuple[Sentence, ...]:
    """Returns the sentences of a transcript in order. They do not overlap and have only white space between them.

    Findings and questions are split into sentences. A block with any other role (title, strapline, heading, markup) is
    one sentence.
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


def sentence_spans(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each sentence of `text[start:end]`, without the white space around it.

    A sentence of more than `_MAX_SENTENCE_CHARACTERS` is cut into pieces, at line ends, commas or words.
    """
    written = text[start:end].rstrip()
    cuts = [*_boundaries(written), len(written)]
    before_cut = 0
    for cut, next_cut in pairwise([*cuts, len(written)]):
        before = written[max(before_cut, cut - _CONTEXT_CHARACTERS) : cut].strip()
        after = written[cut:next_cut].strip()
        if before and not (after and _is_one_sentence(before, after)):
            sentence = written[before_cut:cut]
            first = start + before_cut + len(sentence) - len(sentence.lstrip())
            yield from _pieces(text, first, first + len(sentence.strip()))
            before_cut = cut


def _spans(text: str, block: Block) -> Iterator[tuple[int, int]]:
    """Yields the start and end of each sentence of a block."""
    if block.role in (Role.FINDING, Role.QUESTION):
        yield from sentence_spans(text, block.start, block.end)
    elif text[block.start : block.end].strip():
        written = text[block.start : block.end]
        yield block.end - len(written.lstrip()), block.start + len(written.rstrip())


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yields a sentence; one that is too long in pieces, without the white space between them."""
    if end - start > _MAX_SENTENCE_CHARACTERS:
        while end - start > _CUT_CHARACTERS + _MIN_CUT_CHARACTERS:
            cut = _cut(text, start + _MIN_CUT_CHARACTERS, start + _CUT_CHARACTERS)
            yield start, start + len(text[start:cut].rstrip())
            start = _after_space(text, cut, end)
    if start < end:
        yield start, end


def _after_space(text: str, start: int, end: int) -> int:
    while start < end and text[start].isspace():
        start += 1
    return start


def _cut(text: str, first: int, last: int) -> int:
    """Returns where to cut a long sentence: after the last line, clause or word that ends between two characters."""
    for pattern in (_LINE_END, _CLAUSE_END, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, first, last)]
        if ends:
            return ends[-1]
    return last


def _boundaries(written: str) -> list[int]:
    """Returns where sentencex ends sentences, as character offsets, without the end of the text."""
    found = sentencex.get_sentence_boundaries("en", written.translate(_AS_SPACE))
    return sorted({boundary["end_index"] for boundary in found if 0 < boundary["end_index"] < len(written)})


def _is_one_sentence(before: str, after: str) -> bool:
    """Whether the two pieces beside a boundary, both stripped, belong to one sentence.

    They do when a rank is followed by anything, a statute's abbreviation by its number, an initial by a surname, or
    an item's number by its text, and when either piece has no letter or digit.
    """
    if not re.search(r"\w", before) or not re.search(r"\w", after) or _ENUMERATOR.fullmatch(before):
        return True
    return before.endswith(".") and (_ends_in_abbreviation(before, after) or _ends_in_initial(before, after))


def _ends_in_abbreviation(before: str, after: str) -> bool:
    found = _LAST_WORD.search(before[-_ABBREVIATION_CHARACTERS:])
    if found is None:
        return False
    abbreviations, word = load_abbreviations(), found["word"]
    if word in abbreviations.always:
        return True
    if word in abbreviations.before_number:
        return _NUMBER.match(after) is not None
    return word in abbreviations.before_small_letter and _SMALL_LETTER.match(after) is not None


def _ends_in_initial(before: str, after: str) -> bool:
    abbreviations = load_abbreviations()
    found = _INITIAL.search(before[-_INITIAL_CHARACTERS:])
    if found is None or (found["before"] or "").lower().strip("(\"'“‘") in abbreviations.labelled:
        return False
    surname = _SURNAME.match(after)
    return surname is not None and len(surname["word"]) > 1 and surname["word"] not in abbreviations.not_surnames


def _id(transcript_id: str, start: int, end: int, text: str) -> str:
    return hashlib.sha256(f"{transcript_id}\0{start}\0{end}\0{text}".encode()).hexdigest()[:15]


MAX_PASSAGE_SENTENCES = 8
MAX_PASSAGE_CHARACTERS = 1200  # approximate: a single longer sentence stays whole

# A marker of a list or a table. The text before and after it belongs together.
_MARKER = re.compile(r"[-*+•◦▪‣●○■□➢✓>|\s]+|\(?(?:[0-9]{1,3}|[a-zA-Z]|[ivx]{2,5})[.)]|\|?[\s|:-]*\|?")


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences `first` to `last` (ordinals, inclusive) of one transcript. Its passages tile the transcript."""

    transcript_id: str
    ordinal: int
    first: int
    last: int


def group_passages(sentences: Sequence[Sentence]) -> tuple[Passage, ...]:
    """Returns the passages of one transcript's sentences, in order; each sentence is in exactly one.

    A paragraph is a passage, and so is a list or a table together with the line that introduces it. One that exceeds
    `MAX_PASSAGE_SENTENCES` or `MAX_PASSAGE_CHARACTERS` is divided evenly. A title, strapline or heading is a passage,
    with its marker.
    """
    runs = [part for run in _runs(sentences) for part in _divided(run)]
    return tuple(
        Passage(run[0].transcript_id, ordinal, run[0].ordinal, run[-1].ordinal) for ordinal, run in enumerate(runs)
    )


def _runs(sentences: Sequence[Sentence]) -> Iterator[list[Sentence]]:
    """Yields the sentences of each block, or of several blocks that only list or table markers separate."""
    run: list[Sentence] = []
    for sentence in sentences:
        if run and not _continues(run[-1], sentence):
            yield run
            run = []
        run.append(sentence)
    if run:
        yield run


def _continues(before: Sentence, after: Sentence) -> bool:
    if before.block == after.block:
        return True
    if before.role is Role.MARKUP:
        return after.role is not Role.STRAPLINE
    return before.role is Role.FINDING and after.role is Role.MARKUP and _MARKER.fullmatch(after.text) is not None


def _divided(run: list[Sentence]) -> Iterator[list[Sentence]]:
    """Yields the run in as few parts as the limits allow; their numbers of sentences differ by at most one."""
    characters = run[-1].end - run[0].start
    needed = max(ceil(len(run) / MAX_PASSAGE_SENTENCES), ceil(characters / MAX_PASSAGE_CHARACTERS))
    parts = min(len(run), needed)
    cuts = [len(run) * part // parts for part in range(parts + 1)]
    for start, end in pairwise(cuts):
        yield run[start:end]
