"""What is remembered of a turn that was asked again: not what it was for want of its history, or of time."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from assistant.answer import Answer, Status
from assistant.filter import EVERYTHING, Filter
from assistant.messages import load_messages
from assistant.question.conversation import Turn
from assistant.web.chat.conversation import Conversation, KeptTurn
from assistant.web.chat.kept_turns import EarlierAnswers
from tests.assistant.web.chat.test_kept_turns import CRIME, asked, pages_of
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant, cite, make_answer

FOLLOW_UP = "And supervision?"


class FollowingAssistant(FictionalAssistant):
    """Answers the follow-up with more where it knows the history, as `busy` allows."""

    busy: Status | None = None

    def ask(self, question: str, history: Sequence[Turn] = (), *, within: Filter = EVERYTHING) -> Answer:
        self.asked.append((question, tuple(history)))
        if self.busy:
            return make_answer(question, self.busy)
        cited = [cite(NORTHSHIRE, 5 + number, 1 + number) for number in range(2 if history else 1)]
        return make_answer(question, Status.ANSWERED, cited, standalone_question="How is crime supervised?")


def followed(assistant: FollowingAssistant) -> Conversation:
    """A conversation whose second turn was read with the first."""
    [first] = asked(CRIME).kept
    assert first is not None
    answer = assistant.ask(FOLLOW_UP, first.turns)
    return Conversation((first, KeptTurn.of(answer, first.turns, EVERYTHING)))


def test_a_follow_up_without_its_history_is_not_taken_for_the_one_with_it(tmp_path: Path) -> None:
    assistant = FollowingAssistant()
    whole = followed(assistant)
    alone, pages = Conversation(whole.kept[1:]), pages_of(assistant, tmp_path)
    for conversation, is_first in ((alone, False), (whole, True), (alone, False), (whole, True)):
        assert pages.earlier.answer(conversation, len(conversation.kept) - 1).is_first == is_first
    assert len(assistant.asked) == 1 + 2
    assert not pages.feedback(alone, helpful=True, comment="").stored
    assert pages.feedback(whole, helpful=True, comment="").stored
    [case] = map(json.loads, pages.cases.read_text("utf-8").splitlines())
    assert (case["question"], len(case["history"])) == (FOLLOW_UP, 2)


@pytest.mark.parametrize("status", [Status.OUT_OF_TIME, Status.WITHHELD])
def test_an_answer_that_could_not_be_given_just_now_is_asked_for_again(status: Status) -> None:
    assistant = FollowingAssistant()
    whole, earlier = followed(assistant), EarlierAnswers(assistant, load_messages())
    assistant.busy = status
    assert earlier.answer(whole, 1).answer.status is status
    assistant.busy = None
    again = earlier.answer(whole, 1)
    assert (again.is_first, len(again.answer.citations)) == (True, 2)
