"""Measures the whole assistant on question sets that were left out of all fitting.

    python -m tests.tools.leave_out SET [SET ...] --adapters FOLDER

For each SET, a folder with `sources/` and `questions.jsonl`, every question is asked of an assistant whose encoder is
`no-NAME.safetensors` of the folder of adapters, which `train_encoder` fitted to other sets, and whose reranker is
fitted to other sets here. Sets with the same adapter are left out of the reranker together. Further sets, which nothing
is fitted to, are passed with `--unseen`; they are asked with the packaged encoder and reranker.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from assistant.app import Assistant
from assistant.evaluation.metrics import Scores, evaluate, read_gold
from assistant.evaluation.train_reranker import TREES, Example, fit, forest_data, load_examples
from assistant.lexicons import Lexicons
from assistant.retrieval.reranker import Reranker
from assistant.settings import Settings
from index.embedding.embedder import Embedder
from index.embedding.models import SentenceTransformerEmbedder
from index.readers.read import read
from index.sources.files import SourceFile


def scores_of(folder: Path, embedder: Embedder, lexicons: Lexicons) -> Scores:
    """Asks every question of a set."""
    sources = folder / "sources"
    gold = read_gold(folder / "questions.jsonl")
    names = {quote.source for question in gold for fact in question.evidence for quote in fact}
    texts = {name: read(SourceFile(sources / name, name, "")).text for name in sorted(names)}

    def text_of(name: str) -> str:
        if name not in texts:
            texts[name] = read(SourceFile(sources / name, name, "")).text
        return texts[name]

    with tempfile.TemporaryDirectory() as index:
        assistant = Assistant.over(Settings(sources=sources, index=Path(index)), embedder, lexicons)
        return evaluate(assistant, gold, text_of, lambda: None)


def left_out_scores(
    folders: Sequence[Path], embedders: Sequence[Embedder], examples: Sequence[Example], trees: int = TREES
) -> Iterator[tuple[str, Scores]]:
    """Yields the name and the scores of each set, with a reranker fitted to the sets that its encoder was fitted to."""
    together: dict[str, list[tuple[Path, Embedder]]] = {}
    for folder, embedder in zip(folders, embedders, strict=True):
        together.setdefault(embedder.digest, []).append((folder, embedder))
    for group in together.values():
        left_out = {folder.name for folder, _ in group}
        forest = forest_data(fit([example for example in examples if example.dataset not in left_out], trees))
        lexicons = Lexicons.load(reranker=Reranker.from_json(forest))
        for folder, embedder in group:
            yield folder.name, scores_of(folder, embedder, lexicons)


def table_of(rows: Sequence[tuple[str, Scores]]) -> Table:
    """Returns a table with a row for each set, and its types of question below it."""
    table = Table("set", "evidence F1", "fact recall", "balanced", "refused wrongly", "verbatim", box=None)
    for name, scores in rows:
        measures = (scores.evidence_f1, scores.fact_recall, scores.balanced, scores.refused_wrongly, scores.verbatim)
        table.add_row(name, *("-" if value is None else f"{value:.3f}" for value in measures))
        for kind, value in scores.by_type.items():
            table.add_row(f"  {kind}", f"{value:.3f}")
    return table


def main(
    folders: Annotated[list[Path], typer.Argument(metavar="SET...", exists=True, file_okay=False)],
    adapters: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of adapters fitted without one set each.")],
    unseen: Annotated[
        list[Path] | None, typer.Option(metavar="SET", help="A set that nothing is fitted to. May be repeated.")
    ] = None,
) -> None:
    """Measure the assistant on sets left out of the fitting."""
    embedders: list[Embedder] = [
        SentenceTransformerEmbedder(adapter=adapters / f"no-{folder.name}.safetensors") for folder in folders
    ]
    rows = list(left_out_scores(folders, embedders, load_examples(folders, embedders)))
    rows += [
        (folder.name, scores_of(folder, SentenceTransformerEmbedder(), Lexicons.packaged())) for folder in unseen or ()
    ]
    Console(highlight=False).print(table_of(rows))


if __name__ == "__main__":
    typer.run(main)
