"""`seatrial check`: the verdict on each guarantee, for people and for machines."""

from __future__ import annotations

import contextlib
from pathlib import Path

import click

from seatrial import cache
from seatrial.texts import Unreadable

from .app import FINDINGS
from .colour import colourless
from .files import write_one
from .formats import FORMATS
from .ranges import Number
from .refusal import Refused
from .specs import Choices, spec_options, specs_of, uncollected
from .standard_input import DASH, agree, stdin_option, text_given


@click.command("check")
@click.argument("specs", nargs=-1, type=click.Path(path_type=Path), metavar="SPEC...")
@click.option(
    "--manifests",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Check what `seatrial import` would make of the manifests there (repeatable).",
)
@click.option("--format", "style", type=click.Choice(FORMATS), default="text", help="How to print the result.")
@click.option("--output", type=click.Path(path_type=Path), metavar="FILE", help="Write the report to a file.")
@click.option("--show-defaults", is_flag=True, help="Also every value that nobody wrote, with its source (text, json).")
@click.option("--no-cache", is_flag=True, help="Check again, even if nothing has changed since the last time.")
@click.option(
    "--solver-seconds",
    type=Number(min=0, max=86_400, min_open=True),
    default=10.0,
    show_default=True,
    metavar="SECONDS",
    help="What the solver may take for one guarantee before it is ended and the guarantee is unknown.",
)
@click.option(
    "--emit-smt",
    "smt",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Write each guarantee as SMT-LIB 2.6 to a folder, for any other solver; replaced as a whole.",
)
@click.option("--what-if", "clauses", multiple=True, metavar="CLAUSE", help="What would change if the spec said this.")
@click.option("--fix", is_flag=True, help="Apply repairs that keep what is promised, and check again.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix: also what promises less, such as a higher budget.")
@click.option("--alternative", type=click.IntRange(min=1), metavar="N", help="With --fix: the N-th repair of each.")
@click.option("--ask", is_flag=True, help="With --fix: choose each repair.")
@click.option("--diff", is_flag=True, help="With --fix: print what would change instead of writing it.")
@spec_options
@stdin_option
@click.option("-q", "--quiet", is_flag=True, help="Only what is not proved.")
@click.option("-v", "--verbose", is_flag=True, help="Also which clause binds, what would next, and the worst case.")
def command(
    specs: tuple[Path, ...],
    manifests: tuple[Path, ...],
    style: str,
    output: Path | None,
    show_defaults: bool,
    no_cache: bool,
    solver_seconds: float,
    smt: Path | None,
    clauses: tuple[str, ...],
    fix: bool,
    unsafe_fixes: bool,
    alternative: int | None,
    ask: bool,
    diff: bool,
    choices: Choices,
    stdin_name: str | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Prove each guarantee of SPEC from its assumptions and policies, or refute it with a witness. `-` reads stdin.

    A folder stands for all specs in it. A file without a fleet that another one uses is checked there.

    Exit code 0: all proved or allowed. 1: something is refuted or unknown. 2: a spec cannot be read.
    """
    if show_defaults and style not in ("text", "json"):
        raise click.UsageError(f"--show-defaults is told as text or json, not as {style}.")
    if not specs and not manifests:
        raise click.UsageError("Missing argument 'SPEC...'.")
    if verbose and (quiet or style != "text"):
        raise click.UsageError("--verbose adds to the text; --quiet leaves it out, and --format json has all of it.")
    agree(specs, stdin_name)
    specs = specs_of(specs)
    if not fix and (unsafe_fixes or alternative or ask or diff):
        raise click.UsageError("--unsafe-fixes, --alternative, --ask and --diff say how to --fix; add --fix.")
    if manifests:
        if specs or clauses or fix:
            raise click.UsageError("--manifests are checked by themselves; `seatrial import` writes a spec of them.")
        return _imported(manifests, choices, style, (quiet, show_defaults, verbose), solver_seconds, smt, output)
    if diff and (style != "text" or output is not None):
        raise click.UsageError("--diff prints a diff for `patch`; --format and --output do not go with it.")
    if clauses:
        if len(specs) != 1 or fix or style not in ("text", "json"):
            raise click.UsageError("--what-if takes one spec, as text or json, and changes nothing: no --fix with it.")
        if output is not None or smt is not None or show_defaults or quiet or verbose:
            others = "--output, --emit-smt, --show-defaults, --quiet and --verbose"
            raise click.UsageError(f"--what-if prints what would change and no report: {others} do not go with it.")
        from .what_if import told

        return told(specs[0], choices, clauses, style, stdin_name, solver_seconds)
    untouched = ""
    if fix:
        changed, untouched = _fixed(specs, choices, unsafe_fixes, alternative, ask, diff)
        if changed and diff:
            click.echo(untouched, nl=False, err=True)
            return FINDINGS
        # Without a change to show, what is not proved is told, and the exit code is that of the check.
        quiet = quiet or diff
    question = [
        [str(path) for path in specs],
        choices.question,
        style,
        quiet,
        verbose,
        show_defaults,
        solver_seconds,
        colourless(),
        [stdin_name, _given(specs, stdin_name)],
    ]
    answer = None if no_cache or smt is not None else cache.recall(question)
    if answer is None:
        with uncollected():
            # Some six hundred modules, and none of them garbage: the collector takes a tenth of what they do.
            from .checking import answered
            from .formats_text import Shown

        answer, files = answered(
            specs, choices, style, Shown(quiet, show_defaults, verbose), solver_seconds, stdin_name, smt
        )
        if files is not None and not no_cache:
            cache.keep(question, files, answer)
    if diff:
        click.echo(answer.aside + answer.report + untouched, nl=False, err=True)
        return answer.code
    code = _told(answer, output)
    click.echo(untouched, nl=False, err=True)
    return code


def _told(answer: cache.Answer, output: Path | None) -> int:
    click.echo(answer.parts, nl=False, err=True)
    if output is not None:
        write_one(output, click.unstyle(answer.aside + answer.report).encode())
        click.echo(answer.conclusion, nl=False)
        return answer.code
    click.echo(answer.aside, nl=False, err=True)
    click.echo(answer.report, nl=False)
    return answer.code


def _imported(
    manifests: tuple[Path, ...],
    choices: Choices,
    style: str,
    how: tuple[bool, bool, bool],
    seconds: float,
    smt: Path | None,
    output: Path | None,
) -> int:
    """Checks the spec that an import would write. What it does not carry is told aside. `how` is as `Shown`."""
    from .checking import answered
    from .formats_text import Shown
    from .importing import NAME, imported, told

    made = imported(manifests)
    for line in told(made):
        click.echo(line, err=True)
    click.echo(err=True)
    answer, _ = answered((Path(NAME),), choices, style, Shown(*how), seconds, smt=smt, text=made.text)
    # What is proved of one owner says nothing where there are two.
    return _told(answer, output) or int(bool(made.reading.clashes))


def _fixed(
    specs: tuple[Path, ...], choices: Choices, unsafe: bool, alternative: int | None, asked: bool, diff: bool
) -> tuple[bool, str]:
    """Applies repairs to each spec, or shows what they would be; whether there are any, and why others were left."""
    from seatrial.dsl.diagnostics.render import printable
    from seatrial.loading import parts_among

    from .fixing import ask, first, fixed

    if any(str(spec) == DASH for spec in specs):
        raise Refused("--fix writes files, and standard input is none")
    if asked and (alternative or unsafe):
        raise click.UsageError("--ask shows all repairs; it takes neither --alternative nor --unsafe-fixes.")
    changed, untouched = False, ""
    parts = parts_among(specs) if len(specs) > 1 else {}
    for spec in (one for one in specs if one not in parts):
        work = fixed(spec, choices, ask if asked else first(unsafe, alternative or 1))
        for line in work.done:
            click.echo(f"{'would fix' if diff else 'fixed'} {line}", err=True)
        if not asked and (why := work.untouched(unsafe, alternative or 1)):
            untouched += f"{printable(str(spec))}: {why}\n"
        changed = changed or bool(work.texts)
        if diff:
            click.echo(work.diff(), nl=False)
        else:
            work.write()
    return changed, untouched


def _given(specs: tuple[Path, ...], stdin_name: str | None) -> str | None:
    # What is no text is told in the report, as of a file.
    with contextlib.suppress(Unreadable):
        return next((text_given(path, stdin_name) for path in specs if str(path) == DASH), None)
    return None
