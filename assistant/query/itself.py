"""Questions about an assessment itself, not about what it found: who wrote it, and which force it is about."""

from __future__ import annotations

import re

_ITSELF = r"(this|it|the) ?(assessment|report|transcript|document|inspection|text|source|page)?"
_ABOUT_ITSELF = re.compile(
    rf"\bwho (wrote|made|gave|delivered|produced|authored|is speaking in|is the author of) {_ITSELF}\W*$"
    rf"|\bwho (is|was) the (author|inspector|hmi|speaker)( here| of {_ITSELF}| responsible)?\W*$"
    rf"|\bwhose (assessment|report|words|views?) (is|are) (this|these|it)\b"
    rf"|\b(which|what) (police )?(force|constabulary) (is|was|does) {_ITSELF} ?(about|for|on|of|cover|assess)?\W*$"
    rf"|\b(which|what) (police )?(force|constabulary) (is|was) (being )?(assessed|inspected)( here)?\W*$"
    rf"|\bwhat('s| is) {_ITSELF}( about| called)?\W*$"
    rf"|\b(title|name) of {_ITSELF}\W*$|\bname of the (hmi|inspector|author)\W*$"
    r"|\bwho (inspected|assessed)\b|\bwho (is|was) the (hmi|inspector)\b",
    re.IGNORECASE,
)


def asks_about_itself(question: str) -> bool:
    """Whether a question asks who wrote an assessment, which force it is about, or what it is called."""
    return _ABOUT_ITSELF.search(question) is not None
