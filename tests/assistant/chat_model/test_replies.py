"""Prompts, labels, and replies read piece by piece."""

from __future__ import annotations

import itertools
import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.chat_model.prompts import LABEL_LENGTH, draw_labels, load_prompts, read_prompts
from assistant.chat_model.replies import (
    MAX_STATEMENTS,
    ReplyReader,
    ReplyStatement,
    UnreadableReplyError,
    read_question,
)
from assistant.errors import PromptError

VALID_FILES = {
    "summary": 'version = 1\nsystem = "s"\nuser = "{question} {sentences}"',
    "cited": 'version = 2\nsystem = "s"\nuser = "{question}"',
    "followup": 'version = 1\nsystem = "s"\nuser = "{conversation} {question}"',
}


def write(folder: Path, **changed: str) -> Path:
    for name, text in (VALID_FILES | changed).items():
        (folder / f"{name}.en.toml").write_text(text, encoding="utf-8")
    return folder


def test_the_version_is_the_highest_number_and_a_digest_of_all_texts(tmp_path: Path):
    first = read_prompts(write(tmp_path)).version
    assert first.startswith("2-")
    assert read_prompts(write(tmp_path)).version == first
    for name, text in VALID_FILES.items():
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
def test_an_invalid_prompt_file_is_named(tmp_path: Path, text: str):
    with pytest.raises(PromptError, match=r"summary\.en\.toml"):
        read_prompts(write(tmp_path, summary=text))


def test_a_missing_prompt_file_is_named(tmp_path: Path):
    write(tmp_path)
    (tmp_path / "followup.en.toml").unlink()
    with pytest.raises(PromptError, match=r"followup\.en\.toml cannot be read"):
        read_prompts(tmp_path)


@given(st.text(), st.lists(st.text(), max_size=4))
def test_inserted_text_stays_within_its_json_string(question: str, texts: list[str]):
    filled = load_prompts().summary.fill(question=question, sentences=[{"label": "x", "text": text} for text in texts])
    lines = filled.strip().split("\n")
    json.loads(lines[0].removeprefix("Question, as JSON: "))
    assert len([line for line in lines if line.startswith("{")]) == len(texts)
    for line in lines[3:]:
        assert set(json.loads(line)) == {"label", "text"}
    filled.encode()


def test_labels_differ_and_occur_in_no_text():
    letters = itertools.cycle("bbbbbbccccccbbbbbbdddddd")
    labels = draw_labels(2, ["a text with BBBBBB in it"], lambda _letters: next(letters))
    assert labels == ("c" * LABEL_LENGTH, "d" * LABEL_LENGTH)


def test_labels_are_random():
    drawn = [label for _ in range(50) for label in draw_labels(20, [])]
    assert len(set(drawn)) > 990


def reply(*statements: dict[str, object]) -> str:
    return json.dumps({"statements": list(statements)})


def read(text: str, sizes: list[int]) -> list[ReplyStatement | None]:
    reader, found, start = ReplyReader(), [], 0
    for size in itertools.chain(sizes, itertools.repeat(1000)):
        if start >= len(text):
            break
        found += reader.feed(text[start : start + size])
        start += size
    reader.finish()
    return found


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.text(min_size=1, max_size=30), st.lists(st.text(max_size=8), max_size=3)), max_size=5),
    st.lists(st.integers(1, 9), max_size=60),
    st.sampled_from(["", "```json\n", "Here it is:\n", "<think>{}]}</think>"]),
)
def test_a_reply_is_read_the_same_in_pieces_of_any_size(pairs, sizes, before: str):
    text = before + reply(*({"text": text, "labels": labels} for text, labels in pairs))
    assert read(text, sizes) == [ReplyStatement(text=text, labels=labels) for text, labels in pairs]


def test_a_statement_is_read_as_soon_as_it_is_complete():
    reader = ReplyReader()
    text = reply({"text": "One.", "labels": ["a"]}, {"text": "Two.", "labels": []})
    end = text.index("}") + 1
    assert [statement.text for statement in reader.feed(text[:end]) if statement] == ["One."]
    assert [statement.text for statement in reader.feed(text[end:]) if statement] == ["Two."]


@settings(max_examples=200)
@given(st.text(), st.randoms(use_true_random=False))
def test_no_reply_breaks_the_reader(text: str, rng: random.Random):
    whole = reply({"text": "One.", "labels": ["a"]})
    cut = rng.randrange(len(whole))
    for broken in (text, whole[:cut], whole[:cut] + text, text + whole[:cut]):
        reader = ReplyReader()
        try:
            found = list(reader.feed(broken))
            reader.finish()
        except UnreadableReplyError:
            continue
        assert all(statement is None or statement.text for statement in found)


@pytest.mark.parametrize(
    "malformed",
    [1, None, "The force is good.", ["The force is good."], {"text": "x"}, {"labels": []}, {"text": "", "labels": []},
     {"text": "x", "labels": [1]}, {"text": "x", "labels": "a"}, {"text": "x", "labels": [], "more": 1},
     {"text": "x" * 601, "labels": []}, {"text": "x", "labels": ["a"] * 13}],
)  # fmt: skip
def test_a_malformed_statement_does_not_affect_the_next_one(malformed: object):
    valid = {"text": "One.", "labels": ["a"]}
    found = read(json.dumps({"statements": [malformed, valid]}), [])
    assert found == [None, ReplyStatement(text="One.", labels=["a"])]


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", '{"statements": {}}', '{"statements": [', '{"statements": [{"text": "x"', "<think>"],
)
def test_a_reply_without_a_complete_list_is_unreadable(text: str):
    with pytest.raises(UnreadableReplyError):
        read(text, [])


def test_a_reply_with_too_many_statements_is_unreadable():
    with pytest.raises(UnreadableReplyError):
        read(reply(*[{"text": "x", "labels": []}] * (MAX_STATEMENTS + 1)), [])


@pytest.mark.parametrize(
    "text", ['{"question": "Why?"}', '```json\n{"question": "Why?"}\n```', '<think>{}</think>{"question": "Why?"}']
)
def test_a_rewritten_question_is_read(text: str):
    assert read_question(text) == "Why?"


@pytest.mark.parametrize("text", ["", "Why?", '{"question": 1}', '{"question": ""}', '{"query": "Why?"}', "{" * 5000])
def test_a_malformed_rewritten_question_is_unreadable(text: str):
    with pytest.raises(UnreadableReplyError):
        read_question(text)
