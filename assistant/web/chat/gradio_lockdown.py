"""Keeps Gradio on this machine and its errors out of the log, and finds out who sent the event it is working on."""

from __future__ import annotations

import os
from abc import ABCMeta
from typing import TYPE_CHECKING

from assistant.errors import SettingsError
from assistant.web.security.identity import RequestIdentity, identity_of

if TYPE_CHECKING:
    import gradio as gr

LOCKDOWN_VARIABLES = {
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),  # or its statistics scan every past event after each one
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
FORBIDDEN_VARIABLES = {  # and what each would switch on
    "GRADIO_ALLOWED_PATHS": "Gradio serving files",
    "GRADIO_DEBUG": "Gradio's debugging",
    "GRADIO_HISTORY_BUCKET": "Gradio's history in a bucket",
    "GRADIO_HOT_RELOAD": "Gradio's reloading",
    "GRADIO_LOCAL_DEV_MODE": "Gradio's other origins",
    "GRADIO_MCP_SERVER": "Gradio's MCP server",
    "GRADIO_PROFILING": "Gradio's profiling",
    "GRADIO_ROOT_PATH": "Gradio's other root",
    "GRADIO_SHARE": "Gradio's public link",
    "GRADIO_VIBE_MODE": "Gradio's vibe mode",
    "LANGCHAIN_TRACING_V2": "LangChain traces",
    "LANGSMITH_TRACING": "LangChain traces",
    "LANGSMITH_TRACING_V2": "LangChain traces",
}


def lock_down_gradio() -> None:
    """Sets the environment that keeps Gradio on this machine. Call it before Gradio is first imported.

    Raises `SettingsError` when a variable is set that would undo this.
    """
    enabled = [name for name in FORBIDDEN_VARIABLES if is_enabled(os.environ.get(name, ""))]
    if enabled:
        name = enabled[0]
        raise SettingsError(
            f"The environment variable {name} would switch on {FORBIDDEN_VARIABLES[name]}, which is not allowed.",
            advice="Unset it.",
        )
    os.environ.update(LOCKDOWN_VARIABLES)


def is_enabled(value: str) -> bool:
    """Whether the value of an environment variable switches something on."""
    return value.strip().lower() not in ("", "0", "false", "no", "off")


def dropdown_of_any_choice() -> type[gr.Dropdown]:
    """Returns Gradio's dropdown without its check of what was chosen: the filter refuses a name that is not there.

    Gradio would write a traceback for a choice that the page was not given since the server started.
    """
    import gradio as gr

    def preprocess(self: gr.Dropdown, payload: object) -> object:  # noqa: ARG001  # Gradio's signature
        return payload

    # Not by a class statement, for which Gradio would write a stub file beside this module.
    made: type[gr.Dropdown] = ABCMeta.__new__(type(gr.Dropdown), "Dropdown", (gr.Dropdown,), {"preprocess": preprocess})
    return made


def identity_of_event() -> RequestIdentity | None:
    """Returns who sent the event when called from an event handler of Gradio's, else None.

    Gradio's queue runs handlers in tasks of its own, outside the context of the request. It passes the request with
    the event and sets it for each step of the handler.
    """
    from gradio.context import LocalContext

    event = LocalContext.request.get(None)
    request = event.request if event is not None else None
    return identity_of(request.scope) if request is not None else None
