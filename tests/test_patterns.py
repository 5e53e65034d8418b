"""No regular expression of the packages is worse than linear in what it reads, or what it reads is short.

Every compiled pattern is found: in modules, in the data files that are loaded, and in literals of calls. Each is run,
by the methods it is used with, over inputs that repeat a piece of text. Where four times the input takes clearly more
than four times the processor time, the pattern is superlinear, and `SHORT` must say what bounds its input.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import assistant
import index
from assistant.lexicons import Lexicons

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "assistant").rglob("*.py"), *(ROOT / "index").rglob("*.py")])
METHODS = ("search", "match", "fullmatch")
AS_SEARCH = {"search": "search", "sub": "search", "subn": "search", "finditer": "search", "findall": "search"}
AS_SEARCH |= {"split": "search", "match": "match", "fullmatch": "fullmatch"}
SIZE, TIMES = 500, 4
NOTICED = 0.0003  # seconds from which an input is tried at a larger size; a linear pattern takes a tenth of it
SUPERLINEAR = 8.0  # 4 for a linear pattern, 16 for a quadratic one
CUBIC = 60.0
# By the beginning of a pattern's name: what bounds the text that it reads.
SHORT = {
    "assistant.question.": "a question has at most `max_question_characters`, a turn of its history 2,000",
    "assistant.retrieval.": "a sentence has at most 1,000 characters, and a question is short",
    "assistant.judgements.": "a sentence has at most 1,000 characters, and a question is short",
    "assistant.faithfulness.": "a statement of a model has at most 600 characters, and a sentence 1,000",
    "assistant.steps.": "a sentence has at most 1,000 characters",
    "index.records.grades._NOT_NAME": "part of a sentence, which has at most 1,000 characters",
    "index.sources.force_names._NAME_IN_FRONT": "a window of the text, of a name's length",
    "index.sources.forces._KIND_OF_BODY": "the name of a force",
    "index.text.words._MARKUP": "`clean` applies it to at most 1,000 characters",
    "index.text.sentences._INITIAL": "the last characters before a boundary",
    "lexicons.": "a sentence has at most 1,000 characters, and a question is short",
}
PIECES = [
    "a", "A", "Aa", "Aa ", "a ", "1", "1 ", "1.", "1,", "1-", " ", "\t", "\n", ".", '."', '"', "'", "(", ")", "-", "- ",
    "<", "<a", "<!--", "[", "]", "{", "}", "|", ":", "/", "#", "the ", "of the ", "HMI ", "Inspector ", "not ", "one ",
    "and ", "or ", "in ", "May ", "2018/", "20", "2018 ", "£1", "A.", "A. ", "Mr ", "x-", "_", "of ", "force ", "is ",
    "which forces ", "how many ", "was ", "\u00a0", "é", "=", "%", "&", "http://", "www.", "Constabulary ", "with ",
    ", ",
    "What about ", "between ", "since ", "good ", "?", "!", ";", "\n ", "a\n", "* ", "_a", "`", "\r\n", "“", "’s ",
]  # fmt: skip


def patterns_in(value: object, name: str, seen: set[int], depth: int = 0) -> Iterator[tuple[str, re.Pattern[Any]]]:
    """Every compiled pattern in a value: itself, in collections, and in objects of the packages."""
    if isinstance(value, re.Pattern):
        yield name, value
    elif depth > 6 or id(value) in seen or isinstance(value, type):
        return
    elif isinstance(value, tuple | list | set | frozenset):
        seen.add(id(value))
        for item in value:
            yield from patterns_in(item, name, seen, depth + 1)
    elif isinstance(value, dict):
        seen.add(id(value))
        for item in list(value.values()):
            yield from patterns_in(item, name, seen, depth + 1)
    elif type(value).__module__.startswith(("assistant.", "index.")):
        seen.add(id(value))
        slots = [slot for base in type(value).__mro__ for slot in getattr(base, "__slots__", ())]
        for attribute in dict.fromkeys([*getattr(value, "__dict__", {}), *slots]):
            yield from patterns_in(getattr(value, attribute, None), f"{name}.{attribute}", seen, depth + 1)


def literals(path: Path, module: str) -> Iterator[tuple[str, re.Pattern[str], str]]:
    """The patterns written in calls such as `re.sub(r"…", …)`, with the method that is called."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or not node.args:
            continue
        if isinstance(node.func.value, ast.Name) and node.func.value.id == "re" and node.func.attr in AS_SEARCH:
            written = node.args[0]
            if isinstance(written, ast.Constant) and isinstance(written.value, str):
                yield f"{module}:{node.lineno}", re.compile(written.value), AS_SEARCH[node.func.attr]


def methods_used() -> dict[str, set[str]]:
    """By the full name of a pattern, the methods that its own module or one that imports it calls on it."""
    used: dict[str, set[str]] = {}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        origins = {
            alias.asname or alias.name: f"{node.module}.{alias.name}"
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and node.attr in AS_SEARCH and isinstance(node.value, ast.Name):
                name = origins.get(node.value.id, f"{module}.{node.value.id}")
                used.setdefault(name, set()).add(AS_SEARCH[node.attr])
    return used


@pytest.fixture(scope="module")
def patterns() -> dict[tuple[str, int, str], tuple[str, re.Pattern[Any]]]:
    """Every pattern once for each method, by its text, flags and method: its name and itself."""
    found: dict[tuple[str, int, str], tuple[str, re.Pattern[Any]]] = {}
    seen: set[int] = set()
    named = [("lexicons", Lexicons.load())]
    used = methods_used()
    for package in (assistant, index):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if module.name.endswith(("__main__", "train_encoder")):
                continue
            loaded = importlib.import_module(module.name)
            named += [(f"{module.name}.{name}", value) for name, value in vars(loaded).items()]
    for path in MODULES:
        module_name = path.relative_to(ROOT).with_suffix("").as_posix().replace("/", ".")
        for name, pattern, method in literals(path, module_name):
            found.setdefault((str(pattern.pattern), pattern.flags, method), (name, pattern))
    for name, value in named:
        for path_name, pattern in patterns_in(value, name, seen):
            for method in used.get(path_name, set(METHODS)):
                found.setdefault((str(pattern.pattern), pattern.flags, method), (path_name, pattern))
    return found


def cost(pattern: re.Pattern[Any], method: str, piece: str, size: int) -> float:
    """The least processor time of three runs over an input of this size that ends in what no pattern expects."""
    text = (piece * (size // len(piece) + 1))[:size] + "\x01"
    written = text.encode() if isinstance(pattern.pattern, bytes) else text
    run, times = getattr(pattern, method), []
    for _ in range(3):
        started = time.thread_time()
        run(written)
        times.append(time.thread_time() - started)
    return min(times)


def growth(pattern: re.Pattern[Any], method: str) -> float:
    """How many times as long four times the input takes, for the worst piece; 1 where nothing is noticed."""
    worst = 1.0
    for piece in PIECES:
        before = cost(pattern, method, piece, SIZE)
        if before > NOTICED:
            worst = max(worst, cost(pattern, method, piece, TIMES * SIZE) / before)
    return worst


@pytest.mark.long
def test_every_pattern_is_linear_or_reads_what_is_short(
    patterns: dict[tuple[str, int, str], tuple[str, re.Pattern[Any]]],
) -> None:
    assert len(patterns) > 400
    faults = []
    for (written, _, method), (name, pattern) in patterns.items():
        times = growth(pattern, method)
        limit = CUBIC if name.startswith(tuple(SHORT)) else SUPERLINEAR
        if times > limit:
            faults.append(f"{name}.{method}: {times:.0f} times as long for {TIMES} times the text: {written[:100]}")
    assert faults == []


def test_the_measure_tells_quadratic_from_linear() -> None:
    assert growth(re.compile(r"\s+x"), "search") > SUPERLINEAR
    assert growth(re.compile(r"(?:a|b|c|d)+x"), "match") < SUPERLINEAR
