"""What this is made of: licences, the least versions, weights, and known advisories that do not reach it.

    python -m tests.tools.prove.supply             # says what is wrong
    python -m tests.tools.prove.supply --ignored   # the options by which pip-audit leaves the known exceptions out
    python -m tests.tools.prove.supply --advisories FILE  # compares what is installed with advisories in a file
    python -m tests.tools.prove.supply --lock REPORT      # prints a hash-locked list of what pip's report would install

`make audit` runs it, and then writes a bill of materials (CycloneDX) and asks for advisories, for which it needs a
network; `make audit ADVISORIES=FILE` needs none. `make lock` makes the list for `pip install --require-hashes`.
"""

from __future__ import annotations

import ast
import json
import re
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

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


def lock_lines(report: Mapping[str, Any]) -> list[str]:
    """The lines of a requirements file with hashes, from the report of `pip install --dry-run --report`.

    The project itself, which is a folder, is left out. Raises `ValueError` for a package that has no SHA-256.
    """
    lines = []
    for one in report["install"]:
        name, version = canonicalize_name(one["metadata"]["name"]), one["metadata"]["version"]
        if "dir_info" in one["download_info"]:
            continue
        digest = one["download_info"].get("archive_info", {}).get("hashes", {}).get("sha256")
        if not digest:
            raise ValueError(f"{name} {version} has no SHA-256: it is not from a package index or a file")
        lines.append(f"{name}=={version} --hash=sha256:{digest}")
    return sorted(lines)


def read_advisories(path: Path) -> list[dict[str, Any]]:
    """The advisories in a file in the OSV format: one record, a list, a record a line, or a zip archive of records."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return [json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    found = json.loads(text)
    return found if isinstance(found, list) else [found]


def advised_against(advisories: Iterable[Mapping[str, Any]], versions: Mapping[str, str]) -> list[str]:
    """What of the installed `versions`, by canonical name, an advisory is about that is no known exception."""
    known = {one.id for one in exceptions()}
    found = set()
    for advisory in advisories:
        names = {str(advisory["id"]), *advisory.get("aliases", ())}
        if advisory.get("withdrawn") or names & known:
            continue
        for affected in advisory.get("affected", ()):
            package = affected.get("package", {})
            name = canonicalize_name(package.get("name", ""))
            if package.get("ecosystem") == "PyPI" and name in versions and _affects(affected, versions[name]):
                found.add(f"{name} {versions[name]}: {advisory['id']}")
    return sorted(found)


def _affects(affected: Mapping[str, Any], version: str) -> bool:
    """Whether a version is in the list or in a range of those affected. What cannot be compared counts as affected."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one["events"] for one in affected.get("ranges", ()) if one.get("type") == "ECOSYSTEM"]
    return any(_is_in_range(events, Version(version)) for events in ranges)


def _is_in_range(events: Iterable[Mapping[str, str]], version: Version) -> bool:
    """Whether a version is affected by the events of a range, in their order (OSV, `affected[].ranges[].events`)."""
    is_affected = False
    try:
        for event in events:
            if "introduced" in event and (event["introduced"] == "0" or version >= Version(event["introduced"])):
                is_affected = True
            if "fixed" in event and version >= Version(event["fixed"]):
                is_affected = False
            if "last_affected" in event and version > Version(event["last_affected"]):
                is_affected = False
    except InvalidVersion:
        return True
    return is_affected


def run_offline(path: Path) -> int:
    """Say which advisories of a file are about what is installed; 0 when none is, else 1."""
    advisories = read_advisories(path)
    versions = {name: one.version for name, one in installed().items()}
    found = advised_against(advisories, versions)
    say(f"{len(advisories)} advisories in {path.name} compared with {len(versions)} packages: {len(found)} apply")
    for one in found:
        say(f"ADVISORY: {one}")
    return int(bool(found))


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
    if "--lock" in sys.argv:
        say("\n".join(lock_lines(json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8")))))
    elif "--advisories" in sys.argv:
        sys.exit(run_offline(Path(sys.argv[-1])))
    elif "--ignored" in sys.argv:
        say(" ".join(f"--ignore-vuln {one.id}" for one in exceptions()))
    else:
        sys.exit(run())
