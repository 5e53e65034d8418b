"""Finds the grades of a transcript: in sentences, on a line below a heading, in lists and in tables."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from index.records.parts import Part
from index.records.record import FormalRecord, RecordKind, label_of
from index.text.transcript import Block, Role, Transcript
from index.text.words import GRADES, ONE_WORD_GRADES, alternatives, clean

_GRADE_TERM = alternatives(ONE_WORD_GRADES)
_LOW = r"requir(?:es|ed|ing) improvement|to require improvement"
_IS = (
    r"\b(?:is|are|was|were|been|being|as|remains?|remained|becomes?|became|become|now|still|graded|rated|judged|assessed"
    r"|found|a grade of|grade of)(?: (?:now|still|also|again|therefore|overall|to be|as))*[ “\"']+"
)
_GRADE_ENDS = r"(?=[”\"']? *(?:[,.;:)]|$|\b(?:and|but|or|overall|in 20\d\d)\b))"
_ABOUT = r" (?:at|in|for|in terms of|with regard to) (?:the way (?:in which )?(?:it|the \w+) )?(?P<of>[^,.;:()]+)"
# A word of the name of a thing that is graded, in a list of grades.
_NAME = (
    r"(?!(?:be|not|is|was|are|were|no|a|an|as|more|less|very|nor|never|longer|been|being|graded|than|or|but) )[a-z'-]+"
)
_RATERS = r"(?:we|i|inspectors|hmic(?:frs)?) (?:have )?(?:graded|rated|judged|assessed)"
_STATED_RULES = (
    # "we rated the force's investigations as requires improvement"
    re.compile(
        rf"\b{_RATERS} (?P<of>[^,.;:]{{2,100}}?) (?:as|to be|to) [“\"']?(?:(?P<grade>{_GRADE_TERM})\b"
        rf"|(?P<low>(?:{_LOW}|require improvement)))",
        re.IGNORECASE,
    ),
    # "is good at preventing crime", "requires improvement in the way it investigates crime"
    re.compile(rf"(?:{_IS}(?P<grade>{_GRADE_TERM})|\b(?P<low>{_LOW}))[”\"']?{_ABOUT}", re.IGNORECASE),
    # "Protecting vulnerable people was inadequate", "managing offenders required improvement"
    re.compile(
        rf"(?:^|[;:,.] ?)(?P<of>[^,.;:]+?) (?:{_IS}(?P<grade>{_GRADE_TERM})|(?P<low>{_LOW}))[”\"']?{_GRADE_ENDS}",
        re.IGNORECASE,
    ),
    # "effectiveness good; efficiency requires improvement"
    re.compile(
        rf"(?:[;:,] |^)(?P<of>(?:{_NAME} ){{0,5}}{_NAME}):? (?:(?P<grade>{_GRADE_TERM})|(?P<low>{_LOW}))(?=[;,.]|$)",
        re.IGNORECASE,
    ),
    re.compile(rf"(?:{_IS}(?P<grade>{_GRADE_TERM}){_GRADE_ENDS}|\b(?P<low>{_LOW})\b)(?P<of>)", re.IGNORECASE),
)  # fmt: skip
# Gives no grade: "not yet graded", and the grade of an earlier inspection.
_NOT_GIVEN = re.compile(
    rf"\bnot yet graded\b|\bfrom (?:being )?(?:graded )?(?:as )?(?:{_GRADE_TERM}|{_LOW})\b", re.IGNORECASE
)
# Words before the name of a thing that is graded, or between it and its grade.
_NOT_NAME = re.compile(
    r"^(?:(?:the|our|its|their) )?(?:overall )?(?:grade|grading|judge?ment|rating) (?:for|of|on|in) "
    rf"|^{_RATERS} "
    r"|^(?:and|but|while|although|though) |(?: (?:is|are|was|were|had|has|have|both|been|now|graded|rated|judged))+$",
    re.IGNORECASE,
)

MAX_SUBJECT_CHARACTERS = 120
_GRADE = rf"(?:{alternatives(GRADES)})"
_GRADED = r"(?:grade|graded|judge?ment|judged|rating|rated|overall|our (?:overall )?(?:grade|judge?ment))"
_ALONE = re.compile(
    rf"(?:(?:{_GRADED}|the force is|this is)(?: as| of)? ?[:|-]? ?)?[\"'(]*(?P<grade>{_GRADE})[\"')]*[.;]?",
    re.IGNORECASE,
)
_GRADE_FIRST = re.compile(rf"(?:graded )?(?P<grade>{_GRADE})(?: ?[:|]| -) (?P<of>.+)", re.IGNORECASE | re.DOTALL)
_GRADE_LAST = re.compile(
    rf"(?P<of>[^:|;]{{2,{MAX_SUBJECT_CHARACTERS}}}?)(?: ?[:|]| -) [\"']?(?P<grade>{_GRADE})[\"']?(?:[;,.]|[;,]? and)?",
    re.IGNORECASE,
)
# The words that the inspectorate's questions and pillars begin with.
_QUESTION_WORDS = (
    "preventing|deterring|responding|investigating|protecting|supporting|managing|disrupting|tackling|building"
    "|developing|treating|recording|meeting|planning|reducing|keeping|understanding|using|providing|making|leading"
    "|effectiveness|efficiency|legitimacy|leadership"
)
_GRADE_FOR = r"\b(?:(?:the|our|its|their) )?(?:overall )?(?:grade|grading|judge?ment|rating) (?:for|of|on|in) "
_FORMAL = re.compile(
    rf"\b(?:graded|judged|rated|grade of|a judge?ment of|assessed as|found to be)\b[^.;]{{0,30}}?\b{_GRADE}\b"
    rf"|\b{_GRADE}\b[\"']? (?:at|in|for) (?:(?:its|the|how|keeping)\b|\w+ing\b)"
    rf"|^\W*(?:it|the (?:force|constabulary)|[\w'. -]{{1,40}}(?:police|constabulary)) (?:is|was) (?:overall )?{_GRADE}"
    rf"(?: overall)?\W*$"
    rf"|{_GRADE_FOR}[^.;:]{{2,100}}? (?:is|was|remains|remained) {_GRADE}\b"
    rf"|^(?:{_QUESTION_WORDS})\b[^.;,]{{0,80}} (?:is|was|were) {_GRADE}\b"
    rf"|\b{_RATERS} [^,.;:]{{2,100}}? (?:as|to be|to) [\"']?(?:{_GRADE}|require improvement)\b"
    rf"|\brequir(?:es|ed) improvement (?:at|in|for)\b",
    re.IGNORECASE,
)
_PASSED_OVER = re.compile(
    r"^(?:no|none|neither|if|an?)\b|\b(?:last time|previous(?:ly)?|lower grade than|means?|would|could)\b|\?$"
    r"|\b(?:last|earlier|previous) (?:inspection|report|year)\b|\bin (?:19|20)[0-9]{2}",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:we (?:found|graded|gave)|there (?:is|are|was|were)) (?:no|none)\b|none\b|no area", re.IGNORECASE
)
_GENERIC = re.compile(
    r"(?:our |the |overall |graded |summary of )*(?:grades?|grading|judge?ments?|ratings?|areas?|aspects?|questions?"
    r"|summary|overview|pillars?|findings|results?|inspection|20[0-9/ –-]+)(?: (?:area|question|given|of policing))?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"\b20[0-9]{2}\b")
_BODY = re.compile(r"\b(?:police|constabulary|fire|service|force)\b", re.IGNORECASE)
_NAMED = re.compile(r"[a-z]{4}")  # initials before a colon are a speaker, not what is graded
_ENDS = re.compile(r"[.!:;]\W*$")
_PRONOUNS = frozenset({"it", "this", "that", "the force", "the constabulary"})


def grade_of(text: str) -> str:
    """Returns the grade that a text consists of, in lower case; empty where it says anything else."""
    found = _ALONE.fullmatch(clean(text))
    return found["grade"].lower() if found else ""


@dataclass(frozen=True, slots=True)
class _Cell:
    """A table cell or one of its heads: its words, its first sentence and the grade that it consists of."""

    text: str
    ordinal: int
    grade: str


def grade_records(transcript: Transcript, parts: Sequence[Part]) -> Iterator[FormalRecord]:
    """Yields the grades that the parts of a transcript give, in order."""
    by_block = {part.number: part for part in parts if part.sentences}
    speaks = any(locator.kind == "speaker" for locator in transcript.locators)
    heads = {head for block in transcript.blocks for head in block.heads}
    before: Part | None = None
    for number, block in enumerate(transcript.blocks):
        if block.heads:
            yield from _of_cell(transcript, block, by_block.get(number), by_block)
        part = by_block.get(number)
        if part is None:
            continue
        if not block.heads and number not in heads and block.role is not Role.QUESTION:
            yield from _of_sentences(part) if speaks else _of_part(part, before, by_block)
        before = part


def _of_part(part: Part, before: Part | None, by_block: Mapping[int, Part]) -> Iterator[FormalRecord]:
    """The grades of a heading or a paragraph; `before` is the part before it."""
    alone = grade_of(part.text)
    if alone:
        yield from _below_heading(part, alone, before)
    elif not part.is_heading:
        introduced = _grade_above(part, by_block)
        if introduced is not None:
            yield _record(part.ordinals, introduced.grade, _name(part.text), headings=(introduced.ordinal,))
        else:
            yield from _of_sentences(part)


def _below_heading(part: Part, grade: str, before: Part | None) -> Iterator[FormalRecord]:
    """A grade on a line of its own is given to what the line or heading above it names."""
    if before is not None and _is_line(before) and not grade_of(before.text):
        subject = _name(before.text) if before.block.role is not Role.TITLE else ""
        if label_of(before.text) is None:
            yield _record(part.ordinals[:1], grade, subject, headings=before.ordinals[:1])
    elif _is_name(part.block.section) and not part.is_heading:
        yield _record(part.ordinals[:1], grade, _name(part.block.section))


def _is_name(section: str) -> bool:
    """Whether a heading may name what is graded: it is no grade and no formal term."""
    return bool(section) and not grade_of(section) and label_of(section) is None


def _is_line(part: Part) -> bool:
    return part.is_heading or (
        "\n" not in part.text and len(part.text) <= MAX_SUBJECT_CHARACTERS and not _ENDS.search(part.text)
    )


def _grade_above(part: Part, by_block: Mapping[int, Part]) -> _Cell | None:
    """The grade whose list, or whose heading, a short item is under."""
    if not _is_line(part) or part.text.rstrip().endswith(":"):
        return None
    lead_in = by_block.get(part.block.lead_in) if part.block.lead_in is not None else None
    if lead_in is not None:
        grade = grade_of(lead_in.text.rstrip().rstrip(":"))
        return _Cell(lead_in.text, lead_in.sentences[0].ordinal, grade) if grade else None
    grade = grade_of(part.block.section) if part.is_marked else ""
    above = [other for number, other in by_block.items() if number < part.number and other.text == part.block.section]
    return _Cell(part.block.section, above[-1].sentences[0].ordinal, grade) if grade and above else None


def _of_sentences(part: Part) -> Iterator[FormalRecord]:
    section = part.block.section if _is_name(part.block.section) else ""
    for place, sentence in enumerate(part.sentences):
        text = clean(sentence.text)
        listed = _GRADE_FIRST.fullmatch(text) or _GRADE_LAST.fullmatch(text)
        listed = listed if listed is None or _NAMED.search(listed["of"]) else None
        if place == 0 and grade_of(text) and section and len(part.sentences) > 1:
            yield _record((sentence.ordinal,), grade_of(text), _name(section))
        elif listed is not None:
            for subject in _subjects(listed["of"]):
                yield _record((sentence.ordinal,), listed["grade"].lower(), subject)
        elif not _PASSED_OVER.search(text):
            given = grades_given(text)
            names = [grade.of for grade in given]
            if _FORMAL.search(text) or (len(given) > 1 and all(names)):
                for grade in given:
                    of = "" if grade.of.lower() in _PRONOUNS else grade.of
                    yield _record((sentence.ordinal,), grade.grade, of or _name(section))


def _subjects(listed: str) -> list[str]:
    """The names in a list of graded areas; one of them where they are not set apart by semicolons."""
    if _NOTHING.match(listed):
        return []
    names = (_NOT_NAME.sub("", re.sub(r"^and ", "", name.strip(" ."))) for name in listed.split(";"))
    return [name for name in names if name]


def _of_cell(
    transcript: Transcript, block: Block, part: Part | None, by_block: Mapping[int, Part]
) -> Iterator[FormalRecord]:
    """The grade that a table cell gives, or that its head gives to it."""
    heads = [_cell(by_block[head]) for head in block.heads if head in by_block]
    graded = next((head for head in heads if head.grade), None)
    named = [head for head in heads if not head.grade and not _GENERIC.fullmatch(clean(head.text))]
    own = _cell(part) if part is not None else None
    if own is not None and own.grade and named:
        yield _of_graded_cell(own, heads, named)
    elif graded is not None and own is not None and not own.grade and len(own.text) > 3:
        yield _record((own.ordinal,), graded.grade, clean(own.text), headings=(graded.ordinal,))
    elif graded is not None and named and transcript.text[block.start : block.end].strip():
        yield _record((named[0].ordinal,), graded.grade, clean(named[0].text), headings=(graded.ordinal,))


def _of_graded_cell(own: _Cell, heads: Sequence[_Cell], named: Sequence[_Cell]) -> FormalRecord:
    """The grade in a cell, given to the first head that names no body; the other named heads and years say of what."""
    subject = next((head for head in named if not _BODY.search(head.text)), named[0])
    others = [head for head in heads if head is not subject and (head in named or _YEAR.search(head.text))]
    ordinals = tuple(sorted(head.ordinal for head in (subject, *others)))
    section = tuple(clean(head.text) for head in others)
    return _record((own.ordinal,), own.grade, clean(subject.text), headings=ordinals, section=section)


def _cell(part: Part) -> _Cell:
    return _Cell(part.text, part.sentences[0].ordinal, grade_of(part.text))


def _name(heading: str) -> str:
    """The name of what is graded, from its heading; empty for a heading that names nothing, as "Our judgements"."""
    name = clean(heading).rstrip(" :")
    return "" if _GENERIC.fullmatch(name) else name


def _record(
    sentences: tuple[int, ...], grade: str, subject: str, headings: tuple[int, ...] = (), section: tuple[str, ...] = ()
) -> FormalRecord:
    return FormalRecord(RecordKind.GRADE, sentences, headings=headings, section=section, subject=subject, grade=grade)


@dataclass(frozen=True, slots=True)
class Grade:
    """A grade in the inspectorate's term, in lower case, and what it is given to, as written; empty when not stated."""

    grade: str
    of: str


def grades_given(sentence: str) -> tuple[Grade, ...]:
    """The grades that a sentence gives, in order."""
    read = _NOT_GIVEN.sub(lambda match: ";" * len(match.group()), sentence)
    found: dict[int, Grade] = {}
    for rule in _STATED_RULES:
        for match in rule.finditer(read):
            name = "grade" if match.group("grade") else "low"
            term = match.group("grade").lower() if name == "grade" else "requires improvement"
            found.setdefault(match.start(name), Grade(term, _NOT_NAME.sub("", match.group("of")).strip()))
    return tuple(found[place] for place in sorted(found))
