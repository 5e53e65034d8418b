"""The chat page's events: what Gradio calls when a person asks, begins again, takes away, or opens the page.

Handlers carry values between Gradio's components and the desk; nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from markupsafe import Markup

from assistant.filter import Filter
from assistant.web.chat.conversation import ChatHandler, Conversation, PostedQuestion
from assistant.web.chat.exports import ChatExports
from assistant.web.chat.start import OFFERED, StartPage

AT_ONCE = 4  # questions answered at the same time
QUIET = {"api_visibility": "private", "show_progress": "hidden"}
LIMITS = {"trigger_mode": "once", "concurrency_id": "ask"}


def connect_asking(
    desk: ChatHandler,
    outputs: list[Any],
    filters: list[Any],
    asking: list[Any],
    beginning: Any,  # noqa: ANN401
    at_once: int = AT_ONCE,
) -> None:
    """What asks the question in the box, `at_once` of them together, and what begins a new conversation."""
    import gradio as gr

    _, box, alone, conversation, _ = outputs

    def ask(request: Any, text: str, on_its_own: Any, said: Conversation, *limits: Any) -> tuple[object, ...]:  # noqa: ANN401
        return desk.ask(PostedQuestion(text, bool(on_its_own), _filter(limits), _site(request)), said)

    inputs = [box, alone, conversation, *filters[1:]]
    event = gr.on(asking, _requested(ask), inputs=inputs, outputs=outputs, concurrency_limit=at_once, **QUIET, **LIMITS)
    event.failure(desk.failed, inputs=[box, conversation], outputs=outputs, **QUIET)
    gr.on([beginning], desk.begin_again, inputs=[], outputs=outputs, **QUIET)


def connect_example(
    desk: ChatHandler,
    outputs: list[Any],
    filters: list[Any],
    button: Any,  # noqa: ANN401
    at_once: int = AT_ONCE,
) -> None:
    """What asks the question that a button shows."""
    import gradio as gr

    _, box, _, conversation, _ = outputs

    def ask(request: Any, text: str, said: Conversation, *limits: Any) -> tuple[object, ...]:  # noqa: ANN401
        return desk.ask(PostedQuestion(text, within=_filter(limits), site=_site(request)), said)

    inputs = [button, conversation, *filters[1:]]
    event = gr.on(
        [button.click], _requested(ask), inputs=inputs, outputs=outputs, concurrency_limit=at_once, **QUIET, **LIMITS
    )
    event.failure(desk.failed, inputs=[box, conversation], outputs=outputs, **QUIET)


def connect_opening(opening: StartPage, page: Any, outputs: list[Any]) -> None:  # noqa: ANN401
    """Fill what depends on what is held, and on the address the page was opened with."""
    import gradio as gr

    def opened(request: Any) -> list[Any]:  # noqa: ANN401
        found = opening.at(dict(request.query_params))
        limits = [
            gr.update(choices=list(limit.choices), value=list(limit.chosen), visible=len(limit.choices) > 1)
            for limit in found.limits
        ]
        shown = any(len(limit.choices) > 1 for limit in found.limits)
        chosen = any(limit.chosen for limit in found.limits)
        padded = [*found.examples, *[""] * (OFFERED - len(found.examples))]
        buttons = [gr.update(value=example, visible=bool(example)) for example in padded]
        question = found.question or gr.skip()  # what has been typed meanwhile stays
        return [gr.update(visible=shown, open=chosen), *limits, question, *buttons]

    page.load(_requested(opened), inputs=None, outputs=outputs, **QUIET)


def connect_takeaway(takeaway: ChatExports, parts: tuple[dict[str, Any], list[Any]], conversation: Any) -> None:  # noqa: ANN401
    """The buttons that export the conversation, and the line by which the page's script sends feedback."""
    buttons, (delivered, wire, reply) = parts
    for kind, button in buttons.items():

        def export(request: Any, said: Conversation, kind: str = kind) -> Markup:  # noqa: ANN401
            return takeaway.export(kind, said, site=_site(request))

        button.click(_requested(export), inputs=[conversation], outputs=[delivered], **QUIET)
    wire.change(takeaway.feedback, inputs=[wire, conversation], outputs=[reply], **QUIET)


def _requested(handler: Callable[..., Any]) -> Callable[..., Any]:
    """A handler whose first parameter Gradio fills with the request; it goes by the annotation, as an object."""
    import gradio as gr

    @wraps(handler)
    def handle(request: Any, *values: Any) -> Any:  # noqa: ANN401
        return handler(request, *values)

    handle.__annotations__ = {"request": gr.Request}
    return handle


def _site(request: Any) -> str:  # noqa: ANN401  # gradio's own wrapper of a request
    return str(request.request.base_url).rstrip("/")


def _filter(limits: Sequence[Sequence[str] | None]) -> Filter:
    forces, periods, transcripts = (tuple(limit or ()) for limit in limits)
    return Filter(forces, periods, transcripts)
