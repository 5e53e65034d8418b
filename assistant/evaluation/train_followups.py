"""Fits the two models of follow-up questions to conversations whose stand-alone questions are known.

    python -m assistant.evaluation.train_followups SET [--held-back SOURCE ...] [--output FILE]

SET is a folder as `assistant.evaluation.followups` reads it. Conversations most of whose evidence lies in the sources
held back are left out. It needs scikit-learn (`pip install '.[train]'`).
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from assistant.evaluation.followups import GoldTurn, TurnSet
from assistant.question.antecedents import MODEL_FILE, EarlierTurn, candidates, followup_features
from assistant.question.conversation import is_courtesy
from assistant.question.parsing import ParsedTurn, parse
from assistant.question.scope import Corpus
from assistant.question.vocabulary_files import data_folder, read_words

OUTPUT = Path(__file__).parents[1] / "data" / MODEL_FILE
MIN_SHARE_IN_GOLD = 0.5  # share of a phrase's new words in the gold form, from which it is referred to
STRENGTH = 1.0  # the inverse of the regularisation

Features = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class FollowUpExample:
    """The features of a question or a phrase, and whether it is a follow-up, or referred to."""

    features: Features
    holds: bool


@dataclass(frozen=True)
class GoldConversations:
    """Turns with the gold forms of the turns before them."""

    turns: Sequence[GoldTurn]
    corpus: Corpus
    stopwords: frozenset[str]

    def followup_examples(self) -> Iterator[FollowUpExample]:
        """Yields an example for each turn that asks something."""
        for turn in self.turns:
            if not is_courtesy(turn.question):
                features = followup_features(self._parsed(turn.question), self._history(turn))
                yield FollowUpExample(features, holds=not turn.is_complete)

    def antecedent_examples(self) -> Iterator[FollowUpExample]:
        """Yields an example for each phrase that a follow-up may refer to."""
        for turn in self.turns:
            if turn.is_complete:
                continue
            gold = self._parsed(turn.standalone).stems
            asked = self._parsed(turn.question)
            for candidate in candidates(asked, self._history(turn)):
                new = candidate.stems - asked.stems
                yield FollowUpExample(candidate.features, holds=len(new & gold) / len(new) >= MIN_SHARE_IN_GOLD)

    def _history(self, turn: GoldTurn) -> list[EarlierTurn]:
        gold = {(*(said.text for said in other.history), other.question): other.standalone for other in self.turns}
        texts = [said.text for said in turn.history]
        return [
            EarlierTurn(self._parsed(gold.get(tuple(texts[: place + 1]), texts[place])), self._parsed(texts[place + 1]))
            for place in range(0, len(texts), 2)
        ]

    def _parsed(self, text: str) -> ParsedTurn:
        return parse(text, self.corpus, self.stopwords)


def fit(examples: Sequence[FollowUpExample]) -> dict[str, float]:
    """Fits a logistic regression and returns its weights by feature."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LogisticRegression

    vectorizer = DictVectorizer()
    model = LogisticRegression(C=STRENGTH, max_iter=5000, fit_intercept=False)
    model.fit(
        vectorizer.fit_transform([example.features for example in examples]), [example.holds for example in examples]
    )
    return {
        name: round(float(weight), 3) for name, weight in zip(vectorizer.feature_names_, model.coef_[0], strict=True)
    }


def is_held_back(turn: GoldTurn, turns: Sequence[GoldTurn], sources: Sequence[str]) -> bool:
    """Whether most of the evidence of a turn's conversation lies in some sources."""
    first = turn.history[0].text
    found = Counter(
        any(quote.source.startswith(source) for source in sources)
        for other in turns
        if other.history[0].text == first
        for fact in other.evidence
        for quote in fact
    )
    return found[True] > found[False]


def main(
    folder: Annotated[Path, typer.Argument(metavar="SET", exists=True, file_okay=False)],
    held_back: Annotated[list[str], typer.Option(metavar="SOURCE", help="Start of the names of some sources.")] = [],  # noqa: B006
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the models to.")] = OUTPUT,
) -> None:
    """Fit the models of follow-up questions to a question set, a folder with sources/ and questions.jsonl."""
    found = TurnSet.read(folder)
    turns = [turn for turn in found.turns if not is_held_back(turn, found.turns, held_back)]
    gold = GoldConversations(turns, found.corpus, read_words(data_folder() / "stopwords.txt"))
    models = {"antecedent": fit(list(gold.antecedent_examples())), "followup": fit(list(gold.followup_examples()))}
    output.write_text(json.dumps(models, indent=1) + "\n", encoding="utf-8")
    typer.echo(f"Wrote {output}, fitted to {len(turns)} turns.")


if __name__ == "__main__":
    typer.run(main)
