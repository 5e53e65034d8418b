"""Files that are broken or mean harm: written by hand, and made of the library's by a seeded hand."""

from __future__ import annotations

import io
import random
import zipfile
import zlib
from collections.abc import Iterator
from functools import cache

from tests.index.made.library import library
from tests.index.made.pages import GOOD
from tests.index.made.pdf_file import Page, file_of, pdf
from tests.index.made.word_file import docx, p, package, table

SEED = 20181
_FOREIGN = (".html", ".docx", ".pdf", ".vtt", ".srt")
_MARKUP = b"<html><body><p>"


@cache
def hostile() -> dict[str, bytes]:
    """Files that must be refused, by name."""
    return dict([*_empty(), *_misnamed(), *_locked(), *_bombs(), *_loops(), *_archives()])


@cache
def mutated(seed: int = SEED) -> dict[str, bytes]:
    """The library's files with bytes cut off, changed, put in and taken out. Some may still be read."""
    draw = random.Random(seed)
    found: dict[str, bytes] = {}
    cases = [case for case in library() if case.name.endswith(_FOREIGN)]
    for number, case in enumerate(cases):
        stem, suffix = case.name.rsplit(".", 1)
        for kind in ("cut", "flip", "splice"):
            found[f"{stem}-{number}-{kind}.{suffix}"] = _mutate(draw, case.data, kind)
    return found


def _mutate(draw: random.Random, data: bytes, kind: str) -> bytes:
    if kind == "cut":
        return data[: draw.randrange(1, len(data))]
    changed = bytearray(data)
    for _ in range(draw.randint(1, 24)):
        at = draw.randrange(len(changed))
        if kind == "flip":
            changed[at] = draw.randrange(256)
        else:
            changed[at : at + draw.randint(0, 40)] = draw.randbytes(draw.randint(0, 40))
    return bytes(changed)


def _empty() -> Iterator[tuple[str, bytes]]:
    for suffix in (".txt", ".md", *_FOREIGN, ".htm", ".zip"):
        yield f"nothing{suffix}", b""
        yield f"blank{suffix}", b" \r\n\t \n"
    yield "wordless.docx", docx(p("…") + table(("–", " ")))
    yield "wordless.html", b"<html><body><p>&hellip;</p><script>words()</script></body></html>"
    yield "wordless.vtt", b"WEBVTT\n\n00:01.000 --> 00:02.000\n...\n"
    yield "wordless.pdf", pdf([Page()])
    yield "scan.pdf", pdf([Page(), Page()], picture=True)


def _misnamed() -> Iterator[tuple[str, bytes]]:
    """Every format under the name of another."""
    samples = {
        "pdf": pdf([Page([(60, 700, 11, GOOD)])]),
        "docx": docx(p(GOOD)),
        "html": _MARKUP + GOOD.encode() + b"</p></body></html>",
        "vtt": f"WEBVTT\n\n00:01.000 --> 00:02.000\n{GOOD}\n".encode(),
        "png": b"\x89PNG\r\n\x1a\n" + b"\0" * 64,
        "doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512,
        "rtf": b"{\\rtf1 " + GOOD.encode() + b"}",
        "exe": b"MZ\x90\0" + b"\0" * 64,
        "noise": random.Random(SEED).randbytes(4096),
    }
    allowed = {("html", "txt"), ("html", "md"), ("vtt", "txt"), ("vtt", "md"), ("vtt", "srt"), ("html", "htm")}
    for kind, data in samples.items():
        for suffix in ("txt", "md", "html", "docx", "pdf", "vtt", "srt"):
            if kind != suffix and (kind, suffix) not in allowed:
                yield f"{kind}-named.{suffix}", data


def _locked() -> Iterator[tuple[str, bytes]]:
    yield "locked.pdf", pdf([Page([(60, 700, 11, GOOD)])], encrypt=True)
    yield "locked.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") + b"\0" * 2048
    opened = docx(p(GOOD))
    yield "locked-member.docx", _flagged(opened)


def _flagged(data: bytes) -> bytes:
    """An archive with the flag of encryption set on each of its members."""
    changed = bytearray(data)
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = changed.find(mark)
        while place >= 0:
            changed[place + at] |= 1
            place = changed.find(mark, place + 4)
    return bytes(changed)


def _bombs() -> Iterator[tuple[str, bytes]]:
    yield "huge.docx", docx("<w:p/>" * 4_000_000)
    yield "laughs.docx", _with_entities()
    yield "text-node.docx", docx(p("word " * 2_500_000))
    yield "nested.docx", docx("<w:sdt><w:sdtContent>" * 5000 + p(GOOD) + "</w:sdtContent></w:sdt>" * 5000)
    yield "nested.html", b"<h1>Title</h1>" + b"<div>" * 100_000 + GOOD.encode()
    stream = zlib.compress(b"(word) Tj " * 15_000_000, 1)
    yield (
        "inflating.pdf",
        _pdf_of(b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(stream) + stream + b"\nendstream"),
    )


def _with_entities() -> bytes:
    declared = '<!DOCTYPE w [<!ENTITY a "ha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    )
    body = f'{declared}]><w:document xmlns:w="x"><w:body>&j;</w:body></w:document>'
    return package({"[Content_Types].xml": "<Types/>", "word/document.xml": body})


def _pdf_of(content: bytes) -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>"
    return file_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", page, content])


def _loops() -> Iterator[tuple[str, bytes]]:
    yield "loop.pdf", file_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R] /Count 1 >>"])
    yield "many.pdf", file_of([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [] /Count 999999999 >>"])
    yield "no-catalogue.pdf", b"%PDF-1.4\ntrailer << >>\n%%EOF"
    yield "no-document.docx", package({"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<a/>"})
    yield "no-body.docx", package({"[Content_Types].xml": "<Types/>", "word/document.xml": "<a/>"})
    yield "no-xml.docx", package({"[Content_Types].xml": "<Types/>", "word/document.xml": "words"})
    yield "nul.html", b"\0" * 3000
    yield "tagless.html", GOOD.encode()
    yield "surrogate.txt", b"\xff\xfe\x00\xd8a\x00"


def _archives() -> Iterator[tuple[str, bytes]]:
    """Archives of which nothing is to be taken."""
    inner = package({"a.txt": GOOD})
    yield "nested.zip", package({"inner.zip": inner})
    yield "traversal.zip", package({"../../escaped.txt": GOOD})
    yield "absolute.zip", package({"/etc/absolute.txt": GOOD})
    yield "drive.zip", package({"C:/drive.txt": GOOD})
    yield "control.zip", package({"bad\nname.txt": GOOD})
    yield "locked.zip", _flagged(package({"locked.txt": GOOD}))
    yield "foreign.zip", package({"program.exe": b"MZ\x90\0", "picture.png": b"\x89PNG"})
    yield "crowded.zip", package({f"{n}.txt": "x" for n in range(2_500)})
    yield "wide.zip", package({f"{n}.txt": b"\0" * 30_000_000 for n in range(8)})
    yield "dense.zip", package({"zeros.txt": b"\0" * 20_000_000})
    yield "cut.zip", inner[:-20]
    yield "crc.zip", inner.replace(GOOD.encode(), b"?" * len(GOOD)) if GOOD.encode() in inner else _bad_crc(inner)
    yield "hollow.zip", package({})
    yield "link.zip", _link()


def _bad_crc(data: bytes) -> bytes:
    changed = bytearray(data)
    changed[14] ^= 0xFF  # of the local header
    changed[changed.find(b"PK\x01\x02") + 16] ^= 0xFF
    return bytes(changed)


def _link() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        member = zipfile.ZipInfo("link.txt")
        member.external_attr = 0o120777 << 16
        archive.writestr(member, "/etc/passwd")
    return buffer.getvalue()
