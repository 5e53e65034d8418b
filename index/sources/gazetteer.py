"""Finds the police forces that a text names, by canonical name, alias, ambiguous short name or misspelling."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA, Hamming

from index.sources.forces import (
    FIRE_ENDINGS,
    POLICE_ENDINGS,
    POLICE_WORDS,
    Force,
    ForceVocabulary,
    Name,
    NameToken,
    Rule,
    ending_length,
    has_words,
    is_mention,
    load_vocabulary,
    make_force,
    name_words,
    short_name,
    tokenize_names,
)

MIN_MISSPELT_LETTERS = 6  # a shorter name is found only as it is spelt
MIN_TWO_EDIT_LETTERS = 9  # a longer name may be misspelt in two places
_CACHED_WORDS = 8192
_CACHED_TEXTS = 2_048  # of questions, turns and sentences: each is read several times for an answer
_CACHED_CHARACTERS = 2_000  # of one of them
_FIRE_SERVICE = "Fire and Rescue Service"


class NameMatch(StrEnum):
    """How a mention matches the names of its force."""

    EXACT = "exact"  # the canonical name
    ALIAS = "alias"
    SPELLING = "spelling"  # a misspelling of either


@dataclass(frozen=True, slots=True)
class ForceMention:
    """`text_of_source[start:end] == text` names a force. Several `forces` mean that the name is ambiguous."""

    start: int
    end: int
    text: str
    forces: tuple[str, ...]
    match: NameMatch


class Gazetteer:
    """Finds forces in text. Immutable; a short question takes some tens of microseconds."""

    def __init__(self, vocabulary: ForceVocabulary) -> None:
        self._vocabulary = vocabulary
        self._names: dict[tuple[str, ...], Name] = {}
        for name in _all_names(vocabulary):
            self._names.setdefault(name.words, name)
        self._by_first_word: dict[str, list[tuple[tuple[str, ...], Name]]] = defaultdict(list)
        for words, name in self._names.items():
            self._by_first_word[words[0]].append((words, name))
        self._known_words = frozenset(word for words in self._names for word in words)
        self._misspelt_words = sorted(
            word for word in self._known_words - POLICE_WORDS if len(word) >= MIN_MISSPELT_LETTERS
        )
        self._corrected = lru_cache(_CACHED_WORDS)(self._correct)
        self._found = lru_cache(_CACHED_TEXTS)(self._find)

    @classmethod
    def load(cls) -> Gazetteer:
        """Returns the gazetteer of `data/forces.toml`. Raises `VocabularyError` when that file is malformed."""
        return _shipped_gazetteer()

    def with_forces(self, names: Iterable[str], short: Rule = Rule.PLAIN) -> Gazetteer:
        """Returns a gazetteer that also knows these forces, which some sources are about. Known names are skipped.

        `short` is the rule by which a name without "Police" or "Constabulary" counts.
        """
        new = dict.fromkeys(name for name in names if name_words(name) and self.canonical(name) is None)
        if not new:
            return self
        added = tuple(make_force(name, "from_sources", short=short) for name in new)
        known = self._vocabulary
        return Gazetteer(replace(known, forces=(*added, *known.forces)))

    def find(self, text: str, *, misspelt: bool = True) -> tuple[ForceMention, ...]:
        """Returns every mention in a text, in order. They do not overlap: of overlapping names the longest counts.

        Without `misspelt`, only names as they are spelt count.
        """
        return (self._found if len(text) <= _CACHED_CHARACTERS else self._find)(text, misspelt)

    def _find(self, text: str, misspelt: bool) -> tuple[ForceMention, ...]:  # noqa: FBT001  # as `lru_cache` keeps it
        tokens = tokenize_names(text)
        mentions = []
        at = 0
        while at < len(tokens):
            mention, at = self._mention(text, tokens, at, misspelt=misspelt)
            if mention is not None:
                mentions.append(mention)
        return tuple(mentions)

    def canonical(self, name: str) -> str | None:
        """Returns the canonical name of the one force that the whole of `name` stands for, or None."""
        found = self._names.get(name_words(name)) or self._names.get(name_words(short_name(name.strip())))
        return found.forces[0] if found is not None and len(found.forces) == 1 else None

    def aliases(self, force: str) -> tuple[str, ...]:
        """Returns the other names of a force, given its canonical name; none for an unknown force."""
        known = self._force(force)
        return tuple(name.text for name in known.names[1:]) if known else ()

    def kind(self, force: str) -> str:
        """Returns the kind of a force, given its canonical name.

        It is `territorial` for the 43 of England and Wales, `national`, `outside`, `fire`, `from_sources` for one
        that `with_forces` added, or empty.
        """
        known = self._force(force)
        if known:
            return known.kind
        return "fire" if force.endswith(_FIRE_SERVICE) else ""

    @property
    def forces(self) -> tuple[Force, ...]:
        """All forces known; those that `with_forces` added come first."""
        return self._vocabulary.forces

    @property
    def names(self) -> tuple[str, ...]:
        """Every name of every force known."""
        return tuple(name.text for force in self.forces for name in force.names)

    def _force(self, canonical: str) -> Force | None:
        return next((force for force in self._vocabulary.forces if force.name == canonical), None)

    def _mention(
        self, text: str, tokens: Sequence[NameToken], at: int, *, misspelt: bool
    ) -> tuple[ForceMention | None, int]:
        """Returns the mention that begins at a token, or None, and the number of the token to go on from."""
        names, match = self._names_at(text, tokens, at)
        if match is NameMatch.SPELLING:
            names = self._misspelt_names_at(tokens, at) if misspelt else []
        if not names:
            return None, at + 1
        after = at + len(names[0].words)
        forces = tuple(sorted({force for name in names for force in name.forces}))
        if fire := ending_length(tokens, after, FIRE_ENDINGS):
            after += fire
            forces = (f"{short_name(forces[0])} {_FIRE_SERVICE}",) if len(forces) == 1 else ()
        elif names[0].text.split()[-1] not in ("Police", "Constabulary"):
            after += ending_length(tokens, after, POLICE_ENDINGS)
        start, end = tokens[at].start, tokens[after - 1].end
        return (ForceMention(start, end, text[start:end], forces, match) if forces else None), after

    def _names_at(self, text: str, tokens: Sequence[NameToken], at: int) -> tuple[list[Name], NameMatch]:
        """Returns the longest name that begins at a token and how it matches; `SPELLING` if none does as written."""
        as_written = [
            name
            for words, name in self._by_first_word.get(tokens[at].word, ())
            if has_words(tokens, at, words) and is_mention(text, tokens, at, name)
        ]
        if as_written:
            longest = max(as_written, key=lambda name: len(name.words))
            return [longest], NameMatch.EXACT if longest.forces == (longest.text,) else NameMatch.ALIAS
        return [], NameMatch.SPELLING

    def _misspelt_names_at(self, tokens: Sequence[NameToken], at: int) -> list[Name]:
        by_length: dict[int, list[Name]] = defaultdict(list)
        for first in self._corrected(tokens[at].word):
            for words, name in self._by_first_word.get(first, ()):
                if self._is_misspelling(tokens, at, words, name):
                    by_length[len(words)].append(name)
        return by_length[max(by_length)] if by_length else []

    def _is_misspelling(self, tokens: Sequence[NameToken], at: int, words: tuple[str, ...], name: Name) -> bool:
        """Whether the tokens may be a misspelling of a name. A name of one word must be that of one force."""
        if name.rule is not Rule.PLAIN or not name.forces:
            return False
        if len(words) == 1 and (len(name.forces) > 1 or words[0] == tokens[at].word):
            return False
        if at + len(words) > len(tokens) or not all(token.joined for token in tokens[at + 1 : at + len(words)]):
            return False
        return all(word in self._corrected(tokens[at + offset].word) for offset, word in enumerate(words))

    def _correct(self, word: str) -> tuple[str, ...]:
        """Returns the words of names nearest to a word, or the word itself if it is one of them or none is near."""
        if word in self._known_words or word in self._vocabulary.ordinary_words:
            return (word,)
        if self._is_possessive_without_apostrophe(word):
            return (word[:-1],)
        return self._nearest_words(word) or (word,)

    def _nearest_words(self, word: str) -> tuple[str, ...]:
        """Returns the words of names that differ from a word by the fewest edits, one or two by their length.

        A word with another first letter, or with two letters replaced, is another name: "Southshire".
        """
        if len(word) < MIN_MISSPELT_LETTERS - 1:
            return ()
        near = process.extract(word, self._misspelt_words, scorer=OSA.distance, score_cutoff=2, limit=None)
        edits = {name: int(count) for name, count, _ in near if _may_be_slip(word, name, int(count))}
        fewest = min(edits.values(), default=0)
        return tuple(name for name, count in edits.items() if count == fewest)

    def _is_possessive_without_apostrophe(self, word: str) -> bool:
        base = word[:-1]
        return word.endswith("s") and len(word) > 4 and base in self._known_words and (base,) in self._names


def _may_be_slip(word: str, name: str, edits: int) -> bool:
    """Whether a word may be a name with a slip of the pen, rather than another name, given the edits between them."""
    if word[0] != name[0] and word[:2] != name[1::-1]:
        return False
    replaced = len(word) == len(name) and Hamming.distance(word, name) == edits
    return edits < 2 or (len(name) >= MIN_TWO_EDIT_LETTERS and not replaced)


def _all_names(vocabulary: ForceVocabulary) -> Iterable[Name]:
    for force in vocabulary.forces:
        yield from force.names
    yield from vocabulary.other_names


@cache
def _shipped_gazetteer() -> Gazetteer:
    return Gazetteer(load_vocabulary())
