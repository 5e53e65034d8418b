"""A trial call: whether a model answers at all. Nothing of a question or of a source goes with it."""

from __future__ import annotations

from langchain_core.messages import HumanMessage, SystemMessage

from assistant.composition import Ending
from assistant.model.calling import CallFailedError, Deadline, Line

SYSTEM = "Reply with one JSON object and nothing else."
USER = 'Reply with {"statements": []} and nothing else.'


def trial(line: Line) -> Ending:
    """How a call with a fixed text ends, within the model's time-out; `NOT_ASKED` when it is answered."""
    try:
        said = "".join(line.text([SystemMessage(SYSTEM), HumanMessage(USER)], Deadline(line.chat.timeout)))
    except CallFailedError as failed:
        return failed.ending
    return Ending.NOT_ASKED if said.strip() else Ending.DECLINED
