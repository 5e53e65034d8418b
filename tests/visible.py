"""HTML read back as a browser reads it, with the standard library's parser: which words stand in which elements."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

EMPTY_ELEMENTS = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Node:
    tag: str
    attributes: dict[str, str | None] = field(default_factory=dict)
    children: list[Node | str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(child if isinstance(child, str) else child.text for child in self.children)

    def find(self, tag: str = "", **attributes: str) -> list[Node]:
        """Every element below of the tag and attributes, in order; `class_` asks for one of the classes."""
        found: list[Node] = []
        for child in self.children:
            if isinstance(child, Node):
                found += [child] if child.answers_to(tag, attributes) else []
                found += child.find(tag, **attributes)
        return found

    def answers_to(self, tag: str, attributes: dict[str, str]) -> bool:
        wanted = dict(attributes)
        kind = wanted.pop("class_", None)
        has_kind = kind is None or kind in (self.attributes.get("class") or "").split()
        return tag in ("", self.tag) and has_kind and all(self.attributes.get(k) == v for k, v in wanted.items())


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Node("root")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, dict(attrs))
        self._open[-1].children.append(node)
        if tag not in EMPTY_ELEMENTS:
            self._open.append(node)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop().tag == tag, f"</{tag}> closes another element"

    def handle_data(self, data: str) -> None:
        self._open[-1].children.append(data)


def read_html(page: str) -> Node:
    """The page as a tree. Fails when an element is closed that is not the innermost open one, or is left open."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    assert reader._open == [reader.root], "an element is left open"
    return reader.root
