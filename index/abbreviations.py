"""Where two pieces of a sentence were cut apart at a full stop that does not end it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

from index.errors import VocabularyError

_SECTIONS = ("always", "before a number", "before a small letter", "no initial after", "no surname")
_OPENING = r"[\"'“‘(\[]*"
_NUMBER = re.compile(rf"{_OPENING}(?:[0-9]|[A-Z]?[0-9]+[A-Z]*\b|[IVXLC]+\b(?!['’])|[A-Z]\b(?!['’. ]))")
_SMALL = re.compile(rf"{_OPENING}[a-z]")
_LAST_WORD = re.compile(r"(?:(?<=[\s(\[\"'“‘/–—-])|^)(?P<word>[^\W\d_](?:[^\s(\[\"'“‘/–—]*))$")
_INITIAL = re.compile(r"(?:^|(?P<before>\S+)\s+|[\s(\[\"'“‘])(?:[A-Z]\.[ ]?)*[A-Z]\.$")
_NAME = re.compile(r"(?:[A-Z]\.[ ]?)*(?P<word>[A-Z][^\W\d_]*['’-]?[^\W\d_]*)")
_ENUMERATOR = re.compile(r"[\"'“‘(\[]*(?:[0-9]{1,3}(?:\.[0-9]{1,3})*|[a-zA-Z]|[ivxIVX]{1,5})[.)]+")


@dataclass(frozen=True, slots=True)
class Abbreviations:
    """The list by section. What follows decides whether the second and third join; the others are about initials."""

    digest: str  # 12 hexadecimal digits of SHA-256 of the file
    always: frozenset[str]
    before_number: frozenset[str]
    before_small: frozenset[str]
    labelled: frozenset[str]  # "plan": "Plan B." ends in no initial
    no_surnames: frozenset[str]  # words that begin sentences


@cache
def load_abbreviations() -> Abbreviations:
    """Read `data/abbreviations.txt` once. Raises `VocabularyError` when a line stands outside the known sections."""
    data = resources.files("index").joinpath("data", "abbreviations.txt").read_bytes()
    words: dict[str, set[str]] = {section: set() for section in _SECTIONS}
    section = ""
    for line in data.decode("utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            if section not in words:
                raise VocabularyError(f"index/data/abbreviations.txt: {line!r} stands under no known heading.")
            words[section].update(line.split())
    return Abbreviations(hashlib.sha256(data).hexdigest()[:12], *(frozenset(words[section]) for section in _SECTIONS))


def belong_together(before: str, after: str) -> bool:
    """Whether a piece that ends in a full stop and the piece after it are one sentence. Both without outer spaces.

    True after a rank, a statute's abbreviation before its number, an initial before a surname, or the number of an
    item, and when the second piece holds no letter or digit, or the first does not.
    """
    if not re.search(r"\w", before) or not re.search(r"\w", after) or _ENUMERATOR.fullmatch(before):
        return True
    return before.endswith(".") and (_abbreviated(before, after) or _initial(before, after))


def _abbreviated(before: str, after: str) -> bool:
    found = _LAST_WORD.search(before[-40:])
    if found is None:
        return False
    known, word = load_abbreviations(), found["word"]
    if word in known.always:
        return True
    if word in known.before_number:
        return _NUMBER.match(after) is not None
    return word in known.before_small and _SMALL.match(after) is not None


def _initial(before: str, after: str) -> bool:
    found = _INITIAL.search(before[-60:])
    if found is None or (found["before"] or "").lower().strip("(\"'“‘") in load_abbreviations().labelled:
        return False
    name = _NAME.match(after)
    return name is not None and len(name["word"]) > 1 and name["word"] not in load_abbreviations().no_surnames
