"""Files that are broken or mean harm, five hundred in one folder, with good ones among them.

Each is refused with its reason or read; the good ones are whole; nothing ends the process, or makes it large.
"""

from __future__ import annotations

import random
import resource
from collections.abc import Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path
from typing import Any

from index.build import BuildReport, build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.chroma import selfcheck
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.storage.fingerprint import Fingerprint
from index.text.sentences import split_sentences
from index.text.transcript import Role
from tests.fixtures.files.hostile import hostile_files, mutated_files
from tests.fixtures.files.samples import sample_files, write_samples
from tests.fixtures.invariants import blocks_tile_the_text, sentences_tile_the_transcript
from tests.tools.prove.forking import well
from tests.tools.prove.proof import Proof

EMBEDDER = HashedWordEmbedder()
LARGEST = 1536.0  # MiB that indexing them may take
SHORTEST = 10  # characters of a reason


def files(draw: random.Random) -> Iterator[tuple[str, bytes]]:
    """Without end: those made by hand first, then the library's, spoiled anew each time."""
    yield from ((f"x-{name}", data) for name, data in hostile_files().items())
    turn = 0
    while True:
        turn += 1
        yield from ((f"x{turn}-{name}", data) for name, data in mutated_files(draw.randrange(2**32)).items())


def run(proof: Proof) -> None:
    """Five hundred files, or a hundred and twenty."""
    draw = proof.draw()
    sources = proof.home / "sources"
    sources.mkdir()
    write_samples(sources)
    harmful = _written(sources, draw, proof.size(short=40, full=500))
    told = well(lambda: _indexed(sources, proof.home / "index", harmful), proof.log, "indexing them")
    assert told["largest"] <= LARGEST, told
    proof.say(
        f"{len(harmful)} files, 0 deaths: {told['refused']} refused with a reason, {told['read']} read in spite of it; "
        f"{told['good']} of {told['good']} good files beside them whole; {told['largest']:.0f} MiB at most"
    )


def _written(folder: Path, draw: random.Random, count: int) -> set[str]:
    chosen = dict(islice(files(draw), count))
    for name, data in chosen.items():
        (folder / name).write_bytes(data)
    return set(chosen)


def _indexed(sources: Path, index: Path, harmful: set[str]) -> dict[str, Any]:
    report = build_index(sources, index, EMBEDDER, self_check=selfcheck)
    refused = _refused(report)
    with closing(open_current(index, Fingerprint.of(EMBEDDER), self_check=selfcheck)) as opened:
        held = {facts.source: facts.id for facts in opened.generation.transcripts}
        for identity in held.values():
            _invariants(opened, identity)
        good = [_whole(opened, held, sample.name, sample.findings) for sample in sample_files()]
    read = {name.split("/")[0] for name in held} & harmful
    assert harmful - refused - read == set()
    assert refused - harmful == set()
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    largest = max(resource.getrusage(kind).ru_maxrss for kind in kinds) / 1024
    return {"refused": len(refused), "read": len(read - refused), "good": len(good), "largest": largest}


def _refused(report: BuildReport) -> set[str]:
    """The files of which something was refused. Raises AssertionError for a refusal that gives no reason."""
    for failure in report.failed:
        assert len(failure.reason) >= SHORTEST, failure
        assert failure.reason.rstrip().endswith("."), failure
    return {failure.source.split("/")[0] for failure in report.failed}


def _invariants(opened: OpenIndex, identity: str) -> None:
    transcript = opened.transcript(identity)
    assert transcript is not None
    blocks_tile_the_text(transcript)
    sentences_tile_the_transcript(transcript, split_sentences(transcript))


def _whole(opened: OpenIndex, held: dict[str, str], name: str, known: tuple[str, ...]) -> str:
    transcript = opened.transcript(held[name])
    assert transcript is not None
    findings = {one.text for one in split_sentences(transcript) if one.role is Role.FINDING}
    assert set(known) <= findings, name
    return name
