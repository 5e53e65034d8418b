from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.answer import Citation
from assistant.verify import fault_in, verified
from index.text.transcript import Transcript

TEXT = "Northshire – PEEL 2016\n\nThe force works well. It ﬁnds risk early. Victims are kept informed."


def transcript(text: str = TEXT) -> Transcript:
    return Transcript("northshire", "northshire.txt", hashlib.sha256(text.encode()).hexdigest(), "", text, ())


def citation(start: int, end: int, text: str = TEXT, *, source: str = "northshire.txt", number: int = 1) -> Citation:
    return Citation(
        number=number, source=source, transcript_id="northshire", title="", force="", period="", sentence="0" * 15,
        start=start, end=end, quote=text[start:end], sha256=hashlib.sha256(text.encode()).hexdigest(), context=False,
    )  # fmt: skip


SPANS = st.integers(0, len(TEXT) - 2).flatmap(
    lambda start: st.tuples(st.just(start), st.integers(start + 1, len(TEXT)))
)


@given(SPANS)
def test_a_slice_of_the_source_is_sound(span: tuple[int, int]):
    assert fault_in(citation(*span), transcript()) == ""


@given(SPANS, st.integers(0, len(TEXT) - 1), st.characters())
def test_one_changed_character_in_the_source_is_noticed(span: tuple[int, int], place: int, other: str):
    changed = TEXT[:place] + other + TEXT[place + 1 :]
    sound = fault_in(citation(*span), transcript(changed)) == ""
    assert sound == (changed == TEXT)


@given(SPANS, st.sampled_from([-1, 1]))
def test_a_shifted_span_is_noticed_unless_it_reads_the_same(span: tuple[int, int], shift: int):
    start, end = span[0] + shift, span[1] + shift
    moved = citation(*span).model_copy(update={"start": max(start, 0), "end": end})
    assert (fault_in(moved, transcript()) == "") == (TEXT[max(start, 0) : end] == TEXT[slice(*span)])


def test_a_citation_of_a_withdrawn_source_is_not_sound(caplog: pytest.LogCaptureFixture):
    assert not verified([citation(0, 10)], lambda _: None)
    assert "withheld: northshire.txt, characters 0 to 10" in caplog.text
