"""Native citations: one block a sentence out, places of blocks back."""

from __future__ import annotations

import random
from itertools import count

from assistant.answer import Ending, ModelFault, Status
from assistant.chat_model.calls import Deadline
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import PROVIDERS
from assistant.chat_model.summarise import Summariser
from assistant.faithfulness.check import Guards
from index.sources.gazetteer import Gazetteer
from tests.fixtures.fictional import NORTHSHIRE, cite, make_answer
from tests.fixtures.model_fakes import finished, line

CITED = [cite(NORTHSHIRE, ordinal, number) for number, ordinal in enumerate((5, 6, 8), start=1)]
ANSWER = make_answer("How well is crime investigated?", Status.ANSWERED, CITED)
GUARDS = Guards(Gazetteer.load().with_forces(["Northshire Constabulary"]))


def place(start: int, end: int) -> dict[str, object]:
    return {
        "type": "content_block_location",
        "document_index": 0,
        "document_title": None,
        "start_block_index": start,
        "end_block_index": end,
        "cited_text": "what the provider says was cited is never read",
    }


def compose(*blocks: dict[str, object]):
    heard = []

    def script(messages):
        heard.extend(messages)
        return list(blocks)

    provider = PROVIDERS["anthropic"]
    composed = finished(
        Summariser(line(script, provider=provider), load_prompts()).compose(ANSWER, GUARDS, Deadline(10))
    )
    return composed, heard


def text(said: str, *places: dict[str, object]) -> dict[str, object]:
    return {"type": "text", "text": said, "citations": list(places)} if places else {"type": "text", "text": said}


def test_each_sentence_is_a_block_and_no_label_is_sent():
    _, (system, user) = compose(text("Nothing."))
    document, asked = user.content
    assert document["citations"] == {"enabled": True}
    assert document["source"]["type"] == "content"
    blocks = document["source"]["content"]
    assert [block["text"] for block in blocks] == [
        f"{one.quote} (Northshire Constabulary, 2018/19)" for one in ANSWER.citations
    ]
    assert "How well is crime investigated?" in asked["text"]
    assert "label" not in system.content + asked["text"]


def test_a_cited_sentence_is_a_summary_with_its_quotation():
    said = "Most crime is investigated to a good standard."
    composed, _ = compose(text(said, place(0, 1)), text(" Supervision is not consistent.", place(1, 2)))
    assert composed.ending is Ending.SUMMARISED
    first, second, rest = composed.statements
    assert (first.text, [composed.citations[n - 1].quote for n in first.citations]) == (
        said,
        [ANSWER.citations[0].quote],
    )
    assert second.text == "Supervision is not consistent."
    assert rest.kind == "quotation"


def test_a_sentence_over_several_blocks_cites_what_each_of_them_cites():
    blocks = (text("Most crime is investigated to a good standard,", place(0, 1)), text(" but supervision of some "),
              text("investigations is not consistent.", place(1, 2)))  # fmt: skip
    composed, _ = compose(*blocks)
    [summary] = [one for one in composed.statements if one.kind == "summary"]
    assert summary.text.startswith(
        "Most crime is investigated to a good standard, but supervision of some investigations"
    )
    assert {composed.citations[n - 1].quote for n in summary.citations} >= {one.quote for one in ANSWER.citations[:2]}


def test_what_cites_nothing_or_a_place_that_is_none_is_left_out():
    composed, _ = compose(
        text("The constabulary is the best in the country."),
        text(" Most crime is investigated to a good standard.", place(7, 9)),
        text(" Supervision is consistent.", place(1, 2)),
    )
    assert composed.ending is Ending.NOT_BORNE_OUT
    assert composed.left_out[ModelFault.UNCITED] == 2
    assert composed.left_out[ModelFault.NEGATION] == 1


def test_malformed_citations_give_none():
    rng, number = random.Random(5), count()
    odd = [None, "0", -1, 1.5, True, {}, [], 10**9]
    for _ in range(60):
        made = {"start_block_index": rng.choice(odd), "end_block_index": rng.choice(odd)}
        composed, _ = compose({"type": "text", "text": f"Crime number {next(number)}.", "citations": [made, None, "x"]})
        assert composed.ending is not Ending.SUMMARISED
