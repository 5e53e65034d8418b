"""The fingerprint of an index: everything besides the sources that decides its contents.

Each fingerprint has a folder of its own within the index folder, so indexes of different models are never mixed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from index.text.normalise import MARKDOWN_SUFFIXES, clean
from index.text.sentences import SPLITTER, Sentence
from index.text.transcript import Role, Transcript

if TYPE_CHECKING:
    from pathlib import Path

    from index.embedding.embedder import Embedder

SCHEMA = 7  # raise it when the tables, the files of a generation, or what the readers extract from a file change
RECIPE = "sentence/2"  # change it together with `embedding_text`
EMBEDDED_ROLES = frozenset({Role.FINDING, Role.HEADING, Role.TITLE, Role.QUESTION})
SEARCHED_ROLES = frozenset({Role.FINDING})  # the vector store contains only these


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """What built an index: the embedding model, the sentence splitter, the text that is embedded, and the schema."""

    embedding_model: str
    model_digest: str
    splitter: str = SPLITTER
    recipe: str = RECIPE  # of the text embedded for a sentence
    schema: int = SCHEMA

    @classmethod
    def of(cls, embedder: Embedder) -> Fingerprint:
        """Returns the fingerprint of indexes built with this embedder, without loading its model."""
        return cls(embedder.name, embedder.digest)

    @property
    def digest(self) -> str:
        """The first 12 hexadecimal digits of SHA-256 over the fields."""
        fields = json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(fields.encode()).hexdigest()[:12]

    def folder(self, index: Path) -> Path:
        """Returns the folder of the database and generations with this fingerprint, within an index folder."""
        return index / self.digest


def matching_text(text: str, source: str) -> str:
    """Returns a sentence's text for matching: cleaned and, in a Markdown source, without markup. Never displayed."""
    return clean(text, markdown=source.lower().endswith(MARKDOWN_SUFFIXES))


def embedding_text(sentence: Sentence, transcript: Transcript) -> str:
    """Returns the text that is embedded for a sentence. Never displayed."""
    return matching_text(sentence.text, transcript.source)
