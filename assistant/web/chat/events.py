"""Connects the chat page's events to their handlers: asking, opening the page, and what programs ask.

The handlers only pass values between Gradio's components and `ChatHandler` and `StartPage`, or the assistant.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial, wraps
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import parse_qs

from fastapi import Request
from pydantic import ValidationError

from assistant.answer import Answer
from assistant.export.markdown import to_markdown
from assistant.filter import Filter
from assistant.messages import Messages
from assistant.web.api.models import AskRequest
from assistant.web.asker import Asker
from assistant.web.chat.conversation import ChatHandler, PostedQuestion
from assistant.web.chat.offers import MAX_EXAMPLES, FilterChoice, StartPage
from assistant.web.layout import site_address
from assistant.web.security.responses import first_problem
from assistant.web.security.workload import Pool, run_event
from index.errors import AppError

if TYPE_CHECKING:
    import gradio as gr
    from gradio.components import Component

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class ChatComponents:
    """The components that a question is read from and its answer is written to.

    `filters` are by force, by period and by transcript. The page's script writes the turns that it keeps into
    `conversation`, which is hidden.
    """

    latest_turn: gr.Markdown
    box: gr.Textbox
    alone: gr.Checkbox
    conversation: gr.Textbox
    notice: gr.Markdown
    filters: Sequence[gr.Dropdown]

    @property
    def outputs(self) -> list[Component]:
        """The components that `ChatHandler` returns values for, in its order."""
        return [self.latest_turn, self.box, self.alone, self.notice]


def connect_question(handler: ChatHandler, components: ChatComponents, ask_button: gr.Button) -> None:
    """Connects the question box and the Ask button."""

    def ask(
        request: Request, text: str | None, alone: object, conversation: str | None, *filters: Sequence[str] | None
    ) -> tuple[object, ...]:
        return handler.ask(_question(handler, request, text, conversation, filters, alone=bool(alone)))

    inputs = [components.box, components.alone, components.conversation, *components.filters]
    _connect_answer([components.box.submit, ask_button.click], ask, inputs, handler, components)


def connect_example(handler: ChatHandler, components: ChatComponents, button: gr.Button) -> None:
    """Connects a button that asks the question it shows."""

    def ask(
        request: Request, text: str | None, conversation: str | None, *filters: Sequence[str] | None
    ) -> tuple[object, ...]:
        return handler.ask(_question(handler, request, text, conversation, filters))

    inputs = [button, components.conversation, *components.filters]
    _connect_answer([button.click], ask, inputs, handler, components)


def _connect_answer(
    triggers: Sequence[Callable[..., object]],
    ask: Callable[..., tuple[object, ...]],
    inputs: Sequence[Component],
    handler: ChatHandler,
    components: ChatComponents,
) -> None:
    import gradio as gr

    event = gr.on(
        triggers,
        _with_request(ask, Pool.ASKING),
        inputs=inputs,
        outputs=components.outputs,
        trigger_mode="once",
        api_visibility="private",
        show_progress="hidden",
    )
    event.failure(
        handler.show_unexpected_error,
        inputs=[components.box, components.conversation],
        outputs=components.outputs,
        api_visibility="private",
        show_progress="hidden",
    )


def connect_page_load(
    start_page: StartPage,
    page: gr.Blocks,
    filter_panel: gr.Accordion,
    components: ChatComponents,
    examples: Sequence[gr.Button],
) -> None:
    """Fills in what depends on the indexed transcripts and on the page's URL, whenever the page is opened."""
    import gradio as gr

    def load(request: Request) -> list[object]:
        state = start_page.state(parse_qs(request.url.query))
        has_choice = any(len(choice.choices) > 1 for choice in state.filters)
        is_filtered = any(choice.chosen for choice in state.filters)
        questions = [*state.examples, *[""] * (MAX_EXAMPLES - len(state.examples))]
        return [
            gr.update(visible=has_choice, open=is_filtered),
            *map(_dropdown_update, state.filters),
            state.question or gr.skip(),  # keeps what has been typed meanwhile
            *(gr.update(value=question, visible=bool(question)) for question in questions),
        ]

    outputs = [filter_panel, *components.filters, components.box, *examples]
    page.load(_with_request(load), inputs=None, outputs=outputs, api_visibility="private", show_progress="hidden")


def connect_programs(asker: Asker, messages: Messages) -> None:
    """Adds the events `/ask` and `/ask_markdown`, which programs send with `gradio_client`.

    Both take the members of an `AskRequest`. What is malformed or cannot be answered is an error of Gradio's.
    """
    import gradio as gr
    from gradio.events import api

    def answered(question: object, *limits: object) -> Answer:
        names = ("history", "forces", "periods", "transcripts")
        given = {name: value for name, value in zip(names, limits, strict=True) if value is not None}
        try:
            request = AskRequest.model_validate({"question": question, **given})
            return asker.ask(request.question, request.turns(), within=request.to_filter())
        except ValidationError as error:
            first = first_problem(error.errors())
            refusal = messages.say("request_error.malformed", first=first)
            raise gr.Error(refusal, print_exception=False) from error
        except AppError as error:
            raise gr.Error(str(error), print_exception=False) from error

    def ask(_request: Request, *values: object) -> dict[str, object]:
        return answered(*values).model_dump(mode="json", by_alias=True)

    def ask_markdown(request: Request, *values: object) -> str:
        return to_markdown([answered(*values)], datetime.now(UTC).date(), site=site_address(request), messages=messages)

    for name, function, result in (("ask", ask, dict[str, object]), ("ask_markdown", ask_markdown, str)):
        api(_for_programs(function, result), api_name=name, api_description=messages.say(f"programs.{name}"))


def _for_programs(function: Callable[..., Result], result: type[Result]) -> Callable[..., Awaitable[Result]]:
    """Gives a function of a request the parameters that Gradio describes to programs, and reads from their types."""
    import gradio as gr

    run = _with_request(function, Pool.ASKING)

    async def handle(
        request: gr.Request,
        question: str,
        history: object = None,
        forces: object = None,
        periods: object = None,
        transcripts: object = None,
    ) -> Result:
        return await run(request, question, history, forces, periods, transcripts)

    names = list[str] | None
    limits = {"history": list[dict[str, str]] | None, "forces": names, "periods": names, "transcripts": names}
    handle.__annotations__ = {"request": gr.Request, "question": str, **limits, "return": result}
    return handle


def _dropdown_update(choice: FilterChoice) -> dict[str, object]:
    import gradio as gr

    return gr.update(choices=list(choice.choices), value=list(choice.chosen), visible=len(choice.choices) > 1)


def _with_request(handler: Callable[..., Result], pool: Pool = Pool.PAGES) -> Callable[..., Awaitable[Result]]:
    """Wraps a handler so that Gradio passes the request as its first argument, and it runs in a thread of the pool.

    Gradio recognises that argument by its annotation, which has to be the class itself.
    """
    import gradio as gr

    @wraps(handler)
    async def handle(request: gr.Request, *values: object) -> Result:
        if request.request is None:
            raise ValueError("an event without its request")
        return await run_event(request.request.scope, pool, partial(handler, request.request, *values))

    handle.__annotations__ = {"request": gr.Request}
    return handle


def _question(
    handler: ChatHandler,
    request: Request,
    text: str | None,
    conversation: str | None,
    filters: Sequence[Sequence[str] | None],
    *,
    alone: bool = False,
) -> PostedQuestion:
    person = handler.person_of(request.scope)
    return PostedQuestion(text or "", alone, _filter(filters), site_address(request), conversation or "", person)


def _filter(filters: Sequence[Sequence[str] | None]) -> Filter:
    forces, periods, transcripts = (tuple(chosen or ()) for chosen in filters)
    return Filter(forces, periods, transcripts)
