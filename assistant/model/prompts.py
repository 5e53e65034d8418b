"""Prompts: files of text, each with the places it is filled in at. To lack one, or to have another, is an error.

The version is the number the file gives and the start of the SHA-256 of its text, so that no change goes unnoticed.
"""

from __future__ import annotations

import hashlib
import json
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable

from pydantic import Field, ValidationError

from assistant.arrangement import Frozen
from assistant.characters import seen
from assistant.errors import PromptError
from assistant.query.wordlists import data_folder

PLACES: Mapping[str, frozenset[str]] = {
    "summary": frozenset({"question", "sentences"}),
    "cited": frozenset({"question"}),
    "followup": frozenset({"conversation", "question"}),
}
ADVICE = "Restore the file, or install the project again."


class _File(Frozen):
    """One file: what the model is told once, and what it is told with each question."""

    version: int = Field(ge=1)
    system: str = Field(min_length=1)
    user: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt. Its places are filled with JSON, in which no text can end before its end."""

    version: int
    system: str
    user: str

    def fill(self, **material: object) -> str:
        """The text for one question."""
        return self.user.format(**{name: _as_json(value) for name, value in material.items()})


@dataclass(frozen=True, slots=True)
class Prompts:
    """All of them. `version` tells one set of texts from any other."""

    summary: Prompt
    cited: Prompt
    followup: Prompt
    version: str


def read_prompts(folder: Traversable) -> Prompts:
    """Read and check the prompts in `folder`. Raises `PromptError`, naming the file, when one is not as it must be."""
    read = {name: _read(folder / f"{name}.en.toml", places) for name, places in PLACES.items()}
    texts = json.dumps([[name, one.version, one.system, one.user] for name, one in read.items()])
    number = max(one.version for one in read.values())
    return Prompts(**read, version=f"{number}-{hashlib.sha256(texts.encode()).hexdigest()[:8]}")


@cache
def load_prompts() -> Prompts:
    """The project's own prompts. Raises `PromptError`."""
    return read_prompts(data_folder() / "prompts")


def _read(file: Traversable, places: frozenset[str]) -> Prompt:
    try:
        found = _File.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        named = {name for _, name, _, _ in string.Formatter().parse(found.user) if name is not None}
    except OSError as error:
        raise PromptError(f"{file} cannot be read: {error.strerror}.", advice=ADVICE) from error
    except ValidationError as error:
        first = error.errors()[0]
        raise PromptError(f"{file}: {'.'.join(map(str, first['loc']))}: {first['msg']}.", advice=ADVICE) from error
    except ValueError as error:
        raise PromptError(f"{file} is malformed: {error}.", advice=ADVICE) from error
    if named != places:
        wanted = ", ".join(f"{{{name}}}" for name in sorted(places))
        raise PromptError(f"{file}: user must be filled in at {wanted} and nowhere else.", advice=ADVICE)
    return Prompt(found.version, found.system, found.user)


def _as_json(value: object) -> str:
    """JSON of texts, cleaned of what nobody sees; of a list, an item a line."""
    if isinstance(value, str):
        return json.dumps(seen(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return json.dumps({key: seen(str(one)) for key, one in value.items()}, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "\n".join(_as_json(one) for one in value)
    raise TypeError(f"a prompt is filled with texts, not {type(value).__name__}")
