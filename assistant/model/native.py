"""Native citations, where a provider has them (Anthropic): the sentences as one document, one content block a sentence.

The reply is prose in text blocks, some with the places of the blocks they rest on ("content_block_location", the end
exclusive). Blocks are joined up to the end of a sentence; what a sentence cites is what its blocks cite. By
Anthropic's documentation of citations for custom content documents; the places are read, and never the cited text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.characters import seen
from assistant.model.candidates import Candidate
from assistant.model.reply import LONGEST, MOST_LABELS, Said

_SENTENCE = re.compile(r"\S.*?(?:[.!?](?=\s|$)|$)", re.DOTALL)


def document_of(candidates: Sequence[Candidate]) -> dict[str, Any]:
    """The content block that carries the sentences. Each says which force and period it is about."""
    blocks = [{"type": "text", "text": _line(one)} for one in candidates]
    return {"type": "document", "source": {"type": "content", "content": blocks}, "citations": {"enabled": True}}


def said_in(content: object, candidates: Sequence[Candidate]) -> Iterator[Said | None]:
    """The statements of a whole reply's content, each with the labels of the sentences its blocks cite."""
    text, cited = "", list[tuple[int, int, list[str]]]()
    for block in content if isinstance(content, list) else [content]:
        said = _text_of(block)
        cited.append((len(text), len(text) + len(said.rstrip()), _cited(block, candidates)))
        text += said
    for sentence in _SENTENCE.finditer(text):
        start, end = sentence.span()
        labels = dict.fromkeys(label for a, b, of_block in cited if a < end and start < b for label in of_block)
        plain = " ".join(sentence.group().split())
        yield Said(text=plain, labels=list(labels)[:MOST_LABELS]) if len(plain) <= LONGEST else None


def _line(candidate: Candidate) -> str:
    about = ", ".join(part for part in (candidate.citation.force, candidate.citation.period) if part)
    return seen(f"{candidate.citation.quote} ({about})" if about else candidate.citation.quote)


def _text_of(block: object) -> str:
    if isinstance(block, str):
        return block
    text = block.get("text") if isinstance(block, dict) else None
    return text if isinstance(text, str) else ""


def _cited(block: object, candidates: Sequence[Candidate]) -> list[str]:
    """The labels of the sentences a block cites; a place that is none gives none."""
    places = block.get("citations") if isinstance(block, dict) else None
    found: list[str] = []
    for place in places if isinstance(places, list) else ():
        start, end = (
            place.get(name) if isinstance(place, dict) else None for name in ("start_block_index", "end_block_index")
        )
        if isinstance(start, int) and isinstance(end, int) and 0 <= start < end <= len(candidates):
            found += [one.label for one in candidates[start:end]]
    return found
