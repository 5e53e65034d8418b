"""What made an index. Another maker is another index in a folder of its own: never a mixture."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from index.text.normalise import clean
from index.text.sentences import SPLITTER, Sentence
from index.text.transcript import Role, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from index.embedding.models import Embedder

SCHEMA = 4  # of the record and the generations, and of what the readers find in a file: raise it when either changes
RECIPE = "sentence/1"  # names `embedding_text`: change both together
EMBEDDED = frozenset({Role.FINDING, Role.HEADING, Role.TITLE})  # roles whose sentences have a vector
SEARCHED = frozenset({Role.FINDING, Role.HEADING})  # roles whose vectors the vector store searches
MARKDOWN = (".md", ".markdown")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """Everything besides the sources that decides what is in an index."""

    embedding_model: str
    model_digest: str
    splitter: str = SPLITTER
    recipe: str = RECIPE
    schema: int = SCHEMA

    @classmethod
    def of(cls, embedder: Embedder) -> Fingerprint:
        """The maker that indexes with this embedder. Does not load its model."""
        return cls(embedder.name, embedder.digest)

    @property
    def digest(self) -> str:
        """12 hexadecimal digits of SHA-256 over the fields."""
        fields = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(fields.encode()).hexdigest()[:12]

    def folder(self, index: Path) -> Path:
        """Where this maker's record and generations live within an index folder."""
        return index / self.digest


def shadow(text: str, source: str) -> str:
    """A sentence's words as they are matched, never shown: cleaned, and in a Markdown source without its marks."""
    return clean(text, markdown=source.lower().endswith(MARKDOWN))


def embedding_text(sentence: Sentence, transcript: Transcript) -> str:
    """The text embedded in a sentence's place, never shown."""
    return shadow(sentence.text, transcript.source)
