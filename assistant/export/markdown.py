"""A conversation as Markdown: CommonMark, with footnotes as GitHub and Pandoc write them.

A reader without footnotes shows `[^1]` at the quotation and at the head of its reference, as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer
from assistant.export.commonmark import escaped
from assistant.export.handout import Passage, Quoted, Section, lay_out
from assistant.phrasebook import Phrasebook, load_phrasebook


def to_markdown(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> str:
    """The conversation as it is taken away on `day`. `site` is as `assistant.reference.reference` takes it."""
    words = phrases or load_phrasebook()
    handout = lay_out(answers, day, site=site, words=words)
    blocks = [f"# {escaped(handout.title)}", f"{escaped(handout.made)} {escaped(words.say('handout.statement'))}"]
    for section in handout.sections:
        blocks += _section(section, words)
    blocks += [escaped(remark) for remark in handout.remarks]
    if handout.notes:
        blocks.append(f"## {escaped(words.say('printed.references'))}")
    blocks += [f"[^{number}]: {escaped(note)}" for number, note in enumerate(handout.notes, start=1)]
    return "\n\n".join(blocks) + "\n"


def _section(section: Section, words: Phrasebook) -> Iterator[str]:
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


def _passages(passages: Sequence[Passage], words: Phrasebook) -> Iterator[str]:
    for passage in passages:
        if passage.claim:
            yield escaped(passage.claim)
        yield from _quotations(passage.quoted, words)


def _table(section: Section, words: Phrasebook) -> str:
    """A table as GitHub and Pandoc read it; a cell is one line, so each quotation stands in quotation marks."""
    rows = [[escaped(head) for head in section.heads], ["---"] * len(section.heads)]
    for part in section.parts:
        quoted = [_in_cell(one, words) for passage in part.passages for one in passage.quoted]
        rows.append([escaped(part.label), " <br> ".join(quoted) or escaped(words.say("table.nothing"))])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _in_cell(one: Quoted, words: Phrasebook) -> str:
    tag = f"*{escaped(words.say('quotation.context'))}* " if one.citation.context else ""
    return f"{tag}{escaped(words.say('reference.quoted', quote=one.text))}[^{one.note}]"


def _quotations(quoted: Sequence[Quoted], words: Phrasebook) -> Iterator[str]:
    for one in quoted:
        if one.citation.context:
            yield f"*{escaped(words.say('quotation.context'))}*"
        yield f"> {escaped(one.text)}[^{one.note}]"
