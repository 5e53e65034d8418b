"""Measures how follow-up questions are completed, on conversations whose stand-alone questions are known.

    python -m assistant.evaluation.followups SET [SET ...]

Each SET is a folder with `sources/` and `questions.jsonl`, a gold file whose lines have `history` and `standalone`, the
question as it should be understood. A stand-alone form is compared with the gold one by the forces and periods it
names and by its other content words, and by where it ranks a sentence of the evidence among all sentences of the
sources, each embedded behind the title of its source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from statistics import fmean
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import open_lines, read_records
from assistant.evaluation.metrics import GoldQuestion, normalise_spaces, quotes_match
from assistant.question.conversation import Turn, standalone
from assistant.question.scope import Corpus
from assistant.question.vocabulary_files import data_folder, read_words
from index.embedding.embedder import Embedder
from index.embedding.models import open_embedder
from index.readers.read import read
from index.sources.dates import find_periods
from index.sources.files import discover
from index.text.sentences import split_sentences
from index.text.transcript import Transcript
from index.text.words import stem, words

DEPTHS = (1, 5, 10)  # ranks at which the evidence counts as found
Rewriter = Callable[[str, Sequence[Turn]], str]


class GoldTurn(GoldQuestion):
    """A turn of a conversation with the question as it should be understood; empty for the first turn."""

    standalone: str = ""

    @property
    def is_complete(self) -> bool:
        """Whether the question already stands alone."""
        return self.standalone == self.question


@dataclass(frozen=True)
class TurnSet:
    """The later turns of some conversations, and the transcripts they are about."""

    turns: Sequence[GoldTurn]
    transcripts: Sequence[Transcript]

    @classmethod
    def read(cls, folder: Path) -> TurnSet:
        """Reads a folder. Raises `QuestionFileError` at the first bad line."""
        turns: list[GoldTurn] = []
        name = str(folder / "questions.jsonl")
        with open_lines(name) as lines:
            for line in read_records(lines, name, GoldTurn):
                if isinstance(line, QuestionFileError):
                    raise line
                turns += [line] if line.standalone else []
        return cls(turns, [read(source) for source in discover(folder / "sources")])

    @cached_property
    def corpus(self) -> Corpus:
        """The metadata of the transcripts."""
        return Corpus.of([transcript.metadata for transcript in self.transcripts])


@dataclass(frozen=True, slots=True)
class TurnScore:
    """How near a stand-alone form is to the gold one: shares from 0 to 1."""

    turn: GoldTurn
    form: str
    forces: bool  # whether it names the same forces
    periods: bool
    topic_recall: float  # share of the gold form's content words
    topic_precision: float


def score_turns(turns: Sequence[GoldTurn], corpus: Corpus, rewrite: Rewriter) -> list[TurnScore]:
    """Rewrites each turn and compares it with its gold form."""
    stopwords = read_words(data_folder() / "stopwords.txt")
    return [_score(turn, rewrite(turn.question, turn.history), corpus, stopwords) for turn in turns]


def _score(turn: GoldTurn, form: str, corpus: Corpus, stopwords: frozenset[str]) -> TurnScore:
    gold, own = _topic(turn.standalone, corpus, stopwords), _topic(form, corpus, stopwords)
    shared = len(gold & own)
    return TurnScore(
        turn,
        form,
        forces=_forces(form, corpus) == _forces(turn.standalone, corpus),
        periods=_periods(form) == _periods(turn.standalone),
        topic_recall=shared / len(gold) if gold else 1.0,
        topic_precision=shared / len(own) if own else 1.0,
    )


def _forces(text: str, corpus: Corpus) -> frozenset[str]:
    return frozenset(force for mention in corpus.gazetteer.find(text) for force in mention.forces)


def _periods(text: str) -> frozenset[str]:
    return frozenset(mention.period.label for mention in find_periods(text))


def _topic(text: str, corpus: Corpus, stopwords: frozenset[str]) -> frozenset[str]:
    """The stems of a text's words that are no function words and name no force or year."""
    spans = [(mention.start, mention.end) for mention in corpus.gazetteer.find(text)]
    spans += [(mention.start, mention.end) for mention in find_periods(text)]
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    return frozenset(stem(word) for word in words(text) if word not in stopwords)


@dataclass(frozen=True)
class SentenceRanker:
    """Ranks all sentences of some transcripts by their cosine with a question."""

    embedder: Embedder
    sources: Sequence[str]
    sentences: Sequence[str]
    vectors: NDArray[np.float32]  # (n, dimension)

    @classmethod
    def of(cls, transcripts: Sequence[Transcript], embedder: Embedder) -> SentenceRanker:
        """Embeds each sentence behind the title of its transcript."""
        found = [(text, sentence.text) for text in transcripts for sentence in split_sentences(text)]
        vectors = embedder.encode([f"{text.title.rstrip('.')}. {normalise_spaces(said)}" for text, said in found])
        return cls(embedder, [text.source for text, _ in found], [said for _, said in found], vectors)

    def ranks(self, turns: Sequence[GoldTurn], forms: Sequence[str]) -> list[int]:
        """The rank, from 1, of the first sentence of each turn's evidence."""
        scores = self.embedder.encode(forms) @ self.vectors.T
        return [self._rank(turn, row) for turn, row in zip(turns, scores, strict=True)]

    def _rank(self, turn: GoldTurn, scores: NDArray[np.float32]) -> int:
        quotes = [quote for fact in turn.evidence for quote in fact]
        best = max(
            (
                float(scores[place])
                for place, (source, sentence) in enumerate(zip(self.sources, self.sentences, strict=True))
                for quote in quotes
                if source == quote.source and quotes_match(sentence, quote.quote)
            ),
            default=-1.0,
        )
        return int((scores > best).sum()) + 1


def report(scores: Sequence[TurnScore], ranker: SentenceRanker) -> Iterator[str]:
    """Yields the measures of follow-ups and of complete questions, a line each."""
    yield _line_of_complete([score for score in scores if score.turn.is_complete])
    yield _line_of_followups([score for score in scores if not score.turn.is_complete])
    yield from _lines_of_retrieval([score for score in scores if score.turn.evidence], ranker)


def _line_of_complete(complete: Sequence[TurnScore]) -> str:
    unchanged = fmean(score.form == score.turn.question for score in complete) if complete else float("nan")
    return f"complete questions unchanged: {unchanged:.3f} of {len(complete)}"


def _line_of_followups(followups: Sequence[TurnScore]) -> str:
    return (
        f"follow-ups ({len(followups)}): forces {fmean(score.forces for score in followups):.3f},"
        f" periods {fmean(score.periods for score in followups):.3f},"
        f" topic recall {fmean(score.topic_recall for score in followups):.3f},"
        f" topic precision {fmean(score.topic_precision for score in followups):.3f}"
    )


def _lines_of_retrieval(answerable: Sequence[TurnScore], ranker: SentenceRanker) -> Iterator[str]:
    """Yields, for each form of the questions, how far down their evidence is found."""
    turns = [score.turn for score in answerable]
    forms = {
        "bare question": [turn.question for turn in turns],
        "rewritten": [score.form for score in answerable],
        "gold": [turn.standalone for turn in turns],
    }
    for name, texts in forms.items():
        ranks = ranker.ranks(turns, texts)
        at = ", ".join(f"@{depth} {fmean(rank <= depth for rank in ranks):.3f}" for depth in DEPTHS)
        yield f"retrieval, {name} ({len(turns)}): {at}, mean reciprocal rank {fmean(1 / rank for rank in ranks):.3f}"


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="SET...", exists=True, file_okay=False)],
    *,
    each: Annotated[bool, typer.Option("--each", help="Print every turn with its forms.")] = False,
) -> None:
    """Measure how follow-ups are completed on question sets, each a folder with sources/ and questions.jsonl."""
    embedder = open_embedder()
    stopwords = read_words(data_folder() / "stopwords.txt")
    for folder in folders:
        found = TurnSet.read(folder)
        rewrite = partial(standalone, corpus=found.corpus, stopwords=stopwords)
        scores = score_turns(found.turns, found.corpus, rewrite)
        typer.echo(folder.name)
        for line in report(scores, SentenceRanker.of(found.transcripts, embedder)):
            typer.echo(f"  {line}")
        for score in scores if each else ():
            typer.echo(f"{score.turn.id}: {score.turn.question}\n  gold: {score.turn.standalone}\n  form: {score.form}")


if __name__ == "__main__":
    typer.run(main)
