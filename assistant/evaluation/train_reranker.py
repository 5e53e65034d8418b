"""Trains the reranker and measures it on questions that were left out of the fitting.

    python -m assistant.evaluation.train_reranker SET [SET ...] [--output FILE]

Each SET is a folder with `sources/` and `questions.jsonl`, a gold file. Answering questions does not need this module;
it needs scikit-learn (`pip install '.[train]'`). So that the reranker works for collections of every size, each set is
used in three views: whole; as small collections of a few of its files; and cut into short pieces, of which each
question searches one to three. A question whose evidence lies outside the collection is unanswerable there.
"""

from __future__ import annotations

import json
import random
import re
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
from assistant.evaluation.metrics import GoldQuestion, GoldQuote, normalise_spaces, quotes_match, read_gold
from assistant.retrieval.features import FEATURES
from assistant.retrieval.selection import best_set
from index.build import ensure_index
from index.embedding.models import Embedder, open_embedder
from index.published.open import OpenIndex

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

# Features that may only raise, or only lower, the probability of a sentence: the fitting is constrained so.
RAISING = ("cosine", "coverage", "passage_coverage", "kind_given", "lexical_share")
LOWERING = (
    "negation_missing", "number_missing", "name_missing", "name_missing_in_passage", "kind_missing", "unknown",
    "rarest_missing", "missing",
)  # fmt: skip
SEED = 7
FOLDS = 5
FLOORS = (0.15, 0.2, 0.25, 0.3)  # of the expected F1, at which the held-out questions are measured
TREES = 150
TREE_OPTIONS = {"learning_rate": 0.06, "max_leaf_nodes": 12, "min_samples_leaf": 60, "l2_regularization": 5}
PARAGRAPHS_PER_PIECE = 6
SMALL_COLLECTION_SIZES = (1, 1, 2, 3, 8, 25) * 3  # in files
MAX_SMALL_COLLECTION_QUESTIONS = 60  # answerable ones
MAX_PIECES_QUESTIONS = 600
VIEW_WEIGHTS = {"whole": 1.0, "few": 0.5, "pieces": 0.5}
OUTPUT = Path(__file__).parents[1] / "data" / "reranker.json"

View = Literal["whole", "few", "pieces"]
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
    """A folder of sources and gold questions. Indexes of its views are built in `workspace`, which must exist."""

    folder: Path
    workspace: Path
    embedder: Embedder
    draw: random.Random

    def examples(self, small_sizes: Sequence[int] = SMALL_COLLECTION_SIZES) -> Iterator[Example]:
        """Yields the examples of every view; `small_sizes` are the sizes of the small collections, in files."""
        questions = read_gold(self.folder / "questions.jsonl")
        files = sorted((self.folder / "sources").iterdir())
        yield from self._examples("whole", questions, self.folder / "sources")
        for size in small_sizes:
            sample = self.draw.sample(files, min(size, len(files)))
            sources = self._write({file.name: file.read_text("utf-8") for file in sample})
            yield from self._examples("few", self._sample_questions(questions, sources), sources)
        sources = self._write({name: text for file in files for name, text in _pieces(file)})
        count = min(MAX_PIECES_QUESTIONS, len(questions))
        yield from self._examples("pieces", self.draw.sample(questions, count), sources)

    def _sample_questions(self, questions: Sequence[GoldQuestion], sources: Path) -> list[GoldQuestion]:
        """Samples questions that the collection answers, half as many of all questions, and ten more of all."""
        answerable = [question for question in questions if _is_within(question, sources)]
        others = self.draw.sample(questions, min(len(questions), 10 + len(answerable) // 2))
        return [*self.draw.sample(answerable, min(MAX_SMALL_COLLECTION_QUESTIONS, len(answerable))), *others]

    def _examples(self, view: View, questions: Sequence[GoldQuestion], sources: Path) -> Iterator[Example]:
        folder = Path(tempfile.mkdtemp(dir=self.workspace))
        with closing(ensure_index(sources, folder, self.embedder)) as index:
            chain = open_chain(index, self.embedder, length=10_000)
            for question in questions:
                evidence = question.evidence if question.answerable and _is_within(question, sources) else ()
                transcripts = self._sample_transcripts(index, evidence) if view == "pieces" else None
                understood = chain.understand(question.question, question.history)
                features, texts = chain.features(understood, transcripts)
                if not texts:
                    continue
                yield Example(
                    dataset=self.folder.name,
                    group=f"{self.folder.name} {question.id}",
                    view=view,
                    features=features,
                    lengths=np.array([len(text) for text in texts], dtype=np.float32),
                    states=_states(texts, evidence),
                )

    def _sample_transcripts(self, index: OpenIndex, evidence: Evidence) -> tuple[int, ...]:
        """Samples one to three transcripts: the one with the first fact, if any, and others; as places in the index."""
        count = len(index.generation.transcripts)
        others = self.draw.choice((1, 1, 2))
        sampled = self.draw.sample(range(count), min(others, count))
        return tuple(sorted({*(_with_quote(index, evidence[0][0]) if evidence else []), *sampled}))

    def _write(self, texts: dict[str, str]) -> Path:
        folder = Path(tempfile.mkdtemp(dir=self.workspace))
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
        return folder


def _states(texts: Sequence[str], evidence: Evidence) -> NDArray[np.bool_]:
    rows = [[any(quotes_match(text, quote.quote) for quote in fact) for fact in evidence] for text in texts]
    return np.array(rows, dtype=np.bool_).reshape(len(texts), len(evidence))


def _is_within(question: GoldQuestion, sources: Path) -> bool:
    """Whether the folder has a source of every fact, or a piece of it."""
    names = {path.name.split("~")[0] for path in sources.iterdir()}
    return bool(question.evidence) and all(any(quote.source in names for quote in fact) for fact in question.evidence)


def _with_quote(index: OpenIndex, quote: GoldQuote) -> list[int]:
    """The place of the first transcript that contains a quotation, if there is one."""
    for place, facts in enumerate(index.generation.transcripts):
        if facts.source.startswith(quote.source):
            transcript = index.transcript(facts.id)
            if transcript and normalise_spaces(quote.quote) in normalise_spaces(transcript.text):
                return [place]
    return []


def _pieces(file: Path) -> Iterator[tuple[str, str]]:
    """Yields the name and text of each piece of a source: its title and some paragraphs."""
    title, *paragraphs = [part for part in re.split(r"\n\s*\n", file.read_text("utf-8")) if part.strip()]
    for number, start in enumerate(range(0, len(paragraphs), PARAGRAPHS_PER_PIECE)):
        yield f"{file.name}~{number}.txt", "\n\n".join([title, *paragraphs[start : start + PARAGRAPHS_PER_PIECE]])


def fit(examples: Sequence[Example], trees: int) -> HistGradientBoostingClassifier:
    """Fits a monotone forest of boosted trees. Sets and views weigh alike, however many questions each has."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    kinds = [(example.dataset, example.view) for example in examples]
    shares = [VIEW_WEIGHTS[view] * 600.0 / max(kinds.count((dataset, view)), 250) for dataset, view in kinds]
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


def cross_validate(examples: Sequence[Example], trees: int, draw: random.Random) -> list[HeldOutQuestion]:
    """Fits to all folds but one and measures on that one, for each fold. All examples of a question share a fold."""
    groups = sorted({example.group for example in examples})
    draw.shuffle(groups)
    fold_of = {group: number % FOLDS for number, group in enumerate(groups)}
    held_out: list[HeldOutQuestion] = []
    for fold in range(FOLDS):
        model = fit([example for example in examples if fold_of[example.group] != fold], trees)
        for example in examples:
            if fold_of[example.group] == fold:
                probabilities = model.predict_proba(example.features)[:, 1].astype(np.float32)
                chosen, expected_f1 = best_set(probabilities, example.lengths)
                held_out.append(HeldOutQuestion(example, expected_f1, _f1(example, chosen)))
    return held_out


def report(held_out: Sequence[HeldOutQuestion]) -> Iterator[str]:
    """Yields a line for each set and view: evidence F1 and balanced refusal at several floors."""
    for dataset, view in sorted({(question.example.dataset, question.example.view) for question in held_out}):
        selected = [q for q in held_out if (q.example.dataset, q.example.view) == (dataset, view)]
        yield f"{dataset} {view} (held out): {'; '.join(_at_floor(selected, floor) for floor in FLOORS)}"


def _at_floor(held_out: Sequence[HeldOutQuestion], floor: float) -> str:
    """Evidence F1 and balanced refusal when questions with an expected F1 below the floor are refused."""
    f1 = [question.f1 * (question.expected_f1 >= floor) for question in held_out if question.example.facts]
    wrongly = [question.expected_f1 < floor for question in held_out if question.example.facts]
    rightly = [question.expected_f1 < floor for question in held_out if not question.example.facts]
    balanced = (np.mean(rightly) + 1 - np.mean(wrongly)) / 2 if rightly and wrongly else float("nan")
    return f"{floor:.2f}: f1 {np.mean(f1):.3f} balanced {balanced:.3f}"


def _f1(example: Example, chosen: Sequence[int]) -> float:
    if not example.facts or not chosen:
        return 0.0
    stated = example.states[list(chosen)].any(axis=0)
    recall = float(stated.sum()) / example.facts
    useful = sum(float(example.lengths[example.states[:, fact]].max()) for fact in np.flatnonzero(stated))
    precision = min(1.0, useful / float(example.lengths[list(chosen)].sum()))
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def load_examples(
    folders: Sequence[Path],
    embedder: Embedder,
    draw: random.Random,
    small_sizes: Sequence[int] = SMALL_COLLECTION_SIZES,
) -> list[Example]:
    """Returns the examples of the sets in these folders."""
    examples: list[Example] = []
    for folder in folders:
        with tempfile.TemporaryDirectory() as workspace:
            examples += TrainingSet(folder, Path(workspace), embedder, draw).examples(small_sizes)
    return examples


def train(examples: Sequence[Example], output: Path, draw: random.Random, trees: int = TREES) -> Iterator[str]:
    """Measures by cross-validation, fits to all examples and writes the forest as JSON. Yields what to print."""
    yield from report(cross_validate(examples, trees, draw))
    output.write_text(json.dumps(forest_data(fit(examples, trees))) + "\n", encoding="utf-8")
    yield f"Wrote {output}, fitted to {len(examples)} examples."


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="SET...", exists=True, file_okay=False)],
    output: Annotated[Path, typer.Option(metavar="FILE", help="File to write the forest to.")] = OUTPUT,
) -> None:
    """Train the reranker on question sets, each a folder with sources/ and questions.jsonl."""
    draw = random.Random(SEED)  # noqa: S311  # a sample, not a secret
    for line in train(load_examples(folders, open_embedder(), draw), output, draw):
        typer.echo(line)


if __name__ == "__main__":
    typer.run(main)
