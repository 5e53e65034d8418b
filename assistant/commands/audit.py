"""Saved answers held against the sources as they are now: every quotation read again, without the index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answer import Answer, Citation
from assistant.claims.check import Guards
from assistant.verify import fault_in
from index.archives import locate
from index.errors import SourceError
from index.gazetteer import Gazetteer
from index.readers import read
from index.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in an answer that its sources do not bear out: where it stands, and why it fails."""

    answer: str
    place: str
    reason: str


@dataclass(frozen=True, slots=True)
class Auditor:
    """Reads each source once, in the folder `sources`."""

    sources: Path
    _read: dict[str, Transcript | str] = field(default_factory=dict)

    def findings(self, answer: Answer) -> Iterator[Finding]:
        """What fails in one answer; nothing when every quotation is what its source says at the recorded place."""
        for citation in answer.citations:
            if reason := self._fault(citation):
                yield Finding(answer.id, f"[{citation.number}] {citation.source}", reason)
        for citation in answer.nearest:
            if reason := self._fault(citation):
                yield Finding(answer.id, f"nearest [{citation.number}] {citation.source}", reason)
        for citation in answer.note_sources:
            if reason := self._fault(citation):
                yield Finding(answer.id, f"source of a note [{citation.number}] {citation.source}", reason)
        for number, reason in (*_misstated(answer), *_not_borne_out(answer)):
            yield Finding(answer.id, f"statement {number}", reason)

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
    quotes = {citation.number: citation.quote for citation in answer.citations}
    for number, statement in enumerate(answer.statements, start=1):
        if statement.kind == "summary":
            continue
        rest = statement.text
        for cited in statement.citations:
            if quotes[cited] not in rest:
                yield number, f"quotation [{cited}] is not in its words"
            rest = rest.replace(quotes[cited], "", 1)
        if rest.strip():
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
