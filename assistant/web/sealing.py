"""The environment that keeps Gradio on this machine, set before it is first imported."""

from __future__ import annotations

import os

from assistant.errors import SettingsError

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
