"""The direction of imports: pyproject.toml states it folder by folder, import-linter checks it.

What import-linter has no contract for is checked here: that the heavy libraries are not loaded by importing a module.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter.cli import lint_imports

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "assistant").rglob("*.py"), *(ROOT / "index").rglob("*.py")])
HEAVY = {"chromadb", "gradio", "onnxruntime", "sentence_transformers", "torch", "transformers", "langchain_chroma"}
MOST_MODULES = 225  # besides __init__ and __main__, which define nothing
MOST_LINES = 300
ENCODER_TRAINER = "train_encoder.py"  # defines a PyTorch module, and is only run as a command


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """Yields what runs when a module is imported: all but function bodies and what only a type checker reads."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


def loaded(tree: ast.Module) -> set[str]:
    """The top-level packages that importing a module loads."""
    names: set[str] = set()
    for node in at_import(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add(str(node.module).split(".")[0])
    return names


def test_imports_follow_the_layers(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    # import-linter's logging configuration would disable the loggers that other tests read.
    monkeypatch.setattr("importlinter.cli.logging_config.dictConfig", lambda config: None)
    status = lint_imports(config_filename=str(ROOT / "pyproject.toml"), no_cache=True)
    assert status == 0, capsys.readouterr().out


@pytest.mark.parametrize("path", MODULES, ids=[path.relative_to(ROOT).as_posix() for path in MODULES])
def test_importing_a_module_loads_nothing_heavy(path: Path) -> None:
    allowed = {"torch"} if path.name == ENCODER_TRAINER else set()
    assert loaded(ast.parse(path.read_text(encoding="utf-8"))) & HEAVY == allowed


def test_nothing_imports_the_module_that_fits_the_encoder() -> None:
    assert [path for path in MODULES if "import train_encoder" in path.read_text(encoding="utf-8")] == []


def test_the_heavy_import_check_sees_what_runs_and_passes_over_what_does_not() -> None:
    hidden = "import typing\nif typing.TYPE_CHECKING:\n    import torch\n\n\ndef f():\n    import chromadb"
    assert loaded(ast.parse(hidden)) == {"typing"}
    assert loaded(ast.parse("try:\n    import torch\nexcept ImportError:\n    pass")) == {"torch"}


def test_there_are_few_modules_and_none_is_long() -> None:
    code = [path for path in MODULES if path.name not in ("__init__.py", "__main__.py")]
    assert len(code) <= MOST_MODULES
    assert {path.name: lines for path in code if (lines := len(path.read_text().splitlines())) > MOST_LINES} == {}


def test_no_two_classes_have_one_name() -> None:
    seen: dict[str, list[str]] = {}
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                seen.setdefault(node.name, []).append(path.relative_to(ROOT).as_posix())
    assert {name: places for name, places in seen.items() if len(places) > 1} == {}


def test_a_test_file_is_named_after_the_module_it_tests() -> None:
    for path in [*(ROOT / "tests" / "assistant").rglob("test_*.py"), *(ROOT / "tests" / "index").rglob("test_*.py")]:
        folder = ROOT / path.parent.relative_to(ROOT / "tests")
        parts = path.stem.removeprefix("test_").split("_")
        named = ["_".join(parts[:count]) for count in range(1, len(parts) + 1)]
        assert any((folder / f"{name}.py").exists() for name in named), f"{path.relative_to(ROOT)} tests no module"
