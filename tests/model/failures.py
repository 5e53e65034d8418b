"""Every way in which a model's server fails, and how a call that meets it ends."""

from __future__ import annotations

import json

from assistant.composition import Ending
from tests.model.server import Reply

GOOD = '{"statements": []}'
FAILING = {
    "half a stream": (Reply('{"statements": [{"text": "The force is', cut=4), Ending.UNREADABLE),
    "half a reply that ends well": (Reply('{"statements": [{"text": "The force is'), Ending.UNREADABLE),
    "cut off for length": (Reply('{"statements": [{"text": "The', finish="length"), Ending.UNREADABLE),
    "garbage": (Reply("I think that the force is good! ]]}{"), Ending.UNREADABLE),
    "no events": (Reply(raw=b"data: this is no JSON\n\n"), Ending.UNREADABLE),
    "another schema": (Reply(json.dumps({"answer": "The force is good.", "sources": [1]})), Ending.UNREADABLE),
    "a refusal in prose": (Reply("I'm sorry, I can't help with that."), Ending.UNREADABLE),
    "a refusal in its field": (Reply("", refusal="I can't help with that."), Ending.UNREADABLE),
    "nothing": (Reply(""), Ending.UNREADABLE),
    "an empty list": (Reply(GOOD), Ending.DECLINED),
    "a huge reply": (Reply('{"statements": [{"text": "' + "the force " * 4_000, size=4_000), Ending.TOO_LONG),
    "brackets without end": (Reply('{"statements": [' + "[" * 15_000 + "]", size=5_000), Ending.UNREADABLE),
    "its own knowledge": (
        Reply('{"statements": [{"text": "The chief constable resigned after a scandal.", "labels": ["x"]}]}'),
        Ending.NOT_BORNE_OUT,
    ),
    "a server that fails": (Reply(status=500), Ending.UNREACHABLE),
    "too many requests": (Reply(status=429), Ending.UNREACHABLE),
    "a model it has not": (Reply(status=404), Ending.DENIED),
}
ENDLESS = {
    "no answer": Reply(GOOD, wait=120),
    "a slow drip": Reply(GOOD * 2_000, size=1, pause=0.1),
    "half a reply and then silence": Reply('{"statements": [{"text": "The force', hold=3),
}
