"""Finds what looks like the label of a speaker at the beginning of a line, and the time next to it.

A label is a name, role or initials with a colon ("Ada Marlowe:", "[00:00:05] AM:", "**Chair (online):**"), with a time
("Ada Marlowe   0:05"), on a line of its own above a time or words, or "Q." and "A.". Some words of a label show that it
names a person: a role, a title, a name in capitals. Which labels are speakers is decided in `index.readers.speakers`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cache, lru_cache
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


MAX_LABEL_CHARACTERS = 160  # of a line, searched for a label

_TIME = r"\d{1,3}:\d{1,2}(?::\d{1,2})?(?:[.,]\d{1,3})?"
_EMPHASIS = r"(?:\*{1,3}|_{1,3}(?!\w))"
_WORD = r"[^\W_][\w.'’&/-]*"
_NAME = rf"(?!\d){_WORD}(?:[ ]{_WORD}){{0,8}}"
_ASIDE = r"(?:[ ]?\((?![\d:.,]+\))[^()\n]{1,60}\))"
_AFFILIATION = r"(?:,[ ][^:()\[\]?!\n]{1,60})"
_LEAD = r"[ \t>]*(?:[-–—•][ \t]+)?(?:\*{1,3}|_{1,3})?"


def _stamp(group: str) -> str:
    return rf"[\[(<]?(?P<{group}>{_TIME})(?:[ \t]*(?:-->|[-–—])[ \t]*{_TIME})?[\])>]?"


_COLON_LABEL = re.compile(
    rf"{_LEAD}(?:{_stamp('before')}[ \t]*(?:[-–—|][ \t]*)?{_EMPHASIS}?(?:From[ ])?)?"
    rf"(?:(?P<number>Q\.?[ ]?\d{{1,4}})[.:)]?[ \t]+)?{_EMPHASIS}?"
    rf"[\[<]?(?P<name>{_NAME}{_ASIDE}?{_AFFILIATION}?)[\]>]?(?:[ \t]*{_stamp('after')})?"
    rf"[ \t]*{_EMPHASIS}?[ \t]?:{_EMPHASIS}?(?:[ \t]*[\[(](?P<behind>{_TIME})[\])])?(?=\s|$|[“\"'‘])"
)
_TIMED_LABEL = re.compile(
    rf"{_LEAD}[\[<]?(?P<name>{_NAME}{_ASIDE}?)[\]>]?{_EMPHASIS}?[ \t]*[,|–—-]?[ \t]*"
    rf"(?:{_stamp('after')}{_EMPHASIS}?[ \t]*$|[\[(](?P<behind>{_TIME})[\])](?=[ \t]+\S))"
)
_STAMP_AT_START = re.compile(rf"{_LEAD}{_stamp('before')}{_EMPHASIS}?(?=\s|$)")
_NAME_LINE = re.compile(rf"{_LEAD}[\[<]?(?P<name>{_NAME}{_ASIDE}?)[\]>]?{_EMPHASIS}?[ \t]*$")
_LETTER = re.compile(
    rf"{_LEAD}(?:{_stamp('before')}[ \t]*)?(?P<letter>Q|A|Question|Answer)(?:[ ]?\d{{1,4}})?"
    rf"(?:{_EMPHASIS}?[.:)]{_EMPHASIS}?(?=\s|$)|[ ]{{2,}}|\t)"
)
_NUMBERED = re.compile(r"[ \t]*\d{1,3}[.)][ \t]+")
_QUESTION_END = re.compile(r"\?[\"'”’)*_]*$")


class Form(StrEnum):
    """How a label is written."""

    QUESTION = "question"  # Q.
    ANSWER = "answer"  # A.
    NUMBERED = "numbered"  # 1. How many are open?
    COLON = "colon"  # Ada Marlowe:
    TIMED = "timed"  # Ada Marlowe 0:05
    NAME = "name"  # a name alone on its line
    TIME = "time"  # [00:00:05]


@dataclass(frozen=True, slots=True)
class Label:
    """The label `text[start:end]`, and the words on its line, or on the next when it is alone.

    `name` is as written, without time, number and emphasis. `time` is as `clock` returns it. `is_numbered` is true of
    "Q12 Chair:".
    """

    form: Form
    start: int
    end: int
    name: str = ""
    time: str = ""
    words: str = ""
    is_numbered: bool = False
    is_alone: bool = False  # on its line
    line: int = 0  # number of the line among those with words

    @property
    def key(self) -> str:
        """The name in small letters, without what is in brackets or after a comma."""
        return _key(self.name)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    text: str


def find_labels(text: str) -> list[Label]:
    """Returns what looks like a label at the beginning of a line, in order. They do not overlap."""
    lines = list(_lines(text))
    labels: list[Label] = []
    for number, line in enumerate(lines):
        label = _label_of_line(line)
        if label is not None:
            rest = text[label.end : line.start + len(line.text)].strip()
            following = lines[number + 1].text.strip() if number + 1 < len(lines) else ""
            labels.append(replace(label, words=rest or following, is_alone=not rest, line=number))
    return labels


def join_names_and_times(labels: Sequence[Label], names: Collection[str]) -> list[Label]:
    """Returns the labels with each time on its own line joined to the name on the line above, or below.

    `names` are the keys of possible names. Where both lines may be names, the order counts in which more are repeated.
    """
    times = [label for label in labels if label.form is Form.TIME and label.is_alone]
    by_line = {label.line: label for label in labels if label.form is Form.NAME and label.key in names}
    above, below = ([by_line[time.line + step] for time in times if time.line + step in by_line] for step in (-1, 1))
    step = 1 if _repeated(below) > _repeated(above) or not above else -1
    joined: dict[int, Label | None] = {}
    for time in times:
        if name := by_line.get(time.line + step):
            first, last = sorted((name, time), key=lambda label: label.line)
            label = replace(name, form=Form.TIMED, start=first.start, end=last.end, time=time.time, words=last.words)
            joined[first.line] = replace(label, line=first.line)
            joined[last.line] = None
    kept = [joined.get(label.line, label) for label in labels]
    return [label for label in kept if label is not None]


def _repeated(labels: Sequence[Label]) -> int:
    return len(labels) - len({label.key for label in labels})


def clock(stamp: str) -> str:
    """Returns a time of two or three numbers as hours, minutes and seconds: "0:05" as "00:00:05"."""
    seconds = 0
    for number in re.split(r"[.,]", stamp)[0].split(":"):
        seconds = seconds * 60 + int(number)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@lru_cache(maxsize=10_000)
def _key(name: str) -> str:
    return re.split(r"[(,]", name, maxsplit=1)[0].strip(" .*_").casefold()


def _lines(text: str) -> Iterator[_Line]:
    """Yields the lines that have more than white space, without their ends."""
    start = 0
    for line in text.splitlines(keepends=True):
        if line.strip():
            yield _Line(start, line.rstrip())
        start += len(line)


def _label_of_line(line: _Line) -> Label | None:
    head = line.text[:MAX_LABEL_CHARACTERS]
    if letter := _LETTER.match(head):
        form = Form.QUESTION if letter["letter"].startswith("Q") else Form.ANSWER
        return _label(form, line, letter, letter["before"], name=letter["letter"])
    if colon := _COLON_LABEL.match(head):
        time = colon["before"] or colon["after"] or colon["behind"]
        return _label(Form.COLON, line, colon, time, colon["name"], is_numbered=bool(colon["number"]))
    if timed := _TIMED_LABEL.match(head):
        return _label(Form.TIMED, line, timed, timed["after"] or timed["behind"], timed["name"])
    if stamp := _STAMP_AT_START.match(head):
        return _label(Form.TIME, line, stamp, stamp["before"])
    if (numbered := _NUMBERED.match(head)) and _QUESTION_END.search(line.text):
        return _label(Form.NUMBERED, line, numbered, None)
    if name := _NAME_LINE.match(head):
        return _label(Form.NAME, line, name, None, name["name"])
    return None


def _label(
    form: Form, line: _Line, match: re.Match[str], time: str | None, name: str = "", *, is_numbered: bool = False
) -> Label:
    written = match[0].rstrip()
    start = line.start + len(written) - len(written.lstrip())
    return Label(form, start, line.start + len(written), name, clock(time) if time else "", is_numbered=is_numbered)
