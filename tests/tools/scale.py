"""The vector store alone at any size, with synthetic vectors: `python -m tests.tools.scale --vectors 1000000`.

Sentences cannot be had by the million, nor embedded in the time of a benchmark; what grows with their number beyond
what `tests.tools.bench` measures is the vector store. The vectors are unit vectors around centres in a space of fewer
dimensions, as embeddings are: without neighbourhoods there would be nothing to find. A million take half an hour.
"""

from __future__ import annotations

import argparse
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from index.embedding.models import SentenceTransformerEmbedder
from index.published.chroma import ChromaStore, write_chroma
from index.published.vector_store import ExactStore, SentenceMetadata, VectorEntries, VectorStore
from index.search.search import HITS_PER_RANKING

DIMENSION = 384
INNER = 96  # dimensions in which the vectors differ
SEED = 13
QUERIES = 200
CHANGED = 100  # vectors, of one transcript
NEAR = 1e-5  # a cosine this close to that of the last neighbour is as good
QUESTION = "What concerns did the inspector have about custody?"


def synthetic(count: int, *, seed: int = SEED) -> np.ndarray:
    """Unit vectors around a centre for every fifty of them: shape (count, DIMENSION)."""
    fixed = np.random.default_rng(SEED)
    inner = fixed.standard_normal((INNER, DIMENSION), dtype=np.float32) / np.float32(np.sqrt(DIMENSION))
    centres = fixed.standard_normal((max(1, count // 50), INNER), dtype=np.float32)
    draw = np.random.default_rng(seed)
    vectors = np.empty((count, DIMENSION), dtype=np.float32)
    for start in range(0, count, 65_536):
        part = vectors[start : start + 65_536]
        chosen = centres[draw.integers(len(centres), size=len(part))]
        part[:] = (chosen + 0.8 * draw.standard_normal(chosen.shape, dtype=np.float32)) @ inner
        part /= np.linalg.norm(part, axis=1, keepdims=True)
    return vectors


def entries(keys: np.ndarray, vectors: np.ndarray) -> VectorEntries:
    """Entries with a line of text each and metadata of the usual length."""
    metadata = [SentenceMetadata(f"transcript-{key // 80}", "a.txt", "Northshire Constabulary", "2016") for key in keys]
    return VectorEntries(keys, vectors, ["A line of text."] * len(keys), metadata)


def recall(store: VectorStore, exact: ExactStore, queries: np.ndarray, count: int = HITS_PER_RANKING) -> float:
    """The share of the nearest `count` by exact search that the store finds, or finds as good."""
    found = wanted = 0
    for query in queries:
        nearest = exact.search(query, count)
        wanted += len(nearest)
        found += sum(cosine >= nearest[-1][1] - NEAR for _, cosine in store.search(query, count))
    return found / wanted


def memory(folder: Path, query: np.ndarray) -> float:
    """Megabytes that a process needs to open the store and search it, beyond those to do so with one vector."""
    small = folder.parent / "one"
    small.mkdir()
    write_chroma(small, (), entries(np.zeros(1, dtype=np.int64), query[None]))
    needed: list[float] = []
    for opened in (small, folder):
        code = (
            "import numpy as np; from pathlib import Path; from index.published.chroma import ChromaStore\n"
            f"store = ChromaStore(Path({str(opened)!r}))\n"
            f"store.search(np.array({query.tolist()}, dtype=np.float32), {HITS_PER_RANKING})\n"
            "status = Path('/proc/self/status').read_text()\n"  # getrusage would tell the peak of the process before
            "print(int(status.split('VmHWM:')[1].split()[0]) / 1024)"
        )
        ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        needed.append(float(ran.stdout))
    return needed[1] - needed[0]


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` took."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def measure(count: int, folder: Path, say: Callable[[str], None]) -> None:
    """Print what a store of that many vectors costs and finds."""
    vectors, store = synthetic(count), folder / "chroma"
    store.mkdir()
    keys = np.arange(count, dtype=np.int64)
    built = timed(lambda: write_chroma(store, (), entries(keys, vectors)))
    say(f"{count:,} synthetic vectors: built in {built:.0f} s, {built / count * 1e6:.0f} s a million")
    opened = timed(lambda: ChromaStore(store).close())
    say(f"{count:,} synthetic vectors: opening / building = {opened / built:.4f} ({opened:.2f} s)")
    held = memory(store, vectors[0])
    say(f"{count:,} synthetic vectors: {held:,.0f} MB to search them, {held / count * 1e6:,.0f} MB a million")
    changed = folder / "changed"

    def change() -> None:
        shutil.copytree(store, changed)
        write_chroma(changed, range(CHANGED), entries(keys[-CHANGED:] + CHANGED, synthetic(CHANGED, seed=7)))

    took = timed(change)
    say(f"{count:,} synthetic vectors: {CHANGED} taken out and {CHANGED} put in / building = {took / built:.4f}")
    embedder, chroma, exact = (
        SentenceTransformerEmbedder(),
        ChromaStore(store),
        ExactStore(keys, vectors, [""] * len(keys)),
    )
    queries = synthetic(QUERIES, seed=SEED + 1)
    embedder.encode([QUESTION])
    bare, searched, exactly = [], [], []
    for query in queries:
        bare.append(timed(lambda: embedder.encode([QUESTION])))
        searched.append(timed(lambda: chroma.search(query, HITS_PER_RANKING)))  # noqa: B023  # called at once
        exactly.append(timed(lambda: exact.search(query, HITS_PER_RANKING)))  # noqa: B023
    say(
        f"{count:,} synthetic vectors: a search / embedding a question = "
        f"{statistics.median(searched) / statistics.median(bare):.2f}, exactly "
        f"{statistics.median(exactly) / statistics.median(bare):.2f}"
    )
    say(f"{count:,} synthetic vectors: recall@{HITS_PER_RANKING} of Chroma against exact search = "
        f"{recall(chroma, exact, queries):.4f}")  # fmt: skip
    chroma.close()


def main() -> None:
    """Print every figure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--vectors", type=int, default=1_000_000)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        measure(chosen.vectors, Path(name), lambda text: print(text, flush=True))  # noqa: T201
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory of this process, the exact vectors too: {peak:,.0f} MB")  # noqa: T201


if __name__ == "__main__":
    main()
