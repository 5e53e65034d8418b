"""The command line. Answers on stdout, everything else on stderr; every way to end has an exit code of its own."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from assistant.cli.common import Commands, IndexOption, JsonOption, SourcesOption, bug, settings_of

app = typer.Typer(
    cls=Commands,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@app.callback()
def assistant(
    context: typer.Context,
    config: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Settings in TOML.", show_default="assistant.toml, if there")
    ] = None,
) -> None:
    """Answer questions about inspection assessments in the inspectors' own sentences, each one cited.

    \b
    Start here:
      assistant ask "What did the inspector say about serious and organised crime?"
      assistant serve

    Answers go to stdout; progress, notes and errors to stderr. A setting is taken from an option, else from the
    environment variable ASSISTANT_<NAME>, else from assistant.toml, else its default; `assistant doctor` lists them.

    \b
    Exit codes:
      0    done; for `ask`, answered
      1    `ask`: not answered, the reason is printed
      2    the command, a setting or a line of an input file is wrong
      3    the sources, the index or the embedding model is missing or broken
      4    `verify`: a quotation is not what its source says
      5    `doctor --airgap`: something could contact another machine
      70   a bug: please report the traceback
      130  interrupted
    """
    context.obj = config


@app.command()
def index(context: typer.Context, sources: SourcesOption = None, index: IndexOption = None) -> None:
    """Take the transcripts in: build the index, or bring it up to date.

    Only what is new or changed is read again. A file that cannot be taken in is named with the reason, and the others
    go on; the exit code is 3 only when there is nothing at all to search.

    \b
    Example:
      assistant index --sources reports --index reports-index
    """
    from assistant.cli.index import summary, update_index

    typer.echo(summary(update_index(settings_of(context, sources=sources, index=index))))


@app.command()
def ask(
    context: typer.Context,
    question: Annotated[
        list[str] | None, typer.Argument(metavar="QUESTION", help="The question; - reads it from stdin.")
    ] = None,
    input_file: Annotated[
        str | None,
        typer.Option("--input", metavar="FILE", help="Ask every line of a JSON Lines file; - reads stdin."),
    ] = None,
    *,
    as_json: JsonOption = False,
    force: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Look only at this force's assessments; may be repeated.")
    ] = None,
    period: Annotated[
        list[str] | None, typer.Option(metavar="PERIOD", help="Look only at this inspection period; may be repeated.")
    ] = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Answer a question with cited sentences, or say why not.

    The index is made first if there is none, and brought up to date if the sources have changed. With --json an
    Answer is printed as one JSON object a line (docs/answer.schema.json describes it).

    \b
    Examples:
      assistant ask "Who wrote this assessment?"
      assistant ask --json "What concerns were there about integrity?"
      assistant ask --force "Northshire Constabulary" --period 2018/19 "How safe is custody?"
      echo "Which forces does it work with?" | assistant ask -
      assistant ask --input questions.jsonl --json > answers.jsonl

    A line of an input file is {"id": "1", "question": "...", "history": [{"role": "user", "text": "..."}]}, the history
    optional. A line that cannot be read is reported on stderr and the rest are answered; the exit code is then 2.
    """
    from assistant.cli.ask import ask_lines, ask_one
    from assistant.filter import Filter

    words = " ".join(question or [])
    if bool(words) == bool(input_file):
        raise typer.BadParameter("give a question, or --input FILE, and not both")
    settings = settings_of(context, sources=sources, index=index)
    within = Filter(tuple(force or ()), tuple(period or ()))
    if input_file:
        raise typer.Exit(ask_lines(settings, input_file, within, as_json=as_json))
    raise typer.Exit(ask_one(settings, words, within, as_json=as_json))


@app.command()
def register(
    context: typer.Context,
    force: Annotated[list[str] | None, typer.Option(metavar="NAME", help="Only this force's; may be repeated.")] = None,
    period: Annotated[
        list[str] | None, typer.Option(metavar="PERIOD", help="Only this inspection period's; may be repeated.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A file ending in .docx, .xlsx or .csv.", show_default="stdout, as text"),
    ] = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """List the causes of concern and areas for improvement that the assessments name, each one cited.

    Every sentence that names one, stands under a heading that does, or goes on about one, in the source's own words. A
    Word document has numbered footnotes; all formats but text have empty columns for a local policing body's comments
    and their date. The exit code is 1 when nothing was found.

    \b
    Examples:
      assistant register --force "Northshire Constabulary"
      assistant register --force "Northshire Constabulary" --period 2021/22 --output register.docx
    """
    from assistant.cli.register import write_register
    from assistant.filter import Filter

    settings = settings_of(context, sources=sources, index=index)
    raise typer.Exit(write_register(settings, Filter(tuple(force or ()), tuple(period or ())), output))


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to serve on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to serve on; 0 takes a free one.", show_default="7860")] = None,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Serve the chat page, on this machine only unless told otherwise. Ctrl-C stops it."""
    from assistant.cli.index import open_with_index
    from assistant.web.server import limit_malloc_arenas
    from assistant.web.server import serve as serve_page

    settings = settings_of(context, host=host, port=port, sources=sources, index=index)
    limit_malloc_arenas()
    serve_page(open_with_index(settings), settings)


@app.command()
def sources(
    context: typer.Context,
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Print only what is wrong; the exit code is 3 if anything is.")
    ] = False,
    template: Annotated[
        bool, typer.Option("--template", help="Print a catalogue.toml with what is not known, to be filled in.")
    ] = False,
    as_json: JsonOption = False,
    sources: SourcesOption = None,
) -> None:
    """List the sources: what is known of each, whether from its text or from the catalogue, and what is wrong.

    The files are read as they are now; the index is not used. Wrong is a source that cannot be read or whose force or
    period is not known, an entry of the catalogue for no file, and two sources that say the same where nothing tells
    which is the later. A template is not to be written onto the catalogue itself, which it is made from.

    \b
    Examples:
      assistant sources --check
      assistant sources --template > new.toml
    """
    from assistant.cli.sources import list_sources, print_template

    if template and (check or as_json):
        raise typer.BadParameter("--template cannot be had with --check or --json")
    settings = settings_of(context, sources=sources)
    if template:
        print_template(settings)
    else:
        raise typer.Exit(list_sources(settings, check=check, as_json=as_json))


@app.command()
def verify(
    context: typer.Context,
    answers: Annotated[str, typer.Argument(metavar="ANSWERS", help="A file of Answers as JSON; - reads stdin.")],
    sources: SourcesOption = None,
) -> None:
    """Check every quotation of saved answers against the sources.

    The index is not used. The source of each quotation is read again: the file must have the recorded SHA-256 and hold
    the quotation at the recorded place. What fails is named with the reason, and the exit code is 4.

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
    questions: Annotated[
        Path, typer.Argument(metavar="QUESTIONS", help="Gold questions as JSON Lines.", exists=True, dir_okay=False)
    ],
    *,
    as_json: JsonOption = False,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Score this system on questions whose answers are known.

    Without --sources, a folder `sources` beside the file is used if there is one, with an index of its own. A line is
    {"id", "question", "history"?, "type"?, "answerable", "evidence": [[{"source", "quote"}, ...], ...]}: a list of
    facts, of which each is found when any one of its quotations is cited. docs/measures.md defines the measures.

    \b
    Example:
      assistant evaluate tests/golden/northshire/questions.jsonl
    """
    from assistant.cli.evaluate import score_file

    beside = questions.parent / "sources"
    chosen = beside if sources is None and beside.is_dir() else sources
    score_file(questions, settings_of(context, sources=chosen, index=index), as_json=as_json)


@app.command()
def doctor(
    context: typer.Context,
    *,
    airgap: Annotated[
        bool, typer.Option("--airgap", help="Instead, list each feature that could contact anything, and its setting.")
    ] = False,
    as_json: JsonOption = False,
    sources: SourcesOption = None,
    index: IndexOption = None,
) -> None:
    """Say what is installed and in use, and whether it works.

    It names the versions, the model and its digest, what the index holds and whether the sources still match it, and
    each setting with where its value came from. The exit code is 0 when questions can be answered, else 3; with
    --airgap, 0 when nothing can contact anything off this machine, else 5.
    """
    from assistant.cli.doctor import report, report_contacts

    settings = settings_of(context, sources=sources, index=index)
    raise typer.Exit((report_contacts if airgap else report)(settings, as_json=as_json))


def main() -> None:
    """The console script."""
    sys.excepthook = bug
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # text streams
    typer.main.get_command(app)(prog_name="assistant")


if __name__ == "__main__":
    main()
