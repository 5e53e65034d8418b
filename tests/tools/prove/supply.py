"""What this is made of: licences, the least versions, weights, and known advisories that do not reach it.

    python -m tests.tools.prove.supply             # says what is wrong
    python -m tests.tools.prove.supply --ignored   # the options by which pip-audit leaves the known exceptions out

`make audit` runs it, and then writes a bill of materials (CycloneDX) and asks for advisories, for which it needs a
network.
"""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from tests.tools.prove.server import ROOT, say

PROJECT = "assessment-assistant"
EXCEPTIONS = ROOT / "docs" / "vulnerabilities.toml"
# Licences under which the whole could not be given on under its own; LGPL and MPL bind only their own files.
REFUSED = re.compile(
    r"\bAGPL|affero|(?<!L)\bGPL|(?<!lesser )general public licen[cs]e|SSPL|server side public|BUSL|business source|"
    r"commons clause|non-?commercial|proprietary",
    re.IGNORECASE,
)
LEAST = {"gradio": "6.31", "starlette": "1.3.1", "brotli": "1.2.1", "h11": "0.16.0", "python-multipart": "0.0.31"}
WEIGHTS_THAT_RUN = {".bin", ".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".joblib", ".npz", ".h5"}


@dataclass(frozen=True)
class Harmless:
    """An advisory that does not reach us, why, and the test that shows it."""

    id: str
    package: str
    what: str
    why: str
    test: str


def exceptions() -> list[Harmless]:
    """The known exceptions, as written down."""
    return [Harmless(**one) for one in tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8"))["exception"]]


def installed(project: str = PROJECT) -> dict[str, metadata.Distribution]:
    """Everything a project needs when it runs, itself included, by canonical name."""
    found: dict[str, metadata.Distribution] = {}
    waiting = [(project, frozenset[str]())]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        name, extras = waiting.pop()
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found[canonicalize_name(name)] = distribution = metadata.distribution(name)
        waiting += [(need.name, frozenset(need.extras)) for need in _needs(distribution, extras)]
    return dict(sorted(found.items()))


def _needs(distribution: metadata.Distribution, extras: frozenset[str]) -> Iterator[Requirement]:
    for line in distribution.requires or ():
        need = Requirement(line)
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield need


def licence(distribution: metadata.Distribution) -> str:
    """What a distribution says of its licence: the expression, the classifiers, or the first line of the text."""
    said = distribution.metadata
    classes = [one.split("::")[-1].strip() for one in said.get_all("Classifier") or [] if one.startswith("License ::")]
    first = (said.get("License") or "").strip().partition("\n")[0]
    return said.get("License-Expression") or ", ".join(classes) or first


def refused_licences() -> list[str]:
    """What is needed under a licence that is refused, or under none that it names."""
    found = {f"{name} {one.version}": licence(one) for name, one in installed().items()}
    return [f"{name}: {said or 'no licence named'}" for name, said in found.items() if not said or REFUSED.search(said)]


def too_old() -> list[str]:
    """What is older than the version in which a fault that reaches us was mended."""
    held = installed()
    return [
        f"{name} {held[name].version} is older than {least}"
        for name, least in LEAST.items()
        if name in held and Version(held[name].version) < Version(least)
    ]


def weights_that_run(folder: Path) -> list[str]:
    """Files of a model whose format can carry code that runs when they are read."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in WEIGHTS_THAT_RUN)


def trusting_calls(root: Path = ROOT) -> list[str]:
    """Places in our code that read what can carry code, or trust a model's own."""
    return [
        f"{path.relative_to(root)}:{line}: {what}"
        for part in ("assistant", "index")
        for path in sorted((root / part).rglob("*.py"))
        for line, what in trusting(ast.parse(path.read_text(encoding="utf-8")))
    ]


def trusting(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Such places in a module: line, and what it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for name in names:
                if name.split(".")[0] in ("pickle", "cloudpickle", "dill", "joblib", "marshal", "shelve"):
                    yield node.lineno, f"imports {name}"
        if isinstance(node, ast.Call):
            for keyword in node.keywords:
                wanted = {"trust_remote_code": False, "allow_pickle": False, "use_safetensors": True}
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg in wanted and value is not wanted[keyword.arg]:
                    yield node.lineno, f"{keyword.arg} is not {wanted[keyword.arg]}"
            if ast.unparse(node.func) in ("torch.load", "eval", "exec"):
                yield node.lineno, ast.unparse(node.func)


def run(seed: int = 1, *, full: bool = False) -> int:
    """Say what is wrong; 0 when nothing is, else 1."""
    from index.embedding.models import open_embedder

    held = installed()
    problems = [*refused_licences(), *too_old(), *weights_that_run(open_embedder().folder), *trusting_calls()]  # type: ignore[attr-defined]
    say(f"{len(held)} packages are needed at run time; {len(exceptions())} known exceptions in {EXCEPTIONS.name}")
    for problem in problems:
        say(f"NOT REACHED: {problem}")
    return int(bool(problems))


if __name__ == "__main__":
    if "--ignored" in sys.argv:
        say(" ".join(f"--ignore-vuln {one.id}" for one in exceptions()))
    else:
        sys.exit(run())
