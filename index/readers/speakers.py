"""Decides which labels at the beginning of lines are those of speakers, and whether a text has turns at all.

"Note:", "Recommendation 1:" and "Cause of concern:" are no speakers. A speaker is named in the list of those present,
has a title, a rank or a role, or speaks again; and what is said after the labels is a conversation.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from index.readers.speaker_labels import (
    Form,
    Label,
    find_labels,
    has_title,
    introduces_other,
    is_full_name,
    is_numbered_speaker,
    is_role,
    join_names_and_times,
)

MIN_CONVERSATIONAL = 0.25  # share of labelled lines with "I", "you" or a question, where no label is surely a speaker's
MIN_LABELLED = 0.1  # the same of all lines
MAX_SPOKEN_LABEL_WORDS = 6

_HEADER_CHARACTERS = 6_000  # searched for the list of those present
_PRESENT = re.compile(
    r"(?:also |those |members )?(?:present|attending|attendance|attendees|participants?|speakers?|witness(?:es)?|"
    r"guests?|panel(?:lists?)?|interviewe[er]s?|presenters?|chair|hosts?|in (?:attendance|the studio)|members|"
    r"apologies)(?: \w+)?:",
    re.IGNORECASE,
)
_ZERO_HOURS = re.compile(r"00?:")
_CONVERSATIONAL = re.compile(r"\b(?:I|you|your|me|my)\b|\?", re.IGNORECASE)
_WORDS = re.compile(r"[\w'’-]+")
_SMALL_WORD = re.compile(r"(?<![\w'’])[a-z][a-z'’]+")
_CAPITAL = re.compile(r"(?<![\w'’])[A-Z][\w'’-]*")
_CAPITALISED = re.compile(r"[A-Z][\w'’-]*(?:[ ][A-Z][\w'’-]*)*")
_SENTENCE_END = re.compile(r"[.?!…–—-][\"'”’)\]]*$")


def speaker_labels(text: str) -> list[Label]:
    """Returns the labels of speakers, and the times on their own, in order; none where the text has no turns.

    Initials are resolved by the list of those present: the `name` of "AM:" is "Ada Marlowe".
    """
    found = find_labels(text)
    small_words = frozenset(_SMALL_WORD.findall(text))
    counts = Counter(label.key for label in found if label.form in (Form.COLON, Form.TIMED, Form.NAME))
    names = {
        label.key
        for label in found
        if label.name[:1].isupper() and (counts[label.key] > 1 or _has_form_of_name(label, small_words))
    }
    joined = join_names_and_times(found, names)
    kept = [label for label in joined if label.form is not Form.TIMED or label.key in names]
    return _Speakers(text, tuple(kept), small_words).labels()


@dataclass
class _Speakers:
    """A text with what looks like labels in it."""

    text: str
    found: tuple[Label, ...]
    small_words: frozenset[str]  # the words that the text has in small letters

    def labels(self) -> list[Label]:
        """Returns the labels that are speakers' or times."""
        keys = self._spoken_keys()
        named = [
            replace(label, name=self.initials.get(label.name, label.name))
            for label in self.found
            if label.form in (Form.COLON, Form.TIMED, Form.NAME) and label.key in keys and not self._is_entry(label)
        ]
        return sorted([*self.letters, *self._times(), *named], key=lambda label: label.start)

    @cached_property
    def named(self) -> tuple[Label, ...]:
        """The labels with a name before a colon or next to a time."""
        return tuple(
            label
            for label in self.found
            if label.form in (Form.COLON, Form.TIMED)
            and len(label.key.split()) <= MAX_SPOKEN_LABEL_WORDS
            and not introduces_other(label.key)
        )

    @cached_property
    def header(self) -> str:
        """The beginning of the text: what precedes the first label in capitals, which may be initials."""
        initials = (label.start for label in self.found if label.name.isupper() and _is_speech(label.words))
        return self.text[: min(next(initials, _HEADER_CHARACTERS), _HEADER_CHARACTERS)]

    @cached_property
    def present(self) -> str:
        """The paragraphs that list those present, as words in small letters."""
        listed: list[str] = []
        is_list = False
        for line in self.text[:_HEADER_CHARACTERS].splitlines():
            words = line.strip(" \t*_•-")
            if _PRESENT.match(words):
                is_list = True
            elif words and not (is_list and (line.lstrip()[:1] in "•-*" or not _is_speech(words))):
                is_list = False
            if is_list:
                listed.append(words)
        return _spaced(" ".join(listed))

    @cached_property
    def initials(self) -> dict[str, str]:
        """The names in the header by their initials, where only one fits."""
        fitting: dict[str, set[str]] = {}
        wanted = {label.name for label in self.found if label.name.isupper() and 2 <= len(label.name) <= 4}
        for run in _CAPITALISED.findall(self.header):
            words = run.split()
            for length in range(2, 5):
                for first in range(len(words) - length + 1):
                    name = words[first : first + length]
                    letters = "".join(word[0] for word in name)
                    if letters in wanted:
                        fitting.setdefault(letters, set()).add(" ".join(name))
        return {letters: names.pop() for letters, names in fitting.items() if len(names) == 1}

    @cached_property
    def letters(self) -> list[Label]:
        """Returns "Q." and "A." where both occur, and numbered questions."""
        forms = Counter(label.form for label in self.found)
        has_letters = forms[Form.QUESTION] >= 1 and forms[Form.ANSWER] + forms[Form.QUESTION] >= 2
        lettered = has_letters and not re.search(r"^[ \t]*[B-P][.)][ \t]", self.text, re.MULTILINE)
        kept = [label for label in self.found if lettered and label.form in (Form.QUESTION, Form.ANSWER)]
        numbered = [label for label in self.found if label.form is Form.NUMBERED]
        return [*kept, *_answered(self.text, numbered)]

    def _times(self) -> list[Label]:
        """Returns the times on their own, where there are several that do not go back."""
        times = [label for label in self.found if label.form is Form.TIME]
        bare = [label for label in times if not label.is_alone and self.text[label.start] not in "[(<"]
        if bare and not _ZERO_HOURS.match(self.text, bare[0].start):  # hours of the day, as in an agenda
            times = [label for label in times if label.is_alone or self.text[label.start] in "[(<"]
        return times if len(times) > 1 and _is_rising(times) else []

    def _spoken_keys(self) -> frozenset[str]:
        """Returns the keys of the speakers, none where the text has no turns."""
        counts = Counter(label.key for label in self.named if not self._is_entry(label))
        if not self._has_turns(counts):
            lettered = self.named if self.letters else ()
            return frozenset(label.key for label in lettered if self._is_sure(label)) or self._keys_of_name_lines()
        first = {label.key: label for label in reversed(self.named)}
        return frozenset(key for key, count in counts.items() if count > 1 or self._is_spoken_once(first[key]))

    def _has_turns(self, counts: Counter[str]) -> bool:
        spoken = [label for label in self.named if _is_speech(label.words) and not self._is_entry(label)]
        return self._has_sure_turns(spoken) or self._has_labelled_turns(spoken, counts)

    def _has_sure_turns(self, spoken: Sequence[Label]) -> bool:
        sure = [label for label in spoken if self._is_sure(label)]
        is_repeated = len({label.key for label in sure}) < len(sure)
        may_be_turns = is_repeated and (self._is_marked(sure) or _is_conversation(sure))
        return len(sure) > 1 and (_exchanges(sure) > 0 or may_be_turns)

    def _has_labelled_turns(self, spoken: Sequence[Label], counts: Counter[str]) -> bool:
        lines = sum(1 for line in self.text.splitlines() if line.strip())
        distinct = {label.key for label in spoken}
        if len(distinct) < 2 or len(spoken) < MIN_LABELLED * lines:
            return False
        is_exchange = _exchanges(spoken) > 0 and len(spoken) * 2 >= lines
        return is_exchange or (any(counts[key] > 1 for key in distinct) and _is_conversation(spoken))

    def _is_marked(self, labels: Sequence[Label]) -> bool:
        """Whether one of some labels can only be a speaker's: it has a number or a time, or is among those present."""
        return any(
            label.is_numbered or label.time or is_numbered_speaker(label.key) or self._is_listed(label.key)
            for label in labels
        )

    def _keys_of_name_lines(self) -> frozenset[str]:
        """Returns the names that stand alone on lines, where several persons speak more than once."""
        lines = [label for label in self.found if label.form is Form.NAME and _is_speech(label.words)]
        names = [
            label for label in lines if is_full_name(label.name, self.small_words) and not introduces_other(label.key)
        ]
        repeated = {key for key, count in Counter(label.key for label in names).items() if count > 1}
        if len(repeated) < 2 or not _is_conversation([label for label in names if label.key in repeated]):
            return frozenset()
        return frozenset(label.key for label in names)

    def _is_entry(self, label: Label) -> bool:
        """Whether a label and its words are an entry of the list of those present ("AM: Ada Marlowe, Chair")."""
        run = _CAPITALISED.match(label.words)
        if run is None or " " not in run[0] or label.form is not Form.COLON:
            return False
        letters = "".join(word[0] for word in run[0].split())
        if label.name.isupper() and label.name in letters:
            return True
        return (is_role(label.key) and not _is_speech(label.words)) or self._names_speaker(label, run[0])

    def _names_speaker(self, label: Label, name: str) -> bool:
        """Whether the words after a role begin with another speaker's name ("Presenter: Ada Marlowe. In the …")."""
        if not is_role(label.key) or re.match(r"[?,]", label.words[len(name) :]):
            return False
        return name.casefold() in self.keys_before_colons

    @cached_property
    def keys_before_colons(self) -> frozenset[str]:
        return frozenset(label.key for label in self.found if label.form is Form.COLON)

    def _is_sure(self, label: Label) -> bool:
        """Whether a label is a speaker's whatever else the text has."""
        key = label.key
        return (
            label.is_numbered
            or label.form is Form.TIMED
            or bool(label.time)
            or is_numbered_speaker(key)
            or self._is_listed(key)
            or label.name in self.initials
            or is_role(key)
            or has_title(key)
        )

    def _is_listed(self, key: str) -> bool:
        return len(key) > 1 and _spaced(key) in self.present

    def _is_spoken_once(self, label: Label) -> bool:
        """Whether a label that occurs once in a text with turns is a speaker's."""
        if label.start <= self.first_word and not _SENTENCE_END.search(label.words):
            return False  # the title
        if self._is_sure(label) or is_full_name(label.name, self.small_words):
            return True
        if " " in label.key or label.key in self.small_words or not label.name[0].isupper():
            return False
        return self.capitals[label.name] > 1 or self.uses_first_names

    @cached_property
    def first_word(self) -> int:
        """Where the text begins, without white space."""
        return len(self.text) - len(self.text.lstrip())

    @cached_property
    def capitals(self) -> Counter[str]:
        """How often the text has each word with a capital."""
        return Counter(_CAPITAL.findall(self.text))

    @cached_property
    def uses_first_names(self) -> bool:
        """Whether all who speak more than once have labels of one word."""
        counts = Counter(label.key for label in self.named)
        return all(" " not in key for key, count in counts.items() if count > 1)


def _has_form_of_name(label: Label, small_words: frozenset[str]) -> bool:
    key = label.key
    return is_full_name(label.name, small_words) or is_role(key) or has_title(key) or is_numbered_speaker(key)


def _spaced(words: str) -> str:
    """Returns words in small letters with one space around each, so that whole words can be sought in them."""
    return f" {' '.join(_WORDS.findall(words.casefold()))} "


def _is_speech(words: str) -> bool:
    """Whether words are a sentence or part of one, not a name, a grade or a number."""
    return _SENTENCE_END.search(words) is not None or len(_SMALL_WORD.findall(words)) > 2


def _is_conversation(labels: Sequence[Label]) -> bool:
    """Whether enough of the words after some labels address somebody, speak of the speaker or ask."""
    conversational = sum(1 for label in labels if _CONVERSATIONAL.search(label.words))
    return conversational >= MIN_CONVERSATIONAL * len(labels)


def _exchanges(labels: Sequence[Label]) -> int:
    """Returns how often a line that ends in a question is followed by another speaker's."""
    pairs = pairwise(labels)
    return sum(1 for asked, answered in pairs if asked.words.endswith("?") and asked.key != answered.key)


def _is_rising(labels: Sequence[Label]) -> bool:
    times = [label.time for label in labels]
    return all(before <= after for before, after in pairwise(times))


def _answered(text: str, numbered: Iterable[Label]) -> list[Label]:
    """Returns the numbered questions that a paragraph without a number follows; none unless most are answered."""
    questions = list(numbered)
    answered = []
    for label, following in zip(questions, [*questions[1:], None], strict=False):
        end = following.start if following else len(text)
        paragraphs = [part for part in re.split(r"\n\s*\n", text[label.end : end]) if part.strip()]
        if len(paragraphs) > 1:
            answered.append(label)
    return answered if len(answered) > 1 and len(answered) * 2 > len(questions) else []
