"""Properties that hold for every text, by name. Each raises AssertionError when it does not."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from index.passage import Passage
from index.sentence import Sentence
from index.transcript import Role, Transcript


def blocks_tile_the_text(transcript: Transcript) -> None:
    """All that is not white space lies in exactly one block, and no block begins or ends with white space."""
    _spans_tile(transcript.text, [(block.start, block.end) for block in transcript.blocks])


def sentences_tile_the_transcript(transcript: Transcript, sentences: Sequence[Sentence]) -> None:
    """Invariant 2: sentences are ordered, never overlap, and what lies between them is white space."""
    _spans_tile(transcript.text, [(sentence.start, sentence.end) for sentence in sentences])


def sentences_are_slices(transcript: Transcript, sentences: Sequence[Sentence]) -> None:
    """The text of a sentence is the transcript's at that place, and it lies within its block and has its role."""
    for sentence in sentences:
        block = transcript.blocks[sentence.block]
        assert sentence.text == transcript.text[sentence.start : sentence.end]
        assert block.start <= sentence.start < sentence.end <= block.end
        assert sentence.role is block.role
        assert sentence.transcript_id == transcript.id


def sentences_are_numbered(sentences: Sequence[Sentence]) -> None:
    """Ordinals count from 0, and ids are 15 hexadecimal digits, all different."""
    assert [sentence.ordinal for sentence in sentences] == list(range(len(sentences)))
    assert all(len(sentence.id) == 15 and 0 <= sentence.key < 2**60 for sentence in sentences)
    assert len({sentence.id for sentence in sentences}) == len(sentences)


def passages_are_runs(sentences: Sequence[Sentence], passages: Sequence[Passage]) -> None:
    """Invariant 3: passages are runs of consecutive sentences, and every sentence is in exactly one."""
    assert [passage.ordinal for passage in passages] == list(range(len(passages)))
    covered = [ordinal for passage in passages for ordinal in range(passage.first, passage.last + 1)]
    assert covered == [sentence.ordinal for sentence in sentences]


def no_word_is_markup(transcript: Transcript, words: Sequence[str]) -> None:
    """Each of the words lies in a block that is not markup."""
    kept = " ".join(transcript.text[b.start : b.end] for b in transcript.blocks if b.role is not Role.MARKUP)
    assert [word for word in words if word not in kept] == []


def _spans_tile(text: str, spans: Sequence[tuple[int, int]]) -> None:
    assert all(0 <= start < end <= len(text) for start, end in spans)
    assert all(end <= following for (_, end), (following, _) in pairwise(spans))
    assert all(text[start:end].strip() == text[start:end] for start, end in spans)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    between = [text[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]
    assert [gap for gap in between if gap.strip()] == []
