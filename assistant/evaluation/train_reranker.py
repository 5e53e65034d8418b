"""Fits the relevance model to question sets, and says how well it does on questions it has not seen.

    python -m assistant.evaluation.train_reranker SET [SET …]        each SET holds sources/ and questions.jsonl

Not needed to run the assistant: it is how `data/reranker.json` was made, and how to make another. Each set is seen
three ways, so that what is learned holds for collections of every size: whole; as small collections of a few of its
files; and cut into short pieces of which a question's scope allows one or a few. A question whose evidence lies
outside is unanswerable there.
"""

from __future__ import annotations

import json
import random
import re
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assistant.chain import Chain, open_chain
from assistant.question.conversation import Turn
from assistant.retrieval.features import FEATURES
from assistant.retrieval.selection import best_set
from index.build import ensure_index
from index.embedding.models import open_embedder
from index.published.open import OpenIndex

# What can only speak for a sentence, or against it.
FOR = ("cosine", "coverage", "passage_coverage", "kind_given", "lexical_share")
AGAINST = (
    "negation_missing", "number_missing", "name_missing", "name_missing_in_passage", "kind_missing", "unknown",
    "rarest_missing", "missing",
)  # fmt: skip
SEED = 7
FOLDS = 5
TREES = {"max_iter": 150, "learning_rate": 0.06, "max_leaf_nodes": 12, "min_samples_leaf": 60, "l2_regularization": 5}
PARAGRAPHS = 6  # of a piece
FEW = (1, 1, 2, 3, 8, 25)  # files of the small collections
WEIGHT = {"whole": 1.0, "few": 0.5, "pieces": 0.5}

Gold = list[list[dict[str, str]]]


@dataclass(frozen=True, slots=True)
class Example:
    """One question over one collection: signals (n, s), lengths (n,), and which facts each of n sentences holds."""

    group: str  # questions of one group are never both fitted to and measured on
    view: str
    signals: NDArray[np.float32]
    lengths: NDArray[np.float32]
    holds: NDArray[np.bool_]  # (n, facts)
    facts: int  # facts asked for, found among the candidates or not; 0 for an unanswerable question

    @property
    def wanted(self) -> NDArray[np.bool_]:
        """Which sentences hold any fact: (n,)."""
        return np.asarray(self.holds.any(axis=1), dtype=np.bool_)


def examples(folder: Path, opened: Callable[[Path], OpenIndex], draw: random.Random) -> Iterator[Example]:
    """Every example of one set."""
    lines = (folder / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line) for line in lines if line.strip()]
    files = sorted((folder / "sources").iterdir())
    yield from _of_view(folder.name, "whole", questions, folder / "sources", opened)
    with tempfile.TemporaryDirectory() as name:
        for number, count in enumerate(FEW * 3):
            few = Path(name, f"few-{number}")
            _write(few, {file.name: file.read_text("utf-8") for file in draw.sample(files, min(count, len(files)))})
            near = [question for question in questions if _inside(question, few)]
            others = draw.sample(questions, min(len(questions), 10 + len(near) // 2))
            yield from _of_view(folder.name, "few", [*draw.sample(near, min(60, len(near))), *others], few, opened)
        pieces = Path(name, "pieces")
        _write(pieces, {key: text for file in files for key, text in _pieces(file)})
        asked = draw.sample(questions, min(600, len(questions)))
        yield from _of_view(folder.name, "pieces", asked, pieces, opened, draw)


def _of_view(
    name: str,
    view: str,
    questions: Sequence[dict[str, Any]],
    sources: Path,
    opened: Callable[[Path], OpenIndex],
    draw: random.Random | None = None,
) -> Iterator[Example]:
    """Examples over one collection; with `draw`, each question is limited to one to three of its transcripts."""
    index = opened(sources)
    chain = open_chain(index, open_embedder(), length=10_000)
    for question in questions:
        gold: Gold = question["evidence"] if question["answerable"] and _inside(question, sources) else []
        places = _some_places(index, gold, draw) if draw else None
        example = _example(chain, question, gold, places)
        if example is not None:
            yield Example(f"{name} {question['id']}", view, *example)


def _example(
    chain: Chain, question: dict[str, Any], gold: Gold, places: tuple[int, ...] | None
) -> tuple[NDArray[np.float32], NDArray[np.float32], NDArray[np.bool_], int] | None:
    turns = [Turn(turn["role"], turn["text"]) for turn in question.get("history") or ()]
    signals, texts = chain.features(chain.understand(question["question"], turns), places)
    if not len(texts):
        return None
    holds = np.array([[_is_in(text, fact) for fact in gold] for text in texts], dtype=bool).reshape(len(texts), -1)
    return signals, np.array([len(text) for text in texts], dtype=np.float32), holds, len(gold)


def _is_in(text: str, fact: Sequence[dict[str, str]]) -> bool:
    flat = " ".join(text.split())
    quotes = [" ".join(entry["quote"].split()) for entry in fact]
    return any(quote in flat or (flat in quote and len(flat) >= len(quote) / 2) for quote in quotes)


def _inside(question: dict[str, Any], sources: Path) -> bool:
    """Whether every fact's evidence lies in a folder: its file, or a piece of it."""
    held = {path.name.split("~")[0] for path in sources.iterdir()}
    return bool(question["evidence"]) and all(
        any(entry["source"] in held for entry in fact) for fact in question["evidence"]
    )


def _some_places(index: OpenIndex, gold: Gold, draw: random.Random) -> tuple[int, ...]:
    """One to three transcripts: the one that holds the first fact, if any, and others drawn."""
    transcripts = index.generation.transcripts
    quote = " ".join(gold[0][0]["quote"].split()) if gold else None
    name = Path(gold[0][0]["source"]).name if gold else ""
    home = [
        place
        for place, transcript in enumerate(transcripts)
        if quote and transcript.source.startswith(name) and quote in _flat(index, transcript.id)
    ]
    return tuple(sorted({*home[:1], *draw.sample(range(len(transcripts)), draw.choice((1, 1, 2)))}))


def _flat(index: OpenIndex, transcript_id: str) -> str:
    transcript = index.transcript(transcript_id)
    return " ".join(transcript.text.split()) if transcript else ""


def _pieces(file: Path) -> Iterator[tuple[str, str]]:
    title, *paragraphs = [part for part in re.split(r"\n\s*\n", file.read_text("utf-8")) if part.strip()]
    for number, start in enumerate(range(0, len(paragraphs), PARAGRAPHS)):
        yield f"{file.name}~{number}.txt", "\n\n".join([title, *paragraphs[start : start + PARAGRAPHS]])


def _write(folder: Path, files: dict[str, str]) -> None:
    folder.mkdir()
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")


def fit(fitted: Sequence[Example]) -> Any:  # noqa: ANN401  # scikit-learn publishes no types
    """A monotone boosted forest, each set and view counting alike however many questions it has."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    kinds = [(example.group.split()[0], example.view) for example in fitted]
    shares = [WEIGHT[kind[1]] * 600.0 / max(kinds.count(kind), 250) for kind in kinds]
    weights = np.concatenate(
        [np.full(len(example.lengths), share) for example, share in zip(fitted, shares, strict=True)]
    )
    forced = [1 if name in FOR else -1 if name in AGAINST else 0 for name in FEATURES]
    model = HistGradientBoostingClassifier(random_state=SEED, monotonic_cst=forced, **TREES)
    model.fit(
        np.vstack([example.signals for example in fitted]),
        np.concatenate([example.wanted for example in fitted]),
        sample_weight=weights,
    )
    return model


def as_json(model: Any) -> dict[str, Any]:  # noqa: ANN401
    """The forest as plain numbers, as `Relevance.from_json` reads it."""
    flat: dict[str, Any] = {"roots": [], "signal": [], "threshold": [], "below": [], "above": [], "value": []}
    for (tree,) in model._predictors:  # noqa: SLF001  # scikit-learn has no public way to read a fitted forest
        base = len(flat["signal"])
        flat["roots"].append(base)
        for node in tree.nodes:
            leaf = bool(node["is_leaf"])
            flat["signal"].append(-1 if leaf else int(node["feature_idx"]))
            flat["threshold"].append(0.0 if leaf else float(node["num_threshold"]))
            flat["below"].append(0 if leaf else base + int(node["left"]))
            flat["above"].append(0 if leaf else base + int(node["right"]))
            flat["value"].append(round(float(node["value"]), 6) if leaf else 0.0)
    baseline = float(np.ravel(model._baseline_prediction)[0])  # noqa: SLF001
    return {"signals": list(FEATURES), "baseline": baseline, **flat}


def cross_validated(every: Sequence[Example], draw: random.Random) -> dict[tuple[str, str], list[str]]:
    """Evidence F1 and balanced refusal at several floors, by set and view, each question left out when fitted to."""
    groups = sorted({example.group for example in every})
    draw.shuffle(groups)
    fold = {group: number % FOLDS for number, group in enumerate(groups)}
    seen: list[tuple[Example, NDArray[np.float32]]] = []
    for number in range(FOLDS):
        model = fit([example for example in every if fold[example.group] != number])
        left_out = [example for example in every if fold[example.group] == number]
        chances = [model.predict_proba(example.signals)[:, 1].astype(np.float32) for example in left_out]
        seen += zip(left_out, chances, strict=True)
    kinds = sorted({(example.group.split()[0], example.view) for example in every})
    return {kind: [_measured(kind, seen, floor) for floor in (0.15, 0.2, 0.25, 0.3)] for kind in kinds}


def _measured(kind: tuple[str, str], seen: Sequence[tuple[Example, NDArray[np.float32]]], floor: float) -> str:
    found: list[float] = []
    right: list[bool] = []
    wrong: list[bool] = []
    for example, chance in seen:
        if (example.group.split()[0], example.view) != kind:
            continue
        places, expected = best_set(chance, example.lengths)
        if example.facts:
            wrong.append(expected < floor)
            found.append(0.0 if expected < floor else _f1(example, places))
        else:
            right.append(expected < floor)
    balanced = (np.mean(right) + 1 - np.mean(wrong)) / 2 if right and wrong else float("nan")
    return f"{floor:.2f}: f1 {np.mean(found):.3f} balanced {balanced:.3f}"


def _f1(example: Example, places: Sequence[int]) -> float:
    got = example.holds[list(places)].any(axis=0)
    recall = float(got.sum()) / example.facts
    useful = sum(float(example.lengths[example.holds[:, fact]].max()) for fact in np.flatnonzero(got))
    precision = min(1.0, useful / float(example.lengths[list(places)].sum()))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def main(folders: Sequence[str]) -> None:
    """Fit to the sets in these folders, print what it is worth, and write the data file."""
    draw = random.Random(SEED)  # noqa: S311  # a sample, not a secret
    embedder = open_embedder()
    with tempfile.TemporaryDirectory() as name:
        number = iter(range(10_000))
        every = [
            example
            for folder in folders
            for example in examples(
                Path(folder), lambda sources: ensure_index(sources, Path(name, str(next(number))), embedder), draw
            )
        ]
    for kind, lines in cross_validated(every, draw).items():
        sys.stdout.write(f"{' '.join(kind)} (left out when fitted): {'; '.join(lines)}\n")
    target = Path(__file__).parents[1] / "data" / "reranker.json"
    target.write_text(json.dumps(as_json(fit(every))) + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {target.name}, fitted to {len(every)} examples\n")


if __name__ == "__main__":
    main(sys.argv[1:])
