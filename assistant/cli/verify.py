"""The command `verify`: a file of answers, checked and reported.

Saved answers held against the sources as they are now: every quotation read again, without the index.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import typer

from assistant.answer import Answer, Citation
from assistant.cli.common import ExitCode
from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import open_lines, read_records
from assistant.export.answer_blocks import displayed_statements
from assistant.export.plain_text import counted
from assistant.faithfulness.check import Guards
from assistant.sanitise import plain
from assistant.verify import fault_in
from index.errors import SourceError
from index.readers.archives import locate
from index.readers.read import read
from index.sources.gazetteer import Gazetteer
from index.text.transcript import Transcript


@dataclass(frozen=True, slots=True)
class VerifyFinding:
    """Something in an answer that its sources do not bear out: where it stands, and why it fails."""

    answer: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Auditor:
    """Reads each source once, in the folder `sources`."""

    sources: Path
    _read: dict[str, Transcript | str] = field(default_factory=dict)

    def findings(self, answer: Answer) -> Iterator[VerifyFinding]:
        """What fails in one answer; nothing when every quotation is what its source says at the recorded place."""
        for citation in answer.citations:
            if reason := self._fault(citation):
                yield VerifyFinding(answer.id, f"[{citation.number}] {citation.source}", reason)
        for citation in answer.nearest:
            if reason := self._fault(citation):
                yield VerifyFinding(answer.id, f"nearest [{citation.number}] {citation.source}", reason)
        for citation in answer.note_sources:
            if reason := self._fault(citation):
                yield VerifyFinding(answer.id, f"source of a note [{citation.number}] {citation.source}", reason)
        for number, reason in (*_misstated(answer), *_not_borne_out(answer)):
            yield VerifyFinding(answer.id, f"statement {number}", reason)

    def _fault(self, citation: Citation) -> str:
        transcript = self._transcript(citation.source)
        return transcript if isinstance(transcript, str) else fault_in(citation, transcript)

    def _transcript(self, name: str) -> Transcript | str:
        if name not in self._read:
            self._read[name] = self._read_source(name)
        return self._read[name]

    def _read_source(self, name: str) -> Transcript | str:
        try:
            return read(locate(self.sources, name))
        except SourceError as error:
            return error.reason


def _misstated(answer: Answer) -> Iterator[tuple[int, str]]:
    """Statements that say more, or other, than the quotations they cite."""
    for number, displayed in enumerate(displayed_statements(answer), start=1):
        if displayed.statement.kind == "summary":
            continue
        for citation in displayed.citations:
            if citation.quote not in displayed.statement.text:
                yield number, f"quotation [{citation.number}] is not in its words"
        if displayed.claim:
            yield number, "it says more than the quotations it cites"


def _not_borne_out(answer: Answer) -> Iterator[tuple[int, str]]:
    """Summaries that the quotations they cite do not bear out, by the rules that let them into the answer."""
    summaries = [(n, one) for n, one in enumerate(answer.statements, start=1) if one.kind == "summary"]
    if not summaries:
        return
    forces = [citation.force for citation in answer.citations if citation.force]
    guards = Guards(Gazetteer.load().with_forces(forces))
    for number, statement in summaries:
        cited = [answer.citations[place - 1] for place in statement.citations]
        faults = ", ".join(fault.value for fault in guards.faults(statement.text, cited))
        if faults:
            yield number, f"its quotations do not bear it out: {faults}"


def verify_file(name: str, sources: Path) -> ExitCode:
    """Check the answers in a file (`-` is stdin): one JSON object, or one a line.

    What fails is printed to stdout. Raises `QuestionFileError` when the file cannot be read or holds no answer.
    """
    auditor = Auditor(sources)
    findings: list[VerifyFinding] = []
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
