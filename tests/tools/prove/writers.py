"""Two indexers of one folder at once: the second is always refused, and told who the first is."""

from __future__ import annotations

import os
import time
from pathlib import Path

from index.build import Progress, build_index
from index.embedding.embedder import HashedWordEmbedder
from index.errors import WriterBusyError
from index.published.chroma import selfcheck
from index.storage.fingerprint import Fingerprint
from tests.fixtures.index_folders import check_equal, compose, edit
from tests.tools.prove.forking import ended_well, forked, well
from tests.tools.prove.proof import Proof

EMBEDDER = HashedWordEmbedder()


def run(proof: Proof) -> None:
    """Two hundred pairs, or five: the first is held in the middle of its work until the second was refused."""
    draw = proof.draw()
    sources, index = proof.home / "sources", proof.home / "index"
    sources.mkdir()
    (sources / "first.txt").write_text(compose(draw), encoding="utf-8")
    pairs = proof.size(short=5, full=200)
    for _ in range(pairs):
        edit(draw, sources)
        (sources / "first.txt").write_text(compose(draw), encoding="utf-8")  # so that there is always work
        _pair(proof, sources, index)
    proof.say(f"{pairs} pairs of indexers: the second refused {pairs} times, each time naming the first's process")

    def compare() -> None:
        build_index(sources, proof.home / "fresh", EMBEDDER, self_check=selfcheck)
        check_equal(index, proof.home / "fresh", Fingerprint.of(EMBEDDER))

    well(compare, proof.log, "comparing with a fresh index")


def _pair(proof: Proof, sources: Path, index: Path) -> None:
    under_way, let_go = proof.home / "under-way", proof.home / "let-go"

    def first() -> None:
        def wait(_: Progress) -> None:
            under_way.touch()
            while not let_go.exists():
                time.sleep(0.001)

        build_index(sources, index, EMBEDDER, wait, self_check=selfcheck)

    def second() -> int:
        try:
            build_index(sources, index, EMBEDDER, self_check=selfcheck)
        except WriterBusyError as error:
            return int(str(error).split()[1])  # "process 4711 is indexing into ..."
        raise AssertionError("the second was not refused")

    writer = forked(first)
    while not under_way.exists():
        assert os.waitpid(writer, os.WNOHANG) == (0, 0), "the first ended before it wrote"
        time.sleep(0.001)
    assert well(second, proof.log, "the second indexer") == writer
    let_go.touch()
    ended_well(writer, "the first indexer")
    under_way.unlink()
    let_go.unlink()
