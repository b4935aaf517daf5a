"""`seatrial compile`: the documents of a proved spec, into a folder."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from seatrial.compiler.verify.words import counted
from seatrial.targets import ASKED_FOR, NAMES, render

from .app import HOLDS
from .files import Edited, NotOurs, keep_edits, may_replace, write_folder
from .made import Made, Teller, Wanted, documents, planned, told
from .refusal import Refused, not_written
from .specs import Choices, spec_options
from .standard_input import DASH, agree, stdin_option


@click.command("compile")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option("-o", "--out", type=click.Path(path_type=Path), help="The folder to write; replaced as a whole.")
@click.option("--target", "targets", multiple=True, type=click.Choice(NAMES), help="Only these (repeatable).")
@click.option("--with", "also", multiple=True, type=click.Choice(ASKED_FOR), help="These too (repeatable).")
@spec_options
@stdin_option
@click.option("--even-if-refuted", is_flag=True, help="Write the documents of a spec that does not hold.")
@click.option("--overlays", is_flag=True, help="Write base/ and overlays/NAME/ for each environment, for Kustomize.")
@click.option("--prune-plan", is_flag=True, help="Also tell which objects DIR held that are no longer emitted.")
@click.option("--force", is_flag=True, help="Replace documents in DIR that were edited by hand, too.")
@click.option("--dry-run", is_flag=True, help="Write nothing, and tell what would be written.")
@click.option(
    "--explain",
    "wanted",
    metavar="DOCUMENT",
    help="Write nothing; show for each field of deployment/NAME, hpa/NAME … or a path which clause it comes from.",
)
@click.option(
    "--format",
    "style",
    type=click.Choice(("text", "json")),
    default="text",
    help="How to print what --explain or --prune-plan tell.",
)
def command(
    spec: Path,
    out: Path | None,
    targets: tuple[str, ...],
    also: tuple[str, ...],
    choices: Choices,
    stdin_name: str | None,
    even_if_refuted: bool,
    overlays: bool,
    prune_plan: bool,
    force: bool,
    dry_run: bool,
    wanted: str | None,
    style: str,
) -> int:
    """Check SPEC and write its Kubernetes, Istio, Envoy, Prometheus and runtime
    configuration to a folder.

    `kubectl apply -k DIR` applies it. Two runs write the same bytes. A refuted spec is not written;
    one of which something is unknown is, and what is told. `-` reads stdin.
    """
    if out is None and wanted is None:
        raise click.UsageError("Missing option '-o' / '--out': the folder to write.")
    if wanted is not None and out is not None:
        raise click.UsageError("--explain writes nothing; leave out --out, or leave out --explain.")
    if wanted is not None and (overlays or prune_plan):
        raise click.UsageError("--explain is about one document; leave out --overlays and --prune-plan.")
    if overlays and choices.environment is not None:
        raise click.UsageError("--overlays writes all environments; leave out --env, or leave out --overlays.")
    if style != "text" and wanted is None and not prune_plan:
        raise click.UsageError("--format is of what --explain or --prune-plan tell.")
    agree((spec,), stdin_name)
    asked = Wanted(spec, stdin_name, targets, also, even_if_refuted)
    if wanted is not None:
        found = planned(asked, choices, Teller(set()))
        if isinstance(found, int):
            return found
        from .explaining import explained

        return explained(*found, asked.names, wanted, style)
    assert out is not None, "refused above"
    # Before anything is looked into: what it takes seconds to make would go nowhere.
    with _refusing(out):
        may_replace(out)
    made = _all(asked, choices, overlays)
    if isinstance(made, int):
        return made
    files = _overlaid(made) if overlays else _rendered(made[choices.environment])
    # In JSON the answer stands alone on standard output.
    said = [told(asked, replace(choices, environment=name), one) for name, one in made.items()]
    said.append(f"{'would write' if dry_run else 'wrote'} {counted(len(files), 'document')} to {out}")
    try:
        with _refusing(out):
            if not force:
                keep_edits(out, files)
            answer = _pruned(out, files, style) if prune_plan else ""
            if not dry_run:
                write_folder(out, files)
    except Edited as error:
        raise Refused(_kept(error, spec, choices, overlays)) from None
    click.echo("".join(f"{line}\n" for line in said), nl=False, err=style != "text")
    click.echo(answer, nl=False)
    return HOLDS


@contextmanager
def _refusing(out: Path) -> Iterator[None]:
    try:
        yield
    except Edited:
        raise
    except NotOurs as error:
        raise Refused(str(error)) from None
    except OSError as error:
        raise not_written(out, error) from None


def _all(asked: Wanted, choices: Choices, overlays: bool) -> dict[str | None, Made] | int:
    """By environment, None for the spec without one. One that cannot be written and none is."""
    teller = Teller(set())
    first = documents(asked, choices, teller)
    if isinstance(first, int):
        return first
    made: dict[str | None, Made] = {choices.environment: first}
    if overlays:
        names = first.given.checked.reading.environments
        if not any(one.path == "kustomization.yaml" for one in first.documents):
            raise Refused("--overlays is for objects of a cluster, and none of these targets writes one")
        if not names:
            raise Refused(
                f"{asked.spec}: declares no environment, so there is nothing to overlay; leave out --overlays"
            )
        for name in names:
            one = documents(asked, replace(choices, environment=name), teller)
            if isinstance(one, int):
                return one
            made[name] = one
    return made


def _rendered(made: Made) -> dict[str, bytes]:
    return {one.path: render(one, made.plan) for one in made.documents}


def _overlaid(made: Mapping[str | None, Made]) -> dict[str, bytes]:
    from seatrial.targets.overlays import as_base, delivery, overlay

    base = made[None]
    files = {one.path: render(one, base.plan) for one in as_base(base.documents)}
    for name, one in made.items():
        if name is not None:
            files |= {made.path: render(made, one.plan) for made in overlay(name, base.documents, one.documents)}
    plans = {name: one.plan for name, one in made.items() if name is not None}
    return files | {one.path: render(one, base.plan) for one in delivery(base.documents, plans)}


def _kept(error: Edited, spec: Path, choices: Choices, overlays: bool) -> str:
    environment = ["--env", choices.environment] if choices.environment is not None else []
    compare = shlex.join(["seatrial", "diff", str(spec), *environment, "--manifests", str(error.folder)])
    shows = "" if overlays or str(spec) == DASH else f" (`{compare}` shows what is otherwise)"
    return f"{error}; nothing was written. Say it in the spec{shows}, or give it up with --force"


def _pruned(out: Path, files: Mapping[str, bytes], style: str) -> str:
    from .pruning import of_files, of_folder, printed, pruned

    return printed(pruned(of_folder(out), of_files(files)), out, style)
