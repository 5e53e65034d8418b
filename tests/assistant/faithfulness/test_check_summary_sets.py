"""The two sets that summaries are measured on have the shape that the measurement needs. No guard is called here.

`summaries-distorted.jsonl` has summaries that their cited sentences do not support, by kind of distortion, and
`summaries-true.jsonl` has honest compressions of one cited sentence. Both were written without sight of the guard.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import NotRequired, TypedDict

FIXTURES = Path(__file__).parents[2] / "fixtures"
DISTORTED = "summaries-distorted.jsonl"
TRUE = "summaries-true.jsonl"
MIN_SUMMARIES = 160
MIN_PARAPHRASES = 40
MIN_SENTENCES = 60
MIN_OF_A_KIND = 6
KINDS_OF_DISTORTION = 20


class LabelledSummary(TypedDict):
    id: str
    kind: str
    cited: list[str]
    summary: str
    true: bool
    paraphrase: NotRequired[bool]


def labelled(name: str) -> list[LabelledSummary]:
    return [json.loads(line) for line in (FIXTURES / name).read_text(encoding="utf-8").splitlines()]


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def test_every_line_has_the_fields_of_its_set() -> None:
    for name, true in ((DISTORTED, False), (TRUE, True)):
        for summary in labelled(name):
            fields = {"id", "kind", "cited", "summary", "true"}
            assert set(summary) - {"paraphrase"} == fields, summary
            assert summary["true"] is true, summary["id"]
            assert summary.get("paraphrase", true) is true, summary["id"]
            assert summary["id"].startswith(f"{'true' if true else 'distorted'}-{summary['kind']}-"), summary["id"]


def test_every_summary_cites_one_or_two_sentences() -> None:
    for summary in labelled(DISTORTED) + labelled(TRUE):
        assert 1 <= len(summary["cited"]) <= 2, summary["id"]
        for sentence in [*summary["cited"], summary["summary"]]:
            assert re.fullmatch(r"[A-Z0-9].*[.]", sentence), (summary["id"], sentence)


def test_both_sets_are_large_and_various_enough() -> None:
    distorted, true = labelled(DISTORTED), labelled(TRUE)
    assert min(len(distorted), len(true)) >= MIN_SUMMARIES
    assert sum(summary.get("paraphrase", False) for summary in true) >= MIN_PARAPHRASES
    assert len({sentence for summary in distorted for sentence in summary["cited"]}) >= MIN_SENTENCES
    kinds = Counter(summary["kind"] for summary in distorted)
    assert len(kinds) == KINDS_OF_DISTORTION
    for counted in (kinds, Counter(summary["kind"] for summary in true)):
        assert min(counted.values()) >= MIN_OF_A_KIND, counted


def test_no_identifier_and_no_summary_occurs_twice() -> None:
    every = labelled(DISTORTED) + labelled(TRUE)
    for values in (
        Counter(summary["id"] for summary in every),
        Counter(words(summary["summary"]) for summary in every),
    ):
        assert [value for value, times in values.items() if times > 1] == []


def test_no_summary_is_a_cited_sentence_unchanged() -> None:
    for summary in labelled(DISTORTED) + labelled(TRUE):
        assert words(summary["summary"]) not in {words(sentence) for sentence in summary["cited"]}, summary["id"]
