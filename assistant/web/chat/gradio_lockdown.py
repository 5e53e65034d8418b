"""The environment that keeps Gradio on this machine, set before it is first imported.

Who sent the event that Gradio's queue is working on now.
"""

from __future__ import annotations

import os

from assistant.errors import SettingsError
from assistant.web.security.identity import Asking, asking_of

CLOSED = {
    "GRADIO_ANALYTICS_CACHE_FREQUENCY": str(10**9),  # or its own statistics go through every question after each
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
}
OPENING = {  # what each would open
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


def close_gradio() -> None:
    """Set the environment that keeps Gradio on this machine; call before it is first imported.

    Raises `SettingsError` when a variable is set that would open it up again.
    """
    opened = [name for name in OPENING if is_on(os.environ.get(name, ""))]
    if opened:
        raise SettingsError(
            f"The environment variable {opened[0]} would open this up ({OPENING[opened[0]]}) and is refused.",
            advice="Unset it.",
        )
    os.environ.update(CLOSED)


def is_on(value: str) -> bool:
    """Whether an environment variable's value switches something on."""
    return value.strip().lower() not in ("", "0", "false", "no", "off")


def asking_of_event() -> Asking | None:
    """Who asks, when Gradio's queue runs what calls this; else None.

    The queue works in tasks of its own, which know nothing of the request that waits. Gradio hands that request on
    with the event, and sets it around each step of an event's function.
    """
    from gradio.context import LocalContext

    event = LocalContext.request.get(None)
    request = event.request if event is not None else None
    return asking_of(request.scope) if request is not None else None
