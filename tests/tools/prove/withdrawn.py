"""Sources withdrawn while fifty people ask: no question put after the swap is answered with a sentence of theirs.

The service and its people are one process, the indexer that withdraws a source is another. What was answered is judged
by the clock they share: from when the indexer says that it has published, the source is not to be quoted.
"""

from __future__ import annotations

import json
import re
import threading
import time
from pathlib import Path

from index.build import build_index
from index.embedding.embedder import HashedWordEmbedder
from index.published.chroma import selfcheck
from tests.tools.prove.forking import ended_well, forked
from tests.tools.prove.proof import Proof, seconds

ASKERS = 50
SECONDS = 2.0  # after publication, in which the first answer from what was published is to come; counted, not asserted
PAUSE = 0.3  # seconds between one withdrawal and the next
TEXT = "Northshire Constabulary – PEEL 2016 – overall assessment\n\nIts custody suite number {0} is safe and clean.\n"


def run(proof: Proof) -> None:
    """A hundred sources withdrawn, or three, one after another."""
    count = proof.size(short=3, full=100)
    sources, index = proof.home / "sources", proof.home / "index"
    sources.mkdir()
    for number in range(count + 1):
        (sources / f"suite-{number:03}.txt").write_text(TEXT.format(number), encoding="utf-8")
    _index(sources, index)
    service = forked(lambda: _serve(proof.home, count))
    while not (proof.home / "serving").exists():
        time.sleep(0.01)
    withdrawn = []
    for number in range(count):
        time.sleep(PAUSE)
        (sources / f"suite-{number:03}.txt").unlink()
        _index(sources, index)
        withdrawn.append(time.monotonic())
    time.sleep(PAUSE)
    (proof.home / "closing").touch()
    ended_well(service, "the service")
    _judge(proof, withdrawn)


def _index(sources: Path, index: Path) -> None:
    ended_well(forked(lambda: build_index(sources, index, HashedWordEmbedder(), self_check=selfcheck)), "indexing")


def _serve(home: Path, count: int) -> None:
    """Answer fifty people until it is time to close; a line for each answer: when asked, when answered, and what."""
    from tests.tools.prove.service import Service, settings_below

    answers: list[str] = []
    with Service(settings_below(home)) as service:

        def person(first: int) -> None:
            number = first
            while not (home / "closing").exists():
                number = (number + 7) % (count + 1)
                began = time.monotonic()
                answer = service.assistant.ask(f"Is custody suite number {number} safe?")
                ended = time.monotonic()
                quoted = " ".join(one.quote for one in (*answer.citations, *answer.nearest))
                suites = sorted({int(one) for one in re.findall(r"suite number (\d+)", quoted)})
                answers.append(json.dumps([began, ended, suites, int(answer.index.version.split("-")[0])]))

        people = [threading.Thread(target=person, args=(number,)) for number in range(ASKERS)]
        for one in people:
            one.start()
        (home / "serving").touch()
        for one in people:
            one.join()
    (home / "answers.jsonl").write_text("\n".join(answers))


def _judge(proof: Proof, withdrawn: list[float]) -> None:
    answers = [json.loads(line) for line in (proof.home / "answers.jsonl").read_text().splitlines()]
    late = [one for one in answers for suite in one[2] if suite < len(withdrawn) and one[0] > withdrawn[suite]]
    assert late == [], f"quoted after it was withdrawn: {late[0]}"
    quoted = {suite for one in answers for suite in one[2]}
    assert len(quoted) > len(withdrawn) // 2, "too few of them were quoted before for this to show anything"
    # The first generation is number 1, so what a withdrawal published is the number of the withdrawal and two.
    swaps = [
        max(0.0, min(ended for _, ended, _, version in answers if version >= number + 2) - at)
        for number, at in enumerate(withdrawn)
    ]
    proof.say(
        f"{len(withdrawn)} sources withdrawn under {ASKERS} askers: {len(answers):,} answers, 0 with a withdrawn "
        f"sentence after the swap; the first answer of the new generation: {seconds(swaps)} after its publication, "
        f"{sum(swap <= SECONDS for swap in swaps)} within {SECONDS:.0f} s"
    )
