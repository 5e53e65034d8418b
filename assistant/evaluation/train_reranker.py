"""Fits the reranker and measures it on question sets that were left out of all fitting.

    python -m assistant.evaluation.train_reranker SET [SET ...] [--adapters FOLDER] [--also SET] [--output FILE]

Each SET is a folder with `sources/` and `questions.jsonl`, a gold file. Answering questions does not need this module;
it needs scikit-learn (`pip install '.[train]'`). With `--adapters`, a set NAME is read with the adapter
`no-NAME.safetensors` of that folder, which `train_encoder` fitted without it, so that the reranker learns from scores
as they are on texts that the encoder has not seen. Sets that no encoder was fitted to are given with `--also`.

So that the reranker works for collections of every size, each question is asked three times: of the whole set, of the
documents that answer it, and of some that do not, where nothing answers it.
"""

from __future__ import annotations

import json
import random
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, TypedDict

import numpy as np
import typer
from numpy.typing import NDArray

from assistant.chain import open_chain
from assistant.evaluation.metrics import GoldQuote, quotes_match, read_gold
from assistant.lexicons import Lexicons
from assistant.retrieval.features import FEATURES
from assistant.retrieval.reranker import Reranker
from assistant.retrieval.selection import best_set
from index.build import ensure_index
from index.embedding.embedder import Embedder
from index.embedding.models import SentenceTransformerEmbedder

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

# Features that may only raise, or only lower, the probability of a sentence: the fitting is constrained so.
RAISING = ("score", "own", "coverage", "kind_given", "lexical_share", "cosine")
LOWERING = (
    "negation_missing",
    "number_missing",
    "name_missing",
    "name_missing_in_passage",
    "kind_missing",
    "unknown",
    "missing",
)
SEED = 7
FLOORS = (0.15, 0.2, 0.25, 0.3, 0.35, 0.4)  # of the expected F1, at which the left-out questions are measured
TREES = 250
TREE_OPTIONS = {"learning_rate": 0.04, "max_leaf_nodes": 10, "min_samples_leaf": 80, "l2_regularization": 5}
MAX_OTHER_DOCUMENTS = 3
VIEW_WEIGHTS = {"whole": 1.0, "answering": 0.5, "elsewhere": 0.3}
OUTPUT = Path(__file__).parents[1] / "data" / "reranker.json"

View = Literal["whole", "answering", "elsewhere"]
Evidence = Sequence[Sequence[GoldQuote]]


class ForestData(TypedDict):
    """The fitted forest as `Reranker.from_json` reads it: nodes of all trees in flat lists; `signal` -1 is a leaf."""

    signals: list[str]
    baseline: float
    roots: list[int]
    signal: list[int]
    threshold: list[float]
    below: list[int]
    above: list[int]
    value: list[float]


@dataclass(frozen=True, slots=True)
class Example:
    """The n candidates of one question in one collection. `group` keeps a question's examples in one fold."""

    dataset: str
    group: str
    view: View
    features: NDArray[np.float32]  # (n, len(FEATURES))
    lengths: NDArray[np.float32]  # (n,) in characters
    states: NDArray[np.bool_]  # (n, facts): whether a candidate states a fact; no facts for an unanswerable question

    @property
    def facts(self) -> int:
        """The number of facts the question asks for, found among the candidates or not."""
        return int(self.states.shape[1])


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """A folder of sources and gold questions, with the embedder that reads it. The index is built in `workspace`."""

    folder: Path
    workspace: Path
    embedder: Embedder
    draw: random.Random

    def examples(self) -> Iterator[Example]:
        """Yields the examples of every view."""
        with closing(ensure_index(self.folder / "sources", self.workspace, self.embedder)) as index:
            lexicons = Lexicons.load(reranker=Reranker.unfitted())
            chain = open_chain(index, self.embedder, length=10_000, lexicons=lexicons)
            place_of = {transcript.source: place for place, transcript in enumerate(index.generation.transcripts)}
            for gold in read_gold(self.folder / "questions.jsonl"):
                question = chain.understand(gold.question, gold.history, alone=gold.standalone)
                wanted = sorted({place_of[quote.source] for fact in gold.evidence for quote in fact})
                for view, places in self._views(wanted, len(place_of)):
                    features, texts = chain.features(question, places)
                    if texts:
                        evidence = () if view == "elsewhere" else gold.evidence
                        yield self._example(gold.id, view, features, texts, evidence)

    def _views(self, wanted: Sequence[int], count: int) -> Iterator[tuple[View, tuple[int, ...] | None]]:
        """Yields each view with the places of its documents; None stands for those in the question's scope."""
        yield "whole", None
        others = [place for place in range(count) if place not in wanted]
        some = self.draw.sample(others, min(len(others), self.draw.randint(0, MAX_OTHER_DOCUMENTS)))
        if wanted:
            yield "answering", tuple(sorted([*wanted, *some]))
        if others:
            yield "elsewhere", tuple(sorted(some or others[:1]))

    def _example(
        self, question: str, view: View, features: NDArray[np.float32], texts: Sequence[str], evidence: Evidence
    ) -> Example:
        return Example(
            dataset=self.folder.name,
            group=f"{self.folder.name} {question}",
            view=view,
            features=features,
            lengths=np.array([len(text) for text in texts], dtype=np.float32),
            states=_states(texts, evidence),
        )


def _states(texts: Sequence[str], evidence: Evidence) -> NDArray[np.bool_]:
    rows = [[any(quotes_match(text, quote.quote) for quote in fact) for fact in evidence] for text in texts]
    return np.array(rows, dtype=np.bool_).reshape(len(texts), len(evidence))


def fit(examples: Sequence[Example], trees: int) -> HistGradientBoostingClassifier:
    """Fits a monotone forest of boosted trees. Sets and views weigh alike, however many questions each has."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    kinds = [(example.dataset, example.view) for example in examples]
    shares = [VIEW_WEIGHTS[view] * 600.0 / max(kinds.count((dataset, view)), 100) for dataset, view in kinds]
    constraints = [1 if name in RAISING else -1 if name in LOWERING else 0 for name in FEATURES]
    model = HistGradientBoostingClassifier(max_iter=trees, random_state=SEED, monotonic_cst=constraints, **TREE_OPTIONS)
    model.fit(
        np.vstack([example.features for example in examples]),
        np.concatenate([example.states.any(axis=1) for example in examples]),
        sample_weight=np.repeat(shares, [len(example.lengths) for example in examples]),
    )
    return model


def forest_data(model: HistGradientBoostingClassifier) -> ForestData:
    """Returns the forest as plain numbers."""
    forest = ForestData(
        signals=list(FEATURES),
        baseline=float(np.ravel(model._baseline_prediction)[0]),  # noqa: SLF001  # no public way to read a forest
        roots=[], signal=[], threshold=[], below=[], above=[], value=[],
    )  # fmt: skip
    for (tree,) in model._predictors:  # noqa: SLF001
        base = len(forest["signal"])
        forest["roots"].append(base)
        for node in tree.nodes:
            leaf = bool(node["is_leaf"])
            forest["signal"].append(-1 if leaf else int(node["feature_idx"]))
            forest["threshold"].append(0.0 if leaf else float(node["num_threshold"]))
            forest["below"].append(0 if leaf else base + int(node["left"]))
            forest["above"].append(0 if leaf else base + int(node["right"]))
            forest["value"].append(round(float(node["value"]), 6) if leaf else 0.0)
    return forest


@dataclass(frozen=True, slots=True)
class HeldOutQuestion:
    """How well a model that was not fitted to a question answers it, and the F1 that the model expects."""

    example: Example
    expected_f1: float
    f1: float  # evidence F1 if it is shown; 0 for an unanswerable question


def leave_sets_out(examples: Sequence[Example], trees: int) -> list[HeldOutQuestion]:
    """Measures each set with a forest fitted to the others."""
    held_out: list[HeldOutQuestion] = []
    for dataset in sorted({example.dataset for example in examples}):
        model = fit([example for example in examples if example.dataset != dataset], trees)
        for example in examples:
            if example.dataset == dataset:
                probabilities = model.predict_proba(example.features)[:, 1].astype(np.float32)
                chosen, expected_f1 = best_set(probabilities, example.lengths)
                held_out.append(HeldOutQuestion(example, expected_f1, _f1(example, chosen)))
    return held_out


def report(held_out: Sequence[HeldOutQuestion]) -> Iterator[str]:
    """Yields a line for each set and view: evidence F1 and balanced refusal at several floors."""
    for dataset, view in sorted({(question.example.dataset, question.example.view) for question in held_out}):
        selected = [q for q in held_out if (q.example.dataset, q.example.view) == (dataset, view)]
        yield f"{dataset} {view} (left out): {'; '.join(_at_floor(selected, floor) for floor in FLOORS)}"


def _at_floor(held_out: Sequence[HeldOutQuestion], floor: float) -> str:
    """Evidence F1 and balanced refusal when questions with an expected F1 below the floor are refused."""
    f1 = [question.f1 * (question.expected_f1 >= floor) for question in held_out if question.example.facts]
    wrongly = [question.expected_f1 < floor for question in held_out if question.example.facts]
    rightly = [question.expected_f1 < floor for question in held_out if not question.example.facts]
    balanced = (np.mean(rightly) + 1 - np.mean(wrongly)) / 2 if rightly and wrongly else float("nan")
    mean = np.mean(f1) if f1 else float("nan")
    return f"{floor:.2f}: f1 {mean:.3f} balanced {balanced:.3f}"


def _f1(example: Example, chosen: Sequence[int]) -> float:
    if not example.facts or not chosen:
        return 0.0
    stated = example.states[list(chosen)].any(axis=0)
    recall = float(stated.sum()) / example.facts
    useful = sum(float(example.lengths[example.states[:, fact]].max()) for fact in np.flatnonzero(stated))
    precision = min(1.0, useful / float(example.lengths[list(chosen)].sum()))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def load_examples(folders: Sequence[Path], embedders: Sequence[Embedder]) -> list[Example]:
    """Returns the examples of the sets in these folders, each read with its embedder."""
    examples: list[Example] = []
    for folder, embedder in zip(folders, embedders, strict=True):
        draw = random.Random(f"{SEED} {folder.name}")  # noqa: S311  # a sample, not a secret
        with tempfile.TemporaryDirectory() as workspace:
            examples += TrainingSet(folder, Path(workspace), embedder, draw).examples()
    return examples


def train(examples: Sequence[Example], output: Path, trees: int = TREES) -> Iterator[str]:
    """Measures with each set left out, fits to all examples and writes the forest as JSON. Yields what to print."""
    if len({example.dataset for example in examples}) > 1:
        yield from report(leave_sets_out(examples, trees))
    output.write_text(json.dumps(forest_data(fit(examples, trees))) + "\n", encoding="utf-8")
    yield f"Wrote {output}, fitted to {len(examples)} examples."


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="SET...", exists=True, file_okay=False)],
    adapters: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Folder of adapters fitted without one set each.")
    ] = None,
    also: Annotated[
        list[Path] | None, typer.Option(metavar="SET", help="A set that the packaged adapter was not fitted to.")
    ] = None,
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the forest to.")] = OUTPUT,
) -> None:
    """Train the reranker on question sets, each a folder with sources/ and questions.jsonl."""
    embedders: list[Embedder] = [
        SentenceTransformerEmbedder(adapter=adapters / f"no-{folder.name}.safetensors" if adapters else None)
        for folder in folders
    ]
    others = also or []
    embedders += [SentenceTransformerEmbedder() for _ in others]
    for line in train(load_examples([*folders, *others], embedders), output):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
