"""The data files behind the vocabulary, read and checked: a malformed one stops the program with its name and place."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Self, TypeVar

from pydantic import Field, StringConstraints, ValidationError, model_validator

from assistant.answer_layout import Frozen
from index.errors import VocabularyError

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

Term = Annotated[str, StringConstraints(strict=True, pattern=r"^\w(.*[\w.)])?$", max_length=120)]
Terms = tuple[Term, ...]
Weight = Annotated[float, Field(gt=0, le=1)]
Model = TypeVar("Model", bound=Frozen)

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
    def _meanings_are_told_apart(self) -> Self:
        meanings: dict[str, list[Abbreviation]] = {}
        for entry in self.abbreviation:
            for short in entry.short:
                meanings.setdefault(short.lower(), []).append(entry)
        for short, entries in meanings.items():
            longs = [long.lower() for entry in entries for long in entry.long]
            if len(longs) != len(set(longs)):
                raise ValueError(f"{short!r} has the same meaning twice")
            if len(entries) > 1 and any(entry.weight == 1 for entry in entries):
                raise ValueError(f"{short!r} has several meanings, so each needs a weight under 1")
        return self


class Classes(Frozen):
    """Terms by how nearly they mean what their group is about."""

    same: Terms = ()
    near: Terms = ()
    related: Terms = ()


class SynonymGroup(Classes):
    """A group of near-synonyms: terms of assessments, and under `asked` those of questions only."""

    asked: Classes = Classes()

    @model_validator(mode="after")
    def _stands_for_something(self) -> Self:
        written = self.same + self.near + self.related
        terms = [term.lower() for term in written + self.asked.same + self.asked.near + self.asked.related]
        if not written or len(terms) < 2:
            raise ValueError("a group needs two terms or more, and one at least outside asked")
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
    def _guards_are_not_terms(self) -> Self:
        for name, group in self.groups.items():
            for classes in (group, group.asked):
                both = sorted(set(self.guards) & set(classes.same + classes.near + classes.related))
                if both:
                    raise ValueError(f"{', '.join(both)}: a guard, and a term of {name}")
        return self


def data_folder() -> Traversable:
    """Where the data files of the project lie, installed or not."""
    return files("assistant") / "data"


def read_toml(file: Traversable, model: type[Model]) -> Model:
    """The file as `model`. Raises VocabularyError, naming file and place, when it is not well formed."""
    try:
        return model.model_validate(tomllib.loads(file.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise VocabularyError(f"{file} is missing.", advice="Install the project again.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise VocabularyError(f"{file} is not TOML: {error}.", advice=ADVICE) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise VocabularyError(f"{file}: {place or 'the file'}: {first['msg']}.", advice=ADVICE) from error


def read_words(file: Traversable) -> frozenset[str]:
    """The words of a plain list: white space between them, comments after `#`. Raises VocabularyError if empty."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise VocabularyError(f"{file} is missing.", advice="Install the project again.") from error
    words = frozenset(word for line in lines for word in line.partition("#")[0].split())
    if not words:
        raise VocabularyError(f"{file} holds no words.", advice=ADVICE)
    wrong = sorted(word for word in words if word != word.lower())
    if wrong:
        raise VocabularyError(f"{file}: {wrong[0]} is not in lower case.", advice=ADVICE)
    return words
