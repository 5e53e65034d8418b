"""The content sent to a chat model: the prompts of `data/prompts`, and the sentences to cite, under random labels."""

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
from assistant.export.answer_blocks import is_laid_out
from assistant.faithfulness.lexicon import CompressionWords
from assistant.question.vocabulary_files import data_folder
from assistant.sanitise import visible

PROMPT_FIELDS: Mapping[str, frozenset[str]] = {
    "summary": frozenset({"question", "sentences"}),
    "cited": frozenset({"question"}),
    "followup": frozenset({"conversation", "question"}),
}
REPAIR_ADVICE = "Restore the file, or install the project again."
MAX_SUMMARISED_STATEMENTS = 60  # an answer of more is not summarised
LABEL_LETTERS = "bcdfghjkmnpqrstvwxz"  # no vowels, so that no label is a word
LABEL_LENGTH = 6


class _PromptFile(Frozen):
    """A file of `data/prompts`: the system message, and a template of the user's message."""

    version: int = Field(ge=1)
    system: str = Field(min_length=1)
    user: str = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt. Its template is filled with JSON strings, so that no inserted text can end before its end."""

    version: int
    system: str
    user: str

    def fill(self, **fields: object) -> str:
        """The user's message for one question. A field is a string, a mapping of strings, or a sequence of these."""
        return self.user.format(**{name: _as_json(value) for name, value in fields.items()})


@dataclass(frozen=True, slots=True)
class Prompts:
    """All prompts. `version` is the highest version number and the start of the SHA-256 of all their texts."""

    summary: Prompt
    cited: Prompt
    followup: Prompt
    version: str


@cache
def load_prompts() -> Prompts:
    """The project's own prompts. Raises `PromptError`."""
    return read_prompts(data_folder() / "prompts")


def read_prompts(folder: Traversable) -> Prompts:
    """The prompts in `folder`.

    Raises `PromptError`, naming the file, when one is missing or malformed or its template has other fields than
    `PROMPT_FIELDS`.
    """
    prompts = {name: _read_prompt(folder / f"{name}.en.toml", fields) for name, fields in PROMPT_FIELDS.items()}
    texts = json.dumps([[name, prompt.version, prompt.system, prompt.user] for name, prompt in prompts.items()])
    number = max(prompt.version for prompt in prompts.values())
    return Prompts(**prompts, version=f"{number}-{hashlib.sha256(texts.encode()).hexdigest()[:8]}")


def _read_prompt(file: Traversable, fields: frozenset[str]) -> Prompt:
    try:
        content = _PromptFile.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
        found = {name for _, name, _, _ in string.Formatter().parse(content.user) if name is not None}
    except OSError as error:
        raise PromptError(f"{file} cannot be read: {error.strerror}.", advice=REPAIR_ADVICE) from error
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise PromptError(f"{file}: {key}: {first['msg']}.", advice=REPAIR_ADVICE) from error
    except ValueError as error:
        raise PromptError(f"{file} is malformed: {error}.", advice=REPAIR_ADVICE) from error
    if found != fields:
        expected = ", ".join(f"{{{name}}}" for name in sorted(fields))
        raise PromptError(f"{file}: user must contain the fields {expected} and no others.", advice=REPAIR_ADVICE)
    return Prompt(content.version, content.system, content.user)


def _as_json(value: object) -> str:
    """A value as JSON without invisible characters; a sequence as one line for each item."""
    if isinstance(value, str):
        return json.dumps(visible(value), ensure_ascii=False)
    if isinstance(value, Mapping):
        return json.dumps({key: visible(str(text)) for key, text in value.items()}, ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "\n".join(_as_json(item) for item in value)
    raise TypeError(f"a prompt is filled with text, not with {type(value).__name__}")


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence that the model may cite by its label.

    `numbers` are citation numbers of the answer: first those of sentences that must be shown before it, then its own.
    """

    label: str
    numbers: tuple[int, ...]
    citation: Citation

    def fields(self) -> dict[str, str]:
        """The fields of the sentence that are sent to the model."""
        return {
            "label": self.label,
            "force": self.citation.force,
            "period": self.citation.period,
            "text": self.citation.quote,
        }


def is_summarisable(answer: Answer) -> bool:
    """Whether a model is asked to summarise: the answer has quotations, few enough, and no table, groups or sides.

    What is known of the documents is said already.
    """
    few = len(answer.statements) <= MAX_SUMMARISED_STATEMENTS
    return answer.status.answered and few and not is_laid_out(answer) and not answer.about_documents


def is_sent_to_model(quote: str, lexicon: CompressionWords) -> bool:
    """Whether a sentence is sent: not if its words address a machine or its user, as an injected instruction does."""
    return lexicon.addressed.search(quote) is None and lexicon.addressed.search(visible(quote)) is None


def label_sentences(answer: Answer) -> tuple[LabelledSentence, ...]:
    """The answer's sentences in order, each with a label that occurs in none of its texts."""
    cited_texts = [f"{citation.quote} {citation.title}" for citation in answer.citations]
    labels = draw_labels(len(answer.statements), [answer.question, answer.standalone_question, *cited_texts])
    return tuple(
        LabelledSentence(label, _with_antecedent(statement, answer.citations), _cited_last(statement, answer))
        for label, statement in zip(labels, answer.statements, strict=True)
    )


def draw_labels(count: int, texts: Sequence[str], choice: Callable[[str], str] = secrets.choice) -> tuple[str, ...]:
    """`count` different random labels that occur nowhere in `texts`. `choice` draws one of several letters.

    They are drawn anew for each question, so that no source can name one.
    """
    present = "\n".join(texts).lower()
    labels: dict[str, None] = {}
    while len(labels) < count:
        label = "".join(choice(LABEL_LETTERS) for _ in range(LABEL_LENGTH))
        if label not in present:
            labels[label] = None
    return tuple(labels)


def _cited_last(statement: Statement, answer: Answer) -> Citation:
    """The sentence that a statement quotes. Those cited before it are its context."""
    return answer.citations[statement.citations[-1] - 1]


def _with_antecedent(statement: Statement, citations: Sequence[Citation]) -> tuple[int, ...]:
    """The numbers of a statement's citations.

    Where it cites only one sentence, and that depends on the one before it, the nearest cited sentence before it in
    the same transcript is put first.
    """
    own = citations[statement.citations[0] - 1]
    if len(statement.citations) > 1 or not depends_on_previous(own.quote):
        return statement.citations
    same_transcript = [citation for citation in citations if citation.transcript_id == own.transcript_id]
    earlier = [citation for citation in same_transcript if citation.end <= own.start]
    if not earlier:
        return statement.citations
    antecedent = max(earlier, key=lambda citation: citation.end)
    return (antecedent.number, *statement.citations)
