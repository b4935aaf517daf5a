"""`seatrial compile`: the documents of a proved spec, into a folder."""

from __future__ import annotations

from pathlib import Path

import click

from seatrial import __version__
from seatrial.compiler.pipeline import plan
from seatrial.dsl.suppress import idle, mark
from seatrial.targets import ASKED_FOR, NAMES, USUAL, emit_all, render

from .app import FINDINGS, HOLDS, USAGE
from .files import NotOurs, write_folder
from .formats_text import summary
from .paint import show
from .refusal import Refused
from .specs import Choices, loaded, spec_options
from .standard_input import agree, named, stdin_option


@click.command("compile")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The folder to write; replaced as a whole.")
@click.option("--target", "targets", multiple=True, type=click.Choice(NAMES), help="Only these (repeatable).")
@click.option("--with", "also", multiple=True, type=click.Choice(ASKED_FOR), help="These too (repeatable).")
@spec_options
@stdin_option
@click.option("--even-if-refuted", is_flag=True, help="Write the documents of a spec that does not hold.")
@click.option(
    "--explain",
    "wanted",
    metavar="DOCUMENT",
    help="Write nothing; show for each field of deployment/NAME, hpa/NAME … or a path which clause it comes from.",
)
@click.option("--format", "style", type=click.Choice(("text", "json")), default="text", help="How to print that.")
def command(
    spec: Path,
    out: Path | None,
    targets: tuple[str, ...],
    also: tuple[str, ...],
    choices: Choices,
    stdin_name: str | None,
    even_if_refuted: bool,
    wanted: str | None,
    style: str,
) -> int:
    """Check SPEC and write its Kubernetes, Istio, Envoy, Prometheus and runtime
    configuration to a folder.

    `kubectl apply -k DIR` applies it. Two runs write the same bytes. A refuted spec is not written.
    `-` reads stdin.
    """
    if out is None and wanted is None:
        raise click.UsageError("Missing option '-o' / '--out': the folder to write.")
    agree((spec,), stdin_name)
    given = loaded(spec, choices, stdin_name)
    shown = named(spec, stdin_name)
    for diagnostic in given.checked.diagnostics:
        if diagnostic.guarantee or not diagnostic.allowed:
            show(diagnostic)
    made = plan(given.checked, given.assets, __version__)
    if made is None:
        click.echo(f"{shown}: not readable, nothing written", err=True)
        return USAGE
    names = (*(targets or USUAL), *also)
    if wanted is not None:
        from .explaining import explained

        return explained(given, made, names, wanted, style)
    assert out is not None, "refused above"
    if given.checked.verdict == "infeasible" and not even_if_refuted:
        click.echo(
            f"{shown}: {summary(given.checked)}; nothing written (--even-if-refuted writes it all the same)", err=True
        )
        return FINDINGS
    documents, found = emit_all(made, names)
    found = mark(given.checked.allowances, found)
    if not targets:
        # Only with all of them is it known that nothing of a target is left to allow.
        found = (*found, *idle(given.checked.allowances, found, later=True))
    for diagnostic in found:
        if not diagnostic.allowed:
            show(diagnostic)
    if any(one.is_error for one in found):
        click.echo(f"{shown}: nothing written", err=True)
        return FINDINGS
    try:
        write_folder(out, {document.path: render(document, made) for document in documents})
    except NotOurs as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise Refused(f"{out}: {error.strerror or error}") from None
    click.echo(f"{shown}: {summary(given.checked)}")
    click.echo(f"wrote {len(documents)} documents to {out}")
    return HOLDS
