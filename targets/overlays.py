"""The documents of a spec and of its environments -> a Kustomize base and an overlay for each of them.

Turns differences between documents into exact patches (RFC 6902), objects that are added and objects that go.
Invariant: `kubectl kustomize overlays/NAME` builds the objects that the environment itself compiles to; for that each
patch is tried here before it is given.

Source: Kustomize reference, `patches`, `configMapGenerator` (`behavior: replace`) and `$patch: delete`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import jsonpatch

from seatrial.compiler.plan import Plan

from .argocd import FOLDER, applications
from .base import Document, Json, Object
from .kustomization import MANIFESTS

BASE, OVERLAYS = "base", "overlays"
_ROOT = "kustomization.yaml"

Identity = tuple[str, str, str, str]
"""apiVersion, kind, namespace ("" for objects of the whole cluster) and name."""


def as_base(documents: Sequence[Document]) -> tuple[Document, ...]:
    return tuple(Document(f"{BASE}/{one.path}", one.body) for one in documents if not _delivers(one))


def delivery(base: Sequence[Document], plans: Mapping[str, Plan]) -> tuple[Document, ...]:
    """What hands each environment's overlay to a cluster, if that was asked for; it stands beside the overlays."""
    return applications(plans) if any(map(_delivers, base)) else ()


def _delivers(document: Document) -> bool:
    return document.path.startswith(f"{FOLDER}/")


def overlay(name: str, base: Sequence[Document], wanted: Sequence[Document]) -> tuple[Document, ...]:
    """What makes of the base what an environment wants, with its `kustomization.yaml` at the end."""
    before, after = _objects(base), _objects(wanted)
    added = [one for identity, one in after.items() if identity not in before]
    patches: list[Json] = []
    made: list[Document] = [*added]
    for identity, one in before.items():
        file = f"patches/{one.path.replace('/', '-')}"
        if identity not in after:
            made.append(Document(file, _gone(identity)))
            patches.append({"path": file})
        elif _text(one.body) != _text(after[identity].body):
            made.append(Document(file, _patch(one.body, after[identity].body)))
            patches.append({"path": file, "target": _target(identity)})
    made += _folders(base, wanted)
    body: Object = {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "resources": [f"../../{BASE}", *(one.path for one in added)],
    }
    if patches:
        body["patches"] = patches
    if generators := _generators(base, wanted, {one.path for one in made}):
        body["configMapGenerator"] = generators
    return tuple(Document(f"{OVERLAYS}/{name}/{one.path}", one.body) for one in (*made, Document(_ROOT, body)))


def _objects(documents: Sequence[Document]) -> dict[Identity, Document]:
    return {identity_of(one.body): one for one in documents if one.path.startswith(MANIFESTS)}


def identity_of(body: object) -> Identity:
    """By what a cluster tells an object from others."""
    assert isinstance(body, Mapping)
    metadata = body["metadata"]
    return str(body["apiVersion"]), str(body["kind"]), str(metadata.get("namespace", "")), str(metadata["name"])


def _text(body: object) -> str:
    return json.dumps(body)


def _patch(old: object, new: object) -> list[dict[str, Json]]:
    before, after = json.loads(_text(old)), json.loads(_text(new))
    operations: list[dict[str, Any]] = jsonpatch.make_patch(before, after).patch
    if _sorted(jsonpatch.apply_patch(before, operations)) == _sorted(after):
        return operations
    # Whatever the library makes of it, what is applied is what was meant.
    put = [{"op": "add", "path": f"/{key}", "value": value} for key, value in after.items()]
    return [*({"op": "remove", "path": f"/{key}"} for key in before if key not in after), *put]


def _sorted(body: object) -> str:
    return json.dumps(body, sort_keys=True)


def _gone(identity: Identity) -> Object:
    version, kind, namespace, name = identity
    metadata: Object = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"$patch": "delete", "apiVersion": version, "kind": kind, "metadata": metadata}


def _target(identity: Identity) -> Object:
    api_version, kind, namespace, name = identity
    group, _, version = api_version.rpartition("/")
    target: Object = {"group": group} if group else {}
    target |= {"version": version, "kind": kind, "name": name}
    return target | ({"namespace": namespace} if namespace else {})


def _folders(base: Sequence[Document], wanted: Sequence[Document]) -> Iterator[Document]:
    """What is no object: a folder in which anything differs is there as a whole, so that it can be used alone."""
    folders = dict.fromkeys(one.path.partition("/")[0] for one in wanted if _is_beside(one))
    for folder in folders:
        new = [one for one in wanted if one.path.startswith(f"{folder}/")]
        old = {one.path: _text(one.body) for one in base if one.path.startswith(f"{folder}/")}
        if {one.path: _text(one.body) for one in new} != old:
            yield from new


def _is_beside(document: Document) -> bool:
    return not document.path.startswith(MANIFESTS) and document.path != _ROOT and not _delivers(document)


def _generators(base: Sequence[Document], wanted: Sequence[Document], written: set[str]) -> list[Json]:
    """Of the maps whose files the overlay has; a map of the base is replaced, another one is its own."""
    known = {str(one["name"]) for one in _generated(base)}
    found: list[Json] = []
    for one in _generated(wanted):
        files = one["files"]
        assert isinstance(files, Sequence)
        if written & {str(file) for file in files}:
            found.append({**one, **({"behavior": "replace"} if one["name"] in known else {})})
    return found


def _generated(documents: Sequence[Document]) -> list[Mapping[str, Json]]:
    for one in documents:
        if one.path == _ROOT and isinstance(one.body, Mapping):
            return list(one.body.get("configMapGenerator", ()))
    return []
