"""Finds the formal records of sections: what is said under "Cause of concern", "Areas for improvement" and the like."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from index.records.grades import grade_of
from index.records.parts import Part, begins_small, by_deadline, without_number
from index.records.record import (
    FormalRecord,
    RecordKind,
    RecordStatus,
    TermLabel,
    direction_of,
    directs,
    is_order,
    is_statement,
    label_of,
    opens_with_deadline,
    says_none,
)
from index.text.sentences import Sentence
from index.text.transcript import Role

_GOES_ON = re.compile(r"(?:[;,:]|\b(?:and|or))[\"'”’)\]]*\s*$", re.IGNORECASE)
_OF_THEIR_SECTION = (RecordKind.AREA_FOR_IMPROVEMENT, RecordKind.INNOVATIVE_PRACTICE)
_ENDS = re.compile(r"[.!?:;,][\"'”’)\]]*$")
_PRONOUN = re.compile(r"(?:it|they|this|these)\b", re.IGNORECASE)
MAX_HEADING_CHARACTERS = 100
MIN_STATEMENT_WORDS = 6  # of a heading that is the cause of concern itself, without a full stop
_NO_ORDER = re.compile(
    r"(?:the|it|its|we|our|i|in|this|these|that|those|there|both|all|some|most|a|an|of|when|since|as|at|on)\b",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Open:
    """The record being read: its parts so far, and whether its list is still open."""

    record: FormalRecord
    block: int  # of the sentence that introduces its items
    depth: int = 0  # dots in its printed number
    goes_on: bool = False  # the last sentence or item ends as a list goes on
    is_marked: bool = False  # the last item has a bullet or a number
    shares_lead_in: bool = False  # the lead-in announces a list in which each item is a record
    has_items: bool = False

    def add_items(self, part: Part) -> None:
        """Adds an item, which may be the last."""
        self.record = replace(self.record, items=(*self.record.items, *part.ordinals))
        self.note_item(part)

    def note_item(self, part: Part) -> None:
        """Notes whether the list goes on after an item."""
        self.has_items = True
        self.is_marked = part.is_marked
        self.goes_on = _GOES_ON.search(part.text) is not None

    def takes(self, part: Part) -> bool:
        """Whether a part is an item of the record's list."""
        if part.block.lead_in is not None and part.block.lead_in == self.block:
            return True
        if not (self.goes_on or self.is_marked):
            return False
        if part.printed:
            return part.printed.isalpha() or not self.record.number
        if part.is_marked:
            return True
        if not self.goes_on or opens_with_deadline(part.text):
            return False
        return not self.has_items or begins_small(part.text) or not directs(part.text)


@dataclass(slots=True)
class SectionReader:
    """Reads the parts of a transcript in order and collects the records under formal headings.

    `read` says whether a part belongs to such a section. `graded` are the names of what is graded, in lower case, and
    `table_heads` the numbers of the blocks that head only a table.
    """

    graded: frozenset[str] = frozenset()
    table_heads: frozenset[int] = frozenset()
    records: list[FormalRecord] = field(default_factory=list)
    topic: str = ""  # the last heading that is no formal term
    _label: TermLabel | None = None
    _heading: Part | None = None
    _open: _Open | None = None
    _addressee: str = ""
    _count: int = 0  # records of this section
    _is_inline: bool = False  # the section is one paragraph that begins with its label

    def read(self, part: Part) -> bool:
        """Reads the next part, and returns whether it is part of a section under a formal heading."""
        is_read = part.block.role in (Role.FINDING, Role.HEADING, Role.TITLE) and part.number not in self.table_heads
        if not is_read or not part.sentences:
            return False
        label = None if part.block.heads else label_of(part.text)
        if label is not None:
            return self._begin(label, part)
        if part.is_heading:
            return self._heading_below(part)
        return (self._label is not None or self._open is not None) and self._content(part)

    def begin_list(self, record: FormalRecord, part: Part) -> None:
        """Begins a record outside a section whose last sentence introduces a list."""
        self.close()
        self._open, self._is_inline = _Open(record, part.number, goes_on=True), True

    def close(self) -> None:
        """Ends the record that is being read."""
        if self._open is not None and not self._open.shares_lead_in:
            self.records.append(self._open.record)
        self._open = None

    def _begin(self, label: TermLabel, part: Part) -> bool:
        self.close()
        self._addressee = "" if label.kind is not RecordKind.RECOMMENDATION else self._addressee
        self._label, self._heading, self._count = label, part, 0
        self._is_inline = bool(label.statement) and not part.is_heading
        if label.statement:
            self._start(part, part.sentences, heading=None)
        return True

    def _heading_below(self, part: Part) -> bool:
        """Reads a heading: one below the formal heading may be the statement itself; any other ends the section."""
        below = self._is_below(part)
        if below and self._states_itself(part):
            self._unit(part)
            return True
        title = " ".join(part.text.split())
        self.topic = title if part.block.role is Role.HEADING else ""
        if below and self._label is not None and (self._label.is_plural or not self._count):
            self.close()
            self._label = self._label if self._label.is_plural else replace(self._label, title=title)
            return True
        self._end()
        return False

    def _states_itself(self, part: Part) -> bool:
        """Whether a heading below a formal one is no title but what the force is told: the first one of a cause."""
        if part.text.rstrip().endswith("?"):
            return False
        is_cause = self._label is not None and self._label.kind is RecordKind.CAUSE_OF_CONCERN and not self._count
        return is_statement(part.text) or (is_cause and len(part.text.split()) >= MIN_STATEMENT_WORDS)

    def _is_below(self, part: Part) -> bool:
        """Whether a heading is below the formal heading; where levels are not known, if it orders something first."""
        if self._label is None or self._heading is None:
            return False
        level = self._heading.block.level
        return 0 < level < part.block.level or (not part.block.level and not self._count and directs(part.text))

    def _content(self, part: Part) -> bool:
        if self._open is not None and self._open.takes(part):
            self._item(self._open, part)
            return True
        if self._is_inline or self._is_unmarked_heading(part):
            self._end()
            self.topic = part.text if not self._is_inline else self.topic
            return False
        for line in part.lines():
            if self._open is not None and self._open.goes_on and begins_small(line.text):
                self._open.add_items(line)
            else:
                self._unit(line)
        return True

    def _is_unmarked_heading(self, part: Part) -> bool:
        """Whether a short line that states nothing follows a record, or a line is a grade: another section begins."""
        if grade_of(part.text):
            return True
        is_line = len(part.text) <= MAX_HEADING_CHARACTERS and "\n" not in part.text and not _ENDS.search(part.text)
        states = is_statement(part.text) or part.is_marked or part.block.lead_in is not None
        return self._count > 0 and is_line and not states

    def _end(self) -> None:
        self.close()
        self._label = self._heading = None

    def _item(self, opened: _Open, part: Part) -> None:
        if not opened.shares_lead_in:
            opened.add_items(part)
            return
        record = replace(opened.record, sentences=part.ordinals, number=part.printed)
        self.records.append(self._directed(record, part.text))
        self._count += 1
        opened.note_item(part)

    def _unit(self, part: Part) -> None:
        """Reads a paragraph, or a line of one: it states a record, adds to the one before, or only explains it."""
        label = self._label
        if label is None:
            return
        if says_none(part.text):
            self._add_none(part)
        elif self._states(label, part):
            for run in by_deadline(part.sentences) if label.kind is RecordKind.RECOMMENDATION else [part.sentences]:
                self._start(part, run, heading=self._heading)
        elif label.kind is RecordKind.CAUSE_OF_CONCERN and opens_with_deadline(part.text):
            self._label = TermLabel(RecordKind.RECOMMENDATION, is_plural=True)
            for run in by_deadline(part.sentences):
                self._start(part, run, heading=None)
        elif not label.is_plural and is_order(part.text) and not part.printed:
            self._extend(part)
        elif not label.is_plural:
            self.close()

    def _states(self, label: TermLabel, part: Part) -> bool:
        """Whether a paragraph states a record of its own."""
        if label.kind is RecordKind.RECOMMENDATION:
            is_only = not label.is_plural and not self._count and not part.printed
            return is_order(part.text) or self._is_listed_order(part) or is_only
        if not self._count:
            return True
        if label.kind is RecordKind.AREA_FOR_IMPROVEMENT and is_order(part.text):
            return label.is_plural or not _PRONOUN.match(part.text)
        return label.is_plural and (part.is_marked or self._is_alone(label, part))

    @staticmethod
    def _is_alone(label: TermLabel, part: Part) -> bool:
        """Whether a paragraph without a number or a bullet is a whole cause of concern or practice: one sentence."""
        return label.kind is not RecordKind.AREA_FOR_IMPROVEMENT and len(part.sentences) == 1

    def _is_listed_order(self, part: Part) -> bool:
        """Whether a numbered or marked part orders something without "should": "1. Review the backlog."."""
        depth = part.printed.count(".")
        alike = self._open is None or depth == self._open.depth
        return part.is_marked and alike and not _NO_ORDER.match(without_number(part.text).lstrip())

    def _start(self, part: Part, sentences: tuple[Sentence, ...], heading: Part | None) -> None:
        label = self._label
        if label is None:
            return
        self.close()
        ordinals = tuple(sentence.ordinal for sentence in sentences)
        text = " ".join(sentence.text for sentence in sentences)
        introduces = sentences[-1].text.rstrip().endswith(":")
        announces = introduces and not any(directs(sentence.text) for sentence in sentences) and label.is_plural
        record = FormalRecord(
            label.kind,
            () if announces else ordinals[:-1] if introduces else ordinals,
            headings=heading.ordinals[:1] if heading is not None else (),
            lead_in=ordinals[-1] if introduces else None,
            section=self.section_of(part),
            number=label.number if not label.is_plural and label.number else part.printed,
            subject=label.title,
        )
        depth = part.printed.count(".")
        goes_on = _GOES_ON.search(text) is not None
        self._open = _Open(self._directed(record, text), part.number, depth, goes_on, shares_lead_in=announces)
        self._count += not announces

    def _extend(self, part: Part) -> None:
        if self._open is not None:
            record = self._open.record
            self._open.record = replace(record, sentences=(*record.sentences, *part.ordinals))
            self._open.block = part.number
            self._open.goes_on = _GOES_ON.search(part.text) is not None

    def _add_none(self, part: Part) -> None:
        if self._label is None or self._heading is None:
            return
        none = FormalRecord(self._label.kind, part.ordinals[:1], self._heading.ordinals[:1], status=RecordStatus.NONE)
        self.records.append(replace(none, section=self.section_of(part)))

    def _directed(self, record: FormalRecord, text: str) -> FormalRecord:
        """The record with its addressee and deadline, if it is a recommendation."""
        if record.kind is not RecordKind.RECOMMENDATION:
            return record
        found = direction_of(text)
        self._addressee = found.addressee or self._addressee
        return replace(record, addressee=self._addressee, deadline=found.deadline, due=found.due)

    def section_of(self, part: Part) -> tuple[str, ...]:
        """The headings above a part that are no formal terms.

        Where there is none, the heading before the formal one: a cause of concern may come from another section, so
        for that and its recommendations only if it names what is graded.
        """
        title = self._label.title if self._label is not None else ""
        above = tuple(heading for heading in part.block.path if heading != title and not is_formal(heading))
        if above or not self.topic or self.topic == title:
            return above
        own = self._label is not None and self._label.kind in _OF_THEIR_SECTION
        return (self.topic,) if own or self.topic.lower() in self.graded else ()


def is_formal(heading: str) -> bool:
    """Whether a heading is a formal term or a grade, and says nothing of what a record is about."""
    return label_of(heading) is not None or bool(grade_of(heading))
