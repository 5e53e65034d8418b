"""An answer's table, or its groups, for a spreadsheet: CSV and XLSX, a line a quotation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from assistant.answer import Answer, Citation
from assistant.arranged import Block, arranged
from assistant.arrangement import Place
from assistant.characters import carried
from assistant.export.formats import Export
from assistant.export.sheet import Sheet, csv_of, xlsx_of
from assistant.phrasebook import Phrasebook, load_phrasebook

HEADS = ("force", "period", "quotation", "number", "file", "span", "sha256", "url", "licence")
SIDED = ("theme", "side")  # columns more, where an answer is two-sided
ASKED = ("question",)  # and where there are several tables
_WIDTHS = (26, 12, 90, 9, 34, 14, 20, 34, 26, 34, 24, 40)


def has_table(answer: Answer) -> bool:
    """Whether an answer can be taken away as a table."""
    return any(arranged is not None for arranged in (answer.table, answer.coverage, answer.sides))


def to_csv(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables one after the other."""
    return csv_of(_lines(answers, phrases or load_phrasebook()))


def to_xlsx(answers: Sequence[Answer], day: date, *, site: str = "", phrases: Phrasebook | None = None) -> bytes:  # noqa: ARG001
    """The answers' tables on one sheet: the same bytes for the same answers on the same day."""
    words = phrases or load_phrasebook()
    return xlsx_of([Sheet(words.say("table.sheet"), list(_lines(answers, words)), _WIDTHS)], day)


TABLES = {
    "csv": Export("text/csv; charset=utf-8", "csv", "table.csv", to_csv),
    "xlsx": Export("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "table.xlsx", to_xlsx),
}


def _lines(answers: Sequence[Answer], words: Phrasebook) -> Iterator[list[str]]:
    """The heads, then a line a quotation, or one that says that nothing was found.

    Where an answer is two-sided its theme and side are said too, and of several tables which question each answers.
    """
    tables = [answer for answer in answers if has_table(answer)]
    more = (*(SIDED if any(answer.sides for answer in tables) else ()), *(ASKED if len(tables) > 1 else ()))
    yield [words.say(f"table.{head}") for head in (*HEADS, *more)]
    for answer in tables:
        for block in arranged(answer, words):
            said = {"theme": block.theme, "side": block.side, "question": answer.question}
            yield from ([*line, *(carried(said[head]) for head in more)] for line in _of_block(block, words))
        for place in answer.coverage.nothing_found if answer.coverage else ():
            said = {"theme": "", "side": "", "question": answer.question}
            yield [*_nothing(place, words), *(carried(said[head]) for head in more)]


def _of_block(block: Block, words: Phrasebook) -> Iterator[list[str]]:
    if not block.citations:
        yield _nothing(block.place, words)
    for citation in block.citations:
        yield [carried(cell) for cell in _cells(citation)]


def _cells(citation: Citation) -> tuple[str, ...]:
    span = f"{citation.start}–{citation.end}"
    return (
        *(citation.force, citation.period, citation.quote),
        *(str(citation.number), citation.source, span, citation.sha256, citation.url, citation.licence),
    )


def _nothing(place: Place, words: Phrasebook) -> list[str]:
    return [carried(place.force), carried(place.period), words.say("table.nothing"), *[""] * (len(HEADS) - 3)]
