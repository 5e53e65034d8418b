"""Recognises the words of a label that name a person: a role, a title, a name in capitals."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache
from importlib import resources

_SECTIONS = ("roles", "titles", "not speakers", "particles")
_NUMBERED_SPEAKER = re.compile(r"(?:unknown |unidentified )?(?:speaker|participant|witness|voice|member)[ _-]?\d*")
_LISTING = re.compile(
    r"(?:also |those |members )?(?:present|attending|attendance|attendees|participants|speakers|witnesses|guests|"
    r"panel(?:lists)?|interviewe[er]s|presenters|hosts|members|apologies|in attendance|in the studio)(?: \w+)?"
)


@dataclass(frozen=True, slots=True)
class SpeakerWords:
    """The word lists of `data/speakers.txt`, one field for each section of the file."""

    roles: frozenset[str]
    titles: frozenset[str]
    not_speakers: frozenset[str]
    particles: frozenset[str]


@cache
def load_speaker_words() -> SpeakerWords:
    """Reads `data/speakers.txt`, once."""
    words: dict[str, set[str]] = {section: set() for section in _SECTIONS}
    section = ""
    for line in resources.files("index").joinpath("data", "speakers.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            words[section].update(line.split())
    return SpeakerWords(*(frozenset(words[section]) for section in _SECTIONS))


def is_role(key: str) -> bool:
    """Whether a label, in small letters, is an office or a part in a conversation: "member of the public"."""
    words = re.split(r" (?:of|for|in|on|to|and) ", key)[0].split()
    return bool(words) and words[-1] in load_speaker_words().roles


def has_title(key: str) -> bool:
    """Whether a label begins with a title or a rank before a name: "ms harrow"."""
    words = key.split()
    return len(words) > 1 and words[0].strip(".") in load_speaker_words().titles | load_speaker_words().roles


def is_numbered_speaker(key: str) -> bool:
    """Whether a label is what a transcriber writes for an unknown voice: "speaker_00", "unknown speaker"."""
    return _NUMBERED_SPEAKER.fullmatch(key) is not None


def introduces_other(key: str) -> bool:
    """Whether a label introduces something other than speech: a note, a list, those present."""
    words = re.sub(r"[\W\d_]+$", "", key).split()
    is_heading = len(words) == 1 and words[0] in load_speaker_words().not_speakers
    return not words or is_heading or _LISTING.fullmatch(key) is not None


def is_full_name(name: str, small_words: Collection[str]) -> bool:
    """Whether a label is two to five capitalised words, not all of which the text has in small letters."""
    particles = load_speaker_words().particles
    words = [word for word in re.split(r"[(,]", name, maxsplit=1)[0].split() if word.casefold() not in particles]
    if not 2 <= len(words) <= 5 or not all(word[0].isupper() for word in words):
        return False
    return any(word.casefold() not in small_words for word in words)
