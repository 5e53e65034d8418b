"""The command `verify`: a file of answers, checked and reported."""

from __future__ import annotations

import json
from pathlib import Path

import typer

from assistant.answer import Answer
from assistant.characters import plain
from assistant.commands.audit import Auditor, Finding
from assistant.commands.exits import ExitCode
from assistant.commands.terminal import counted
from assistant.errors import QuestionFileError
from assistant.json_lines import open_lines, read_records


def verify_file(name: str, sources: Path) -> ExitCode:
    """Check the answers in a file (`-` is stdin): one JSON object, or one a line.

    What fails is printed to stdout. Raises `QuestionFileError` when the file cannot be read or holds no answer.
    """
    auditor = Auditor(sources)
    findings: list[Finding] = []
    answers = quotations = unreadable = 0
    for answer in _answers(name):
        if isinstance(answer, QuestionFileError):
            unreadable += 1
            typer.echo(f"Error: {answer}", err=True)
            continue
        answers += 1
        quotations += len(answer.citations) + len(answer.nearest)
        findings += auditor.findings(answer)
    if not answers and not unreadable:
        raise QuestionFileError(f"{name} holds no answer.", advice="Save one with assistant ask --json.")
    for finding in findings:
        typer.echo(plain(f"answer {finding.answer}: {finding.place}: {finding.reason}."))
    held = f"{counted(quotations, 'quotation')} of {counted(answers, 'answer')}"
    typer.echo(f"{held} checked: {counted(len(findings), 'failure')}.")
    if findings:
        return ExitCode.NOT_VERIFIED
    return ExitCode.USAGE if unreadable else ExitCode.DONE


def _answers(name: str) -> list[Answer | QuestionFileError]:
    with open_lines(name) as file:
        data = b"".join(file)
    try:
        json.loads(data)
    except ValueError:
        lines = data.splitlines()
    else:
        lines = [data]
    return list(read_records(lines, name, Answer))
