"""Turns and questions found, against labels made by reading.

In `tests/fixtures/turns`, ‹name› precedes the label of each turn, and ⟦ ⟧ enclose what is asked of another speaker.
Rules were written with the documents of `seen`; those of `measured` only measure them.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from index.readers.extracted import ComposedText
from index.readers.text import blocks_of_text
from index.readers.turns import with_turns
from index.text.sentences import split_sentences
from index.text.transcript import Role, Transcript, locators_at

FOLDER = Path(__file__).parents[2] / "fixtures" / "turns"
MIN_SCORE = 0.97
_MARKS = re.compile(r"‹([^›]*)›|[⟦⟧]")

Found = set[tuple[str, str]]


def labelled(marked: str) -> tuple[str, Found, Found]:
    """Returns the text without marks, the speaker and first words of each turn, and the questions as they begin."""
    text = ""
    turns: Found = set()
    spans: list[list[int]] = []
    last = 0
    for mark in _MARKS.finditer(marked):
        text += marked[last : mark.start()]
        last = mark.end()
        if mark[0] == "⟦":
            spans.append([len(text)])
        elif mark[0] == "⟧":
            spans[-1].append(len(text))
        else:
            turns.add((mark[1] if len(mark[1]) > 1 else "", str(len(text))))
    text += marked[last:]
    return text, turns, {(str(start), str(end)) for start, end in spans}


def scored(name: str) -> Counter[str]:
    """Returns how many turns and sentences of questions of a document are right, missed and wrong."""
    text, turns, spans = labelled((FOLDER / name).read_text(encoding="utf-8"))
    composed = with_turns(ComposedText(text, blocks_of_text(text)))
    transcript = Transcript("t", name, "", "", composed.text, composed.blocks, locators=composed.locators)
    found_turns: Found = set()
    questions, found_questions = set(), set()
    for sentence in split_sentences(transcript):
        speaker = {found.kind: found.label for found in locators_at(transcript, sentence.block, sentence.start)}
        if sentence.role is Role.MARKUP:
            found_turns.add((speaker.get("speaker", ""), str(sentence.start)))
        if sentence.role is Role.QUESTION:
            found_questions.add(sentence.start)
        if any(sentence.start < int(end) and int(start) < sentence.end for start, end in spans):
            questions.add(sentence.start)
    return Counter(
        turns_right=len(turns & found_turns),
        turns_missed=len(turns - found_turns),
        turns_wrong=len(found_turns - turns),
        questions_right=len(questions & found_questions),
        questions_missed=len(questions - found_questions),
        questions_wrong=len(found_questions - questions),
    )


@pytest.mark.parametrize("group", ["seen", "measured"])
@pytest.mark.parametrize("kind", ["turns", "questions"])
def test_precision_and_recall(group, kind):
    total: Counter[str] = Counter()
    for path in sorted((FOLDER / group).glob("*.txt")):
        total += scored(f"{group}/{path.name}")
    right, missed, wrong = (total[f"{kind}_{outcome}"] for outcome in ("right", "missed", "wrong"))
    assert right / (right + missed) >= MIN_SCORE, total
    assert right / (right + wrong) >= MIN_SCORE, total


def test_there_are_enough_labels():
    turns = sum(len(labelled(path.read_text(encoding="utf-8"))[1]) for path in FOLDER.glob("*/*.txt"))
    assert turns >= 190
