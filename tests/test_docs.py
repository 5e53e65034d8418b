"""Documents that are written from the code say what the code says."""

import json
from pathlib import Path

import jsonschema
import pytest

from assistant.answer import Status
from tests.fixtures.fictional import NORTHSHIRE, cite, make_answer
from tests.tools.documents import DOCS, answer_schema, documents


@pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: path.name)
def test_it_is_as_make_docs_writes_it(path: Path) -> None:
    assert path.read_text(encoding="utf-8") == documents()[path], "run make docs"


@pytest.mark.parametrize(
    "answer",
    [
        make_answer("?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1), cite(NORTHSHIRE, 6, 2, context=True)]),
        make_answer("?", nearest=[cite(NORTHSHIRE, 5, 1)]),
    ],
    ids=["answered", "refused"],
)
def test_answers_are_valid_by_the_schema(answer: object) -> None:
    validator = jsonschema.Draft202012Validator(json.loads(answer_schema()))
    saved = json.loads(answer.model_dump_json())  # type: ignore[attr-defined]
    validator.validate(saved)
    assert not validator.is_valid(saved | {"status": "maybe"})
    assert not validator.is_valid({name: value for name, value in saved.items() if name != "reason"})


def test_every_setting_is_in_the_readme() -> None:
    from assistant.settings import Settings

    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in readme] == []


def test_the_changelog_begins_with_the_version() -> None:
    import tomllib

    version = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    headings = [line for line in (DOCS.parent / "CHANGELOG.md").read_text().splitlines() if line.startswith("## ")]
    assert headings[0] == f"## {version}"
