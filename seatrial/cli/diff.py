"""`seatrial diff`: what is in a folder or a cluster against what a spec says, and which guarantee that breaks."""

from __future__ import annotations

import gc
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from seatrial import __version__
from seatrial.compiler.memory import Memory
from seatrial.compiler.pipeline import plan
from seatrial.dsl.diagnostics.render import printable
from seatrial.targets import ASKED_FOR, NAMES
from seatrial.targets.drift import Changed, Difference, changed, differences

from .app import FINDINGS, HOLDS, USAGE
from .cluster import cluster_objects
from .emitted import compiled
from .manifests import gathered
from .paint import paint, show_each
from .places import place_of
from .refusal import Refused
from .specs import Choices, loaded, spec_options
from .standard_input import agree, named, stdin_option
from .what_if import fallen

if TYPE_CHECKING:
    from seatrial.compiler.pipeline import Checked

_TRIED = 20
"""So many clauses that read otherwise are put into the spec and checked, the first ones."""
_LONGEST = 100
_USUAL = ("runtime", "kubernetes", "istio", "prometheus")
"""Other files of `compile` are no objects of a cluster, but agents depend on what is emitted beside them."""

_NOT_KEPT = "not kept"
"""Of a guarantee whose clause stands in the spec alone."""

_ASIDE = ("PrometheusRule", "AlertmanagerConfig")
"""Written to a folder of their own, which nobody has to apply: compared where there are some."""


@dataclass(frozen=True, slots=True)
class Broken:
    """A guarantee that is not kept any more once the spec says what is there."""

    id: str
    status: str
    was: str
    why: str


@click.command("diff")
@click.argument("spec", type=click.Path(path_type=Path))
@click.option(
    "--manifests",
    multiple=True,
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The manifests to compare with, read as `seatrial import` reads them (repeatable).",
)
@click.option("--context", metavar="NAME", help="The cluster to compare with, a context of your kubeconfig; only read.")
@click.option("--target", "targets", multiple=True, type=click.Choice(NAMES), help="Only these (repeatable).")
@click.option("--with", "also", multiple=True, type=click.Choice(ASKED_FOR), help="These too (repeatable).")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="How to tell it.")
@spec_options
@stdin_option
def command(
    spec: Path,
    manifests: tuple[Path, ...],
    context: str | None,
    targets: tuple[str, ...],
    also: tuple[str, ...],
    style: str,
    choices: Choices,
    stdin_name: str | None,
) -> int:
    """Compare what SPEC compiles to with a folder of manifests, or with a live cluster.

    By meaning: amounts however they are spelt, lists by names, and without what a server fills in. Each difference is
    told with the clause that it is about, and with the guarantees that fall if the spec said what is there.

    Exit code 0: no difference. 1: there are some. 2: something cannot be read.
    """
    agree((spec,), stdin_name)
    if bool(manifests) == (context is not None):
        raise click.UsageError("Say what to compare with: either --manifests DIR or --context NAME.")
    memory = Memory()
    given = loaded(spec, choices, stdin_name, memory=memory)
    made = plan(given.checked, given.assets, __version__)
    if made is None:
        show_each(one for one in given.checked.diagnostics if one.is_error)
        click.echo(f"{printable(str(named(spec, stdin_name)))}: not readable, nothing compared", err=True)
        return USAGE
    # What hands the fleet to a cluster lives in a namespace of its own, perhaps in another cluster.
    wanted = tuple(one for one in compiled(made, (*(targets or _USUAL), *also)) if one.namespace in ("", made.fleet))
    if context is not None:
        kinds = {(one.group, one.kind) for one in wanted}
        found = cluster_objects(context, made.fleet, kinds)
        if not any(one.kind != "Namespace" and one.namespace == made.fleet for one in found):
            raise Refused(f"context {context}: nothing of fleet {made.fleet} is in namespace {made.fleet}")
    else:
        read = gathered(manifests)
        for line in read.aside:
            click.echo(printable(line), err=True)
        found = tuple(one for one in read.manifests if one.namespace in ("", made.fleet))
        spaces = sorted({one.namespace for one in read.manifests} - {""})
        if spaces and made.fleet not in spaces:
            others = ", ".join(spaces)
            raise Refused(f"{manifests[0]}: the objects are in namespace {others}; the fleet's is {made.fleet}")
    if not any(one.kind in _ASIDE for one in found):
        wanted = tuple(one for one in wanted if one.kind not in _ASIDE)
    if not any(one.kind == "ConfigMap" for one in found) and context is None:
        # Kustomize makes it; where the folder was not built there is none to compare.
        wanted = tuple(one for one in wanted if one.kind != "ConfigMap")
    # Documents are trees, and all of them are kept: there is nothing to collect.
    gc.disable()
    told = differences(wanted, found)
    about, clauses, clashes = changed(wanted, found, told, made.fleet) if told else ({}, {}, ())
    said = [one for one in clauses.values() if one.after]
    broken = _broken(spec, choices, stdin_name, given.checked, said[:_TRIED], memory)
    rows = [_row(one, about.get(number), clauses, broken, given.checked) for number, one in enumerate(told)]
    where = f"context {context}" if context is not None else ", ".join(str(one) for one in manifests)
    if style == "json":
        click.echo(
            json.dumps(
                {"spec": named(spec, stdin_name), "with": where, "differences": rows, "clashes": clashes},
                indent=2,
                default=str,
            )
        )
    else:
        _print(rows, clashes, named(spec, stdin_name), where)
    return FINDINGS if told else HOLDS


def _broken(
    spec: Path, choices: Choices, stdin_name: str | None, before: Checked, clauses: Sequence[Changed], memory: Memory
) -> dict[str, list[Broken]]:
    """By clause, what is not proved any more if the spec said that."""
    found: dict[str, list[Broken]] = {}
    for one in clauses:
        variant = replace(choices, changes=(*choices.changes, one.clause))
        after = loaded(spec, variant, stdin_name, memory=memory, mend=False).checked
        if after.fleet is None:
            errors = [each for each in after.diagnostics if each.is_error]
            found[one.clause] = [Broken("", "refused", "", errors[0].message if errors else "cannot be said")]
            continue
        found[one.clause] = [
            Broken(now.id, now.status.value, was.status.value, now.witness or now.reason)
            for was, now in fallen(before, after)
        ]
    return found


def _row(
    one: Difference,
    key: tuple[tuple[str, ...], str] | None,
    clauses: dict[tuple[tuple[str, ...], str], Changed],
    broken: dict[str, list[Broken]],
    checked: Checked,
) -> dict[str, object]:
    change = clauses.get(key) if key is not None else None
    place = place_of(checked, *key) if key is not None else _owner(checked, one)
    falls: list[Broken] = []
    if change is not None and not change.refused:
        falls = broken.get(change.clause, []) if change.after else _lost(checked, change)
    manifest = one.actual or one.expected
    assert manifest is not None
    return {
        "object": one.object,
        "kind": "missing" if one.is_missing else "extra" if one.is_extra else "changed",
        "path": one.path,
        "spec": None if one.is_missing else one.wanted,
        "there": None if one.is_extra else one.found,
        "at": str(place) if place is not None else None,
        "file": f"{manifest.file}:{manifest.line}",
        "clause": change.before if change is not None else None,
        "would_be": (change.after or None) if change is not None else None,
        "refused": (change.refused or None) if change is not None else None,
        "breaks": [{"id": each.id, "status": each.status, "was": each.was, "why": each.why} for each in falls],
    }


def _lost(checked: Checked, gone: Changed) -> list[Broken]:
    """What stands on a clause that no object says any more: nothing keeps it, though the spec is proved."""
    place = place_of(checked, gone.at, gone.slot)
    if place is None:
        return []
    return [
        Broken(one.id, _NOT_KEPT, one.status.value, f"no object says `{gone.before}`, on which rests that {one.claim}")
        for one in checked.findings
        if one.at.source is place.source and place.start <= one.at.start < place.end
    ]


def _owner(checked: Checked, one: Difference) -> object:
    """The pool or call whose object it is, by its name; the fleet itself where it is nobody's."""
    name = one.object.partition("/")[2]
    caller, _, callee = name.partition("--")
    for at in (
        ((f"call {caller} -> {callee}",), (f"pool {callee}", f"serves {caller}")) if callee else ((f"pool {name}",),)
    ):
        place = place_of(checked, at, "")
        if place is not None:
            return place
    return place_of(checked, (), "")


def _print(rows: list[dict[str, object]], clashes: Sequence[str], spec: str, where: str) -> None:
    told: set[str] = set()
    for row in rows:
        mark = {"missing": "-", "extra": "+", "changed": "~"}[str(row["kind"])]
        head = printable(f"{mark} {row['object']} {row['path']}".rstrip())
        if row["kind"] == "changed":
            click.echo(printable(f"{head}: {', by the spec '.join(_short(row['there'], row['spec']))}"))
        else:
            found = "is not there" if row["kind"] == "missing" else "is there, and not by the spec"
            click.echo(printable(f"{head}: {found}"))
        if row["at"] is not None:
            now = row["would_be"] or row["refused"] or "not said"
            said = f": {row['clause']}, is now: {now}" if row["clause"] is not None else ""
            click.echo(printable(f"    {row['at']}{said}"))
        breaks = row["breaks"]
        assert isinstance(breaks, list)
        for each in breaks:
            line = f"    {paint(each['status'], each['status'])} {each['id']}".rstrip() + f": {each['why']}"
            if line not in told:
                click.echo(line)
            told.add(line)
    for clash in clashes:
        click.echo(printable(f"error: {clash}"))
    if not rows:
        click.echo(printable(f"{where}: as {spec} says"))
        return
    fallen = {each["id"] for row in rows for each in row["breaks"]}  # type: ignore[attr-defined]
    of = f"; {len(fallen)} guarantee{'s' if len(fallen) != 1 else ''} would fall" if fallen else ""
    click.echo(printable(f"{where}: {len(rows)} difference{'s' if len(rows) != 1 else ''} from {spec}{of}"))


def _short(*values: object) -> list[str]:
    """Two values in as few words as show where they differ first."""
    texts = [
        "nothing" if one is None else printable(json.dumps(one, ensure_ascii=False, default=str)) for one in values
    ]
    alike = next((at for at, both in enumerate(zip(*texts, strict=False)) if len(set(both)) > 1), 0)
    start = alike - _LONGEST // 4 if alike >= _LONGEST else 0
    return [
        f"{'…' if start else ''}{one[start : start + _LONGEST]}{'…' if len(one) > start + _LONGEST else ''}"
        for one in texts
    ]
