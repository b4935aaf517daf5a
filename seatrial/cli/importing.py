"""`seatrial import`: a spec from manifests that are there already."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import click

from seatrial.dsl.exchange import Notation, notation_of
from seatrial.targets.reading import Left, Manifest, Reading, grouped, namespaces, one_line, read, text_of

from .app import HOLDS
from .files import refuse_taken, write_set
from .json_text import json_text
from .manifests import Gathered, gathered
from .notations import in_notation
from .refusal import Refused
from .rewritten import rewritten
from .standard_input import DASH

NAME = "<imported>"
"""What messages call a spec that is in no file."""


@dataclass(frozen=True, slots=True)
class Imported:
    reading: Reading
    text: str
    gathered: Gathered


@click.command("import")
@click.argument("sources", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR|FILE...")
@click.option(
    "-o",
    "--out",
    type=click.Path(path_type=Path),
    default=DASH,
    metavar="FILE",
    help="The spec to write, a .fleet or .yaml file; `-`, the default, is stdout.",
)
@click.option("--name", metavar="NAME", help="What the fleet is called; like its namespace if not said.")
@click.option("--namespace", metavar="NAME", help="Whose objects to read, where there are several namespaces.")
@click.option(
    "--format",
    "style",
    type=click.Choice(["text", "json"]),
    default="text",
    help="How to tell what was read; json on stdout.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
def command(
    sources: tuple[Path, ...], out: Path, name: str | None, namespace: str | None, style: str, force: bool
) -> int:
    """Write a spec that says what the manifests in DIR or FILE say. `-` reads stdin, such as `helm template`'s output.

    Deployments, autoscalers, disruption budgets, quotas, Istio's and KEDA's objects become clauses; a Kustomize folder
    is built first. What the language cannot say is listed, and what no manifest says is a placeholder with a question,
    marked `# ask:`. Exit code 2: something cannot be read, or FILE is there already.
    """
    to_stdout = str(out) == DASH
    if not to_stdout and notation_of(out.name) is Notation.JSON:
        raise Refused(f"{out}: questions stand in comments, and JSON has none; name a .fleet or a .yaml file")
    if not to_stdout:
        refuse_taken([out], force)
    made = imported(sources, name, namespace)
    if not to_stdout:
        write_set({out: in_notation(made.text, out)}, force)
    if style == "json":
        click.echo(json_text(report(made, None if to_stdout else out)), nl=False)
        return HOLDS
    if to_stdout:
        click.echo(made.text, nl=False)
    for line in told(made):
        click.echo(line, err=True)
    if not to_stdout:
        click.echo(f"wrote {out}\n\nnext: seatrial check {out}")
    return HOLDS


def imported(sources: tuple[Path, ...], name: str | None = None, namespace: str | None = None) -> Imported:
    """Raises Refused where there is nothing to make a spec of."""
    found = gathered(sources)
    chosen = chosen_namespace(found.manifests, namespace)
    wanted = name or chosen or _folder_name(sources[0])
    reading = read(found.manifests, wanted, chosen)
    try:
        text = text_of(reading)
        if more := rewritten(reading, text, found.manifests, chosen):
            reading = replace(reading, left=(*reading.left, *more))
            text = text_of(reading)
        return Imported(reading, text, found)
    except ValueError as error:
        raise Refused(f"{len(reading.pools):,} workloads are too many for one spec: {error}") from None


def chosen_namespace(manifests: tuple[Manifest, ...], wanted: str | None) -> str:
    there = namespaces(manifests)
    if not there:
        kinds = sorted({one.kind for one in manifests})
        raise Refused(f"no Deployment is among the {len(manifests)} objects that were read ({', '.join(kinds[:8])})")
    named = [one for one in there if one]
    if wanted is not None:
        if wanted not in named and named:
            raise Refused(f"no Deployment is in namespace {wanted}; there are: {', '.join(named)}")
        return wanted
    if len(named) > 1:
        raise Refused(
            f"a fleet is one namespace, and there are {len(named)}: {', '.join(named)}; choose one with --namespace"
        )
    return named[0] if named else ""


def _folder_name(source: Path) -> str:
    if str(source) == DASH:
        return "fleet"
    path = source.resolve()
    return path.stem if path.is_file() else path.name


def told(made: Imported) -> list[str]:
    """The summary, in lines."""
    reading = made.reading
    lines = [one_line(one) for one in made.gathered.aside]
    lines.append(
        f"read {_count(reading.objects, 'object')} from {_count(made.gathered.files, 'file')}: "
        f"{_count(len(reading.pools), 'pool')}, {_count(len(reading.edges), 'edge')} of the call graph, "
        f"{_count(reading.questions, 'question')} (# ask:)"
    )
    left = list(grouped(reading))
    if left:
        lines.append(f"not carried by the spec ({_count(len(reading.left), 'field')}):")
        lines += [f"  {line}" for line in left]
    return lines + [one_line(f"error: {one}") for one in reading.clashes]


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def report(made: Imported, out: Path | None) -> dict[str, object]:
    reading = made.reading
    asked = [(" > ".join(at), said) for at, said in reading.clauses() if said.ask]
    return {
        "fleet": reading.fleet,
        "spec": str(out) if out is not None else made.text,
        "objects": reading.objects,
        "pools": [pool.name for pool in reading.pools],
        "questions": [{"in": at, "clause": said.text, "ask": said.ask} for at, said in asked]
        + [{"in": edge.policy.head, "clause": edge.policy.head, "ask": edge.ask} for edge in reading.edges if edge.ask],
        "clashes": list(reading.clashes),
        "left": [_left(one) for one in reading.left],
        "notes": [*made.gathered.aside, *reading.notes],
    }


def _left(one: Left) -> dict[str, object]:
    return {
        "file": one.place.file,
        "line": one.place.line,
        "object": one.place.object,
        "path": one.place.path,
        "value": one.value,
        "why": one.why,
    }
