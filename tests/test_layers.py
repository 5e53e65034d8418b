"""The order of the modules is the architecture: each imports only what stands above it.

`index` turns files into a searchable store and knows nothing of questions; `assistant` may import any of it. Imports
inside functions count like those at the head of a file.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

INDEX = """
errors transcript period dates address forces force_rules gazetteer source metadata particulars catalogue_file
readers.blocks readers.text readers.markdown readers.parts readers.compose readers.packed readers.members
readers.furniture readers.head readers.html readers.word_parts readers.word_runs readers.word readers.speakers
readers.cues readers.letters readers.lines readers.columns readers.paragraphs readers.running readers.hyphens
readers.pdf readers.limits readers.worker readers.child readers.signatures readers snapshots
abbreviations sentence passage cleaning mapped words onnx bert minilm embedding maker record seal catalogue store
chroma generation ledger assembly proof publish machine lock witness opening archives intake inventory build means
search survey retriever
"""

ASSISTANT = """
query export web commands claims model
errors settings arrangement composition answer filter phrasebook locator query.spelling query.wordlists query.vocabulary
query.scope query.concepts query.conversation query.wording query.kind query.itself query.followup query.judgement
query.narrowing query.themes query.grading query.stated query.scales query.question query.sided query.choices breadth
evidence extract verify tally reasons signals relevance query.routing query.demand sweep reading library judgements
register overview finder sides outcomes chain arranged characters reference plain_text claims.lexicon claims.text
claims.figures claims.evidence claims.named claims.sense claims.check model.labels model.prompts model.opening
model.calling model.trial model.reply model.candidates model.assembly model.native model.composer model.rewriting
model.assisted keeper app json_lines commands.evaluate cases export.markup export.arranged_html export.render
export.handout export.commonmark export.markdown export.html export.word_template export.word_footnotes
export.package export.word export.formats export.sheet export.table export.register_sheet export.register_word
export.registers web.desk web.examples web.opening web.takeaway web.events web.sealing web.ui web.scripts web.pages
web.headers web.faults web.source_page web.contents_page web.exposure web.refusal web.closing web.proxies
web.identity web.streams web.rate web.at_once web.patience web.prefix web.journal web.journalled web.gradio_event
web.framing web.framing_page web.embed web.shell web.gate web.api_models web.api web.api_docs web.answer_file
web.address web.ask_page web.asking_site web.register_page web.register_site web.overview_page web.overview_site
web.site web.server web.arenas commands.diagnosis commands.exits commands.terminal commands.airgap commands.doctor
commands.upkeep commands.asking commands.options commands.scoring commands.registering commands.audit
commands.verifying commands.catalogue_template commands.sources cli commands.calibrate
"""

ORDER = {"index": INDEX.split(), "assistant": ASSISTANT.split()}
HEAVY = {"chromadb", "gradio", "onnxruntime", "sentence_transformers", "torch", "transformers", "langchain_chroma"}


def modules(wing: str) -> dict[str, Path]:
    """Every module of a wing by its dotted name, the wing itself left out."""
    files = sorted((ROOT / wing).rglob("*.py"))
    named = {".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): file for file in files}
    return {name: file for name, file in named.items() if name != wing}


MODULES = {wing: modules(wing) for wing in ORDER}
KNOWN = {name for wing in MODULES.values() for name in wing}
CASES = [(wing, name) for wing in MODULES for name in MODULES[wing]]


def imported(tree: ast.AST) -> Iterator[str]:
    """The modules an import names: ours by their full name, others as written."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are written in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            yield from (name if name in KNOWN else str(node.module) for name in names)


def at_import(tree: ast.Module) -> Iterator[ast.AST]:
    """What runs when a module is imported: all but the bodies of functions and what only a type checker reads."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            waiting += node.orelse
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            waiting += ast.iter_child_nodes(node)


@pytest.mark.parametrize("wing", ORDER)
def test_every_module_has_its_place(wing):
    listed = [f"{wing}.{name}" for name in ORDER[wing]]
    assert sorted(listed) == sorted(MODULES[wing])


@pytest.mark.parametrize(("wing", "name"), CASES, ids=[name for _, name in CASES])
def test_a_module_imports_only_what_stands_above_it(wing, name):
    listed = [f"{wing}.{module}" for module in ORDER[wing]]
    above = {wing, *listed[: listed.index(name)]} if name in listed else set()
    below = {"index", *MODULES["index"]} if wing == "assistant" else set()
    ours = {module for module in imported(ast.parse(MODULES[wing][name].read_text())) if module.split(".")[0] in ORDER}
    assert ours - above - below == set()


@pytest.mark.parametrize(("wing", "name"), CASES, ids=[name for _, name in CASES])
def test_nothing_heavy_is_loaded_by_an_import(wing, name):
    nodes = at_import(ast.parse(MODULES[wing][name].read_text()))
    loaded = {
        module.split(".")[0]
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in imported(node)
    }
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("wing", ORDER)
def test_a_wing_imports_nothing_when_it_is_itself_imported(wing):
    tree = ast.parse((ROOT / wing / "__init__.py").read_text())
    assert [module for module in imported(tree) if module.split(".")[0] in ORDER] == []


def test_the_order_would_catch_an_import_upward():
    tree = ast.parse("def late():\n    from index import search\n\n\nimport torch")
    assert set(imported(tree)) == {"index.search", "torch"}
    hidden = "import typing\nif typing.TYPE_CHECKING:\n    import torch\n\n\ndef f():\n    import chromadb"
    assert [n.names[0].name for n in at_import(ast.parse(hidden)) if isinstance(n, ast.Import)] == ["typing"]
