"""A conversation as Markdown: CommonMark, with footnotes as GitHub and Pandoc write them.

A reader without footnotes shows `[^1]` at the quotation and at the head of its reference, as they are.

Text written so that CommonMark (spec 0.31.2) reads each character as itself, whatever it looks like.

Punctuation that could mean something is escaped with a backslash (section 2.4); white space that would be folded or
would end a line, and what turns the direction of writing, is a numeric character reference (section 2.5). The
notations beyond CommonMark that many readers know (tables, footnotes, mathematics, short names of emoji, bare
addresses, mentions) find nothing to take hold of either.
"""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer
from assistant.export.conversation import ExportedBlock, ExportedTurn, Quoted, lay_out
from assistant.messages import Messages, load_messages
from assistant.sanitise import DIRECTION_CONTROLS

_PUNCTUATION = frozenset(string.punctuation)
_NEXT_LINE = "\x85"  # ends no line in CommonMark, and a reference to it is read differently from one reader to the next
# Punctuation without a meaning where it stands: within a word, at the end of one, or anywhere.
_HARMLESS = re.compile(r"(?<=\w)(?:[.:!](?=\s|$)|['-](?=\w))|[,;?()/%]")
_LIST_MARKER = re.compile(r"\d+[.)]")


def escaped(text: str) -> str:
    """The text as CommonMark, on one line. What is read back is the text, provided it is `carried`."""
    bare = {match.start() for match in _HARMLESS.finditer(text)}
    marker = _LIST_MARKER.match(text)
    if marker:
        bare.discard(marker.end() - 1)
    return "".join(_written(text, place, bare=place in bare) for place in range(len(text)))


def _written(text: str, place: int, *, bare: bool) -> str:
    character = text[place]
    if character in _PUNCTUATION:
        return character if bare else f"\\{character}"
    if character in DIRECTION_CONTROLS:
        return f"&#{ord(character)};"
    if character.isspace() and character != _NEXT_LINE and not _single_space(text, place):
        return f"&#{ord(character)};"
    return character


def _single_space(text: str, place: int) -> bool:
    around = text[max(0, place - 1) : place + 2]
    return text[place] == " " and len(around) == 3 and not around[0].isspace() and not around[2].isspace()


def to_markdown(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Messages | None = None) -> str:
    """The conversation as it is taken away on `day`. `site` is as `assistant.export.reference.reference` takes it."""
    words = phrases or load_messages()
    handout = lay_out(answers, day, site=site, words=words)
    blocks = [f"# {escaped(handout.title)}", f"{escaped(handout.made)} {escaped(words.say('handout.statement'))}"]
    for section in handout.sections:
        blocks += _section(section, words)
    blocks += [escaped(remark) for remark in handout.remarks]
    if handout.notes:
        blocks.append(f"## {escaped(words.say('printed.references'))}")
    blocks += [f"[^{number}]: {escaped(note)}" for number, note in enumerate(handout.notes, start=1)]
    return "\n\n".join(blocks) + "\n"


def _section(section: ExportedTurn, words: Messages) -> Iterator[str]:
    yield f"## {escaped(section.question)}"
    if section.understood:
        yield f"*{escaped(words.say('turn.understood'))}:* {escaped(section.understood)}"
    yield f"### {escaped(section.outcome)}"
    yield escaped(section.reason)
    yield from (escaped(note) for note in section.notes)
    yield from [escaped(words.say("coverage.grades_said"))] if section.noted else []
    yield from _quotations(section.noted, words)
    if section.heads:
        yield _table(section, words)
    for part in section.parts if not section.heads else ():
        yield f"### {escaped(part.label)}"
        yield from _passages(part.passages, words) if part.passages else [escaped(words.say("table.nothing"))]
    yield from _passages(() if section.parts else section.passages, words)
    if section.nearest:
        yield f"### {escaped(words.say('nearest.heading'))}"
        yield escaped(words.say("nearest.note"))
        yield from _quotations(section.nearest, words)
    yield escaped(section.searched)


def _passages(passages: Sequence[ExportedBlock], words: Messages) -> Iterator[str]:
    for passage in passages:
        if passage.claim:
            yield escaped(passage.claim)
        yield from _quotations(passage.quoted, words)


def _table(section: ExportedTurn, words: Messages) -> str:
    """A table as GitHub and Pandoc read it; a cell is one line, so each quotation stands in quotation marks."""
    rows = [[escaped(head) for head in section.heads], ["---"] * len(section.heads)]
    for part in section.parts:
        quoted = [_in_cell(one, words) for passage in part.passages for one in passage.quoted]
        rows.append([escaped(part.label), " <br> ".join(quoted) or escaped(words.say("table.nothing"))])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_cell(one: Quoted, words: Messages) -> str:
    tag = f"*{escaped(words.say('quotation.context'))}* " if one.citation.context else ""
    return f"{tag}{escaped(words.say('reference.quoted', quote=one.text))}[^{one.note}]"


def _quotations(quoted: Sequence[Quoted], words: Messages) -> Iterator[str]:
    for one in quoted:
        if one.citation.context:
            yield f"*{escaped(words.say('quotation.context'))}*"
        yield f"> {escaped(one.text)}[^{one.note}]"
