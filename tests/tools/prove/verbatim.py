"""Documents at random, with what breaks programs that count characters: what is quoted is what their files hold.

Ligatures, right-to-left text, emoji, combining and invisible marks, every kind of line end, with and without a
byte-order mark, in four encodings. The file's own characters are the judge: they are decoded here, by the encoding they
were written in, and not by the reader that is on trial.
"""

from __future__ import annotations

import random
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from assistant.answer import Answer, Citation
from assistant.chain import open_chain
from assistant.export.turn_html import to_html
from assistant.filter import Filter
from assistant.sources import Library
from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.chroma import selfcheck
from index.published.open import open_current
from index.published.open_index import OpenIndex
from index.storage.fingerprint import Fingerprint
from index.text.sentences import split_sentences
from tests.fixtures.texts import FRAGMENTS, GAPS, MARKS
from tests.fixtures.visible import read_html
from tests.tools.prove.forking import well
from tests.tools.prove.proof import Proof

EMBEDDER = HashedWordEmbedder()
BATCH = 250  # documents of one index
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "utf-32")
TITLES = ("", "Northshire Constabulary – PEEL 2016 – overall assessment\n\n", "\r\nWestmere Police\r\n\r\n")
PAIRS = (" ", " \n", ". ", "\r\n\r\n")  # what stands between pieces more often than the odd


def document(draw: random.Random) -> str:
    """A text that holds at least one word."""
    pieces = [draw.choice(TITLES), draw.choice(FRAGMENTS)]
    kinds = (FRAGMENTS, FRAGMENTS, PAIRS, PAIRS, GAPS, MARKS)
    pieces += [draw.choice(draw.choice(kinds)) for _ in range(draw.randint(2, 40))]
    pieces += [chr(draw.choice((draw.randint(32, 126), draw.randint(160, 0xD7FF), draw.randint(0xE000, 0x1FFFF))))
               for _ in range(draw.randint(0, 6))]  # fmt: skip
    return "".join((*pieces, f" The force is good at item {draw.randrange(10**6)}."))


def written(folder: Path, draw: random.Random, count: int) -> dict[str, str]:
    """So many documents in a folder, by name; the characters of each as its encoding has them."""
    held: dict[str, str] = {}
    for number in range(count):
        data = document(draw).encode(encoding := draw.choice(ENCODINGS))
        name = f"{number:05}{draw.choice(('.txt', '.md'))}"
        (folder / name).write_bytes(data)
        held[name] = data.decode(encoding).removeprefix("\ufeff")
    return held


def _compared(opened: OpenIndex, held: dict[str, str], draw: random.Random) -> Counter[str]:
    """Every sentence of every document, one answer over each, and the page that shows it. Raises AssertionError."""
    counted: Counter[str] = Counter()
    chain, shown = open_chain(opened, EMBEDDER, length=500), Library(opened)
    for facts in opened.generation.transcripts:
        text = held[facts.source]
        transcript = opened.transcript(facts.id)
        assert transcript is not None
        assert transcript.text == text, facts.source
        sentences = split_sentences(transcript)
        for one in sentences:
            assert one.text == text[one.start : one.end], (facts.source, one.start)
        counted["sentences"] += len(sentences)
        asked = " ".join(draw.choice(sentences).text.split()[:8]) or "What is good?"
        answer = chain.answer(asked, within=Filter(transcripts=(facts.id,)))
        counted["quotations"] += _quoted(answer, text)
        counted["quotations seen on a page"] += _seen(answer, shown)
    counted["documents"] += len(opened.generation.transcripts)
    return counted


def _quoted(answer: Answer, text: str) -> int:
    cited: tuple[Citation, ...] = (*answer.citations, *answer.nearest)
    for one in cited:
        assert one.quote == text[one.start : one.end], (one.source, one.start)
    return len(cited)


def _seen(answer: Answer, sources: Library) -> int:
    page = read_html(to_html(answer, sources))
    words = " ".join(page.text.split())
    for one in answer.citations:
        assert " ".join(one.quote.split()) in words, (one.source, one.quote)
    return len(answer.citations)


def run(proof: Proof) -> None:
    """Ten thousand documents, or forty."""
    draw = proof.draw()
    counted: Counter[str] = Counter()
    wanted = proof.size(short=40, full=10_000)
    while (left := wanted - counted["asked of"]) > 0:
        counted["asked of"] += min(left, BATCH)
        seed = draw.randrange(2**32)
        counted += Counter(well(lambda: _batch(proof.home, seed, min(left, BATCH)), proof.log, f"seed {seed}"))  # noqa: B023  # called at once
    assert counted["documents"] == wanted, "a document was not taken in"
    del counted["asked of"]
    proof.say(f"0 differ: {dict(counted)}")


def _batch(home: Path, seed: int, count: int) -> dict[str, int]:
    draw = random.Random(seed)
    folder = Path(tempfile.mkdtemp(dir=home))
    sources = folder / "sources"
    sources.mkdir()
    held = written(sources, draw, count)
    build_index(sources, folder / "index", EMBEDDER, self_check=selfcheck)
    opened = open_current(folder / "index", Fingerprint.of(EMBEDDER), self_check=selfcheck)
    counted = dict(_compared(opened, held, draw))
    opened.close()
    shutil.rmtree(folder)
    return counted
