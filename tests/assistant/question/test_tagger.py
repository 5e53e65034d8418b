from __future__ import annotations

from pathlib import Path

import pytest

from assistant.question.tagger import Tagger
from index.errors import VocabularyError


@pytest.mark.parametrize(
    ("text", "tags"),
    [
        ("The force closed three stations.", "DT NN VBD CD NNS ."),
        ("how many officers were trained", "WH JJ NNS AUX VBN"),
        ("and does it work?", "CC AUX PRP VB ."),
        ("who wrote their plan", "WH VBD PRP$ NN"),
    ],
)
def test_each_word_gets_its_part_of_speech(text: str, tags: str):
    assert [token.tag for token in Tagger.load().tag(text)] == tags.split()


def test_a_word_knows_its_place():
    text = "Westmere’s well-being team"
    assert [text[token.start : token.end] for token in Tagger.load().tag(text)] == ["Westmere’s", "well-being", "team"]


def test_an_empty_text_has_no_words():
    assert Tagger.load().tag(" ") == ()


@pytest.mark.parametrize("content", [None, "{", "[1]"])
def test_a_model_that_cannot_be_read_is_an_error(tmp_path: Path, content: str | None):
    file = tmp_path / "tagger.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")
    with pytest.raises(VocabularyError, match="tagger"):
        Tagger.read(file)
