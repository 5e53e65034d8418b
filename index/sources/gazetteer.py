"""Which police forces a text names: canonical names, aliases, ambiguous short names and misspellings."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.sources.forces import (
    BODY,
    FIRE,
    POLICE,
    Force,
    ForceVocabulary,
    Name,
    Rule,
    Token,
    counts,
    force_named,
    load_vocabulary,
    reads,
    short_name,
    tail_length,
    tokens_of,
    words_of,
)

EXACT, ALIAS, SPELLING = "exact", "alias", "spelling"

SHORTEST_MISSPELT = 6  # letters a name must have before a misspelling of it is believed
TWO_SLIPS_FROM = 9  # letters from which two slips are believed
CACHED_WORDS = 8192

_FIRE_NAME = "Fire and Rescue Service"


@dataclass(frozen=True, slots=True)
class ForceMention:
    """`text_of_source[start:end] == text` names a force. Several `forces` mean that the name is ambiguous.

    `how` is `exact` (the canonical name), `alias` (another name for it) or `spelling` (a misspelling).
    """

    start: int
    end: int
    text: str
    forces: tuple[str, ...]
    how: str


class Gazetteer:
    """Finds forces in text. Immutable, and precompiled: a short question takes some tens of microseconds."""

    def __init__(self, vocabulary: ForceVocabulary) -> None:
        self._vocabulary = vocabulary
        self._names: dict[tuple[str, ...], Name] = {}
        for name in (*(name for force in vocabulary.forces for name in force.names), *vocabulary.others):
            self._names.setdefault(name.words, name)
        self._starting: dict[str, list[tuple[tuple[str, ...], Name]]] = defaultdict(list)
        for words, name in self._names.items():
            self._starting[words[0]].append((words, name))
        self._known = frozenset(word for words in self._names for word in words)
        self._long = sorted(word for word in self._known if len(word) >= SHORTEST_MISSPELT and word not in POLICE)
        self._meant = lru_cache(CACHED_WORDS)(self._correct)

    @classmethod
    def load(cls) -> Gazetteer:
        """The gazetteer of `data/forces.toml`. Raises `VocabularyError` when that file is malformed."""
        return _loaded()

    def with_forces(self, names: Iterable[str]) -> Gazetteer:
        """A gazetteer that also knows the forces of the held sources. Names it knows already change nothing."""
        new = dict.fromkeys(name for name in names if words_of(name) and self.canonical(name) is None)
        if not new:
            return self
        held = tuple(force_named(name, "held") for name in new)
        known = self._vocabulary
        return Gazetteer(ForceVocabulary((*held, *known.forces), known.others, known.not_names))

    def find(self, text: str) -> tuple[ForceMention, ...]:
        """Every mention in `text`, in order and without overlaps; where names overlap the longest counts."""
        tokens = tokens_of(text)
        mentions = []
        at = 0
        while at < len(tokens):
            mention, at = self._mention(text, tokens, at)
            if mention is not None:
                mentions.append(mention)
        return tuple(mentions)

    def canonical(self, name: str) -> str | None:
        """The canonical name of the one force that `name`, as a whole, is a name of; else None."""
        found = self._names.get(words_of(name)) or self._names.get(words_of(short_name(name.strip())))
        return found.forces[0] if found is not None and len(found.forces) == 1 else None

    def aliases(self, force: str) -> tuple[str, ...]:
        """The other names of a force, given its canonical name; none for a force that is not known."""
        return next((tuple(n.text for n in f.names[1:]) for f in self._vocabulary.forces if f.name == force), ())

    def kind(self, force: str) -> str:
        """`territorial` for the 43, `national`, `outside`, `fire`, `held` for a name from the sources, or empty."""
        known = next((known.kind for known in self._vocabulary.forces if known.name == force), "")
        return known or ("fire" if force.endswith(_FIRE_NAME) else "")

    @property
    def forces(self) -> tuple[Force, ...]:
        """All forces known, those of the held sources first."""
        return self._vocabulary.forces

    def _mention(self, text: str, tokens: Sequence[Token], at: int) -> tuple[ForceMention | None, int]:
        """The mention that begins at a token, if there is one, and the token to go on from."""
        names, how = self._names_at(text, tokens, at)
        if not names:
            return None, at + 1
        after = at + len(names[0].words)
        forces = tuple(sorted({force for name in names for force in name.forces}))
        if fire := tail_length(tokens, after, FIRE):
            after += fire
            forces = (f"{short_name(forces[0])} {_FIRE_NAME}",) if len(forces) == 1 else ()
        elif names[0].text.split()[-1] not in ("Police", "Constabulary"):
            after += tail_length(tokens, after, BODY)
        start, end = tokens[at].start, tokens[after - 1].end
        return (ForceMention(start, end, text[start:end], forces, how) if forces else None), after

    def _names_at(self, text: str, tokens: Sequence[Token], at: int) -> tuple[list[Name], str]:
        """The longest names that begin at a token: as they stand, or failing that as misspellings."""
        word = tokens[at].word
        exact = [
            name
            for words, name in self._starting.get(word, ())
            if reads(tokens, at, words) and counts(text, tokens, at, name)
        ]
        if exact:
            longest = max(exact, key=lambda name: len(name.words))
            return [longest], EXACT if longest.forces == (longest.text,) else ALIAS
        found: dict[int, list[Name]] = defaultdict(list)
        for first in self._meant(word):
            for words, name in self._starting.get(first, ()):
                if self._misspelt(tokens, at, words, name):
                    found[len(words)].append(name)
        return (found[max(found)], SPELLING) if found else ([], SPELLING)

    def _misspelt(self, tokens: Sequence[Token], at: int, words: tuple[str, ...], name: Name) -> bool:
        """Whether the tokens are these words with slips. One word alone must be a force's plain name."""
        if name.rule is not Rule.PLAIN or not name.forces:
            return False
        if len(words) == 1 and (len(name.forces) > 1 or words[0] == tokens[at].word):
            return False
        if at + len(words) > len(tokens) or not all(token.joined for token in tokens[at + 1 : at + len(words)]):
            return False
        return all(word in self._meant(tokens[at + n].word) for n, word in enumerate(words))

    def _correct(self, word: str) -> tuple[str, ...]:
        """The words of names that `word` may stand for: itself if it is one, else the nearest within a slip or two."""
        if word in self._known or word in self._vocabulary.not_names:
            return (word,)
        if word.endswith("s") and word[:-1] in self._known and (word[:-1],) in self._names and len(word) > 4:
            return (word[:-1],)  # a possessive without its apostrophe
        if len(word) < SHORTEST_MISSPELT - 1:
            return (word,)
        near = process.extract(word, self._long, scorer=OSA.distance, score_cutoff=2, limit=None)
        slips = {name: int(count) for name, count, _ in near if count < 2 or len(name) >= TWO_SLIPS_FROM}
        return tuple(name for name, count in slips.items() if count == min(slips.values())) or (word,)


@cache
def _loaded() -> Gazetteer:
    return Gazetteer(load_vocabulary())
