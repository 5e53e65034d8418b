"""Loads the word lists, patterns and fitted models that answers depend on, from the data folder, as one object."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources.abc import Traversable
from typing import Any, Self, TypeVar

from pydantic import BaseModel

from assistant.judgements.praise_and_concern import JudgementWords, StatementRules, StatementRulesFile
from assistant.judgements.themes import Themes, ThemesFile
from assistant.question.intent import KindModel
from assistant.question.vocabulary import Vocabulary
from assistant.question.vocabulary_files import ADVICE, data_folder, read_toml, read_words
from assistant.retrieval.reranker import Reranker
from index.errors import VocabularyError

File = TypeVar("File", bound=BaseModel)
Part = TypeVar("Part")


@dataclass(frozen=True, slots=True)
class Lexicons:
    """Everything that is read from the data folder to answer questions. Immutable; safe to share between threads."""

    vocabulary: Vocabulary
    frame_words: frozenset[str]  # words of questions about any topic
    kinds: KindModel
    judgement_words: JudgementWords
    statement_rules: StatementRules
    themes: Themes
    reranker: Reranker

    @classmethod
    def load(cls, folder: Traversable | None = None, *, reranker: Reranker | None = None) -> Self:
        """Loads the data files of `folder`, or of the package. A `reranker` given replaces the file's.

        Raises `VocabularyError`, naming the file, when one is missing or malformed, and `AppError` when the reranker
        was fitted to other features than the code computes.
        """
        folder = folder or data_folder()
        return cls(
            vocabulary=Vocabulary.load(folder),
            frame_words=read_words(folder / "frame.txt"),
            kinds=_read_json(folder / "intents.json", KindModel.from_json),
            judgement_words=_read(folder / "judgements.toml", JudgementWords, lambda file: file),
            statement_rules=_read(folder / "statement_rules.toml", StatementRulesFile, StatementRules.of),
            themes=_read(folder / "themes.toml", ThemesFile, Themes.of),
            reranker=reranker or _read_json(folder / "reranker.json", Reranker.from_json),
        )

    @classmethod
    @cache
    def packaged(cls) -> Self:
        """Returns those of the package, which are loaded once. Raises as `load` does."""
        return cls.load()


def _read(file: Traversable, model: type[File], make: Callable[[File], Part]) -> Part:
    """A part made from a TOML file. Raises `VocabularyError` when it, or a pattern in it, is malformed."""
    try:
        return make(read_toml(file, model))
    except re.error as error:
        raise VocabularyError(f"{file}: {error.pattern!r} is no regular expression: {error}.", advice=ADVICE) from error


def _read_json(file: Traversable, make: Callable[[Mapping[str, Any]], Part]) -> Part:
    """A part made from a JSON file that a command wrote. Raises `VocabularyError` when it is missing or malformed."""
    advice = "Install the project again."
    try:
        return make(json.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise VocabularyError(f"{file} is missing.", advice=advice) from error
    except json.JSONDecodeError as error:
        raise VocabularyError(f"{file} is not JSON: {error}.", advice=advice) from error
    except (KeyError, ValueError, AttributeError) as error:
        raise VocabularyError(f"{file} is not what the program wrote: {error}.", advice=advice) from error
