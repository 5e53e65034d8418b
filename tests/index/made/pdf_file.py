"""PDF files written by hand, so that what is on a page, where, and in which order it was drawn is known."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 595, 842  # points: A4
_WIDTHS = {" ": 278, "i": 222, "l": 222, "j": 222, "t": 278, "f": 278, "r": 333, "I": 278, ".": 278, ",": 278, "'": 191,
           "m": 833, "w": 722, "M": 833, "W": 944, "-": 333, "\ufb01": 500, "\ufb02": 500}  # fmt: skip


@dataclass
class Page:
    """Lines of text drawn in order: (x, y, size, words), and raw operators drawn after them."""

    lines: list[tuple[float, float, float, str]] = field(default_factory=list)
    raw: str = ""
    rotate: int = 0

    def put(self, x: float, y: float, words: str, size: float = 11) -> None:
        self.lines.append((x, y, size, words))

    def prose(self, x: float, y: float, lines: Sequence[str], size: float = 11) -> float:
        """Lines one below the other; where the next would stand."""
        for words in lines:
            self.put(x, y, words, size)
            y -= 1.25 * size
        return y


def pdf(pages: Sequence[Page], *, encrypt: bool = False, picture: bool = False, packed: bool = True) -> bytes:
    """A document in Helvetica (WinAnsi, with the fi and fl ligatures mapped)."""
    names = "/XObject << /Im1 5 0 R >>" if picture else ""
    objects: list[bytes] = [b"", b"", _font(), _mapping(), _picture()]
    kids = []
    for page in pages:
        content = "\n".join(
            f"BT /F1 {size} Tf {x} {y} Td ({_escaped(words)}) Tj ET" for x, y, size, words in page.lines
        )
        drawn = ("q 500 0 0 700 40 40 cm /Im1 Do Q\n" if picture else "") + content + page.raw
        objects.append(_stream(drawn.encode("latin-1"), packed=packed))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Rotate {page.rotate} "
            f"/Contents {len(objects)} 0 R /Resources << /Font << /F1 3 0 R >> {names} >> >>".encode()
        )
        kids.append(f"{len(objects)} 0 R")
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R >>"
    objects[1] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    return file_of(objects, encrypt=encrypt)


def file_of(objects: Sequence[bytes], *, encrypt: bool = False) -> bytes:
    """Objects, numbered from 1, with their table and trailer."""
    data = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"
    places = []
    for number, written in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n" % number + written + b"\nendobj\n"
    table = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    table += b"".join(b"%010d 00000 n \n" % place for place in places)
    locked = b" /ID [<00><00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <%s> /U <%s> >>" % (
        b"11" * 32,
        b"22" * 32,
    )
    trailer = b"trailer << /Size %d /Root 1 0 R%s >>\n" % (len(objects) + 1, locked if encrypt else b"")
    return data + table + trailer + b"startxref\n%d\n%%%%EOF\n" % len(data)


def width(words: str, size: float = 11) -> float:
    """About how wide words are."""
    return sum(_WIDTHS.get(char, 556) for char in words) * size / 1000


def _font() -> bytes:
    widths = " ".join(str(_WIDTHS.get(_char(code), 556)) for code in range(1, 256))
    return (
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /FirstChar 1 /LastChar 255 "
        f"/Widths [{widths}] /Encoding << /Type /Encoding /BaseEncoding /WinAnsiEncoding /Differences [1 /fi /fl] >> "
        "/ToUnicode 4 0 R >>"
    ).encode()


def _char(code: int) -> str:
    return {1: "\ufb01", 2: "\ufb02"}.get(code) or bytes([code]).decode("cp1252", "replace")


def _mapping() -> bytes:
    codes = [(code, _char(code)) for code in range(1, 256) if _char(code) != "\ufffd"]
    rows = [f"<{code:02x}> <{char.encode('utf-16-be').hex()}>" for code, char in codes]
    chunks = [rows[at : at + 100] for at in range(0, len(rows), 100)]
    listed = "\n".join(f"{len(chunk)} beginbfchar\n" + "\n".join(chunk) + "\nendbfchar" for chunk in chunks)
    return _stream(
        f"/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Own def /CMapType 2 def "
        f"1 begincodespacerange <01> <ff> endcodespacerange\n{listed}\nendcmap end end".encode()
    )


def _picture() -> bytes:
    pixels = zlib.compress(b"\x80" * 64)
    return (
        b"<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /ColorSpace /DeviceGray /BitsPerComponent 8 "
        b"/Filter /FlateDecode /Length %d >>\nstream\n" % len(pixels) + pixels + b"\nendstream"
    )


def _stream(data: bytes, *, packed: bool = True) -> bytes:
    if not packed:
        return b"<< /Length %d >>\nstream\n" % len(data) + data + b"\nendstream"
    data = zlib.compress(data)
    return b"<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(data) + data + b"\nendstream"


def _escaped(words: str) -> str:
    written = words
    for number, char in enumerate("\ufb01\ufb02", start=1):
        written = written.replace(char, chr(number))
    coded = written.encode("cp1252")
    return "".join(f"\\{byte:03o}" if byte < 32 or byte > 126 or byte in b"()\\" else chr(byte) for byte in coded)
