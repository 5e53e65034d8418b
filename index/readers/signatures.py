"""What a file is by its first bytes, held against what its name says."""

from __future__ import annotations

_ZIP = b"PK\x03\x04"
_EMPTY_ZIP = b"PK\x05\x06"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PACKED = (".docx", ".zip")
_KINDS = (
    (b"%PDF-", "a PDF"),
    (_ZIP, "a zip archive or a Word document"),
    (_EMPTY_ZIP, "an empty zip archive"),
    (_OLD_OFFICE, "an Office document of the old kind, or an encrypted one"),
    (b"{\\rtf", "a Rich Text document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\x7fELF", "a program"),
    (b"MZ\x90", "a program"),
)
_PDF_HEADER_WITHIN = 1024  # bytes, as readers of PDF allow


def misnamed(suffix: str, data: bytes) -> str:
    """What is wrong with a file of this suffix by its first bytes; empty when nothing is, and for an empty file."""
    if not data:
        return "it is empty." if suffix == ".pdf" or suffix in _PACKED else ""
    kind = next((kind for mark, kind in _KINDS if data.startswith(mark)), "")
    if suffix == ".pdf":
        return "" if b"%PDF-" in data[:_PDF_HEADER_WITHIN] else f"it is named {suffix} and is {kind or 'no PDF'}."
    if suffix in _PACKED:
        wanted = "no Word document" if suffix == ".docx" else "no zip archive"
        return "" if data.startswith(_ZIP) else f"it is named {suffix} and is {kind or wanted}."
    return f"it is named {suffix} and is {kind}." if kind else ""
