"""Prompts: files of text, each with the places it is filled in at. To lack one, or to have another, is an error.

The version is the number the file gives and the start of the SHA-256 of its text, so that no change goes unnoticed.

The sentences a model chooses among: those the answer without it quotes, each by an opaque label.

Opaque labels: what a chat model calls sentences by. Drawn anew for each question, so that no source can name one.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import string
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable

from pydantic import Field, ValidationError

from assistant.answer import Answer, Citation, Statement
from assistant.answer_layout import Frozen
from assistant.compose import depends_on_previous
from assistant.errors import PromptError
from assistant.faithfulness.lexicon import ClaimWords
from assistant.question.vocabulary_files import data_folder
from assistant.sanitise import seen

PLACES: Mapping[str, frozenset[str]] = {
    "summary": frozenset({"question", "sentences"}),
    "cited": frozenset({"question"}),
    "followup": frozenset({"conversation", "question"}),
}
ADVICE = "Restore the file, or install the project again."


class _PromptFile(Frozen):
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
        found = _PromptFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
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


LETTERS = "bcdfghjkmnpqrstvwxz"  # without vowels they make no word
LENGTH = 6


def draw_labels(count: int, texts: Sequence[str], choice: Callable[[str], str] = secrets.choice) -> tuple[str, ...]:
    """`count` different labels, none of which stands anywhere in `texts`. `choice` takes one letter of several."""
    present = "\n".join(texts).lower()
    labels: dict[str, None] = {}
    while len(labels) < count:
        label = "".join(choice(LETTERS) for _ in range(LENGTH))
        if label not in present:
            labels[label] = None
    return tuple(labels)


MOST = 60  # sentences; an answer of more is not summarised


@dataclass(frozen=True, slots=True)
class Candidate:
    """One sentence, with what must be shown before it, as numbers of the answer's citations. The last is its own."""

    label: str
    numbers: tuple[int, ...]
    citation: Citation

    def material(self) -> dict[str, str]:
        """What the model is shown of it."""
        return {
            "label": self.label,
            "force": self.citation.force,
            "period": self.citation.period,
            "text": self.citation.quote,
        }


def summarisable(answer: Answer) -> bool:
    """Whether a model is asked: something was found, and it is no list of everything and no table."""
    arranged = any(part is not None for part in (answer.table, answer.coverage, answer.sides))
    return answer.status.answered and not arranged and len(answer.statements) <= MOST


def shown_to_a_model(quote: str, lexicon: ClaimWords) -> bool:
    """Whether a sentence speaks of a force, as far as its words tell, and not to a machine or to whoever uses one."""
    return lexicon.addressed.search(quote) is None and lexicon.addressed.search(seen(quote)) is None


def candidates_of(answer: Answer) -> tuple[Candidate, ...]:
    """The candidates of an answer, in its order, under labels that stand in none of its texts."""
    texts = [answer.question, answer.standalone_question, *(f"{one.quote} {one.title}" for one in answer.citations)]
    labels = draw_labels(len(answer.statements), texts)
    by_number = {citation.number: citation for citation in answer.citations}
    return tuple(
        Candidate(label, _with_antecedent(statement, answer.citations), by_number[statement.citations[-1]])
        for label, statement in zip(labels, answer.statements, strict=True)
    )


def _with_antecedent(statement: Statement, citations: Sequence[Citation]) -> tuple[int, ...]:
    """A statement's citations; before a sentence that is misread alone, the one before it where that is quoted too."""
    own = citations[statement.citations[0] - 1]
    if len(statement.citations) > 1 or not depends_on_previous(own.quote):
        return statement.citations
    earlier = [one for one in citations if one.transcript_id == own.transcript_id and one.end <= own.start]
    nearest = max(earlier, key=lambda one: one.end, default=None)
    return statement.citations if nearest is None else (nearest.number, *statement.citations)
