"""How fast it is, as ratios within one run: `make bench`, or `python -m tests.tools.bench --sentences 10000`.

Absolute times say more of the machine than of the code, so each figure stands beside the same work done plainly: the
sentences embedded by bare `SentenceTransformer.encode`, the question embedded alone by it, a process that only imports
it, and LangChain's tutorial chain (1,000-character chunks, 200 overlap, Chroma, the same model run by
sentence-transformers) over the same transcripts. What is compared is run in turn. `tests.tools.scale` has the million.
"""

from __future__ import annotations

import argparse
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", ANONYMIZED_TELEMETRY="False")

import numpy as np

from assistant.app import Assistant
from assistant.export.turn_html import to_html
from assistant.settings import Settings
from index.build import build_index
from index.embedding.embedder import Embedder
from index.embedding.models import SentenceTransformerEmbedder, open_embedder
from index.published.vector_store import ExactStore
from index.readers.read import read
from index.sources.files import discover
from index.text.sentences import split_sentences
from index.text.words import clean
from tests.fixtures.forces import write_forces
from tests.tools.load import many_at_once, with_pauses
from tests.tools.peers import against_reranked, against_tutorial
from tests.tools.prove.server import write_long_source
from tests.tools.scale import recall, timed

SEED = 11
REST = 0.05  # seconds, in which those threads come to rest
ROOT = Path(__file__).parents[2]
MAX_EMBEDDED_TWICE = 20_000  # sentences, of a collection that LangChain's chain indexes too
LISTING = "Which forces were told to improve crime recording?"
FORCES = [
    f"{first}{last}" for first in ("North", "West", "East", "Mid", "High") for last in ("shire", "mere", "vale", "ford")
]
PERIODS = ["2014", "2015", "2016", "2017", "2018/19", "2021/22", "2023-25"]
SUBJECTS = [
    "custody", "call handling", "neighbourhood policing", "crime recording", "domestic abuse", "vetting", "detectives",
    "stop and search", "cyber crime", "missing children", "firearms licensing", "supervision", "wellbeing",
]  # fmt: skip
VERBS = ["is improving", "has weakened", "is praised", "causes concern", "is well led", "needs review", "is consistent"]
PLACES = ["in the north of the area", "in the towns", "across the force", "in rural districts", "at headquarters"]
REASONS = ["because staff are trained", "although demand has grown", "since the last inspection", "as partners help",
           "despite tight budgets", "because records are kept", "although few officers are experienced"]  # fmt: skip
QUESTIONS = [
    "How is custody managed?", "What concerns were there about vetting?", "How good is call handling in Northshire?",
    "How many detectives are there?", "Which forces were praised for neighbourhood policing?", "staff wellbeing",
    "What did the inspector say about missing children in 2016?", "Is cyber crime improving?",
    "Why has supervision weakened?",
    "What is the capital of France?",
]  # fmt: skip


def write_collection(folder: Path, sentences: int) -> None:
    """Fictional transcripts made from templates, every sentence different, about 100 sentences each."""
    draw = random.Random(SEED)  # a sample, not a secret
    folder.mkdir(parents=True)
    for number in range(max(1, sentences // 100)):
        title = f"{draw.choice(FORCES)} Constabulary – PEEL {draw.choice(PERIODS)} – overall assessment {number}"
        paragraphs = [
            " ".join(_sentence(draw, number, place) for place in range(start, start + 5)) for start in range(0, 100, 5)
        ]
        (folder / f"{number:05}.txt").write_text("\n\n".join([title, *paragraphs]), encoding="utf-8")


def _sentence(draw: random.Random, number: int, place: int) -> str:
    parts = (draw.choice(SUBJECTS), draw.choice(VERBS), draw.choice(PLACES), draw.choice(REASONS))
    return f"The force's {' '.join(parts)}, as section {number + 1} part {place + 1} sets out."


def say(text: str) -> None:
    """One line of the report, at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def latency(name: str, assistant: Assistant, bare_model: Embedder, questions: Sequence[str]) -> None:
    """A whole answer against the embedding of its bare question: all questions by the one, then all by the other, in
    turn. Question by question they would disturb each other: PyTorch's threads go on spinning for some milliseconds,
    and take a core from who comes next.
    """
    for question in questions:
        assistant.ask(question)
    answers: list[float] = []
    bare: list[float] = []
    for _ in range(10):
        bare += [timed(lambda: bare_model.encode([question])) for question in questions]  # noqa: B023  # called at once
        time.sleep(REST)
        answers += [timed(lambda: assistant.ask(question)) for question in questions]  # noqa: B023
    ratio = statistics.median(answers) / statistics.median(bare)
    say(f"{name}: p50 of an answer / p50 of embedding its question = {ratio:.2f} "
        f"({statistics.median(answers) * 1000:.1f} ms / {statistics.median(bare) * 1000:.1f} ms), "
        f"p95 / p50 = {np.percentile(answers, 95) / statistics.median(answers):.2f}")  # fmt: skip


def throughput(embedder: Embedder, bare_model: Embedder, folder: Path) -> float:
    """Indexing a collection against bare encoding of the same sentences, three times in turn. Returns the bare rate."""
    sentences = [clean(s.text) for source in discover(folder / "small") for s in split_sentences(read(source))]
    bare_model.encode(sentences[:64])
    bare: list[float] = []
    whole: list[float] = []
    for turn in range(3):
        index = folder / f"small-index-{turn}"
        bare.append(timed(lambda: bare_model.encode(sentences)))
        whole.append(timed(lambda: build_index(folder / "small", index, embedder)))  # noqa: B023  # called at once
    rates = [len(sentences) / statistics.median(times) for times in (whole, bare)]
    say(f"indexing {len(sentences):,} sentences: rate / rate of bare encode = {rates[0] / rates[1]:.2f} "
        f"({rates[0]:.0f} / {rates[1]:.0f} a second)")  # fmt: skip
    return rates[1]


def cold_start(sources: Path, index: Path) -> None:
    """A process that answers one question over an index that is there, against one that imports the library."""
    asking = ["-m", "assistant", "ask", "--sources", str(sources), "--index", str(index), QUESTIONS[1]]
    importing = ["-c", "import sentence_transformers"]
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(5):
        for command, times in ((asking, ours), (importing, theirs)):
            run = [sys.executable, *command]
            times.append(timed(lambda: subprocess.run(run, cwd=ROOT, capture_output=True, check=False)))  # noqa: B023
    ratio = statistics.median(ours) / statistics.median(theirs)
    say(f"cold start: assistant ask / import sentence_transformers = {ratio:.2f} "
        f"({statistics.median(ours):.1f} s / {statistics.median(theirs):.1f} s)")  # fmt: skip


def found(name: str, assistant: Assistant, embedder: Embedder) -> None:
    """What Chroma finds of what is near, for questions and for sentences held."""
    generation = assistant.index.generation
    rows = np.flatnonzero(generation.searched)
    exact = ExactStore(generation.keys[rows], generation.vectors[rows], [""] * len(rows))
    queries = np.vstack([embedder.encode(QUESTIONS), generation.vectors[rows[:: max(1, len(rows) // 200)]]])
    say(f"{name}: recall@30 of Chroma against exact search = {recall(generation.store, exact, queries):.4f}")


def at_scale(embedder: Embedder, bare_model: Embedder, folder: Path, sentences: int, bare_rate: float) -> None:
    """A collection of a size: one transcript added, and answers."""
    sources, index = folder / f"of-{sentences}", folder / f"of-{sentences}-index"
    write_collection(sources, sentences)
    full = timed(lambda: build_index(sources, index, embedder))
    rate = sentences / full
    say(f"{sentences:,} sentences: full build {full:.0f} s, rate / rate of bare encode = {rate / bare_rate:.2f}")
    (sources / "one-more.txt").write_text(
        "Lowmarsh Police – PEEL 2016 – overall assessment\n\nThe force keeps its ferries safe.",
        encoding="utf-8",
    )
    added = timed(lambda: build_index(sources, index, embedder))
    say(f"{sentences:,} sentences: adding one transcript / full build = {added / full:.3f}")
    unchanged = timed(lambda: build_index(sources, index, embedder))
    say(f"{sentences:,} sentences: a run with nothing changed / full build = {unchanged / full:.4f}")
    opened = timed(lambda: Assistant.over(Settings(sources=sources, index=index)))
    assistant = Assistant.over(Settings(sources=sources, index=index))
    say(f"{sentences:,} sentences: opening / full build = {opened / full:.4f}")
    latency(f"{sentences:,} sentences", assistant, bare_model, QUESTIONS)
    found(f"{sentences:,} sentences", assistant, embedder)
    stored = sum(path.stat().st_size for path in index.rglob("*") if path.is_file())
    say(f"{sentences:,} sentences: size of the index = {stored / sentences / 1000:.1f} kB a sentence")
    if sentences <= MAX_EMBEDDED_TWICE:
        against_reranked(
            f"{sentences:,} sentences", assistant, bare_model, folder / f"reranked-{sentences}", QUESTIONS, say
        )
    listing = statistics.median(timed(lambda: assistant.ask(LISTING)) for _ in range(5))
    one = statistics.median(timed(lambda: assistant.ask(QUESTIONS[0])) for _ in range(5))
    say(f"{sentences:,} sentences: a question that asks for all / an ordinary one = {listing / one:.1f} "
        f"({listing * 1000:.0f} ms / {one * 1000:.0f} ms)")  # fmt: skip


def exhaustive(embedder: Embedder, folder: Path) -> None:
    """A question that asks for all over 43 forces and five periods, against an ordinary one over the same."""
    write_forces(folder / "forces", sentences=100)
    build_index(folder / "forces", folder / "forces-index", embedder)
    assistant = Assistant.over(Settings(sources=folder / "forces", index=folder / "forces-index"))
    everything, ordinary = LISTING, "How accurate is crime recording?"
    assistant.ask(everything)
    assistant.ask(ordinary)
    whole = statistics.median(timed(lambda: assistant.ask(everything)) for _ in range(10))
    one = statistics.median(timed(lambda: assistant.ask(ordinary)) for _ in range(10))
    sentences = assistant.ask(everything).searched.sentences
    say(f"a question that asks for all, {sentences:,} sentences / an ordinary one = {whole / one:.1f} "
        f"({whole * 1000:.0f} ms / {one * 1000:.0f} ms)")  # fmt: skip


def to_page(embedder: Embedder, folder: Path) -> None:
    """What it takes to show an answer of many citations of one long source, against answering it; and its page."""
    write_long_source(folder / "long", 3_000)
    build_index(folder / "long", folder / "long-index", embedder)
    assistant = Assistant.over(Settings(sources=folder / "long", index=folder / "long-index"), embedder)
    for question in ("Which forces investigate crime?", "How is crime investigated?"):
        answer = assistant.ask(question)
        asking = statistics.median(timed(lambda: assistant.ask(question)) for _ in range(5))  # noqa: B023
        showing = statistics.median(timed(lambda: to_html(answer, assistant.sources)) for _ in range(5))  # noqa: B023
        say(f"a source of 3,000 sentences, {len(answer.citations)} citations: time to show / time to answer = "
            f"{showing / asking:.2f} ({showing * 1000:.0f} ms / {asking * 1000:.0f} ms)")  # fmt: skip


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=100_000, help="size of the large collection")
    chosen = parser.parse_args()
    embedder, bare = open_embedder(), SentenceTransformerEmbedder()
    for model in (embedder, bare):
        model.encode(["warm"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first = Assistant.over(Settings(sources=ROOT / "sources", index=folder / "first"))
        latency("first transcript", first, bare, [
            "What concerns did the inspector have?", "How well does it tackle ASB?", "Does it treat people fairly?",
            "How many officers are there?", "What about serious and organised crime?", "Is the force good with money?",
        ])  # fmt: skip
        write_collection(folder / "small", 2_000)
        bare_rate = throughput(embedder, bare, folder)
        cold_start(folder / "small", folder / "small-index-0")
        against_tutorial(embedder, bare, folder / "small", folder, QUESTIONS[0], say)
        exhaustive(embedder, folder)
        to_page(embedder, folder)
        for sentences in (1_000, chosen.sentences):
            at_scale(embedder, bare, folder, sentences, bare_rate)
        many_at_once(folder, say)
        large = folder / f"of-{chosen.sentences}"
        with_pauses(folder, large, large.with_name(f"{large.name}-index"), say)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"peak memory: {peak:,.0f} MB in this process")


if __name__ == "__main__":
    main()
