"""Who sent the event that Gradio's queue is working on now."""

from __future__ import annotations

from assistant.web.identity import Asking, asking_of


def asking_of_event() -> Asking | None:
    """Who asks, when Gradio's queue runs what calls this; else None.

    The queue works in tasks of its own, which know nothing of the request that waits. Gradio hands that request on
    with the event, and sets it around each step of an event's function.
    """
    from gradio.context import LocalContext

    event = LocalContext.request.get(None)
    request = event.request if event is not None else None
    return asking_of(request.scope) if request is not None else None
