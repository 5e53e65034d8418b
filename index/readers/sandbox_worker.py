"""`python -m index.readers.sandbox_worker`: parse files of foreign formats, in a process that may die of it.

A request is a line of JSON, and for a document its bytes after it; a reply is a line of JSON. The reply to a file that
cannot be read gives the reason. What kills this process is a reason too: the one who asks notices.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from typing import Any, BinaryIO

from lxml import etree

from index.errors import SourceError
from index.readers.archives import list_members, read_member
from index.readers.extracted import Extracted, UnreadableFileError, dump, encode
from index.readers.sandbox import hold_memory, hold_time, restrict_process

# What parsers raise over malformed input: it is the file that is at fault, and its bytes are gone after the reply.
_DAMAGED = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, etree.LxmlError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def parser_of(suffix: str) -> Callable[[bytes], Extracted]:
    """The parser of a format. Raises `KeyError` for one there is no parser of."""
    if suffix in (".html", ".htm"):
        from index.readers.html import read_html

        return read_html
    if suffix == ".docx":
        from index.readers.docx import read_word

        return read_word
    if suffix in (".vtt", ".srt"):
        from index.readers.subtitles import read_cues

        return read_cues
    if suffix == ".pdf":
        from index.readers.pdf import read_pdf

        return read_pdf
    raise KeyError(suffix)


def answer(request: dict[str, Any], data: bytes) -> dict[str, Any]:
    """The reply to one request. Out of memory ends the process, after saying so."""
    try:
        if "archive" in request and "member" in request:
            return {"data": b64encode(read_member(request["archive"], request["member"])).decode("ascii")}
        if "archive" in request:
            return {"members": list_members(request["archive"])}
        return encode(parser_of(request["suffix"])(data))
    except (UnreadableFileError, SourceError) as error:
        return {"failed": error.reason if isinstance(error, SourceError) else str(error)}
    except (MemoryError, RecursionError) as error:
        what = "memory" if isinstance(error, MemoryError) else "depth"
        return {"failed": f"it needs more {what} than a file is given.", "last": True}
    except _DAMAGED as error:
        return {"failed": f"it is damaged: {type(error).__name__}: {' '.join(str(error).split())[:200]}"}


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer requests until there are no more, or until one has left this process unfit to go on."""
    while line := requests.readline():
        request = json.loads(line)
        hold_time(request["processor_seconds"])
        reply = answer(request, requests.read(request.get("size", 0)))
        replies.write(dump(reply))
        replies.flush()
        if reply.get("last"):
            return


def main() -> None:
    """Serve over stdin and stdout. Libraries that print write to stderr instead."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    hold_memory(int(sys.argv[1]))
    restrict_process()
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    main()
