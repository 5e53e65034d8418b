"""The chat page: plain Gradio Blocks. Only this file and the page's events know gradio.

Gradio carries questions in and turns out; `static/chat.js` moves each turn into one log. A turn travels as a single
line of our own HTML through `gr.Markdown`, where a line that begins with a block element is passed on untouched and
then sanitised. `gr.HTML` was not used: it compiles its template with `Function`, so the content policy would have to
allow `eval`. `gr.Chatbot` was not used: it gives the whole markup of a message to screen readers as its label.
"""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import FastAPI
from markupsafe import Markup

from assistant.chat_model.calls import AT_ONCE as AT_ONCE_WITH_MODEL
from assistant.export.html_builder import element
from assistant.export.spreadsheet import TABLES
from assistant.messages import Messages
from assistant.web.asker import Asker
from assistant.web.chat.conversation import ChatHandler, Conversation
from assistant.web.chat.events import AT_ONCE, connect_asking, connect_example, connect_opening, connect_takeaway
from assistant.web.chat.exports import ChatExports
from assistant.web.chat.gradio_lockdown import close_gradio
from assistant.web.chat.start import OFFERED, Examples, StartPage

FILTERS = ("forces", "periods", "transcripts")
SESSIONS = 800  # pages kept in mind, 50 KiB and the conversation each; the longest unused is forgotten first
WAITING = 64  # questions held in the queue before more are refused


def build_page(asker: Asker, words: Messages, takeaway: ChatExports, model: str = "") -> Any:  # noqa: ANN401  # gradio publishes no types
    """The page as `gr.Blocks`, with its queue and limits, ready to be mounted; call `close_gradio` first.

    `model` names the chat model that summarises, if there is one: the page says so, and lets those who wait for it wait
    beside those who do not.
    """
    import gradio as gr

    with gr.Blocks(title=words.say("page.product"), analytics_enabled=False) as page:
        gr.Markdown(_introduction(words, model), elem_id="introduction", latex_delimiters=[])
        latest = gr.Markdown("", elem_id="latest", latex_delimiters=[])
        with gr.Column(elem_id="composer"):
            progress = gr.Markdown("", elem_id="progress", latex_delimiters=[])
            label, hint = words.say("ask.label"), words.say("ask.hint")
            box = gr.Textbox(label=label, info=hint, lines=1, max_lines=6, elem_id="question")
            with gr.Row(elem_id="actions"):
                ask = gr.Button(words.say("ask.button"), variant="primary", elem_id="ask")
                new = gr.Button(words.say("ask.new"), elem_id="new-conversation")
            alone = gr.Checkbox(label=words.say("ask.alone"), elem_id="alone", container=False)
        filters = _filters(words)
        with gr.Column(elem_id="examples"):
            gr.Markdown(element("h2", words.say("ask.examples")), latex_delimiters=[])
            examples = [gr.Button("", visible=False, elem_classes="example") for _ in range(OFFERED)]
        outputs = [latest, box, alone, gr.State(Conversation()), progress]
        desk = ChatHandler(asker, words, gr.skip())
        at_once = AT_ONCE + (AT_ONCE_WITH_MODEL if model else 0)
        connect_asking(desk, outputs, filters, [box.submit, ask.click], new.click, at_once)
        for button in examples:
            connect_example(desk, outputs, filters, button, at_once)
        connect_takeaway(takeaway, _takeaway(takeaway, words), outputs[3])
        connect_opening(StartPage(asker, Examples(asker, words)), page, [*filters, box, *examples])
    page.state_session_capacity = SESSIONS
    page.queue(max_size=WAITING, default_concurrency_limit=AT_ONCE)
    return page


def mount_page(app: FastAPI, asker: Asker, path: str, words: Messages, takeaway: ChatExports, model: str = "") -> None:
    """Mount the chat page in `app`, with everything off that an answer does not need. `model` is as for `build_page`.

    Raises `SettingsError` when an environment variable is set that would open the page up.
    """
    close_gradio()

    async def mount() -> None:
        _mount(app, build_page(asker, words, takeaway, model), path)

    # Gradio makes an event loop for each of its locks, and never closes it, unless one is running.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(mount())
    else:
        _mount(app, build_page(asker, words, takeaway, model), path)


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


def _filters(words: Messages) -> list[Any]:
    """What limits every question: forces, periods, transcripts. Each is filled, and shown, when the page is opened."""
    import gradio as gr

    with gr.Accordion(words.say("limit.heading"), open=False, elem_id="filters", visible=False) as panel:
        chosen = [
            gr.Dropdown([], label=words.say(f"limit.{name}"), multiselect=True, visible=False, elem_id=f"limit-{name}")
            for name in FILTERS
        ]
    return [panel, *chosen]


def _takeaway(takeaway: ChatExports, words: Messages) -> tuple[dict[str, Any], list[Any]]:
    """The buttons that export the conversation, by format, and what the page's script reads and writes, unseen.

    Those for a table are shown once an answer has one.
    """
    import gradio as gr

    with gr.Row(elem_id="take"):
        gr.Markdown(element("h2", words.say("take.export")), latex_delimiters=[])
        buttons = {
            kind: gr.Button(words.say(made.name), elem_classes=["act", *(["table-form"] if kind in TABLES else [])])
            for kind, made in takeaway.exports.items()
        }
    delivered = gr.Markdown("", elem_id="export-reply", latex_delimiters=[])
    wire = gr.Textbox(elem_id="wire", label=words.say("feedback.question"))
    reply = gr.Markdown("", elem_id="wire-reply", latex_delimiters=[])
    return buttons, [delivered, wire, reply]


def _introduction(words: Messages, model: str) -> Markup:
    said = words.say("page.introduction_model", model=model) if model else words.say("page.introduction")
    # relative, for the page is made once for every place it is reached at
    pages = (("page.held", "./sources"), ("page.overview", "./overview"), ("page.register", "./register"))
    links = [element("a", words.say(name), href=address) for name, address in pages]
    return element(
        "header",
        element("h1", words.say("page.product")),
        element("nav", *links),
        element("p", said),
    )
