"""The documents agree with the code: generated ones are up to date; links, paths and settings in the others exist."""

import json
import re
import tomllib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest

from assistant.answer import Status
from assistant.evaluation import feedback
from assistant.question import tagger
from assistant.settings import Settings
from assistant.state import MAX_HISTORY_TURNS, MAX_TURN_CHARACTERS
from assistant.web.chat import conversation, gradio_sessions, kept_turns, ui
from assistant.web.security import audit_log, rate_limit
from tests.fixtures.fictional import NORTHSHIRE, cite, make_answer
from tests.tools.documents import DOCS, answer_schema, documents

ROOT = DOCS.parent
WRITTEN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "sources" / "README.md", *sorted(DOCS.glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
COMMAND = re.compile(r"python -m ([\w.]+)")
PATH = re.compile(r"(?:assistant|index|tests|docs)/[\w./-]+")


@pytest.mark.parametrize("path", sorted(documents()), ids=lambda path: path.name)
def test_a_generated_document_is_as_make_docs_writes_it(path: Path) -> None:
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


def test_every_setting_is_documented() -> None:
    settings = (DOCS / "settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{name}`" not in settings] == []


def test_the_retention_figures_of_the_privacy_page_are_those_of_the_code() -> None:
    text = " ".join((DOCS / "privacy.md").read_text(encoding="utf-8").split())
    assert audit_log.MAX_FILE_BYTES % 2**20 == feedback.MAX_FILE_BYTES % 2**20 == 0
    stated = [
        f"{audit_log.BACKUP_FILES + 1} files of {audit_log.MAX_FILE_BYTES // 2**20} MiB",
        f"`.log/audit.jsonl.{audit_log.BACKUP_FILES}`",
        f"at {feedback.MAX_FILE_BYTES // 2**20} MiB no more is taken",
        f"of at most {audit_log.MAX_TEXT_CHARACTERS:,} characters",
        f"at most {MAX_HISTORY_TURNS} turns",
        f"at most {feedback.MAX_COMMENT_CHARACTERS:,} characters",
        f"at most the last {conversation.MAX_KEPT_TURNS} turns",
        f"at most {MAX_TURN_CHARACTERS:,} characters",
        f"until the index changes or {kept_turns.MAX_REMEMBERED_ANSWERS} later ones",
        f"until {ui.MAX_OPEN_PAGES} other pages are open",
        f"until {gradio_sessions.MAX_SESSIONS:,} later ones",
        f"until {rate_limit.MAX_CLIENTS:,} other clients",
        f"until {tagger.CACHED_TEXTS:,} other texts",
        f"{audit_log.REJECTION_SECONDS / 60:g} minutes or until",
    ]
    assert [figure for figure in stated if figure not in text] == []


def test_the_privacy_page_names_every_file_and_field_that_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = (DOCS / "privacy.md").read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    settings = Settings(audit_log=Path(".log/audit.jsonl"), cases=Path(".cases/cases.jsonl"))
    monkeypatch.setattr(audit_log, "MAX_FILE_BYTES", 1)  # so that the second line begins another file
    log = audit_log.AuditLog(settings.audit_log, questions=True)
    for _ in range(2):
        log.record_question("someone", "/ask", "How is crime investigated?", "answered", 0.1)
    judged = make_answer("?", Status.ANSWERED, [cite(NORTHSHIRE, 5, 1)])
    feedback.save_feedback(feedback.Feedback(judged, (), True, "", datetime.now(UTC)), settings.cases)
    lines = [json.loads(settings.audit_log.read_text().splitlines()[0]), json.loads(settings.cases.read_text())]
    named = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*") if file.is_file()}
    named |= {field for line in lines for field in line} | set(audit_log.Counted.__dataclass_fields__)
    assert {".log/audit.jsonl", ".log/audit.jsonl.1", ".cases/cases.jsonl", "question_text", "judge"} <= named
    assert [name for name in sorted(named) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", ["privacy.md", "transparency-record.md"])
def test_every_setting_named_for_the_public_exists(name: str) -> None:
    """Settings are named after what they do, so a name in brackets or code that is one word with underscores is one."""
    text = (DOCS / name).read_text(encoding="utf-8")
    files_and_fields = set(feedback.Case.model_fields) | {"question_text"}
    named = {span.partition(" ")[0] for span in CODE.findall(text)}
    words = {span for span in named if re.fullmatch(r"[a-z]+(_[a-z]+)+", span)} - files_and_fields
    assert words
    assert words - set(Settings.model_fields) == set()


def test_the_changelog_begins_with_what_is_unreleased_and_then_the_version() -> None:
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    lines = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8").splitlines()
    headings = [line.removeprefix("## ") for line in lines if line.startswith("## ")]
    assert next(heading for heading in headings if heading != "Unreleased") == version
    assert "Unreleased" not in headings[1:]


def test_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 150


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_to_a_file(document: Path) -> None:
    text = FENCED.sub("", document.read_text(encoding="utf-8"))
    targets = [link.partition("#")[0] for link in LINK.findall(text) if "://" not in link]
    assert [target for target in targets if target and not (document.parent / target).exists()] == []


@pytest.mark.parametrize("document", WRITTEN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_path_and_module_named_exists(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    spans = CODE.findall(FENCED.sub("", text))
    paths = [path for span in spans for path in span.split() if PATH.fullmatch(path)]
    assert [path for path in paths if not (ROOT / path).exists()] == []
    modules = [
        ROOT / name.replace(".", "/") for name in COMMAND.findall(text) if name.startswith(("assistant.", "tests."))
    ]
    assert [path for path in modules if not path.is_dir() and not path.with_suffix(".py").exists()] == []


def modules_in_tree(text: str) -> Iterator[str]:
    """The modules in the tree of docs/architecture.md. Indentation by two spaces shows which folder each is in."""
    tree = text.split("## The tree")[1].split("```")[1]
    folders: list[str] = []
    for line in tree.strip("\n").splitlines():
        depth = (len(line) - len(line.lstrip())) // 2
        name = line.split()[0]
        folders[depth:] = [name.rstrip("/")]
        if name.endswith(".py"):
            yield "/".join(folders)


def test_the_tree_of_the_architecture_names_every_module() -> None:
    named = list(modules_in_tree((DOCS / "architecture.md").read_text(encoding="utf-8")))
    code = [path for package in ("assistant", "index") for path in (ROOT / package).rglob("*.py")]
    assert sorted(named) == sorted(path.relative_to(ROOT).as_posix() for path in code if path.name != "__init__.py")
