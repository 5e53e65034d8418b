"""A generation with a manifest of another format is rebuilt from the database."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.generation import GENERATIONS, MANIFEST
from index.published.open import open_current
from index.storage.database import DATABASE_FILE
from index.storage.fingerprint import Fingerprint

EMBEDDER = HashedWordEmbedder()


def test_a_manifest_of_another_format_is_repaired_without_embedding(tmp_path: Path):
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    (sources / "a.txt").write_text("Northshire Constabulary – PEEL 2016\n\nCustody is safe.", encoding="utf-8")
    report = build_index(sources, index, EMBEDDER)
    folder = Fingerprint.of(EMBEDDER).folder(index)
    other = b'{"files": {}}'
    (folder / GENERATIONS / report.generation / MANIFEST).write_bytes(other)
    with closing(sqlite3.connect(folder / DATABASE_FILE)) as record, record:
        record.execute("UPDATE generation SET manifest_sha256 = ?", (hashlib.sha256(other).hexdigest(),))
    with closing(open_current(index, Fingerprint.of(EMBEDDER))) as opened:
        assert [found.source for found in opened.generation.transcripts] == ["a.txt"]
        assert opened.generation.id != report.generation
