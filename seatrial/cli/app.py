"""The commands, loaded when they are called, and what happens when one ends badly."""

from __future__ import annotations

import codecs
import errno
import importlib
import io
import os
import signal
import sys
import tempfile
import traceback

import click

HOLDS, FINDINGS, USAGE, BUG, INCONCLUSIVE = 0, 1, 2, 3, 4
INTERRUPTED = 130

_ENDINGS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    # Whoever started us with a signal ignored (nohup) means it to stay so.
    if hasattr(signal, name) and signal.getsignal(getattr(signal, name)) is not signal.SIG_IGN
)

_COMMANDS = {
    "init": "Write a first spec that is proved, from a few answers.",
    "import": "Write a spec from Kubernetes, Istio and KEDA manifests.",
    "check": "Prove a spec's guarantees, or refute them with a witness.",
    "fmt": "Rewrite specs in the one canonical style.",
    "convert": "Write a spec as YAML, as JSON or as text.",
    "schema": "Print the JSON Schema of specs in YAML and JSON.",
    "explain": "Tell what a diagnostic code means, with an example.",
    "headroom": "Tell how far the world can move before a guarantee falls.",
    "simulate": "Show what an autoscaler does on the worst course of demand.",
    "compile": "Write Kubernetes, Istio, Envoy, Prometheus and runtime configuration.",
    "diff": "Compare manifests or a live cluster with what a spec says.",
    "trial": "Run the compiled fleet on this machine under load and faults.",
    "undo": "Undo the faults that a broken-off trial left behind.",
    "lsp": "Serve editors: diagnostics, hover, completion, renaming and repairs.",
    "completion": "Print the completion script of a shell.",
}

_MODULES = {"import": "importing"}
"""Where a command's name cannot be a module's."""
_ESCAPED = "seatrial-escaped"
"""The name of our way with what an encoding cannot say."""


_OF_THE_PLACE = (errno.ENAMETOOLONG, errno.EACCES, errno.EPERM, errno.EROFS, errno.ELOOP)
"""What is wrong with the name of a file or with the folder it is in, whatever is done to it."""


class _Lazy(click.Group):
    """Imports a command's module only when it is called or asked for help."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f".{_MODULES.get(cmd_name, cmd_name)}", __package__)
        command: click.Command = module.command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        from difflib import get_close_matches

        if args and args[0] not in _COMMANDS and not args[0].startswith("-"):
            close = get_close_matches(args[0], _COMMANDS, n=1)
            hint = f" Did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"There is no command '{args[0]}'.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # From the table, so that --help imports no command.
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(None, "-V", "--version", package_name="seatrial", message="seatrial %(version)s")
def cli() -> None:
    """Prove, compile and try the policy of a fleet of software agents.

    \b
    A first voyage:
      seatrial init desk.fleet
      seatrial check desk.fleet
      seatrial compile desk.fleet --out deploy
      seatrial trial desk.fleet

    Exit codes: 0 holds, 1 findings or a failed verdict, 2 usage or unreadable input, 3 a bug of ours, 4 inconclusive,
    130 interrupted.
    """


def run(arguments: list[str]) -> int:
    """Runs a command line and gives its exit code; a traceback is kept for our mistakes, none is shown for a user's."""
    _open_streams()
    try:
        _none_is_empty(arguments)
        end_in_order()
        result = cli.main(arguments, prog_name="seatrial", standalone_mode=False)
        if not sys.stdout.closed:
            # The language server has closed it when its editor has said goodbye.
            sys.stdout.flush()
    except click.ClickException as error:
        error.show()
        return USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader has gone (`seatrial check … | head`); nothing more can be said to it.
        _silence_output()
        return FINDINGS
    except OSError as error:
        if error.filename is not None and error.errno in _OF_THE_PLACE:
            click.echo(f"seatrial: {error.filename}: {error.strerror}; name another place, or mend that", err=True)
            return USAGE
        if error.errno != errno.ENOSPC:
            return _bug(error)
        _silence_output()
        click.echo(f"seatrial: the output cannot be written: {error.strerror}", err=True)
        return USAGE
    except Exception as error:
        return _bug(error)
    return result if isinstance(result, int) else HOLDS


def _none_is_empty(arguments: list[str]) -> None:
    """An empty word would be read as this folder, or as no environment; it is the trace of something forgotten."""
    for word, before in zip(arguments, ("", *arguments), strict=False):
        if not word or (word.startswith("--") and word.endswith("=") and "--" not in arguments):
            where = f"after {before}" if not word and before else f"in {word}" if word else "at the first place"
            raise click.UsageError(f"The argument {where} is empty: is a variable of your shell not set?")


def end_in_order() -> None:
    """From now on SIGINT, SIGTERM and SIGHUP end the command in order: drafts are removed, faults are undone, children
    end.

    While the command is still imported, SIGINT ends it at once. Python's own answer to the other two is to be gone at
    once as well, and an event loop that has ended puts the answers back that it found.
    """
    for number in _ENDINGS:
        signal.signal(number, signal.default_int_handler)


def _open_streams() -> None:
    """A shell can close a stream (`2>&-`), and Python then has None in its place. The name of a file may be no text:
    its bytes are written to stdout as they are. What an encoding cannot say is escaped, on stderr by Python itself.
    """
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, io.StringIO())
        elif name == "stdout" and isinstance(stream, io.TextIOWrapper):
            codecs.register_error(_ESCAPED, _escaped)
            stream.reconfigure(errors=_ESCAPED)


def _escaped(error: UnicodeError) -> tuple[str | bytes, int]:
    try:
        return codecs.lookup_error("surrogateescape")(error)
    except UnicodeEncodeError:
        return codecs.backslashreplace_errors(error)


def _silence_output() -> None:
    """What is still buffered goes nowhere, so that Python's own flush at the end does not fail again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _bug(error: Exception) -> int:
    trace = traceback.format_exc()
    with tempfile.NamedTemporaryFile("w", prefix="seatrial-", suffix=".log", delete=False) as log:
        log.write(trace)
    click.echo(
        f"seatrial: this is a bug of ours: {type(error).__name__}: {error}\n"
        f"  what happened stands in {log.name}; please send it with the spec that caused it",
        err=True,
    )
    return BUG
