"""Generated texts: prose of fictional inspections, with what breaks programs that count characters."""

from __future__ import annotations

from hypothesis import strategies as st

from index.readers import read
from index.readers.blocks import title_of
from index.readers.markdown import blocks_of_markdown
from index.readers.text import blocks_of_text
from index.source import SourceFile
from index.transcript import Transcript

LIGATURE = "identi\ufb01ed o\ufb03cers"
RIGHT_TO_LEFT = "\u05e9\u05dc\u05d5\u05dd. \u0645\u0631\u062d\u0628\u0627!"
EMOJI = "\U0001f46e\U0001f3fd\u200d\u2640\ufe0f on patrol. \U0001f600"
COMBINING = "Zoe\u0308 spoke. E\u0301a heard."
INVISIBLE = "soft\u00adhyphen \u200bzero\u200dwidth \ufeff mark"

FRAGMENTS = (
    "The force is good.", "However, it is slow.", "Ch. Supt. Hale agreed.", "s. 136", "It cost £1.4m.", "PEEL 2018/19",
    "Northshire Constabulary", "Westmere Police", '"Yes." No.', "etc.", "a.m.", "J. Smith", "Was it? It was!",
    LIGATURE, RIGHT_TO_LEFT, EMOJI, COMBINING, INVISIBLE, "1.", "(a)", "...", "\u2026", "!", "\u201cQuoted.\u201d", ")",
    "Promoting improvements\nin policing to make everyone safer", "\u3002\u4e00\u4e8c\u4e09\u3002",
    "\u0915\u094d\u0937\u0964",
)  # fmt: skip
GAPS = (
    " ",
    "  ",
    "\n",
    "\r\n",
    "\r",
    "\n\n",
    "\r\n\r\n",
    "\n \t\n",
    "\u00a0",
    "\u2028",
    "\u2029",
    "\x0c",
    "\x85",
    "\t",
    "",
)
MARKS = (
    "# ", "## ", "- ", "* ", "> ", "> - ", "1. ", "| ", " |", "|---|---|\n", "---\n", "```\n", "    ", "**", "_",
    "[a](b)", "<b>", "<!-- c -->", "===\n", "\\", "[x]: y\n", "\u2022 ",
)  # fmt: skip

anything = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=200)
prose = st.lists(st.sampled_from(FRAGMENTS + GAPS), max_size=30).map("".join)
markdown = st.lists(st.sampled_from(FRAGMENTS + GAPS + MARKS), max_size=30).map("".join)
texts = st.one_of(prose, anything, markdown)


def transcript_of(text: str, *, marked_up: bool = False) -> Transcript:
    """A transcript of a text that is in no file."""
    blocks = blocks_of_markdown(text) if marked_up else blocks_of_text(text)
    return Transcript("northshire-00000000", "northshire.txt", "0" * 64, title_of(text, blocks), text, blocks)


def read_bytes(folder, name: str, data: bytes) -> Transcript:
    """What `read` makes of a file with these bytes."""
    path = folder / name
    path.write_bytes(data)
    return read(SourceFile(path, name, ""))
