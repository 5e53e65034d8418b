"""Files against PostgreSQL over one collection: `python -m tests.tools.stores --sizes 1000 100000`.

The collection is fictional: 43 forces, seven periods, sentences of words drawn as often as the test sources have them,
so that the commonest are in most sentences. It is embedded by hashed words, and both stores get it from one record.
Each store answers in a process of its own, both the same questions. `TEST_POSTGRES` names another server.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import psycopg

from assistant.app import Assistant
from assistant.filter import Filter
from assistant.settings import Settings
from index.build import build_index, copy_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.open import open_current
from index.storage.fingerprint import Fingerprint
from index.storage.postgres import DatabaseAddress
from tests.fixtures.postgres import drop_database, new_database, server
from tests.tools.scale import timed

ROOT = Path(__file__).parents[2]
SEED = 17
SENTENCES = 200  # of a source
WORDS = (12, 26)  # of a sentence
FORCES = [f"{first}{last}" for first in ("North", "West", "East", "Mid", "High", "Low", "Old") for last in
          ("shire", "mere", "vale", "ford", "march", "moor", "ley")][:43]  # fmt: skip
PERIODS = ["2014", "2015", "2016", "2017", "2018/19", "2021/22", "2023-25"]
SUBJECTS = [
    "custody",
    "call handling",
    "vetting",
    "crime recording",
    "domestic abuse",
    "supervision",
    "fraud",
    "burglary",
]
ASKED = ["How good is {subject}?", "What concerns are there about {subject}?", "What did inspectors say of {subject}?"]
ROUNDS = 2  # of all questions; the first of them warms up


def write_sources(folder: Path, sentences: int) -> None:
    """Writes sources of about so many sentences in all."""
    text = " ".join(path.read_text(encoding="utf-8") for path in sorted((ROOT / "tests/golden").rglob("*.txt")))
    counts = Counter(re.findall(r"[a-z]{2,}", text))
    draw, words, weights = random.Random(SEED), list(counts), list(counts.values())
    folder.mkdir()
    for number in range(max(1, sentences // SENTENCES)):
        force, period = FORCES[number % len(FORCES)], PERIODS[number // len(FORCES) % len(PERIODS)]
        lines = [f"{force} Constabulary – PEEL {period} – assessment {number}", ""]
        for _ in range(SENTENCES):
            chosen = draw.choices(words, weights, k=draw.randint(*WORDS))
            chosen.insert(draw.randrange(len(chosen)), draw.choice(SUBJECTS))
            lines.append(" ".join(chosen).capitalize() + ".")
            if draw.random() < 0.25:
                lines.append("")
        (folder / f"{number:06d}.txt").write_text("\n".join(lines), encoding="utf-8")


def measure(settings: Settings) -> dict[str, Any]:
    """Opens an index and asks all questions. Returns times in milliseconds, memory in megabytes, and the answers."""
    embedder, opened = HashedWordEmbedder(), []
    before = resident()
    seconds = timed(lambda: opened.append(Assistant.over(settings, embedder)))
    [assistant] = opened
    found: dict[str, Any] = {"open s": round(seconds, 3)}
    questions = [asked.format(subject=subject) for subject in SUBJECTS for asked in ASKED]
    answers: list[object] = []
    for name, within in (("all", Filter()), ("one force", Filter((f"{FORCES[0]} Constabulary",), ()))):
        for turn in range(ROUNDS):
            label = f"{name}, {'first' if turn == 0 else 'again'}"
            took, worked = [], processor(settings)
            for question in questions:
                started = time.perf_counter()
                answer = assistant.ask(question, within=within)
                took.append(1000 * (time.perf_counter() - started))
                if turn == 0:
                    answers.append([answer.status.value, [citation.quote for citation in answer.citations]])
            found[f"{label}: processor ms"] = round(1000 * (processor(settings) - worked) / len(questions), 1)
            found[f"{label}: p50 ms"] = round(float(np.percentile(took, 50)), 1)
            found[f"{label}: p95 ms"] = round(float(np.percentile(took, 95)), 1)
    found["memory MB"] = round(resident() - before)
    found["answers"] = answers
    return found


def processor(settings: Settings) -> float:
    """Seconds of processor time of this process, and of its sessions in a database on this machine."""
    seconds = time.process_time()
    if isinstance(settings.index, DatabaseAddress):
        with psycopg.connect(settings.index.url) as connection:
            listed = connection.execute(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            ).fetchall()
        for (pid,) in listed:
            columns = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            seconds += (int(columns[11]) + int(columns[12])) / os.sysconf("SC_CLK_TCK")
    return seconds


def resident() -> float:
    """Megabytes that this process has in memory, without what it has only mapped from files."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("RssAnon:")[1].split()[0]) / 1024


def in_child(settings: Settings) -> dict[str, Any]:
    """Measures in a process of its own."""
    given = json.dumps([str(settings.sources), str(settings.index)])
    ran = subprocess.run(
        [sys.executable, "-m", "tests.tools.stores", "--measure", given],
        check=True, capture_output=True, text=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    return dict(json.loads(ran.stdout.splitlines()[-1]))


def settings_of(sources: str, index: str) -> Settings:
    """Returns the settings of a process that only answers."""
    return Settings(
        sources=Path(sources), index=index, embedding_model="hashed-words", indexing=False, question_timeout=600
    )


def compare(sentences: int, home: Path, server_address: str) -> None:
    """Prints one table: each figure for files and for PostgreSQL."""
    sources, files, embedder = home / "sources", home / "files", HashedWordEmbedder()
    maker = Fingerprint.of(embedder)
    write_sources(sources, sentences)
    built = timed(lambda: build_index(sources, files, embedder))
    database = DatabaseAddress(new_database(server_address), work=home / "work")
    rows: dict[str, dict[str, Any]] = {"files": {"read, embed, publish s": round(built, 1)}, "postgresql": {}}
    try:
        rows["postgresql"]["restore, publish, check s"] = round(timed(lambda: copy_index(files, database, maker)), 1)
        rows["files"]["disk MB"] = round(
            sum(path.stat().st_size for path in files.rglob("*") if path.is_file()) / 2**20
        )
        with psycopg.connect(database.url, autocommit=True) as connection:
            [(size,)] = connection.execute("SELECT pg_database_size(current_database())").fetchall()
        rows["postgresql"]["disk MB"] = round(size / 2**20)
        for name, place in (("files", str(files)), ("postgresql", database.url)):
            rows[name] |= in_child(settings_of(str(sources), place))
            say(f"{name}: { {figure: value for figure, value in rows[name].items() if figure != 'answers'} }")
        path = sources / "000000.txt"
        path.write_text(path.read_text(encoding="utf-8") + "Its part that is new is about fraud.\n", encoding="utf-8")
        for name, place in (("files", files), ("postgresql", database)):
            rows[name]["one source changed s"] = round(timed(lambda: build_index(sources, place, embedder)), 1)  # noqa: B023
        recall = recalls(database, maker)
    finally:
        drop_database(database.url)
    with closing(open_current(files, maker)) as opened:
        count = len(opened.generation.keys)
    ours, theirs = (rows[name].pop("answers") for name in ("files", "postgresql"))
    equal = sum(mine == other for mine, other in zip(ours, theirs, strict=True))
    say(f"\n{count:,} sentences; {equal} of {len(ours)} answers equal; recall@60 of PostgreSQL {recall:.4f}")
    for figure in dict.fromkeys([*rows["files"], *rows["postgresql"]]):
        say(f"| {figure} | {rows['files'].get(figure, '')} | {rows['postgresql'].get(figure, '')} |")


def recalls(database: DatabaseAddress, maker: Fingerprint) -> float:
    """Returns the share of the 60 nearest vectors that are found, for questions that are sentences."""
    with closing(open_current(database, maker)) as found, closing(open_current(database, maker, exact=True)) as exact:
        rows = np.flatnonzero(exact.generation.searched)
        queries = exact.generation.vectors_of(rows[:: max(1, len(rows) // 50)])
        hits = wanted = 0
        for query in queries:
            nearest = exact.generation.store.search(query, 60)
            lowest = nearest[-1][1]
            wanted += len(nearest)
            hits += sum(cosine >= lowest for _, cosine in found.generation.store.search(query, 60))
    return hits / wanted


def say(text: str) -> None:
    """Prints a line at once."""
    print(text, flush=True)  # noqa: T201


def main() -> None:
    """Prints a table for each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000])
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.measure:
        say(json.dumps(measure(settings_of(*json.loads(chosen.measure)))))
        return
    with server() as address:
        for size in chosen.sizes:
            home = Path(tempfile.mkdtemp(prefix="stores-"))
            try:
                compare(size, home, address)
            finally:
                shutil.rmtree(home)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    say(f"\npeak memory of the process that published: {peak:,.0f} MB; load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
