"""The templates of the pages: escaping stays on in all of them, and no HTML is written anywhere else."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

import assistant

CODE = Path(assistant.__file__).parent
TEMPLATES = sorted(CODE.glob("*/templates/*.html"))
PAGE_MODULES = [
    *(CODE / "web" / "pages").glob("*.py"),
    *(CODE / "web" / "api").glob("*.py"),
    CODE / "web" / "layout.py",
]
TAG = re.compile(r"</?[a-z!]")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_turns_escaping_off(path: Path) -> None:
    template = jinja2.Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    assert {node.name for node in template.find_all(nodes.Filter)} & {"safe", "xmlattr", "urlize", "tojson"} == set()
    assert list(template.find_all((nodes.EvalContextModifier, nodes.MarkSafe))) == []


@pytest.mark.parametrize("path", PAGE_MODULES, ids=lambda path: path.name)
def test_no_page_module_writes_html(path: Path) -> None:
    strings = [node.value for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Constant)]
    assert [text for text in strings if isinstance(text, str) and TAG.search(text)] == []
