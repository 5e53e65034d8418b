"""Reads whose words a question asks for: "What did the superintendent say about drones?", "according to Ada Marlowe".

Speakers are known by the labels of their turns. Their offices and forces are in the label, or in what the beginning of
the document says of them: "Present: Ravi Sandhu, Superintendent, Northshire Constabulary (RS)".
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from index.readers.speaker_labels import load_speaker_words
from index.text.transcript import Transcript
from index.text.words import words

_HEADER_CHARACTERS = 6_000  # of a transcript, in which its speakers are introduced
_BEFORE_CHARACTERS, _AFTER_CHARACTERS = 40, 100  # around a name, in which its office is given

_TELLS = (
    r"(?:say|said|tell|told|think|thought|believe|explain|claim|mention|describe|promise|admit|argue|answer|reply"
    r"|respond|suggest|stress|worry|advise|warn|complain|want|feel|give|make|speak|talk|express|hope|expect|recommend"
    r"|propose|raise|praise|criticise|call|point)"
)
_WORDS_OF = (
    r"(?:views?|opinions?|advice|answers?|words|comments?|account|message|remarks?|position|thoughts|worr(?:y|ies))"
)
_ASKED = (
    re.compile(
        rf"\b(?:did|does|do|has|have|had|would) (?P<who>[^?,;:]{{2,60}}?) (?:\w+ly |also |just |ever )?{_TELLS}\b"
    ),
    re.compile(
        r"\b[Aa]ccording to (?P<who>[^?,;:]{2,60}?)"
        r"(?=[,?;:.]|$| (?:what|how|who|when|where|why|is|are|was|were|do|does|did|has|have)\b)"
    ),
    re.compile(
        rf"(?<![\w.-])(?P<who>(?:[Tt]he )?[\w.-]+(?: [\w.-]+){{0,4}})['’]s? {_WORDS_OF} (?:on|about|of|to|for|in)\b"
    ),
    re.compile(rf"\b{_WORDS_OF} (?:of|from|given by) (?P<who>[^?,;:]{{2,60}}?)(?= (?:on|about|to|for|in)\b|[,?;:.]|$)"),
    re.compile(
        r"\b(?:said|told|raised|mentioned|described) by (?P<who>[^?,;:]{2,60}?)(?= (?:on|about|in)\b|[,?;:.]|$)"
    ),
)
_OFFICE = re.compile(r"\b[Tt]he (?P<office>[a-z][a-z -]+)$")
_NAME = re.compile(r"(?:[A-Z][\w'’.-]*|van|de|von)(?: (?:[A-Z][\w'’.-]*|van|de|von))*$")
_SAME_OFFICE: Mapping[str, str] = {"hmi": "inspector", "pcc": "commissioner", "supt": "superintendent"}
# Whoever speaks in a document without turns.
_ANYONE = frozenset({"inspector", "speaker", "author", "presenter", "narrator"})
_NOT_OFFICES = frozenset({"force", "constabulary", "lead", "member", "resident", "court", "executive", "head"})


@dataclass(frozen=True, slots=True)
class AskedSpeaker:
    """Whose words a question asks for: as written, and the words of the name, or else of the office."""

    text: str
    name: frozenset[str] = frozenset()
    office: frozenset[str] = frozenset()

    @property
    def may_be_any(self) -> bool:
        """Whether it may be whoever speaks in a document that names no speakers: "the inspector"."""
        return bool(self.office) and self.office <= _ANYONE

    @property
    def is_certain(self) -> bool:
        """Whether it can only be a person: an office, a name with a title, or more than one name."""
        return bool(self.office) or len(self.name) > 1 or len(self.text.split()) > 1

    def is_named_in(self, text: str) -> bool:
        """Whether a sentence names the person, or reports what the holder of the office said."""
        found = _with_same_offices(words(text))
        return self.name <= found if self.name else self.office <= found and _REPORTS.search(text) is not None

    def is_inspector(self, inspector: str) -> bool:
        """Whether it is the inspector who wrote a document without turns."""
        return self.name <= set(words(inspector)) if self.name else "inspector" in self.office


_REPORTS = re.compile(r"\b(?:said|says|told|tells|thinks?|thought|explained|believes?|added|claims?|described)\b")


@dataclass(frozen=True, slots=True)
class Speaker:
    """One who speaks in a transcript: the label of the turns, and what the transcript says of the person."""

    label: str
    described: str = ""

    def is_meant_by(self, asked: AskedSpeaker) -> bool:
        """Whether a question asks for this speaker's words, by name, by initials or by office."""
        own = _with_same_offices(words(self.label))
        if asked.name:
            initials = "".join(word[0] for word in words(self.label))
            return asked.name <= own or asked.name == {initials}
        return asked.office <= own | _with_same_offices(words(self.described))


def speaker_asked(question: str, force_words: Collection[str] = ()) -> AskedSpeaker | None:
    """Whose words a question asks for; None where it asks for no person's. `force_words` are no part of a name."""
    for pattern in _ASKED:
        for found in pattern.finditer(question):
            person = _person(found["who"], frozenset(force_words))
            if person is not None:
                return person
    return None


def _person(who: str, force_words: Collection[str]) -> AskedSpeaker | None:
    """The person that some words stand for, by the name they end in, or by the office."""
    known = load_speaker_words()
    force = "|".join(map(re.escape, sorted(force_words, key=len, reverse=True)))
    who = re.sub(rf"\b(?:{force})(?:['’]s)?(?= )", "the", who, flags=re.IGNORECASE) if force else who
    office = _OFFICE.search(who)
    if office is not None:
        named = [word for word in office["office"].split() if word != "the"]
        head = re.split(r" (?:of|for|in|on|at) ", " ".join(named))[0].split()
        if not head or head[-1] not in known.roles - _NOT_OFFICES:
            return None
        return AskedSpeaker(f"the {' '.join(named)}", office=_with_same_offices(head) & known.roles)
    run = _NAME.search(who)
    if run is None:
        return None
    spoken = [word for word in run.group().split() if word.lower() != "the"]
    lower = [word.strip(".").lower() for word in spoken]
    name = frozenset(word for word in lower if word not in known.titles | known.roles)
    if name:
        return AskedSpeaker(" ".join(spoken), name=name)
    return AskedSpeaker(f"the {' '.join(spoken)}", office=_with_same_offices(lower)) if lower else None


def speakers_of(transcript: Transcript) -> tuple[Speaker, ...]:
    """The speakers of a transcript, in the order in which they first speak; none where it names no speakers."""
    labels = dict.fromkeys(
        locator.label for locator in transcript.locators if locator.kind == "speaker" and locator.label
    )
    header = transcript.text[:_HEADER_CHARACTERS]
    return tuple(Speaker(label, _description(header, label, labels)) for label in labels)


def _description(header: str, label: str, labels: Collection[str]) -> str:
    """What a text says of a speaker where it first names the person other than before a turn: offices, a force."""
    if " " not in label:
        return ""
    found = re.search(rf"{re.escape(label)}(?!\s*[:\w])", header)
    if found is None:
        return ""
    before = re.split(r"[;.:\n(]", header[max(0, found.start() - _BEFORE_CHARACTERS) : found.start()])[-1]
    after = re.split(r"[;\n.]", header[found.end() : found.end() + _AFTER_CHARACTERS])[0]
    for other in labels:
        if other != label:
            before, after = before.rpartition(other)[2], after.partition(other)[0]
    return f"{before.rpartition(',')[2]} {label}{after}"


def _with_same_offices(found: Collection[str]) -> frozenset[str]:
    return frozenset(_SAME_OFFICE.get(word, word) for word in found)
