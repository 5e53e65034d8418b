"""A wheel, installed into an empty environment outside this checkout, does what the checkout does.

    python -m tests.tools.prove.installed [--wheels FOLDER]

builds a wheel from a copy of the checkout, installs it into a new environment from a folder of wheels alone (no
index), and there runs `assistant index`, `ask`, `serve` and `mcp` from another folder, with nothing of the checkout on
the path. FOLDER has the wheels of everything that is needed, as docs/operating.md says; without it, pip collects them
first, which needs a package index. It takes minutes, so it is no part of `make test`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.tools.prove.server import ROOT, say

QUESTION = "What concerns did the inspector have about investigations?"
PARTS_OF_WHEEL = ("assistant", "index", "pyproject.toml", "README.md", "LICENSE")
BUILDER = re.search(r'requires = \["([^"]+)"\]', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))[1]
EXTRA = "mcp"
# Run by the installed Python: where the program is, and what the SDK's client gets of the command `mcp`
WHERE = "import assistant, index; print(assistant.__file__, index.__file__, sep='\\n')"
ASK_BY_MCP = """
import asyncio, json, os, sys
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

async def main():
    server = StdioServerParameters(command=sys.argv[1], args=["mcp"], env=dict(os.environ))
    async with Client(stdio_client(server)) as client:
        print(json.dumps((await client.call_tool("ask", {"question": sys.argv[2]})).structured_content))

asyncio.run(main())
"""


@dataclass(frozen=True)
class Installed:
    """An environment with the program, and a folder outside the checkout with sources, in which its commands run."""

    environment: Path
    folder: Path

    @property
    def program(self) -> Path:
        return self.environment / ("Scripts" if os.name == "nt" else "bin") / "assistant"

    def surroundings(self) -> Mapping[str, str]:
        """The environment variables, without any that leads to the checkout or sets something."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ASSISTANT_", "PYTHON"))}
        return kept | {"ASSISTANT_SOURCES": str(self.folder / "sources"), "ASSISTANT_INDEX": str(self.folder / "index")}

    def run(self, *command: str | Path) -> str:
        """What a command prints. Raises `RuntimeError` when it fails."""
        return run(*command, folder=self.folder, surroundings=self.surroundings())

    def python(self, code: str, *arguments: str | Path) -> str:
        """What a program prints that the environment's Python runs."""
        return self.run(self.program.with_name("python"), "-c", code, *arguments)


def run(*command: str | Path, folder: Path, surroundings: Mapping[str, str] | None = None) -> str:
    """What a command prints. Raises `RuntimeError` with its last words when it fails."""
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=surroundings, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))[:200]}: exit {done.returncode}: {done.stderr[-1500:]}")
    return done.stdout


def collect_wheels(folder: Path, wheels: Path, *, given: bool) -> None:
    """Build our wheel from a copy, so that nothing is written into the checkout, and collect those of all it needs."""
    copy = folder / "copy"
    for part in PARTS_OF_WHEEL:
        source, target = ROOT / part, copy / part
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, target)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--wheel-dir", wheels)
    if given:
        run(*pip, "--no-deps", "--no-index", "--find-links", wheels, copy, folder=folder)
    else:
        run(*pip, "--constraint", ROOT / "constraints.txt", f"{copy}[{EXTRA}]", BUILDER, folder=folder)


def install(folder: Path, wheels: Path) -> Installed:
    """A new environment with the program, installed from the wheels alone, and sources to index."""
    installed = Installed(folder / "environment", folder / "elsewhere")
    shutil.copytree(ROOT / "sources", installed.folder / "sources")
    run(sys.executable, "-m", "venv", installed.environment, folder=folder)
    options = ("--quiet", "--no-index", "--find-links", wheels, "--constraint", ROOT / "constraints.txt")
    python = installed.program.with_name("python")
    installed.run(python, "-m", "pip", "install", *options, f"assessment-assistant[{EXTRA}]")
    return installed


def is_apart(installed: Installed) -> bool:
    """Whether the program runs from its environment, and from nowhere else."""
    return all(
        Path(place).is_relative_to(installed.environment) for place in installed.python(WHERE).split("\n") if place
    )


def is_quoted(installed: Installed, answer: Mapping[str, object]) -> bool:
    """Whether an answer is one, and each of its quotations is a slice of its source."""
    citations = answer["citations"]
    assert isinstance(citations, list)
    texts = {path.name: path.read_text(encoding="utf-8") for path in (installed.folder / "sources").glob("*.txt")}
    return answer["status"] == "answered" and all(
        texts[cited["source"]][cited["start"] : cited["end"]] == cited["quote"] for cited in citations
    )


def index(installed: Installed) -> bool:
    return " 0 failed" in installed.run(installed.program, "index")


def ask(installed: Installed) -> bool:
    return is_quoted(installed, json.loads(installed.run(installed.program, "ask", "--json", QUESTION)))


def mcp(installed: Installed) -> bool:
    return is_quoted(installed, json.loads(installed.python(ASK_BY_MCP, installed.program, QUESTION)))


def serve(installed: Installed) -> bool:
    """The page, the health check and the JSON interface of the installed server."""
    command = [str(installed.program), "serve", "--port", "0"]
    with subprocess.Popen(
        command, cwd=installed.folder, env=installed.surroundings(), stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stderr is not None
            lines = iter(process.stderr.readline, "")
            address = next(found[1] for line in lines if (found := re.match(r"Serving on (http://\S+)/ ", line)))
            body = json.dumps({"question": QUESTION}).encode()
            asked = urllib.request.Request(
                f"{address}/api/v1/ask", data=body, headers={"Content-Type": "application/json"}
            )
            page, ready = (read(f"{address}{path}").decode() for path in ("/", "/health/ready"))
            return (
                "<h1" in page and json.loads(ready)["status"] == "ok" and is_quoted(installed, json.loads(read(asked)))
            )
        finally:
            process.terminate()


def read(asked: str | urllib.request.Request) -> bytes:
    with urllib.request.urlopen(asked, timeout=120) as reply:
        return reply.read()


def prove(folder: Path, wheels: Path | None) -> int:
    """Run every step and print how it went; 0 when all went well, else 1."""
    collected = wheels or folder / "wheels"
    started = time.monotonic()
    collect_wheels(folder, collected, given=wheels is not None)
    installed = install(folder, collected)
    size = len(list(collected.glob("*.whl")))
    say(f"installed from {size} wheels alone, in {time.monotonic() - started:.0f} s")
    steps: dict[str, Callable[[Installed], bool]] = {
        "runs from its environment alone": is_apart, "index": index, "ask": ask, "serve": serve, "mcp": mcp,
    }  # fmt: skip
    failed = 0
    for name, step in steps.items():
        started = time.monotonic()
        went_well = step(installed)
        failed += not went_well
        say(f"{name}: {'well' if went_well else 'NOT REACHED'}, in {time.monotonic() - started:.0f} s")
    return int(bool(failed))


if __name__ == "__main__":
    given = sys.argv[1:]
    folder_of_wheels = Path(given[given.index("--wheels") + 1]).resolve() if "--wheels" in given else None
    with TemporaryDirectory() as scratch:
        sys.exit(prove(Path(scratch).resolve(), folder_of_wheels))
