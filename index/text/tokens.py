"""The tokenizer and the stemmer shared by the word index and by everything that is matched against it."""

from __future__ import annotations

import re
import threading
from functools import lru_cache
from typing import NamedTuple

import snowballstemmer

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)*")
_CACHED_STEMS = 200_000


class WordSpan(NamedTuple):
    """A word in lower case, without a possessive ending, and where it is written: `text[start:end]`, in characters."""

    word: str
    start: int
    end: int


class _Stemmers(threading.local):
    """One stemmer per thread: Snowball keeps the word it works on in the stemmer, so threads must not share one."""

    def __init__(self) -> None:
        self.english = snowballstemmer.stemmer("english")


_STEMMERS = _Stemmers()


def words(text: str) -> list[str]:
    """Returns the words of a text in order, in lower case and without possessive endings."""
    return [_plain(written) for written in _WORD.findall(_straightened(text))]


def words_at(text: str) -> list[WordSpan]:
    """Returns the same words as `words`, each with its position."""
    found = _WORD.finditer(_straightened(text))
    return [WordSpan(_plain(match.group()), match.start(), match.end()) for match in found]


@lru_cache(maxsize=_CACHED_STEMS)
def stem(word: str) -> str:
    """Returns the stem of a lower-case word by Snowball's English stemmer (Porter 2)."""
    return str(_STEMMERS.english.stemWord(word))


def _straightened(text: str) -> str:
    return text.replace("’", "'")  # one character for one, so that positions hold for the text as given


def _plain(written: str) -> str:
    return written.lower().removesuffix("'s")
