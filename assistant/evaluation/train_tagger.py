"""Fits the part-of-speech tagger to tagged sentences and measures it on those that were left out.

    python -m assistant.evaluation.train_tagger FILE [--output FILE]

FILE has a sentence a line, each word followed by a slash and its tag. The model is an averaged perceptron (Collins
2002), fitted in a fixed order, so the same file gives the same model.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from assistant.question.tagger import MODEL_FILE, Tagger, features, form

PASSES = 4
SEED = 7
FOLDS = 5
MOST_FREQUENT = "NN"  # the tag of a word that nothing is known of
MIN_WEIGHT = 0.9  # smaller ones are left out of the file
OUTPUT = Path(__file__).parents[1] / "data" / MODEL_FILE

Tagged = Sequence[tuple[str, str]]
Weights = dict[str, dict[str, float]]


def read_tagged(path: Path) -> list[Tagged]:
    """Reads tagged sentences."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [[tuple(word.rsplit("/", 1)) for word in line.split()] for line in lines if line]  # type: ignore[misc]


def fit(sentences: Sequence[Tagged]) -> Weights:
    """Fits the weights, each the mean over all the steps of the fitting."""
    weights: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    behind: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    draw, step = random.Random(SEED), 1  # noqa: S311  # an order, not a secret
    shuffled = list(sentences)
    for _ in range(PASSES):
        draw.shuffle(shuffled)
        for sentence in shuffled:
            step = _learn(sentence, weights, behind, step)
    means = {
        feature: {tag: round(weight - behind[feature][tag] / step, 2) for tag, weight in by_tag.items()}
        for feature, by_tag in sorted(weights.items())
    }
    large = {
        feature: {tag: weight for tag, weight in sorted(by_tag.items()) if abs(weight) >= MIN_WEIGHT}
        for feature, by_tag in means.items()
    }
    return {feature: by_tag for feature, by_tag in large.items() if by_tag}


def _learn(
    sentence: Tagged, weights: dict[str, dict[str, float]], behind: dict[str, dict[str, float]], step: int
) -> int:
    """Tags one sentence and moves the weights of every wrong tag. Returns the next step."""
    written = [word for word, _ in sentence]
    forms = [form(word) for word in written]
    tags: list[str] = []
    for place, (_, right) in enumerate(sentence):
        found = features(written, forms, tags, place)
        guess = _guess(found, weights)
        tags.append(guess)
        for feature in found if guess != right else ():
            for tag, change in ((right, 1.0), (guess, -1.0)):
                weights[feature][tag] += change
                behind[feature][tag] += step * change
        step += 1
    return step


def _guess(found: Sequence[str], weights: dict[str, dict[str, float]]) -> str:
    scores: dict[str, float] = defaultdict(float)
    for feature in found:
        for tag, weight in weights.get(feature, {}).items():
            scores[tag] += weight
    return max(sorted(scores), key=lambda tag: scores[tag], default=MOST_FREQUENT)


def accuracy(tagger: Tagger, sentences: Sequence[Tagged]) -> float:
    """The share of words that the tagger tags as the sentences do."""
    pairs = [
        (token.tag, tag)
        for sentence in sentences
        for token, (_, tag) in zip(tagger.tag(" ".join(word for word, _ in sentence)), sentence, strict=True)
    ]
    return sum(given == right for given, right in pairs) / len(pairs)


def main(
    file: Annotated[Path, typer.Argument(metavar="FILE", exists=True, dir_okay=False)],
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the model to.")] = OUTPUT,
) -> None:
    """Fit the part-of-speech tagger to tagged sentences."""
    sentences = read_tagged(file)
    fold = len(sentences) // FOLDS
    left_out = accuracy(Tagger(fit(sentences[fold:])), sentences[:fold])
    typer.echo(f"Words tagged rightly in the first fifth, left out of the fitting: {left_out:.3f}")
    output.write_text(json.dumps(fit(sentences), separators=(",", ":")) + "\n", encoding="utf-8")
    typer.echo(f"Wrote {output}, fitted to {len(sentences)} sentences.")


if __name__ == "__main__":
    typer.run(main)
