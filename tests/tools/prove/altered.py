"""A byte of a record or of a source altered, or a span shifted by one, is never quoted.

A record is altered below a service that runs, in what an answer cites; the service must withhold it, say so in its log,
make its index whole, and then answer as before. A source is altered below an answer that was saved, which must no
longer verify.
"""

from __future__ import annotations

import logging
import random
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from assistant.answer import Answer, Citation
from assistant.cli.verify import AnswerVerifier
from index.storage.database import DATABASE_FILE
from tests.tools.prove.forking import well
from tests.tools.prove.hindered import QUESTIONS
from tests.tools.prove.proof import Proof
from tests.tools.prove.service import MAKER, Service, settings_below, small_index

LETTERS = "abcdefghijklmnopqrstuvwxyz"


class Withheld(logging.Handler):
    """Counts the lines of the log that say so."""

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def emit(self, record: logging.LogRecord) -> None:
        self.count += record.getMessage().startswith("withheld")


@dataclass
class Alterations:
    """Alterations of what one service quotes, one after another."""

    service: Service
    draw: random.Random
    withheld: Withheld
    answers: list[Answer] = field(default_factory=list)
    counted: Counter[str] = field(default_factory=Counter)

    def one(self, kind: str) -> None:
        """One alteration; raises AssertionError where it is quoted, not logged, or not mended."""
        before = self.draw.choice(self.answers)
        citation = self.draw.choice(before.citations)
        what = f"{kind}: {citation.source}, characters {citation.start} to {citation.end}"
        if kind == "a byte of the source":
            assert self._source(before, citation), what
        else:
            logged = self.withheld.count
            self._record(kind, citation)
            now = self.service.assistant.ask(before.question)
            assert [one.quote for one in now.citations] == [one.quote for one in before.citations], what
            assert now.citations == before.citations, what
            assert self.withheld.count > logged, what
        self.counted[kind] += 1

    def _record(self, kind: str, citation: Citation) -> None:
        statement, *values = self._statement(kind, citation)
        path = MAKER.folder(self.service.settings.index) / DATABASE_FILE
        with closing(sqlite3.connect(path, isolation_level=None, timeout=30)) as record:
            assert record.execute(statement, values).rowcount >= 1

    def _statement(self, kind: str, citation: Citation) -> tuple[object, ...]:
        key = int(citation.sentence, 16)
        if kind == "a byte of a sentence":
            return "UPDATE sentence SET text = ? WHERE key = ?", self._altered(citation.quote), key
        if kind == "a span, by one":
            shift = self.draw.choice(("start = start + 1", "start = start - 1", "end = end + 1", "end = end - 1"))
            return f"UPDATE sentence SET {shift} WHERE key = ?", key
        place = self.draw.randrange(citation.start, citation.end)
        text = "substr(text, 1, ?) || ? || substr(text, ? + 2)"
        return (
            f"UPDATE version SET text = {text} WHERE transcript = ? AND sha256 = ? AND substr(text, ? + 1, 1) != ?",
            place, (letter := self.draw.choice("#$%&*")), place, citation.transcript_id, citation.sha256, place, letter,
        )  # fmt: skip

    def _altered(self, text: str) -> str:
        place = self.draw.randrange(len(text))
        letter = self.draw.choice(LETTERS.replace(text[place], ""))
        return text[:place] + letter + text[place + 1 :]

    def _source(self, answer: Answer, citation: Citation) -> bool:
        """Whether an alteration of the file is noticed when the answer is verified."""
        path: Path = self.service.settings.sources / citation.source
        was = path.read_bytes()
        place = self.draw.randrange(len(was))
        path.write_bytes(was[:place] + bytes([was[place] ^ 1 << self.draw.randrange(8)]) + was[place + 1 :])
        found = list(AnswerVerifier(self.service.settings.sources).findings(answer))
        path.write_bytes(was)
        assert list(AnswerVerifier(self.service.settings.sources).findings(answer)) == []
        return any(citation.source in finding.part for finding in found)


KINDS = ("a byte of a sentence", "a byte of a transcript", "a span, by one", "a byte of the source")


def run(proof: Proof) -> None:
    """One thousand alterations, or four, of four kinds in turn."""
    draw = proof.draw()
    count = proof.size(short=4, full=1000)
    well(lambda: small_index(proof.home, draw), proof.log, "preparing")

    def alter() -> dict[str, int]:
        withheld = Withheld()
        logging.getLogger("assistant").addHandler(withheld)
        with Service(settings_below(proof.home / "original")) as service:
            asked = [service.assistant.ask(question) for question in QUESTIONS]
            alterations = Alterations(service, draw, withheld, [one for one in asked if one.citations])
            for number in range(count):
                alterations.one(KINDS[number % len(KINDS)])
        return dict(alterations.counted)

    counted = well(alter, proof.log, "altering")
    proof.say(f"{sum(counted.values())} of {count} withheld, logged and mended, or no longer verified: {counted}")
