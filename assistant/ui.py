"""The chat page: plain Gradio Blocks. The only file that knows gradio.

Gradio carries questions in and turns out; `static/chat.js` moves each turn into one log. A turn travels as a single
line of our own HTML through `gr.Markdown`, where a line that begins with a block element is passed on untouched and
then sanitised. `gr.HTML` was not used: it compiles its template with `Function`, so the content policy would have to
allow `eval`. `gr.Chatbot` was not used: it gives the whole markup of a message to screen readers as its label.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import FastAPI

from assistant.desk import Asker, Conversation, Desk
from assistant.errors import SettingsError
from assistant.markup import Html, element, join
from assistant.phrasebook import Phrasebook

EXAMPLES = ("example.one", "example.two", "example.three", "example.four")
AT_ONCE = 4  # questions answered at the same time
WAITING = 64  # questions held in the queue before more are refused

CLOSED = {
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),  # or its own statistics go through every question after each
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
OPENING = (
    "GRADIO_ALLOWED_PATHS",
    "GRADIO_DEBUG",
    "GRADIO_HISTORY_BUCKET",
    "GRADIO_HOT_RELOAD",
    "GRADIO_LOCAL_DEV_MODE",
    "GRADIO_MCP_SERVER",
    "GRADIO_PROFILING",
    "GRADIO_ROOT_PATH",
    "GRADIO_SHARE",
    "GRADIO_VIBE_MODE",
)


def close_gradio() -> None:
    """Set the environment that keeps Gradio on this machine; call before it is first imported.

    Raises `SettingsError` when a variable is set that would open it up again.
    """
    opened = [name for name in OPENING if os.environ.get(name, "").strip().lower() not in ("", "0", "false")]
    if opened:
        raise SettingsError(
            f"The environment variable {opened[0]} would open the page up and is refused.", advice="Unset it."
        )
    os.environ.update(CLOSED)


def build_page(asker: Asker, words: Phrasebook) -> Any:  # noqa: ANN401  # gradio publishes no types
    """The page as `gr.Blocks`, with its queue and limits, ready to be mounted; call `close_gradio` first."""
    import gradio as gr

    with gr.Blocks(title=words.say("page.product"), analytics_enabled=False) as page:
        gr.Markdown(_introduction(words), elem_id="introduction", latex_delimiters=[])
        latest = gr.Markdown("", elem_id="latest", latex_delimiters=[])
        with gr.Column(elem_id="composer"):
            progress = gr.Markdown("", elem_id="progress", latex_delimiters=[])
            label, hint = words.say("ask.label"), words.say("ask.hint")
            box = gr.Textbox(label=label, info=hint, lines=1, max_lines=6, elem_id="question")
            with gr.Row(elem_id="actions"):
                ask = gr.Button(words.say("ask.button"), variant="primary", elem_id="ask")
                new = gr.Button(words.say("ask.new"), elem_id="new-conversation")
        with gr.Column(elem_id="examples"):
            gr.Markdown(element("h2", words.say("ask.examples")), latex_delimiters=[])
            examples = {name: gr.Button(words.say(name), elem_classes="example") for name in EXAMPLES}
        outputs = [latest, box, gr.State(Conversation()), progress]
        _connect(Desk(asker, words, gr.skip()), outputs, [box.submit, ask.click], new.click)
        for name, button in examples.items():
            _connect_example(Desk(asker, words, gr.skip()), outputs, button.click, words.say(name))
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return page


def mount_page(app: FastAPI, asker: Asker, path: str, words: Phrasebook) -> None:
    """Mount the chat page in `app`, with everything off that an answer does not need.

    Raises `SettingsError` when an environment variable is set that would open the page up.
    """
    close_gradio()

    async def mount() -> None:
        _mount(app, build_page(asker, words), path)

    # Gradio makes an event loop for each of its locks, and never closes it, unless one is running.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(mount())
    else:
        _mount(app, build_page(asker, words), path)


def _mount(app: FastAPI, page: Any, path: str) -> None:  # noqa: ANN401
    import gradio as gr

    gr.mount_gradio_app(
        app,
        page,
        path=path,
        footer_links=[],
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        max_file_size="1kb",
        mcp_server=False,
        pwa=False,
        ssr_mode=False,
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"]),
    )


def _connect(desk: Desk, outputs: list[Any], asking: list[Any], beginning: Any) -> None:  # noqa: ANN401
    import gradio as gr

    _, box, conversation, _ = outputs
    quiet = {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden"}
    limits = {"trigger_mode": "once", "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
    event = gr.on(asking, desk.ask, inputs=[box, conversation], **quiet, **limits)
    event.failure(desk.failed, inputs=[box, conversation], **quiet)
    gr.on([beginning], desk.begin_again, inputs=[], **quiet)


def _connect_example(desk: Desk, outputs: list[Any], click: Any, question: str) -> None:  # noqa: ANN401
    import gradio as gr

    _, box, conversation, _ = outputs
    quiet = {"outputs": outputs, "api_visibility": "private", "show_progress": "hidden"}
    limits = {"trigger_mode": "once", "concurrency_limit": AT_ONCE, "concurrency_id": "ask"}
    event = gr.on([click], partial(desk.example, question), inputs=[conversation], **quiet, **limits)
    event.failure(desk.failed, inputs=[box, conversation], **quiet)


def _introduction(words: Phrasebook) -> Html:
    link = element("a", words.say("page.held"), href="/sources")
    return element(
        "header",
        element("h1", words.say("page.product")),
        element("nav", link),
        element("p", words.say("page.introduction")),
    )


def shell_parts(words: Phrasebook) -> Callable[[bool], tuple[Html, Html]]:
    """What the page's HTML carries of ours: for the whole page, or for a frame, the head's and the body's start."""

    def parts(_embedded: bool) -> tuple[Html, Html]:  # noqa: FBT001  # the shell's own callable
        conversation = words.say("ask.conversation")
        head = element("script", src="/site/chat.js", defer="", data_conversation=conversation)
        sheets = [element("link", rel="stylesheet", href=f"/site/{name}") for name in ("page.css", "chat.css")]
        return head, join(*sheets)

    return parts
