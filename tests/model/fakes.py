"""LangChain chat models without a server, and what is made of them."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult

from assistant.model.calling import Line
from assistant.model.composer import Composed, Shown
from assistant.model.opening import OTHER, ChatModel, Provider

Content = str | list[Any]


class ScriptedChatModel(BaseChatModel):
    """Says what its script makes of the messages; a text streams in pieces of `size` characters, blocks one by one."""

    script: Callable[[list[BaseMessage]], Content]
    size: int = 40

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=AIMessage(self.script(messages)))])

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        said = self.script(messages)
        pieces: list[Any]
        if isinstance(said, str):
            pieces = [said[start : start + self.size] for start in range(0, len(said), self.size)]
        else:
            pieces = [[block | {"index": number}] for number, block in enumerate(said)]
        for piece in pieces:
            yield ChatGenerationChunk(message=AIMessageChunk(piece))


def line(
    script: Callable[[list[BaseMessage]], Content], *, timeout: float = 10, provider: Provider = OTHER, size: int = 40
) -> Line:
    """The way to a scripted model."""
    return Line(ChatModel("fake:scripted", "", timeout, ScriptedChatModel(script=script, size=size), provider))


def finished(composing: Generator[Shown, None, Composed]) -> Composed:
    """What a composer returns in the end."""
    while True:
        try:
            next(composing)
        except StopIteration as end:
            return end.value
