"""Diagnostics -> a SARIF 2.1.0 log, for GitHub code scanning and the other readers of static analysis.

Source: OASIS, Static Analysis Results Interchange Format 2.1.0, sections in parentheses. Invariant: the same
diagnostics give the same text; what a spec allows stays in the log, as a suppressed result (3.27.23).
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from ..source import Span
from .codes import CODES, explanation
from .fingerprint import fingerprints
from .paths import is_absolute, uri
from .record import Diagnostic, Fix, Label

Object = dict[str, object]

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_TOPICS = {
    "ST0": "syntax",
    "ST1": "names-types-units",
    "ST2": "feasibility",
    "ST3": "fairness",
    "ST4": "failure-containment",
    "ST5": "control-loops",
    "ST6": "coordination",
    "ST7": "targets",
    "ST8": "trials",
}


def render_sarif(diagnostics: Sequence[Diagnostic], version: str, readable: bool = True) -> str:
    """The text of a log with one run. `readable` False: a spec could not be read, so the run is not a whole one."""
    codes = sorted({one.code for one in diagnostics})
    names = fingerprints(diagnostics)
    run: Object = {
        "tool": {
            "driver": {
                "name": "seatrial",
                "version": version,
                "semanticVersion": version,
                "rules": [_rule(code, diagnostics) for code in codes],
            }
        },
        "invocations": [{"executionSuccessful": readable}],
        "columnKind": "unicodeCodePoints",
        "results": [_result(one, codes.index(one.code), name) for one, name in zip(diagnostics, names, strict=True)],
    }
    log: Object = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=False) + "\n"


def _rule(code: str, diagnostics: Sequence[Diagnostic]) -> Object:
    """The shipped explanation as help (3.49); there is no page on the web that it could point to."""
    text = explanation(code) or CODES[code]
    about = text.split("\n\n")[1:2]
    level = next(one.severity.value for one in diagnostics if one.code == code)
    return {
        "id": code,
        "shortDescription": {"text": CODES[code]},
        "fullDescription": {"text": " ".join("".join(about).split()) or CODES[code]},
        "help": {"text": f"seatrial explain {code}\n\n{text}", "markdown": text},
        "defaultConfiguration": {"level": level},
        "properties": {"tags": [_TOPICS[code[:3]]]},
    }


def _result(one: Diagnostic, rule: int, name: str) -> Object:
    told = [one.message, *(f"note: {note}" for note in one.notes), *([f"help: {one.help}"] if one.help else [])]
    result: Object = {
        "ruleId": one.code,
        "ruleIndex": rule,
        "level": one.severity.value,
        "message": {"text": "\n".join(told)},
        # The first key is GitHub's own, which would else be computed from the lines around.
        "partialFingerprints": {"primaryLocationLineHash": name, "seatrialFinding/v1": name},
    }
    if one.in_files:
        result["locations"] = [_location(one.in_files[0])]
    if one.in_files[1:]:
        result["relatedLocations"] = [
            {"id": number, **_location(label)} for number, label in enumerate(one.in_files[1:], 1)
        ]
    if one.fixes:
        result["fixes"] = [_fix(fix) for fix in one.fixes]
    if one.allowed:
        result["suppressions"] = [{"kind": "inSource", "status": "accepted", "justification": one.allowed}]
    if one.guarantee:
        result["properties"] = {"guarantee": one.guarantee}
    return result


def _location(label: Label) -> Object:
    place: Object = {"artifactLocation": _artifact(label.span), "region": _region(label.span)}
    found: Object = {"physicalLocation": place}
    if label.text:
        found["message"] = {"text": label.text}
    return found


def _artifact(span: Span) -> Object:
    path = span.source.path
    return {"uri": uri(path)} if is_absolute(path) else {"uri": uri(path), "uriBaseId": "%SRCROOT%"}


def _region(span: Span) -> Object:
    """Lines and columns count from 1, the end column is the one behind (3.30)."""
    end_line, end_column = span.source.position(span.end)
    return {"startLine": span.line, "startColumn": span.column, "endLine": end_line, "endColumn": end_column}


def _fix(fix: Fix) -> Object:
    changes: dict[str, Object] = {}
    for span, new in fix.edits:
        change = changes.setdefault(span.source.path, {"artifactLocation": _artifact(span), "replacements": []})
        replacements = change["replacements"]
        assert isinstance(replacements, list)
        replacements.append({"deletedRegion": _region(span), "insertedContent": {"text": new}})
    return {"description": {"text": fix.text}, "artifactChanges": list(changes.values())}
