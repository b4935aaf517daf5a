"""`seatrial compile --explain DOCUMENT`: each field of a document, and the clause that it follows from."""

from __future__ import annotations

import gc
import json
from collections.abc import Collection
from difflib import get_close_matches
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import click

from seatrial.compiler.plan import Plan
from seatrial.compiler.variations import Nature, Origin
from seatrial.targets import Document, emit_all
from seatrial.targets.kustomization import OBJECTS
from seatrial.targets.provenance import Field, Provenance, provenance

from .app import HOLDS
from .json_text import json_text
from .paint import paint
from .refusal import Refused

if TYPE_CHECKING:
    from seatrial.loading import Loaded

_SHOWN = 44
"""Characters of a value in the table; JSON has all of them."""

_SHORT = {
    "deploy": "deployment", "deployments": "deployment", "svc": "service", "services": "service",
    "hpa": "horizontalpodautoscaler", "pdb": "poddisruptionbudget", "sa": "serviceaccount", "ns": "namespace",
    "quota": "resourcequota", "limits": "limitrange", "netpol": "networkpolicy", "pc": "priorityclass",
    "dr": "destinationrule", "vs": "virtualservice", "gw": "gateway", "se": "serviceentry", "so": "scaledobject",
    "pa": "peerauthentication", "ap": "authorizationpolicy", "cq": "clusterqueue", "lq": "localqueue",
}  # fmt: skip
"""As kubectl shortens them."""


def explained(given: Loaded, plan: Plan, names: Collection[str], wanted: str, style: str) -> int:
    """Prints where the fields of one document come from. Raises Refused where there is no such document."""
    document = _found(plan, names, wanted)
    # The spec is there to stay, and is not to be looked through for garbage while variations of it come and go.
    gc.freeze()
    found = provenance(given.checked, plan, given.assets, names, document.path)
    if style == "json":
        click.echo(json_text(_as_json(document, found)), nl=False)
    else:
        click.echo("".join(f"{line}\n" for line in _table(document, found)), nl=False)
    return HOLDS


def _found(plan: Plan, names: Collection[str], wanted: str) -> Document:
    """Among the objects of a cluster first: most are asked for by kind and name, and only these have those."""
    objects = [name for name in names if name in OBJECTS]
    made = [one for name in objects for one in emit_all(plan, names, name)[0]]
    try:
        return _named(wanted, made)
    except Refused:
        return _named(wanted, emit_all(plan, names)[0])


def _named(wanted: str, documents: Collection[Document]) -> Document:
    by_name: dict[str, list[Document]] = {}
    for one in documents:
        by_name.setdefault(_label(one), []).append(one)
        by_name.setdefault(one.path, []).append(one)
    kind, _, name = wanted.partition("/")
    asked = f"{_SHORT.get(kind.lower(), kind.lower())}/{name}"
    found = by_name.get(wanted) or by_name.get(asked) or [one for one in documents if wanted.endswith(f"/{one.path}")]
    if len({one.path for one in found}) == 1:
        return found[0]
    if found:
        raise Refused(f"--explain {wanted}: there are several: {', '.join(one.path for one in found)}")
    close = get_close_matches(asked, by_name, n=3, cutoff=0.5) or list(by_name)[:3]
    raise Refused(
        f"--explain {wanted}: there is no such document; name one by kind or file, such as {', '.join(close)}"
    )


def _label(document: Document) -> str:
    """`deployment/triage` of a manifest, the path of any other."""
    body = document.body
    if isinstance(body, dict) and isinstance(metadata := body.get("metadata"), dict):
        return f"{str(body['kind']).lower()}/{metadata['name']}"
    return document.path


def _table(document: Document, found: Provenance) -> list[str]:
    label = _label(document)
    lines = [paint(document.path if label == document.path else f"{label}, {document.path}", "message")]
    lines += [f"  is there because of {_told(one)}" for one in found.exists]
    rows = [(one.path, _shown(one.value), _sources(document.path, one)) for one in found.fields]
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    widths[0] = min(widths[0], 80)
    for path, value, sources in rows:
        lines.append(f"  {path:{widths[0]}}  {value:{widths[1]}}  {sources[0]}".rstrip())
        lines += [f"  {'':{widths[0]}}  {'':{widths[1]}}  {one}" for one in sources[1:]]
    return lines


def _shown(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _sources(path: str, field: Field) -> list[str]:
    told = [_told(one) for one in field.origins]
    if field.made:
        told.append(field.made)
    return told or [paint(_constant(path, field), "faint")]


def _constant(path: str, field: Field) -> str:
    if field.value is None or field.value in ([], {}, ()):
        return "the spec says nothing of it"
    parts = PurePosixPath(path).parts
    return f"constant of the target, see targets/{parts[0]}/README.md" if len(parts) > 1 else "constant"


def _told(origin: Origin) -> str:
    place = f"{origin.span.source.path}:{origin.span.line}"
    if origin.nature is Nature.DEFAULT:
        return f"{place}  does not say {origin.text}: {origin.source}"
    return f"{place}  {origin.text}"


def _as_json(document: Document, found: Provenance) -> dict[str, object]:
    return {
        "document": _label(document),
        "path": document.path,
        "exists_because_of": [_origin(one) for one in found.exists],
        "fields": [
            {
                "field": one.path,
                "pointer": "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in one.steps),
                "value": one.value,
                "origins": [_origin(origin) for origin in one.origins],
                **({"made_of": one.made} if one.made else {}),
                **({} if one.origins or one.made else {"constant": _constant(document.path, one)}),
            }
            for one in found.fields
        ],
    }


def _origin(origin: Origin) -> dict[str, object]:
    return {
        "nature": origin.nature.value,
        "file": origin.span.source.path,
        "line": origin.span.line,
        "column": origin.span.column,
        "clause": origin.text,
        **({"source": origin.source} if origin.source else {}),
    }
