"""Generates the documents that follow from the code; `tests/test_docs.py` checks that they are up to date."""

from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from assistant.answer import Answer
from assistant.cli.main import app

DOCS = Path(__file__).parents[2] / "docs"
TERMINAL = {"COLUMNS": "100", "TERMINAL_WIDTH": "100", "NO_COLOR": "1"}


def commands() -> str:
    """Returns `docs/commands.md`: the help of every command at a fixed terminal width."""
    names = sorted(getattr(typer.main.get_command(app), "commands"))  # noqa: B009  # typer does not type its groups
    parts = ["# Commands\n\nWritten by `make docs` from `assistant --help`.\n"]
    parts += [f"## assistant{name}\n\n```text\n{_help(name)}```\n" for name in ("", *(f" {name}" for name in names))]
    return "\n".join(parts)


def answer_schema() -> str:
    """Returns `docs/answer.schema.json`: the JSON Schema of an Answer."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema"} | Answer.model_json_schema(
        mode="serialization"
    )
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def documents() -> dict[Path, str]:
    """Returns the text of every generated document by path."""
    return {DOCS / "commands.md": commands(), DOCS / "answer.schema.json": answer_schema()}


def _help(command: str) -> str:
    result = CliRunner().invoke(app, [*command.split(), "--help"], env=TERMINAL, prog_name="assistant")
    return "\n".join(line.rstrip() for line in result.stdout.splitlines()) + "\n"


if __name__ == "__main__":
    for path, text in documents().items():
        path.write_text(text, encoding="utf-8", newline="\n")
