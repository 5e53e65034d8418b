"""What a follow-up finds beside the sentences that the last answer quoted."""

from __future__ import annotations

import pytest

from assistant.answer import Answer
from assistant.app import Assistant, open_assistant
from assistant.question.conversation import Turn
from assistant.settings import Settings

CELLS = "The cells at Harrow Lane have space for forty people."
CAMERAS = "Four of the cameras there have been broken since spring."
NURSE = "A nurse works there at night."
TALK = f"""PEEL 2021/22: an inspection of Wexmoor Police

The force answers emergency calls quickly, and its call handlers are well trained.

{CELLS} {CAMERAS} {NURSE}

Neighbourhood teams solve problems with the council, and residents know their names.

Detectives carry heavy workloads, and supervision of their investigations is uneven.

Victims of burglary are kept informed, and the force visits every home that was burgled.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    folder = tmp_path_factory.mktemp("wexmoor")
    sources = folder / "sources"
    sources.mkdir()
    (sources / "wexmoor.txt").write_text(TALK, encoding="utf-8")
    return open_assistant(Settings(sources=sources, index=folder / "index"))


def after(answer: str) -> list[Turn]:
    return [Turn("user", "How many people do the cells in Wexmoor hold?"), Turn("assistant", answer)]


FOLLOW_UPS = ("What is wrong with it?", "and are any of them broken?", "is anything there broken")


def quoted(answer: Answer) -> list[str]:
    return [citation.quote for citation in answer.citations]


@pytest.mark.parametrize("follow_up", FOLLOW_UPS)
def test_a_follow_up_is_answered_by_what_is_said_next_to_the_last_answer(assistant: Assistant, follow_up: str):
    answer = assistant.ask(follow_up, after(CELLS))
    assert CAMERAS in quoted(answer)
    assert CELLS not in quoted(answer)


def test_a_question_that_stands_alone_is_answered_as_without_a_conversation(assistant: Assistant):
    question = "Are victims of burglary kept informed in Wexmoor?"
    alone, later = assistant.ask(question), assistant.ask(question, after(CELLS))
    assert quoted(later) == quoted(alone) != []
