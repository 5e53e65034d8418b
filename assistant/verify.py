"""Checks every quotation before an answer leaves: it is sliced from its source again and compared.

`verified` checks each answer against the record; `assistant verify` checks saved answers against the files.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import Protocol

from assistant.answer import Citation
from assistant.work import checked

_log = logging.getLogger(__name__)


class Text(Protocol):
    """What a quotation is compared with: a source's text, and the SHA-256 of its file."""

    @property
    def text(self) -> str: ...

    @property
    def sha256(self) -> str: ...


def verified(citations: Iterable[Citation], text_of: Callable[[str], Text | None]) -> bool:
    """Whether every citation is a slice of its transcript; one that is not is logged by its place."""
    known: dict[str, Text | None] = {}
    sound = True
    for citation in checked(citations):
        if citation.transcript_id not in known:
            known[citation.transcript_id] = text_of(citation.transcript_id)
        transcript = known[citation.transcript_id]
        fault = "the index has no such transcript" if transcript is None else fault_in(citation, transcript)
        if fault:
            sound = False
            _log.error("withheld: %s, characters %d to %d: %s", citation.source, citation.start, citation.end, fault)
    return sound


def fault_in(citation: Citation, transcript: Text) -> str:
    """What is wrong with a citation of a transcript; empty when nothing is."""
    if transcript.sha256 != citation.sha256:
        return "the source has changed since"
    if transcript.text[citation.start : citation.end] != citation.quote:
        return "the source has other words at this place"
    return ""
