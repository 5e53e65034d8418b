"""The last check before an answer leaves: every quotation is sliced again from its source and compared.

`verified` checks against the record, for every answer; `check_against_files` against the files themselves, for anyone
who holds an answer and the sources folder.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from assistant.answer import Answer, Citation
from index.errors import SourceError
from index.readers import read
from index.source import SourceFile
from index.transcript import Transcript

_log = logging.getLogger(__name__)


def verified(citations: Iterable[Citation], transcript_of: Callable[[str], Transcript | None]) -> bool:
    """Whether every citation is a slice of its transcript as held; one that is not is logged by its place."""
    held: dict[str, Transcript | None] = {}
    sound = True
    for citation in citations:
        if citation.transcript_id not in held:
            held[citation.transcript_id] = transcript_of(citation.transcript_id)
        transcript = held[citation.transcript_id]
        fault = "its transcript is not held" if transcript is None else fault_in(citation, transcript)
        if fault:
            sound = False
            _log.error("withheld: %s, characters %d to %d: %s", citation.source, citation.start, citation.end, fault)
    return sound


def fault_in(citation: Citation, transcript: Transcript) -> str:
    """What is wrong with a citation of a transcript; empty when nothing is."""
    if transcript.sha256 != citation.sha256:
        return "the source has changed since"
    if transcript.text[citation.start : citation.end] != citation.quote:
        return "the quotation is not what stands there"
    return ""


def check_against_files(answer: Answer, sources: Path) -> list[tuple[Citation, str]]:
    """Every citation of an answer, the nearest sentences included, with what is wrong with it (empty: nothing)."""
    return [(citation, _fault_in_file(citation, sources)) for citation in (*answer.citations, *answer.nearest)]


def _fault_in_file(citation: Citation, sources: Path) -> str:
    path = sources / citation.source
    if not path.resolve().is_relative_to(sources.resolve()):
        return "the source is named outside the sources folder"
    if not path.is_file():
        return "the source file is missing"
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        return fault_in(citation, read(SourceFile(path, citation.source, digest)))
    except SourceError as error:
        return error.reason
