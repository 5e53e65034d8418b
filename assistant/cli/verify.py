"""The command `verify`: checks saved answers against the sources, without the index."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import typer

from assistant.answer import Answer, Citation
from assistant.cli.common import ExitCode
from assistant.errors import QuestionFileError
from assistant.evaluation.json_lines import open_lines, read_records
from assistant.export.answer_blocks import displayed_statements
from assistant.export.plain_text import counted
from assistant.faithfulness.check import CompressionCheck
from assistant.messages import load_messages
from assistant.sanitise import one_line
from assistant.verify import fault_in
from index.errors import SourceError
from index.readers.read import find_source, read
from index.sources.gazetteer import Gazetteer
from index.text.transcript import Transcript


@dataclass(frozen=True, slots=True)
class VerifyFinding:
    """A failed check: the answer's id, the part of it that failed, and the reason."""

    answer: str
    part: str
    reason: str


@dataclass(frozen=True, slots=True)
class AnswerVerifier:
    """Checks answers against the sources in a folder. Reads each source once."""

    sources: Path
    _transcripts: dict[str, Transcript | str] = field(default_factory=dict)

    def findings(self, answer: Answer) -> Iterator[VerifyFinding]:
        """Yields what fails in an answer: quotations that are not in their sources, and unsupported statements."""
        labelled = (("", answer.citations), ("nearest ", answer.nearest), ("source of a note ", answer.note_sources))
        for label, citations in labelled:
            for citation in citations:
                if reason := self._fault(citation):
                    yield VerifyFinding(answer.id, f"{label}[{citation.number}] {citation.source}", reason)
        for number, reason in (*_quotation_faults(answer), *_summary_faults(answer)):
            yield VerifyFinding(answer.id, f"statement {number}", reason)

    def _fault(self, citation: Citation) -> str:
        """Why a citation fails, or nothing."""
        name = citation.source
        if name not in self._transcripts:
            self._transcripts[name] = self._read_source(name)
        transcript = self._transcripts[name]
        return transcript if isinstance(transcript, str) else fault_in(citation, transcript)

    def _read_source(self, name: str) -> Transcript | str:
        """The transcript, or the reason why it cannot be read."""
        try:
            return read(find_source(self.sources, name))
        except SourceError as error:
            return error.reason


def _quotation_faults(answer: Answer) -> Iterator[tuple[int, str]]:
    """Yields the numbers of statements that differ from the quotations they cite, with the reason."""
    for number, displayed in enumerate(displayed_statements(answer), start=1):
        if displayed.statement.kind == "summary":
            continue
        for citation in displayed.citations:
            if citation.quote not in displayed.statement.text:
                yield number, f"quotation [{citation.number}] is not in its words"
        if displayed.claim:
            yield number, "it says more than the quotations it cites"


def _summary_faults(answer: Answer) -> Iterator[tuple[int, str]]:
    """Yields the numbers of summaries that are no compression of a quotation they cite, with the reason."""
    summaries = [
        (number, statement)
        for number, statement in enumerate(answer.statements, start=1)
        if statement.kind == "summary"
    ]
    if not summaries:
        return
    forces = [citation.force for citation in answer.citations if citation.force]
    check = CompressionCheck(Gazetteer.load().with_forces(forces))
    for number, statement in summaries:
        cited = [answer.citations[citation - 1] for citation in statement.citations]
        fault = check.fault(statement.text, cited)
        if fault is not None:
            reason = load_messages().say(f"failed_check.{fault.value}")
            yield number, f"it shortens none of its quotations as it may ({reason})"


def verify_file(name: str, sources: Path) -> ExitCode:
    """Checks the answers in a file (`-` is stdin), one JSON object or one per line, and prints what fails.

    Raises `QuestionFileError` when the file cannot be read or contains no answer.
    """
    answers, errors = _read_answers(name)
    for error in errors:
        typer.echo(f"Error: {error}", err=True)
    verifier = AnswerVerifier(sources)
    findings = [finding for answer in answers for finding in verifier.findings(answer)]
    typer.echo("\n".join(_report_lines(answers, findings)))
    if findings:
        return ExitCode.NOT_VERIFIED
    return ExitCode.USAGE if errors else ExitCode.DONE


def _report_lines(answers: Sequence[Answer], findings: Sequence[VerifyFinding]) -> Iterator[str]:
    for finding in findings:
        yield one_line(f"answer {finding.answer}: {finding.part}: {finding.reason}.")
    quotations = sum(len(answer.citations) + len(answer.nearest) for answer in answers)
    checked = f"{counted(quotations, 'quotation')} of {counted(len(answers), 'answer')}"
    yield f"{checked} checked: {counted(len(findings), 'failure')}."


def _read_answers(name: str) -> tuple[list[Answer], list[QuestionFileError]]:
    """The answers of a file, and the errors of its unreadable lines."""
    with open_lines(name) as file:
        data = b"".join(file)
    try:
        json.loads(data)
    except ValueError:
        lines = data.splitlines()
    else:
        lines = [data]
    records = list(read_records(lines, name, Answer))
    if not records:
        raise QuestionFileError(f"{name} contains no answer.", advice="Save one with assistant ask --json.")
    answers = [record for record in records if isinstance(record, Answer)]
    return answers, [record for record in records if isinstance(record, QuestionFileError)]
