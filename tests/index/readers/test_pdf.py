"""PDFs in many layouts: their sentences are exactly those that a reader would read, in that order."""

from __future__ import annotations

import pytest

from index.readers.extracted import compose_text
from index.readers.pdf import read_pdf
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript
from tests.fixtures.files.pdf_documents import document_layouts
from tests.fixtures.files.pdf_layouts import PdfLayout, column_layouts
from tests.fixtures.files.pdf_table_layouts import table_layouts
from tests.fixtures.invariants import blocks_tile_the_text, sentences_are_slices, sentences_tile_the_transcript

LAYOUTS = (*column_layouts(), *document_layouts(), *table_layouts())


def transcript_of(layout: PdfLayout) -> Transcript:
    composed = compose_text(read_pdf(layout.data))
    return Transcript("id", layout.name, "", "", composed.text, composed.blocks, notes=composed.notes)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_the_sentences_are_those_of_a_reader_in_order(layout: PdfLayout):
    transcript = transcript_of(layout)
    sentences = split_sentences(transcript)
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, sentences)
    sentences_are_slices(transcript, sentences)
    assert tuple(sentence.text for sentence in sentences if sentence.role is not Role.MARKUP) == layout.sentences


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_title_and_headings_have_their_roles_and_levels(layout: PdfLayout):
    transcript = transcript_of(layout)
    words = {block: transcript.text[block.start : block.end] for block in transcript.blocks}
    titles = [words[block] for block in transcript.blocks if block.role is Role.TITLE]
    assert titles == ([layout.title] if layout.title else [])
    headings = [
        (block.level, words[block]) for block in transcript.blocks if block.role is Role.HEADING and block.level
    ]
    assert tuple(headings) == layout.headings


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_items_have_their_lead_in_and_cells_their_heads(layout: PdfLayout):
    transcript = transcript_of(layout)
    words = [transcript.text[block.start : block.end] for block in transcript.blocks]
    lead_ins = {
        words[number]: words[block.lead_in]
        for number, block in enumerate(transcript.blocks)
        if block.lead_in is not None
    }
    assert lead_ins == layout.lead_ins
    heads = [
        (words[number], tuple(words[head] for head in block.heads))
        for number, block in enumerate(transcript.blocks)
        if block.heads
    ]
    assert heads == list(layout.heads)


@pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.name)
def test_what_is_left_out_or_doubtful_is_noted_and_nothing_else(layout: PdfLayout):
    assert transcript_of(layout).notes == layout.notes
