"""Indexing warns of two sources with nearly the same words."""

from __future__ import annotations

from pathlib import Path

from index.build import BuildReport, build_index
from index.embedding.embedder import HashedWordEmbedder

SAID = [
    "the force answers most of its calls within ten seconds but some victims wait",
    "detectives in the north carry thirty cases each and their sergeants carry more",
    "custody nurses are on duty by day and nobody sees a detainee at night for hours",
    "the chief constable told the panel that forty new call handlers start in june",
    "stalking cases are reviewed each week by a specialist officer in each district",
]


def subtitles() -> str:
    cues = []
    for number, line in enumerate(SAID):
        words = line.split()
        for half, part in enumerate((words[:7], words[7:])):
            start = number * 8 + half * 4
            cues.append(f"00:00:{start:02}.000 --> 00:00:{start + 4:02}.000\n{' '.join(part)}\n")
    return "WEBVTT\n\n" + "\n".join(cues)


def run(sources: Path, index: Path) -> BuildReport:
    return build_index(sources, index, HashedWordEmbedder())


def test_the_subtitles_and_the_text_of_one_recording_are_warned_about_once(tmp_path):
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    text = ". ".join(line.capitalize() for line in SAID)
    (sources / "other.txt").write_text("Westmere Police\n\nThe force trains its dogs well. Its ferries are safe.\n")
    (sources / "briefing.txt").write_text(f"Westmere Police: briefing\n\n{text}.\n", encoding="utf-8")
    assert run(sources, index).warnings == ()
    (sources / "recording.vtt").write_text(subtitles(), encoding="utf-8")
    warnings = run(sources, index).warnings
    assert [(warning.source, "briefing.txt" in warning.note) for warning in warnings] == [("recording.vtt", True)]
    assert run(sources, index).warnings == ()


def test_two_sources_that_share_some_sentences_are_not_copies(tmp_path):
    sources, index = tmp_path / "sources", tmp_path / "index"
    sources.mkdir()
    for name, lines in (("a.txt", SAID[:3]), ("b.txt", SAID[2:])):
        (sources / name).write_text("Panel\n\n" + "\n\n".join(f"{line}." for line in lines), encoding="utf-8")
    assert run(sources, index).warnings == ()
