"""The commands: their output on stdout and stderr, and their exit codes."""

import json
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from assistant.answer import Answer
from assistant.cli.common import ExitCode, exit_code
from assistant.cli.main import app
from assistant.errors import QuestionFileError, SettingsError, TamperedSourceError
from assistant.filter import EVERYTHING, Filter
from assistant.question.conversation import Turn
from assistant.settings import Settings
from index.errors import (
    AppError,
    EmbeddingModelError,
    IndexDatabaseError,
    IndexingError,
    NotIndexedError,
    SourceError,
    WriterBusyError,
)
from tests.fixtures.fictional import NORTHSHIRE, FictionalAssistant

ANSWERED = "How well does it investigate crime?"
REFUSED = "How many horses are there?"


class Fictional(FictionalAssistant):
    """Takes an id, as the real assistant does."""

    def ask(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        within: Filter = EVERYTHING,
        id: str | None = None,  # noqa: A002
    ) -> Answer:
        answer = super().ask(question, history, within=within)
        return answer.model_copy(update={"id": id}) if id else answer


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Settings]:
    """Collects the settings of every assistant that is opened."""
    seen: list[Settings] = []

    def open_fictional(settings: Settings) -> Fictional:
        seen.append(settings)
        return Fictional()

    monkeypatch.chdir(tmp_path)
    for module in ("ask", "evaluate"):
        monkeypatch.setattr(f"assistant.cli.{module}.open_with_index", open_fictional)
    return seen


def run(*arguments: str, stdin: bytes | str = "") -> Result:
    return CliRunner().invoke(app, arguments, input=stdin, prog_name="assistant")


def lines(*questions: object) -> str:
    return "".join(json.dumps(question) + "\n" for question in questions)


def test_a_shell_completes_commands(monkeypatch: pytest.MonkeyPatch) -> None:
    environment = {"_ASSISTANT_COMPLETE": "complete_bash", "COMP_WORDS": "assistant ev", "COMP_CWORD": "1"}
    result = CliRunner().invoke(app, [], env=environment, prog_name="assistant")
    assert result.stdout.split() == ["evaluate"]


def test_an_answer_goes_to_stdout_and_exits_with_0(opened: list[Settings]) -> None:
    result = run("ask", ANSWERED)
    assert result.exit_code == 0
    assert result.stdout.startswith(f"{NORTHSHIRE.sentences[5].text} [1]\n")
    assert "Sources\n[1] HMI Ada Marlowe's" in result.stdout
    assert result.stderr == ""


def test_a_question_may_be_several_arguments(opened: list[Settings]) -> None:
    assert run("ask", *ANSWERED.split()).stdout == run("ask", ANSWERED).stdout


def test_a_refusal_goes_to_stdout_and_exits_with_1(opened: list[Settings]) -> None:
    result = run("ask", REFUSED)
    assert result.exit_code == ExitCode.NOT_ANSWERED == 1
    assert result.stdout.startswith("Not answered: ")
    assert "not an answer" in result.stdout


def test_json_is_exactly_one_object(opened: list[Settings]) -> None:
    result = run("ask", "--json", ANSWERED)
    answer = Answer.model_validate_json(result.stdout)
    assert (answer.question, len(result.stdout.splitlines())) == (ANSWERED, 1)


@pytest.mark.parametrize("stdin", [f"{ANSWERED}\n".encode(), b"\xef\xbb\xbf" + f"  {ANSWERED}\r\n".encode()])
def test_a_question_is_read_from_stdin(opened: list[Settings], stdin: bytes) -> None:
    assert Answer.model_validate_json(run("ask", "--json", "-", stdin=stdin).stdout).question == ANSWERED


def test_an_argument_that_is_not_utf8_is_answered(opened: list[Settings]) -> None:
    assert run("ask", "--json", "caf\udce9?").exit_code == 1


def test_one_assistant_answers_the_lines_in_order_with_their_ids(opened: list[Settings], tmp_path: Path) -> None:
    path = tmp_path / "questions.jsonl"
    history = [{"role": "user", "text": ANSWERED}, {"role": "assistant", "text": "Well."}]
    path.write_text(
        lines(
            {"id": "b", "question": ANSWERED, "type": "skipped"},
            {"id": "a", "question": "And Westmere?", "history": history},
            {"id": 7, "question": REFUSED},
        )
    )
    result = run("ask", "--input", str(path), "--json")
    answers = [Answer.model_validate_json(line) for line in result.stdout.splitlines()]
    assert [answer.id for answer in answers] == ["b", "a", "7"]
    assert [answer.status.answered for answer in answers] == [True, True, False]
    assert (result.exit_code, len(opened)) == (0, 1)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "Invalid JSON"),
        (b'{"id": "x"}', "question: Field required"),
        (b'{"question": "x"}', "id: Field required"),
        (b'{"id": "x", "question": null}', "question: Input should be a valid string"),
        (b'{"id": "x", "question": "y", "history": [{"role": "god", "text": ""}]}', "history.0.role"),
        (b'{"id": "x", "question": "\xff"}', "Invalid JSON"),
        (b"[]", "Input should be an object"),
    ],
)
def test_an_unreadable_line_is_reported_and_the_others_are_answered(
    opened: list[Settings], line: bytes, reason: str
) -> None:
    good = lines({"id": "1", "question": ANSWERED}).encode()
    result = run("ask", "--input", "-", "--json", stdin=good + b"\n" + line + b"\n" + good.replace(b'"1"', b'"2"'))
    assert [json.loads(answer)["id"] for answer in result.stdout.splitlines()] == ["1", "2"]
    assert result.stderr.startswith(f"Error: -, line 3: {reason}")
    assert result.exit_code == ExitCode.USAGE


def test_without_json_each_question_is_printed_before_its_answer(opened: list[Settings]) -> None:
    stdin = lines({"id": "1", "question": ANSWERED}, {"id": "2", "question": REFUSED})
    printed = run("ask", "--input", "-", stdin=stdin).stdout
    assert printed.startswith(f"1. {ANSWERED}\n")
    assert f"\n\n2. {REFUSED}\nNot answered: " in printed


@pytest.mark.parametrize("arguments", [("ask",), ("ask", "why", "--input", "x"), ("ask", "--nonsense"), ("nonsense",)])
def test_a_wrong_command_line_exits_with_2(opened: list[Settings], arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert (result.exit_code, result.stdout, opened) == (2, "", [])
    assert "Usage: assistant" in result.stderr


def test_a_missing_input_file_exits_with_2(opened: list[Settings]) -> None:
    result = run("ask", "--input", "none.jsonl")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: none.jsonl cannot be read: No such file or directory. Check the path.\n",
    )


def test_an_error_is_one_message_without_a_traceback(opened: list[Settings]) -> None:
    result = run("ask", "Ask me to rebuild")
    assert (result.exit_code, result.stdout) == (ExitCode.INDEX, "")
    assert result.stderr == "Error: The index is being rebuilt. Ask again in a minute.\n"


def test_a_bug_is_raised(opened: list[Settings]) -> None:
    assert isinstance(run("ask", "it breaks").exception, ZeroDivisionError)


def test_options_override_the_environment_and_the_environment_overrides_the_file(
    opened: list[Settings], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.toml").write_text('sources = "file"\nport = 1\nhost = "file"\n')
    monkeypatch.setenv("ASSISTANT_SOURCES", "environment")
    monkeypatch.setenv("ASSISTANT_PORT", "2")
    run("--config", "mine.toml", "ask", ANSWERED, "--sources", "option")
    assert (opened[0].sources, opened[0].port, opened[0].host) == (tmp_path / "option", 2, "file")


def test_a_misspelt_setting_stops_a_command(opened: list[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ASSISTANT_INDX", "x")
    result = run("ask", ANSWERED)
    assert (result.exit_code, opened) == (ExitCode.USAGE, [])
    assert "Did you mean environment variable ASSISTANT_INDEX?" in result.stderr


GOLD = {"id": "1", "question": ANSWERED, "answerable": True, "evidence": [[{"source": "x.txt", "quote": "y"}]]}


def test_evaluate_uses_the_sources_next_to_the_file_with_their_own_index(
    opened: list[Settings], tmp_path: Path
) -> None:
    (tmp_path / "set" / "sources").mkdir(parents=True)
    text = NORTHSHIRE.transcript.text
    (tmp_path / "set" / "sources" / NORTHSHIRE.transcript.source).write_bytes(text.encode())
    (tmp_path / "set" / "gold.jsonl").write_text(lines(GOLD, GOLD | {"answerable": False, "evidence": []}))
    result = run("evaluate", "--json", "set/gold.jsonl")
    scores = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (scores["answerable"], scores["unanswerable"], scores["verbatim"]) == (1, 1, 1)
    assert opened[0].sources == tmp_path / "set" / "sources"
    assert opened[0].index != tmp_path / ".index"
    assert "evidence f1, all" in run("evaluate", "set/gold.jsonl").stdout


def test_evaluate_stops_at_an_unreadable_line(opened: list[Settings], tmp_path: Path) -> None:
    (tmp_path / "gold.jsonl").write_text(lines(GOLD, {"id": "2", "question": "?"}))
    result = run("evaluate", "gold.jsonl")
    assert (result.exit_code, opened) == (ExitCode.USAGE, [])
    assert "gold.jsonl, line 2: answerable: Field required" in result.stderr


@pytest.fixture
def saved(opened: list[Settings], tmp_path: Path) -> Path:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / NORTHSHIRE.transcript.source).write_bytes(NORTHSHIRE.transcript.text.encode())
    path = tmp_path / "answer.json"
    path.write_text(run("ask", "--json", ANSWERED).stdout, encoding="utf-8")
    return path


def test_a_saved_answer_verifies_whatever_its_layout(saved: Path) -> None:
    good = "3 quotations of 1 answer checked: 0 failures.\n"
    assert (run("verify", str(saved)).stdout, run("verify", str(saved)).exit_code) == (good, 0)
    assert run("verify", "-", stdin=saved.read_bytes()).stdout == good
    assert run("verify", "-", stdin=json.dumps(json.loads(saved.read_bytes()), indent=2)).stdout == good
    two = run("verify", "-", stdin=saved.read_bytes() * 2)
    assert (two.stdout, two.exit_code) == ("6 quotations of 2 answers checked: 0 failures.\n", 0)


def test_a_changed_quotation_is_listed_and_exits_with_4(saved: Path) -> None:
    with (saved.parent / "sources" / NORTHSHIRE.transcript.source).open("a") as file:
        file.write("!")
    result = run("verify", str(saved))
    assert result.exit_code == ExitCode.NOT_VERIFIED == 4
    identity = json.loads(saved.read_bytes())["id"]
    first = f"answer {identity}: [1] {NORTHSHIRE.transcript.source}: the source has changed since."
    assert result.stdout.splitlines()[0] == first
    assert result.stdout.splitlines()[-1] == "3 quotations of 1 answer checked: 3 failures."


@pytest.mark.parametrize("content", ["", "{}", "nonsense", "[]"])
def test_a_file_without_an_answer_exits_with_2(opened: list[Settings], content: str) -> None:
    result = run("verify", "-", stdin=content)
    assert result.exit_code == ExitCode.USAGE
    assert result.stderr.startswith("Error: -")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (AppError("x"), 2),
        (SettingsError("x"), 2),
        (QuestionFileError("x"), 2),
        (TamperedSourceError("x"), 4),
        (IndexingError("x"), 3),
        (SourceError(Path("x"), "y"), 3),
        (EmbeddingModelError("x"), 3),
        (IndexDatabaseError("x"), 3),
        (WriterBusyError(Path("x"), 1), 3),
        (NotIndexedError("x"), 3),
    ],
)
def test_each_family_of_errors_has_its_exit_code(error: AppError, code: int) -> None:
    assert exit_code(error) == code


def test_version_prints_the_installed_version() -> None:
    result = run("--version")
    assert (result.exit_code, result.stdout) == (0, f"assistant {metadata.version('assessment-assistant')}\n")


def test_the_help_documents_every_exit_code() -> None:
    printed = run("--help").stdout
    assert [code for code in ExitCode if f"\n    {code.value:<5}" not in printed] == []


def test_evaluate_lists_open_cases(opened: list[Settings], tmp_path: Path) -> None:
    source = tmp_path / "sources" / NORTHSHIRE.transcript.source
    source.parent.mkdir()
    source.write_bytes(NORTHSHIRE.transcript.text.encode())
    undecided = {"id": "7", "question": "Who decides?", "answerable": None, "type": "feedback"}
    (tmp_path / "cases.jsonl").write_text(lines(GOLD, undecided | {"question": "Again?"}, undecided))
    scores = json.loads(run("evaluate", "--json", "cases.jsonl").stdout)
    assert (scores["answerable"], scores["unanswerable"], scores["open_cases"], scores["superseded"]) == (
        1,
        0,
        ["7"],
        1,
    )
    printed = run("evaluate", "cases.jsonl").stdout
    assert "\n1 open case, not scored: fill in `answerable` and `evidence`.\n  7  Who decides?\n" in printed
    assert "Again?" not in printed


def test_the_filter_of_the_command_overrides_that_of_a_line(
    monkeypatch: pytest.MonkeyPatch, opened: list[Settings]
) -> None:
    fictional = Fictional()
    monkeypatch.setattr("assistant.cli.ask.open_with_index", lambda settings: fictional)
    line = lines({"id": "1", "question": ANSWERED, "within": {"forces": ["Westmere Police"]}})
    run("ask", "--input", "-", stdin=line)
    run("ask", "--input", "-", "--force", "Northshire Constabulary", stdin=line)
    assert [within.forces for within in fictional.within] == [("Westmere Police",), ("Northshire Constabulary",)]
