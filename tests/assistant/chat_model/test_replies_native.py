"""A provider's own citations: each sentence is sent as a block, and the reply cites ranges of blocks."""

from __future__ import annotations

import random
from itertools import count

from assistant.answer import Ending, ModelFault, Status
from assistant.chat_model.prompts import load_prompts
from assistant.chat_model.provider import PROVIDERS
from assistant.chat_model.summarise import Summariser
from assistant.faithfulness.check import CompressionCheck
from assistant.work import Deadline
from index.sources.gazetteer import Gazetteer
from tests.fixtures.fictional import NORTHSHIRE, cite, make_answer
from tests.fixtures.model_fakes import result_of, scripted_caller

CITED = [cite(NORTHSHIRE, ordinal, number) for number, ordinal in enumerate((5, 6, 8), start=1)]
ANSWER = make_answer("How well is crime investigated?", Status.ANSWERED, CITED)
CHECK = CompressionCheck(Gazetteer.load().with_forces(["Northshire Constabulary"]))


def blocks(start: int, end: int) -> dict[str, object]:
    return {
        "type": "content_block_location",
        "document_index": 0,
        "document_title": None,
        "start_block_index": start,
        "end_block_index": end,
        "cited_text": "the text that the provider repeats is ignored",
    }


def compose(*reply: dict[str, object]):
    received = []

    def script(messages):
        received.extend(messages)
        return list(reply)

    summariser = Summariser(scripted_caller(script, provider=PROVIDERS["anthropic"]), load_prompts())
    return result_of(summariser.compose(ANSWER, CHECK, Deadline(10))), received


def text_block(text: str, *citations: dict[str, object]) -> dict[str, object]:
    block: dict[str, object] = {"type": "text", "text": text}
    return block | {"citations": list(citations)} if citations else block


def test_each_sentence_is_sent_as_a_block_without_a_label():
    _, (system, user) = compose(text_block("Nothing."))
    document, prompt = user.content
    assert document["citations"] == {"enabled": True}
    assert document["source"]["type"] == "content"
    sent = document["source"]["content"]
    assert [block["text"] for block in sent] == [
        f"{citation.quote} (Northshire Constabulary, 2018/19)" for citation in ANSWER.citations
    ]
    assert "How well is crime investigated?" in prompt["text"]
    assert "label" not in system.content + prompt["text"]


def test_a_sentence_that_cites_a_block_is_a_summary_with_its_quotation():
    summary_text = "The constabulary investigates most crime to a good standard."
    composed, _ = compose(
        text_block(summary_text, blocks(0, 1)),
        text_block(" The supervision of some investigations is not consistent.", blocks(1, 2)),
    )
    assert composed.ending is Ending.SUMMARISED
    first, second, rest = composed.statements
    assert (first.text, [composed.citations[n - 1].quote for n in first.citations]) == (
        summary_text,
        [ANSWER.citations[0].quote],
    )
    assert second.text == "The supervision of some investigations is not consistent."
    assert rest.kind == "quotation"


def test_a_sentence_across_blocks_cites_what_each_of_them_cites():
    composed, _ = compose(
        text_block("The supervision of some ", blocks(0, 1)),
        text_block("investigations"),
        text_block(" is not consistent.", blocks(1, 2)),
    )
    [summary] = [statement for statement in composed.statements if statement.kind == "summary"]
    assert summary.text == "The supervision of some investigations is not consistent."
    assert {citation.quote for citation in composed.citations} >= {citation.quote for citation in ANSWER.citations[:2]}


def test_a_sentence_without_a_valid_citation_is_left_out():
    composed, _ = compose(
        text_block("The constabulary is the best in the country."),
        text_block(" The constabulary investigates most crime to a good standard.", blocks(7, 9)),
        text_block(" The supervision of some investigations is consistent.", blocks(1, 2)),
    )
    assert composed.ending is Ending.NOT_BORNE_OUT
    assert composed.left_out[ModelFault.UNCITED] == 2
    assert composed.left_out[ModelFault.SHORTENED] == 1


def test_malformed_citations_are_ignored():
    rng, number = random.Random(5), count()
    malformed = [None, "0", -1, 1.5, True, {}, [], 10**9]
    for _ in range(60):
        citation = {"start_block_index": rng.choice(malformed), "end_block_index": rng.choice(malformed)}
        composed, _ = compose(
            {"type": "text", "text": f"Crime number {next(number)}.", "citations": [citation, None, "x"]}
        )
        assert composed.ending is not Ending.SUMMARISED
