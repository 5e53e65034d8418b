"""The command line. Answers go to stdout, everything else to stderr; `assistant --help` lists the exit codes."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from assistant.cli.common import (
    AirgapFlag,
    CheckFlag,
    EmptyFlag,
    ForceOption,
    GoldArgument,
    HostOption,
    IndexOption,
    InputOption,
    JsonOption,
    NoIndexFlag,
    PeriodOption,
    PortOption,
    QuestionArgument,
    RegisterOption,
    SourceIndexArgument,
    SourcesOption,
    TargetIndexArgument,
    TemplateFlag,
    TrecOption,
    app,
    exit_on_bug,
    settings_of,
)
from assistant.errors import naming_extra


@app.command()
def index(
    context: typer.Context, *, sources: SourcesOption = None, index: IndexOption = None, allow_empty: EmptyFlag = False
) -> None:
    """Build or update the index.

    Reads only the sources that are new or have changed. Sources that cannot be indexed are listed with the reason, and
    do not stop the others. If none can be read, an index that exists stays as it is. The exit code is then 3.

    \b
    Example:
      assistant index --sources reports --index reports-index
    """
    from assistant.cli.index import summary, update_index

    settings = settings_of(context, sources=sources, index=index)
    typer.echo(summary(update_index(settings, allow_empty=allow_empty)))


@app.command()
def copy_index(context: typer.Context, source: SourceIndexArgument, target: TargetIndexArgument) -> None:
    """Copy an index between a folder and a database, or between two of either.

    Checks every sentence and vector, embeds nothing, and compares the digests. Both must be of one embedding model.

    \b
    Example:
      assistant copy-index .index postgresql://writer@db.northshire.example/assessments
    """
    from assistant.cli.index import copy

    typer.echo(copy(settings_of(context), source, target))


@app.command()
def ask(
    context: typer.Context,
    question: QuestionArgument = None,
    input_file: InputOption = None,
    *,
    as_json: JsonOption = False,
    force: ForceOption = None,
    period: PeriodOption = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Answer a question with quoted sentences, or say why not.

    Builds the index first if there is none, and updates it if the sources have changed. With --json, prints each Answer
    as one JSON object per line (see docs/answer.schema.json).

    \b
    Examples:
      assistant ask "Who wrote this assessment?"
      assistant ask --force "Northshire Constabulary" --period 2018/19 "How safe is custody?"
      assistant ask --input questions.jsonl --json > answers.jsonl

    A line of an input file is {"id": "1", "question": "...", "history": [{"role": "user", "text": "..."}]}; the history
    is optional. Unreadable lines are reported on stderr and the others are answered; the exit code is then 2.
    """
    from assistant.cli.ask import ask_lines, ask_one
    from assistant.filter import Filter

    words = " ".join(question or [])
    if bool(words) == bool(input_file):
        raise typer.BadParameter("Give either a question or --input FILE.")
    settings = settings_of(context, sources=sources, index=index)
    within = Filter(tuple(force or ()), tuple(period or ()))
    if input_file:
        raise typer.Exit(ask_lines(settings, input_file, within, as_json=as_json))
    raise typer.Exit(ask_one(settings, words, within, as_json=as_json))


@app.command()
def register(
    context: typer.Context,
    force: ForceOption = None,
    period: PeriodOption = None,
    output: RegisterOption = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """List causes of concern, areas for improvement and recommendations, with citations.

    Lists every sentence that names one, is under a heading that names one, or continues such a sentence, in the words
    of the source. The Word document has numbered footnotes. All files have empty columns for a local policing body's
    comments and their date. The exit code is 1 if nothing was found.

    \b
    Examples:
      assistant register --force "Northshire Constabulary" --period 2021/22 --output register.docx
    """
    from assistant.cli.ask import write_register
    from assistant.filter import Filter

    settings = settings_of(context, sources=sources, index=index)
    raise typer.Exit(write_register(settings, Filter(tuple(force or ()), tuple(period or ())), output))


@app.command()
def serve(
    context: typer.Context,
    host: HostOption = None,
    port: PortOption = None,
    *,
    indexing: NoIndexFlag = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat page, by default to this machine only. Ctrl-C stops it.

    With --no-index it serves what `assistant index` publishes in another process. Several can share one index folder.
    """
    from assistant.cli.index import open_with_index
    from assistant.web.process import prepare_process
    from assistant.web.server import serve as serve_page

    settings = settings_of(context, host=host, port=port, sources=sources, index=index, indexing=indexing)
    prepare_process()
    serve_page(open_with_index(settings), settings)


@app.command()
def mcp(context: typer.Context, sources: SourcesOption = None, index: IndexOption = None) -> None:
    """Serve tools to an AI assistant by the Model Context Protocol, on stdin and stdout.

    The tools return cited sentences only; docs/interface.md lists them. Needs the extra `mcp`.
    """
    from assistant.cli.index import open_with_index

    settings = settings_of(context, sources=sources, index=index)
    with naming_extra("mcp"):
        from assistant.web.api.mcp import make_server
    make_server(open_with_index(settings)).run("stdio")


@app.command()
def sources(
    context: typer.Context,
    *,
    check: CheckFlag = False,
    template: TemplateFlag = False,
    as_json: JsonOption = False,
    sources: SourcesOption = None,
) -> None:
    """List the sources with their metadata, its origin and any problems.

    Reads the files, not the index. Reports sources that cannot be read, sources whose force or period is unknown,
    catalogue entries without a file, and pairs of sources with nearly the same text of which either may be the later.
    Do not redirect the output of --template to catalogue.toml itself, because it is made from that file.

    \b
    Examples:
      assistant sources --template > new.toml
    """
    from assistant.cli.sources import list_sources, print_template

    if template and (check or as_json):
        raise typer.BadParameter("--template cannot be combined with --check or --json")
    settings = settings_of(context, sources=sources)
    if template:
        print_template(settings)
    else:
        raise typer.Exit(list_sources(settings, check=check, as_json=as_json))


@app.command()
def verify(
    context: typer.Context,
    answers: Annotated[str, typer.Argument(metavar="ANSWERS", help="File of Answers in JSON; - reads stdin.")],
    sources: SourcesOption = None,
) -> None:
    """Check every quotation in saved answers against the sources.

    Reads the source of each quotation again: the file must have the recorded SHA-256 and contain the quotation at the
    recorded position. Failures are listed with the reason, and the exit code is then 4.

    \b
    Examples:
      assistant ask --json "Who wrote this assessment?" > answer.json
      assistant verify answer.json --sources reports
    """
    from assistant.cli.verify import verify_file

    raise typer.Exit(verify_file(answers, settings_of(context, sources=sources).sources))


@app.command()
def evaluate(
    context: typer.Context,
    questions: GoldArgument,
    *,
    as_json: JsonOption = False,
    trec: TrecOption = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Measure the answers to questions whose right answers are known.

    Without --sources, a folder named `sources` next to the file is used if there is one, with its own index. A line is
    {"id", "question", "history"?, "type"?, "answerable", "evidence": [[{"source", "quote"}, ...], ...]}. `evidence` is
    a list of facts; one is found when any of its quotations is cited. docs/measures.md defines the measures.

    \b
    Example:
      assistant evaluate tests/golden/northshire/questions.jsonl
    """
    from assistant.cli.evaluate import score_file

    own_sources = questions.parent / "sources"
    chosen = own_sources if sources is None and own_sources.is_dir() else sources
    score_file(questions, settings_of(context, sources=chosen, index=index), as_json=as_json, trec=trec)


@app.command()
def doctor(
    context: typer.Context,
    *,
    airgap: AirgapFlag = False,
    as_json: JsonOption = False,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Report what is installed and whether questions can be answered.

    Prints versions, models, the index, whether it is up to date with the sources, and each setting with its origin.
    The exit code is 0 if questions can be answered, else 3; with --airgap, if no feature can contact another machine,
    else 5.
    """
    from assistant.cli.doctor import report, report_contacts

    settings = settings_of(context, sources=sources, index=index)
    raise typer.Exit((report_contacts if airgap else report)(settings, as_json=as_json))


def main() -> None:
    """Runs the command line; the entry point of the `assistant` script."""
    sys.excepthook = exit_on_bug
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # text streams
    typer.main.get_command(app)(prog_name="assistant")
