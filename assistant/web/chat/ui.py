"""The chat page, built from Gradio Blocks. Only this module and `events` use Gradio's components.

Gradio carries questions in and turns out; `static/chat.js` moves each turn into one log. A turn travels as a single
line of our own HTML through `gr.Markdown`, which passes a line that begins with a block element on unchanged and then
sanitises it. `gr.HTML` compiles its template with `Function`, so the content policy would have to allow `eval`.
`gr.Chatbot` gives the whole markup of a message to screen readers as its label.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapi import FastAPI
from markupsafe import Markup

from assistant.export.formats import ExportFormat
from assistant.export.html_builder import element
from assistant.export.spreadsheet import TABLES
from assistant.messages import Messages
from assistant.settings import Settings
from assistant.web.chat.conversation import ChatHandler
from assistant.web.chat.events import (
    ChatComponents,
    connect_example,
    connect_page_load,
    connect_programs,
    connect_question,
)
from assistant.web.chat.gradio_lockdown import dropdown_of_any_choice, lock_down_gradio
from assistant.web.chat.offers import MAX_EXAMPLES, OfferedQuestions, StartPage
from assistant.web.layout import NAVIGATION

if TYPE_CHECKING:
    import gradio as gr

FILTER_NAMES = ("forces", "periods", "transcripts")
FONTS = ["Segoe UI", "-apple-system", "Helvetica Neue", "Arial", "Liberation Sans", "sans-serif"]
LOOKS = {  # of Gradio's theme variables
    "var(--paper)": (
        *("body_background_fill", "background_fill_primary", "input_background_fill", "input_background_fill_focus"),
        *("input_background_fill_hover", "checkbox_background_color", "checkbox_background_color_hover"),
        *("checkbox_background_color_focus", "button_secondary_background_fill"),
    ),
    "var(--wash)": (
        *("background_fill_secondary", "color_accent_soft", "button_secondary_background_fill_hover"),
        "checkbox_label_background_fill",
    ),
    "var(--ink)": ("body_text_color", "block_title_text_color", "block_label_text_color", "checkbox_label_text_color"),
    "var(--quiet)": ("body_text_color_subdued", "block_info_text_color", "input_placeholder_color"),
    "var(--edge)": (
        *("border_color_primary", "input_border_color", "input_border_color_hover", "checkbox_border_color"),
        *("checkbox_border_color_hover", "button_secondary_border_color", "button_secondary_border_color_hover"),
    ),
    "var(--accent)": (
        *("color_accent", "border_color_accent", "input_border_color_focus", "button_primary_background_fill"),
        *("button_primary_background_fill_hover", "button_primary_border_color", "button_primary_border_color_hover"),
        *("checkbox_border_color_selected", "checkbox_border_color_focus", "loader_color"),
    ),
    "var(--on-accent)": ("button_primary_text_color", "button_primary_text_color_hover"),
    "var(--link)": (
        *("link_text_color", "link_text_color_active", "link_text_color_hover", "link_text_color_visited"),
        *("button_secondary_text_color", "button_secondary_text_color_hover", "accordion_text_color"),
    ),
    "#1d4a74": ("checkbox_background_color_selected",),  # its mark is white in the dark too
    "none": (
        *("block_background_fill", "block_shadow", "input_shadow", "input_shadow_focus", "checkbox_shadow"),
        *("button_primary_shadow", "button_secondary_shadow", "shadow_drop", "shadow_drop_lg"),
    ),
    "0px": (
        *("block_border_width", "block_radius", "container_radius", "input_radius", "checkbox_border_radius"),
        *("button_large_radius", "button_medium_radius", "button_small_radius"),
    ),
    "2px": ("input_border_width", "checkbox_border_width"),
}
MAX_OPEN_PAGES = 800  # kept in memory, 50 KiB each; the one unused for longest is dropped first
MAX_EVENTS = 64  # of all pages, under way or waiting for a thread, which `Workload` shares out
MAX_QUEUED_EVENTS = 64  # while there are so many


def build_page(
    handler: ChatHandler, exports: Mapping[str, ExportFormat], offered: OfferedQuestions, settings: Settings
) -> gr.Blocks:
    """Returns the page with its queue and limits, ready to be mounted. Call `lock_down_gradio` first.

    `offered` finds its example questions. The page names the chat model of the `settings`, if they have one, and
    programs may ask through it if they say so.
    """
    import gradio as gr

    handler, messages = replace(handler, unchanged=gr.skip()), handler.messages
    page = gr.Blocks(title=messages.say("page.product"), analytics_enabled=False)
    with page:
        gr.Markdown(_introduction(messages, settings.chat_model), elem_id="introduction", latex_delimiters=[])
        latest_turn = gr.Markdown("", elem_id="latest", latex_delimiters=[])
        # else the browser writes to its disk what is in a field when a tab closes
        unrecorded = gr.InputHTMLAttributes(autocomplete="off")
        conversation = gr.Textbox(elem_id="carried", label=messages.say("ask.conversation"), html_attributes=unrecorded)
        with gr.Column(elem_id="composer"):
            notice = gr.Markdown("", elem_id="progress", latex_delimiters=[])
            label, hint = messages.say("ask.label"), messages.say("ask.hint")
            box = gr.Textbox(
                label=label, info=hint, lines=1, max_lines=6, elem_id="question", html_attributes=unrecorded
            )
            with gr.Row(elem_id="actions"):
                ask_button = gr.Button(messages.say("ask.button"), variant="primary", elem_id="ask")
                gr.Button(messages.say("ask.new"), elem_id="new-conversation")  # the page's script does what it says
            alone = gr.Checkbox(label=messages.say("ask.standalone"), elem_id="alone", container=False)
        filter_panel, filters = _filters(messages)
        with gr.Column(elem_id="examples"):
            gr.Markdown(element("h2", messages.say("ask.examples")), latex_delimiters=[])
            examples = [
                gr.Button("", visible=False, elem_id=f"example-{number}", elem_classes="example")
                for number in range(1, MAX_EXAMPLES + 1)
            ]
        if settings.gradio_client:  # first, or Gradio gives their names to events of the page
            with gr.Column(visible=False):  # what the events of programs need is not shown
                connect_programs(handler.asker, messages)
        components = ChatComponents(latest_turn, box, alone, conversation, notice, filters)
        connect_question(handler, components, ask_button)
        for example in examples:
            connect_example(handler, components, example)
        _export_buttons(exports, messages)
        start_page = StartPage(handler.asker, offered)
        connect_page_load(start_page, page, filter_panel, components, examples)
    page.state_session_capacity = MAX_OPEN_PAGES
    page.max_threads = MAX_EVENTS
    page.queue(max_size=MAX_QUEUED_EVENTS, default_concurrency_limit=None)
    return page


def mount_page(
    app: FastAPI,
    handler: ChatHandler,
    path: str,
    exports: Mapping[str, ExportFormat],
    offered: OfferedQuestions,
    settings: Settings,
) -> dict[int, tuple[str, ...]]:
    """Mounts the chat page in `app`, without what an answer does not need.
    `offered` and `settings` are as for `build_page`.

    Returns the types of the components whose values each event sends, by the event's number. Raises `SettingsError`
    when an environment variable is set that would undo `lock_down_gradio`.
    """
    lock_down_gradio()

    async def mount() -> dict[int, tuple[str, ...]]:
        return _mount(app, build_page(handler, exports, offered, settings), path)

    # Unless an event loop is running, Gradio makes one for each of its locks and never closes it.
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(mount())
    return _mount(app, build_page(handler, exports, offered, settings), path)


def _mount(app: FastAPI, page: gr.Blocks, path: str) -> dict[int, tuple[str, ...]]:
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
        theme=page_theme(),
    )
    types = {component["id"]: str(component["type"]) for component in page.config["components"]}
    return {
        int(event["id"]): tuple(types[number] for number in event["inputs"]) for event in page.config["dependencies"]
    }


def page_theme() -> gr.themes.Base:
    """Returns Gradio's base theme with the colours and edges of the other pages, in light and in dark alike.

    The colours are names of `static/page.css`, which has both.
    """
    import gradio as gr

    theme = gr.themes.Base(font=FONTS, font_mono=["ui-monospace", "monospace"])
    looks = {name: look for look, names in LOOKS.items() for name in names}
    dark = {f"{name}_dark": look for name, look in looks.items() if hasattr(theme, f"{name}_dark")}
    return theme.set(**looks, **dark)


def _filters(messages: Messages) -> tuple[gr.Accordion, list[gr.Dropdown]]:
    """The filters of every question, in a panel. They are filled in and made visible when the page is opened."""
    import gradio as gr

    dropdown = dropdown_of_any_choice()
    with gr.Accordion(messages.say("limit.heading"), open=False, elem_id="filters", visible=False) as panel:
        filters = [
            dropdown([], label=messages.say(f"limit.{name}"), multiselect=True, visible=False, elem_id=f"limit-{name}")
            for name in FILTER_NAMES
        ]
    return panel, filters


def _export_buttons(exports: Mapping[str, ExportFormat], messages: Messages) -> None:
    """The buttons for exports, which the page's script serves. Style sheets show those for tables when there is one."""
    import gradio as gr

    with gr.Row(elem_id="take"):
        gr.Markdown(element("h2", messages.say("export.heading")), latex_delimiters=[])
        for kind, export in exports.items():
            classes = ["act", *(["table-form"] if kind in TABLES else [])]
            gr.Button(messages.say(export.name), elem_id=f"export-{kind}", elem_classes=classes)


def _introduction(messages: Messages, model: str) -> Markup:
    introduction = messages.say("page.introduction_model", model=model) if model else messages.say("page.introduction")
    # relative, because the page is built once and may be reached under several paths
    new_tab = element("span", f" {messages.say('quotation.new_tab')}", class_="unseen")
    here, *others = NAVIGATION
    links = [
        element("a", messages.say(here[0]), href=f".{here[1]}"),
        *(element("a", messages.say(name), new_tab, href=f".{address}") for name, address in others),
    ]
    return element(
        "header",
        element("h1", messages.say("page.product")),
        element("nav", *links),
        element("p", introduction),
    )
