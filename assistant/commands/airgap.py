"""Each feature that could contact anything off this machine, what decides it, and whether it is closed now."""

from __future__ import annotations

from collections.abc import Mapping

from assistant.arrangement import Frozen
from assistant.settings import Settings
from assistant.web.sealing import CLOSED, OPENING, is_on
from index.chroma import client_settings

HUB = "Hugging Face Hub"
OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")


class Contact(Frozen):
    """A feature that could contact something. `by` is the setting or environment variable that decides it, empty where
    none can open it; `value` is what that says, and `closed` whether nothing is contacted.
    """

    feature: str
    whom: str
    by: str = ""
    value: str = ""
    closed: bool


def contacts(settings: Settings, environment: Mapping[str, str]) -> tuple[Contact, ...]:
    """Every such feature, as the settings and the environment have it."""
    chroma = client_settings()
    # A model that is named is looked for in the local cache; where a variable says nothing, it is set.
    hub = [
        Contact(feature="embedding model", whom=HUB, by="embedding_model", value=settings.embedding_model, closed=True)
    ]
    hub += [_variable("model look-up", HUB, name, environment, closed_by=CLOSED[name]) for name in OFFLINE]
    libraries = [
        Contact(feature="Chroma telemetry", whom="its maker", closed=not chroma.anonymized_telemetry),
        Contact(feature="Chroma traces", whom="a collector", closed=not chroma.chroma_otel_collection_endpoint),
        Contact(feature="Gradio analytics", whom="its maker", closed=CLOSED["GRADIO_ANALYTICS_ENABLED"] == "False"),
        *(_variable(OPENING[name], "others", name, environment) for name in OPENING),
    ]
    sites = " ".join(settings.embed_origins)
    page = [
        # by the content policy that every page is sent with: it loads from this site alone
        Contact(feature="fonts, scripts, styles", whom="other sites", closed=True),
        # they frame our page and call us; we never call them
        Contact(feature="embedding", whom="sites listed", by="embed_origins", value=sites, closed=True),
    ]
    return (*hub, *libraries, *page, *_chat_model(settings))


def _variable(
    feature: str, whom: str, name: str, environment: Mapping[str, str], closed_by: str | None = None
) -> Contact:
    """A variable that opens a feature when it is on; or, with `closed_by`, its usual value, that closes it then."""
    value = environment.get(name, closed_by or "")
    return Contact(feature=feature, whom=whom, by=name, value=value, closed=is_on(value) == bool(closed_by))


def _chat_model(settings: Settings) -> list[Contact]:
    if "chat_model" not in Settings.model_fields:
        return []
    model = str(getattr(settings, "chat_model"))  # noqa: B009  # a version without chat models has no such setting
    return [Contact(feature="chat model", whom="its server", by="chat_model", value=model, closed=not model)]
