"""Reads the word lists in the data folder and checks them. A malformed file is reported by its name and entry."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

from pydantic import BaseModel, Field, StringConstraints, ValidationError, model_validator

from assistant.answer_layout import Frozen
from index.errors import VocabularyError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Term = Annotated[str, StringConstraints(strict=True, pattern=r"^\w(.*[\w.)])?$", max_length=120)]
Terms = tuple[Term, ...]
Weight = Annotated[float, Field(gt=0, le=1)]
Model = TypeVar("Model", bound=BaseModel)

ADVICE = "The comment at the top of the file gives its form."


class Abbreviation(Frozen):
    """One meaning of an abbreviation."""

    short: Terms = Field(min_length=1)
    long: Terms = Field(min_length=1)
    weight: Weight = 1.0
    exact: bool = False


class Abbreviations(Frozen):
    """`abbreviations.toml`."""

    abbreviation: tuple[Abbreviation, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _check_meanings(self) -> Self:
        meanings: dict[str, list[Abbreviation]] = {}
        for entry in self.abbreviation:
            for short in entry.short:
                meanings.setdefault(short.lower(), []).append(entry)
        for short, entries in meanings.items():
            _check_entries_of(short, entries)
        return self


def _check_entries_of(short: str, entries: list[Abbreviation]) -> None:
    """Raises `ValueError` unless the meanings of one abbreviation differ and, if there are several, are weighted."""
    longs = [long.lower() for entry in entries for long in entry.long]
    if len(longs) != len(set(longs)):
        raise ValueError(f"{short!r} has the same meaning twice")
    if len(entries) > 1 and any(entry.weight == 1 for entry in entries):
        raise ValueError(f"{short!r} has several meanings, so each needs a weight under 1")


class Classes(Frozen):
    """The terms of a group, by how close they are to its meaning."""

    same: Terms = ()
    near: Terms = ()
    related: Terms = ()


class SynonymGroup(Classes):
    """A group of near-synonyms: terms that assessments use, and under `asked` those that only questions use."""

    asked: Classes = Classes()

    @model_validator(mode="after")
    def _check_terms(self) -> Self:
        written = self.same + self.near + self.related
        terms = [term.lower() for term in written + self.asked.same + self.asked.near + self.asked.related]
        if not written or len(terms) < 2:
            raise ValueError("a group needs two terms or more, and at least one of them outside asked")
        repeated = sorted({term for term in terms if terms.count(term) > 1})
        if repeated:
            raise ValueError(f"{', '.join(repeated)}: in the group twice")
        return self


class ClassWeights(Frozen):
    """The weight of each class of terms."""

    same: Weight
    near: Weight
    related: Weight


class Synonyms(Frozen):
    """`synonyms.toml`."""

    guards: Terms
    weights: ClassWeights
    groups: dict[str, SynonymGroup] = Field(min_length=1)
    compounds: dict[Term, Term]
    spellings: dict[Term, Term]

    @model_validator(mode="after")
    def _check_guards(self) -> Self:
        for name, group in self.groups.items():
            for classes in (group, group.asked):
                both = sorted(set(self.guards) & set(classes.same + classes.near + classes.related))
                if both:
                    raise ValueError(f"{', '.join(both)}: a guard, and a term of {name}")
        return self


def data_folder() -> Traversable:
    """The data folder of the package, installed or not."""
    return files("assistant") / "data"


def read_toml(file: Traversable, model: type[Model]) -> Model:
    """Reads a TOML file as `model`. Raises `VocabularyError`, naming the entry, when it is missing or malformed."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise VocabularyError(f"{file} is missing.", advice="Install the project again.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{file} is not TOML: {error}.", advice=ADVICE) from error
    except ValidationError as error:
        first = error.errors()[0]
        entry = ".".join(str(part) for part in first["loc"])
        raise VocabularyError(f"{file}: {entry or 'the file'}: {first['msg']}.", advice=ADVICE) from error


def read_words(file: Traversable) -> frozenset[str]:
    """Reads a list of words in lower case, separated by white space, with comments after `#`.

    Raises `VocabularyError` when the file is missing, has no words, or a word in upper case.
    """
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise VocabularyError(f"{file} is missing.", advice="Install the project again.") from error
    words = frozenset(word for line in lines for word in line.partition("#")[0].split())
    if not words:
        raise VocabularyError(f"{file} has no words.", advice=ADVICE)
    wrong = sorted(word for word in words if word != word.lower())
    if wrong:
        raise VocabularyError(f"{file}: {wrong[0]} is not in lower case.", advice=ADVICE)
    return words
