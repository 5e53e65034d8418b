"""Writes answers and judgements as TREC qrels and run files, which trec_eval, pytrec_eval and ir_measures read.

`sentences` has the cited sentences, in the order of their citations: SetP is the precision of `metrics`. `facts` has
the facts that these state, and what is cited besides: SetR is the fact recall. `search` has what the search alone finds
for the question as understood, the nearest first. Ids are percent-encoded, because spaces divide the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path, PurePath
from urllib.parse import quote

from assistant.answer import Answer, Citation
from assistant.errors import QuestionFileError
from assistant.evaluation.metrics import GoldQuestion, GoldQuote, is_cited, quotes_match
from assistant.filter import Filter
from assistant.sources import SourceReader

SEARCHED_SENTENCES = 100
TAG = "assistant"
RELEVANT = 1


class TrecFiles:
    """Collects answers, and writes `KIND.qrels` and `KIND.run` for each kind into a folder."""

    def __init__(
        self, folder: Path, sources: SourceReader, search: Callable[[str, int, Filter], Sequence[Citation]]
    ) -> None:
        """Raises `QuestionFileError` when the folder cannot be made."""
        self._folder = folder
        self._sources = sources
        self._search = search
        self._lines: dict[str, list[str]] = {
            f"{kind}.{form}": [] for kind in ("sentences", "facts", "search") for form in ("qrels", "run")
        }
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise QuestionFileError(f"{folder} cannot be made: {error.strerror}.", advice="Name another.") from error

    def add(self, question: GoldQuestion, answer: Answer) -> None:
        """Adds the answer to a question whose right answer is known; one without any has no judgements."""
        if not question.answerable:
            return
        found = self._search(answer.standalone_question, SEARCHED_SENTENCES, question.within)
        runs = {
            "sentences": [_sentence_id(one.transcript_id, one.sentence) for one in answer.citations],
            "facts": list(_cited_facts(question, answer.citations)),
            "search": [_sentence_id(one.transcript_id, one.sentence) for one in found],
        }
        relevant = list(dict.fromkeys(self._relevant(question)))
        facts = [_fact_id(number) for number in range(len(question.evidence))]
        judged: Mapping[str, Iterable[str]] = {"sentences": relevant, "facts": facts, "search": relevant}
        topic = _encoded(question.id)
        for kind, documents in runs.items():
            self._lines[f"{kind}.qrels"] += (f"{topic} 0 {document} {RELEVANT}" for document in judged[kind])
            ranked = enumerate(dict.fromkeys(documents), start=1)
            self._lines[f"{kind}.run"] += (
                f"{topic} Q0 {document} {rank} {1 / rank:.6f} {TAG}" for rank, document in ranked
            )

    def write(self) -> None:
        """Writes the files. Raises `QuestionFileError` when one cannot be written."""
        for name, lines in self._lines.items():
            path = self._folder / name
            try:
                path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8", newline="\n")
            except OSError as error:
                raise QuestionFileError(f"{path} cannot be written: {error.strerror}.", advice="Free it.") from error

    def _relevant(self, question: GoldQuestion) -> Iterator[str]:
        """Yields the sentences that match a gold quotation, as a citation of them would."""
        for quotation in (quotation for fact in question.evidence for quotation in fact):
            yield from self._matching(quotation)

    def _matching(self, gold: GoldQuote) -> Iterator[str]:
        for held in self._sources.transcripts():
            page = self._sources.transcript_page(held.id) if PurePath(held.source).name == gold.source else None
            for sentence in page.sentences if page else ():
                if quotes_match(sentence.text, gold.quote):
                    yield _sentence_id(held.id, sentence.id)


def _cited_facts(question: GoldQuestion, citations: Sequence[Citation]) -> Iterator[str]:
    """Yields the facts that each citation states, and for one that states none its own number."""
    for citation in citations:
        stated = [
            _fact_id(number)
            for number, fact in enumerate(question.evidence)
            if any(is_cited(quotation, [citation]) for quotation in fact)
        ]
        yield from stated or [f"other-{citation.number}"]


def _fact_id(number: int) -> str:
    return f"fact-{number + 1}"


def _sentence_id(transcript_id: str, sentence_id: str) -> str:
    return f"{_encoded(transcript_id)}#{sentence_id}"


def _encoded(name: str) -> str:
    return quote(name, safe="/")
