"""The child process of the sandbox, `python -m index.readers.sandbox_worker BYTES`, limited to BYTES of memory.

A request on stdin is a line of JSON, followed by the bytes of the document if it has a `size`. A reply on stdout is a
line of JSON; for a file that cannot be read it gives the reason. When a file kills this process, the parent notices.
"""

from __future__ import annotations

import json
import os
import struct
import sys
import zipfile
import zlib
from base64 import b64encode
from collections.abc import Callable, Mapping
from pathlib import Path
from pkgutil import resolve_name
from typing import Any, BinaryIO

from lxml import etree

from index.errors import SourceError
from index.readers.archives import list_members, read_member
from index.readers.extracted import Extracted, UnreadableFileError
from index.readers.formats import FORMATS, ParsedFormat, TextFormat
from index.readers.sandbox import json_line, limit_memory, limit_processor_time, restrict_process
from index.readers.text import decode_text
from index.text.transcript import Block, blocks_to_json

_MAX_REASON_CHARACTERS = 200
# Parsers raise these over malformed input, and nothing of the file is left once its reply is sent.
_DAMAGE_ERRORS = (
    ArithmeticError, AssertionError, AttributeError, EOFError, LookupError, OSError, RuntimeError, SyntaxError,
    TypeError, ValueError, etree.LxmlError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def main() -> None:
    """Serves stdin and stdout. What libraries print goes to stderr instead."""
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    limit_memory(int(sys.argv[1]))
    restrict_process()
    serve(sys.stdin.buffer, replies)


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answers requests until there are no more, or until one has left this process unfit to go on."""
    while line := requests.readline():
        request = json.loads(line)
        limit_processor_time(request["processor_seconds"])
        reply = reply_to(request, requests.read(request.get("size", 0)))
        replies.write(json_line(reply))
        replies.flush()
        if reply.get("last"):
            return


def reply_to(request: Mapping[str, Any], data: bytes) -> dict[str, object]:
    """Returns the reply to one request. It is the last when memory or the stack ran out."""
    try:
        if "member" in request:
            return {"data": b64encode(read_member(request["archive"], request["member"])).decode("ascii")}
        if "archive" in request:
            return {"members": list_members(request["archive"])}
        return read_document(request["suffix"], data)
    except UnreadableFileError as error:
        return {"failed": str(error)}
    except SourceError as error:
        return {"failed": error.reason}
    except MemoryError:
        return {"failed": "it needs more memory than is allowed for one file.", "last": True}
    except RecursionError:
        return {"failed": "it is nested too deeply to be read.", "last": True}
    except _DAMAGE_ERRORS as error:
        message = " ".join(str(error).split())[:_MAX_REASON_CHARACTERS]
        return {"failed": f"it is damaged: {type(error).__name__}: {message}"}


def read_document(suffix: str, data: bytes) -> dict[str, object]:
    """Returns the parts of a file, or the blocks of a text, as JSON. Raises `KeyError` for an unknown suffix."""
    match FORMATS[suffix]:
        case ParsedFormat(parser=name):
            parser: Callable[[bytes], Extracted] = resolve_name(name)
            return parser(data).to_json()
        case TextFormat(split=name):
            split: Callable[[str], tuple[Block, ...]] = resolve_name(name)
            return blocks_to_json(split(decode_text(Path("text"), data)))


if __name__ == "__main__":
    main()
