"""`assistant serve` as a process of its own, and what can be seen of it from outside: memory, open files, errors."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[3]
LONG_SOURCE = "northshire-long.txt"
SUBJECTS = ("The force", "The control room", "The custody suite", "The investigation team", "The vulnerability desk")
VERBS = ("investigates", "reviews", "supervises", "records", "assesses", "allocates", "monitors")
OBJECTS = ("crime", "domestic abuse cases", "burglary", "hate crime", "calls for service", "risk to detainees")
ENDS = ("well", "within its own time limits", "but does not always record why", "less well than at the last inspection")
BEHIND_PROXY = {"ASSISTANT_IDENTITY": "header", "ASSISTANT_PROXIES": "127.0.0.1"}
SETTLED = 0.4  # share of a run after which memory is taken to be warm: caches and arenas are full by then


def write_long_source(folder: Path, sentences: int) -> None:
    """A fictional inspection report of so many sentences in one file, as long ones are."""
    lines = ["Northshire Constabulary", "PEEL 2018/19", ""]
    for number in range(sentences):
        parts = (SUBJECTS, VERBS, OBJECTS, ENDS)
        words = " ".join(part[number // (7**place) % len(part)] for place, part in enumerate(parts))
        lines += [f"{words}, as case file {number + 1} shows.", *([""] if number % 6 == 5 else [])]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / LONG_SOURCE).write_text("\n".join(lines), encoding="utf-8")


@dataclass(frozen=True)
class Server:
    """Where it serves, its process, and what it has said on standard error since it did."""

    address: str
    port: int
    pid: int
    said: list[str]


@contextmanager
def serving(folder: Path, sources: Path, more: Mapping[str, str] | None = None) -> Iterator[Server]:
    """Serve `sources` with everything that is written in `folder`; `more` are settings, as environment variables."""
    surroundings = {name: value for name, value in os.environ.items() if not name.startswith("ASSISTANT_")}
    surroundings |= {
        "ASSISTANT_SOURCES": str(sources),
        "ASSISTANT_INDEX": str(folder / "index"),
        "ASSISTANT_AUDIT_LOG": str(folder / "log" / "audit.jsonl"),
        "ASSISTANT_CASES": str(folder / "cases.jsonl"),
        "ASSISTANT_CLOSED_FILE": str(folder / "closed"),
        "ASSISTANT_PORT": "0",
        "PYTHONPATH": str(ROOT),
    } | dict(more or {})
    command = [sys.executable, "-m", "assistant", "serve"]
    with subprocess.Popen(command, cwd=folder, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield _ready(process)
        finally:
            process.terminate()


def _ready(process: subprocess.Popen[str]) -> Server:
    assert process.stderr is not None
    said: list[str] = []
    for line in process.stderr:
        found = re.match(r"Serving on (http://\S+:(\d+))/", line)
        if found:
            later: list[str] = []
            threading.Thread(target=later.extend, args=(process.stderr,), daemon=True).start()
            return Server(found[1], int(found[2]), process.pid, later)
        said.append(line)
    raise RuntimeError("the server ended before it served:\n" + "".join(said))


@dataclass
class Vitals:
    """Memory (resident bytes) and open files of a process, second by second."""

    pid: int
    memory: list[int] = field(default_factory=list)
    files: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Take one sample."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        self.memory.append(int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) * 1024)  # type: ignore[index]
        self.files.append(sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir()))

    async def watch(self, every: float = 1.0) -> None:
        """Take samples until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(every)

    def growth(self) -> float:
        """By what share memory grew in the settled part: the median of its last quarter over that of its first."""
        settled = self.memory[int(len(self.memory) * SETTLED) :]
        quarter = max(1, len(settled) // 4)
        return float(np.median(settled[-quarter:]) / np.median(settled[:quarter]) - 1)

    def more_files(self) -> int:
        """How many more files are open in the last quarter of the settled part than in its first, by medians."""
        settled = self.files[int(len(self.files) * SETTLED) :]
        quarter = max(1, len(settled) // 4)
        return int(np.median(settled[-quarter:]) - np.median(settled[:quarter]))

    def tenths(self) -> list[float]:
        """The median of memory in each tenth of the run, in bytes."""
        return [float(np.median(part)) for part in np.array_split(self.memory, 10) if len(part)]


def chosen(description: str | None) -> tuple[int, bool]:
    """The seed, and whether the full scale, from the command line of a part of `tests.tools.prove`."""
    arguments = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--scale", choices=("short", "full"), default="short")
    given = arguments.parse_args()
    say(f"seed {given.seed}, scale {given.scale}")
    return given.seed, given.scale == "full"


def told(problems: Iterable[str]) -> int:
    """Print what was not reached; 0 when that is nothing, else 1."""
    failed = 0
    for problem in problems:
        say(f"NOT REACHED: {problem}")
        failed = 1
    return failed


async def result_of(module: str, *arguments: object) -> dict[str, Any]:
    """Run a module of `tests.tools.prove` in a process of its own; what it prints, read as JSON."""
    command = (sys.executable, "-m", f"tests.tools.prove.{module}", *map(str, arguments))
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    output, _ = await process.communicate()
    return dict(json.loads(output))


def say(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)  # noqa: T201
