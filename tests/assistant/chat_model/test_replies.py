"""The small parts: prompts, labels, and a reply read in pieces."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat_model.prompts import LENGTH, draw_labels, load_prompts, read_prompts
from assistant.chat_model.replies import (
    MOST_STATEMENTS,
    ReplyReader,
    ReplyStatement,
    UnreadableReplyError,
    read_question,
)
from assistant.errors import PromptError

GOOD = {
    "summary": 'version = 1\nsystem = "s"\nuser = "{question} {sentences}"',
    "cited": 'version = 2\nsystem = "s"\nuser = "{question}"',
    "followup": 'version = 1\nsystem = "s"\nuser = "{conversation} {question}"',
}


def write(folder: Path, **changed: str) -> Path:
    for name, text in (GOOD | changed).items():
        (folder / f"{name}.en.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_version_is_a_number_and_a_digest_of_every_text(tmp_path: Path):
    first = read_prompts(write(tmp_path)).version
    assert first.startswith("2-")
    assert read_prompts(write(tmp_path)).version == first
    for name, text in GOOD.items():
        assert read_prompts(write(tmp_path, **{name: text.replace('"s"', '"t"')})).version != first


@pytest.mark.parametrize(
    "text",
    [
        'version = 1\nsystem = "s"\nuser = "{question}"',
        'version = 1\nsystem = "s"\nuser = "{question} {sentences} {more}"',
        'version = 1\nsystem = "s"\nuser = "{question} {sentences} {}"',
        'version = 1\nsystem = "s"\nuser = "{question} {sentences"',
        'version = 0\nsystem = "s"\nuser = "{question} {sentences}"',
        'version = 1\nuser = "{question} {sentences}"',
        'version = 1\nsystem = "s"\nuser = "{question} {sentences}"\nassistant = "x"',
        "version = ",
    ],
)
def test_a_file_that_is_not_as_it_must_be_is_named(tmp_path: Path, text: str):
    with pytest.raises(PromptError, match=r"summary\.en\.toml"):
        read_prompts(write(tmp_path, summary=text))


def test_a_missing_file_is_named(tmp_path: Path):
    write(tmp_path)
    (tmp_path / "followup.en.toml").unlink()
    with pytest.raises(PromptError, match=r"followup\.en\.toml cannot be read"):
        read_prompts(tmp_path)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_material_stays_within_its_quotation_marks(question: str, texts: list[str]):
    filled = load_prompts().summary.fill(question=question, sentences=[{"label": "x", "text": one} for one in texts])
    lines = filled.strip().split("\n")
    json.loads(lines[0].removeprefix("Question, as JSON: "))
    assert len([one for one in lines if one.startswith("{")]) == len(texts)
    for one in lines[3:]:
        assert set(json.loads(one)) == {"label", "text"}
    filled.encode()


def test_labels_differ_and_avoid_every_text():
    turns = itertools.cycle("bbbbbbccccccbbbbbbdddddd")
    labels = draw_labels(2, ["a text with BBBBBB in it"], lambda _letters: next(turns))
    assert labels == ("c" * LENGTH, "d" * LENGTH)


def test_labels_are_drawn_without_a_pattern():
    drawn = [label for _ in range(50) for label in draw_labels(20, [])]
    assert len(set(drawn)) > 990


def reply(*said: dict[str, object]) -> str:
    return json.dumps({"statements": list(said)})


def read(text: str, sizes: list[int]) -> list[ReplyStatement | None]:
    reader, found, at = ReplyReader(), [], 0
    for size in itertools.chain(sizes, itertools.repeat(1000)):
        if at >= len(text):
            break
        found += reader.take(text[at : at + size])
        at += size
    reader.finish()
    return found


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=8), max_size=3)), max_size=5),
    st.lists(st.integers(1, 9), max_size=60),
    st.sampled_from(["", "```json\n", "Here it is:\n", "<think>{}]}</think>"]),
)
def test_a_reply_is_the_same_in_whatever_pieces_it_comes(said, sizes, before: str):
    text = before + reply(*({"text": text, "labels": labels} for text, labels in said))
    assert read(text, sizes) == [ReplyStatement(text=text, labels=labels) for text, labels in said]


def test_a_statement_is_there_as_soon_as_it_is_complete():
    reader = ReplyReader()
    text = reply({"text": "One.", "labels": ["a"]}, {"text": "Two.", "labels": []})
    at = text.index("}") + 1
    assert [one.text for one in reader.take(text[:at]) if one] == ["One."]
    assert [one.text for one in reader.take(text[at:]) if one] == ["Two."]


@settings(max_examples=200)
@given(st.text(), st.randoms(use_true_random=False))
def test_no_reply_breaks_the_reader(text: str, rng: random.Random):
    whole = reply({"text": "One.", "labels": ["a"]})
    cut = rng.randrange(len(whole))
    for one in (text, whole[:cut], whole[:cut] + text, text + whole[:cut]):
        reader = ReplyReader()
        try:
            found = list(reader.take(one))
            reader.finish()
        except UnreadableReplyError:
            continue
        assert all(said is None or said.text for said in found)


@pytest.mark.parametrize(
    "odd",
    [1, None, "The force is good.", ["The force is good."], {"text": "x"}, {"labels": []}, {"text": "", "labels": []},
     {"text": "x", "labels": [1]}, {"text": "x", "labels": "a"}, {"text": "x", "labels": [], "more": 1},
     {"text": "x" * 601, "labels": []}, {"text": "x", "labels": ["a"] * 13}],
)  # fmt: skip
def test_a_statement_in_another_form_is_told_apart_from_the_others(odd: object):
    good = {"text": "One.", "labels": ["a"]}
    found = read(json.dumps({"statements": [odd, good]}), [])
    assert found == [None, ReplyStatement(text="One.", labels=["a"])]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"statements": {}}', '{"statements": [', '{"statements": [{"text": "x"', "<think>"],
)
def test_what_has_no_list_or_no_end_to_it_is_unreadable(text: str):
    with pytest.raises(UnreadableReplyError):
        read(text, [])


def test_a_list_without_measure_is_unreadable():
    with pytest.raises(UnreadableReplyError):
        read(reply(*[{"text": "x", "labels": []}] * (MOST_STATEMENTS + 1)), [])


@pytest.mark.parametrize(
    "text", ['{"question": "Why?"}', '```json\n{"question": "Why?"}\n```', '<think>{}</think>{"question": "Why?"}']
)
def test_a_question_is_read(text: str):
    assert read_question(text) == "Why?"


@pytest.mark.parametrize("text", ["", "Why?", '{"question": 1}', '{"question": ""}', '{"query": "Why?"}', "{" * 5000])
def test_a_question_in_another_form_is_unreadable(text: str):
    with pytest.raises(UnreadableReplyError):
        read_question(text)
