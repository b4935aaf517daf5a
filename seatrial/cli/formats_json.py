"""Checked specs -> the documented JSON: one verdict over all, their guarantees and diagnostics."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import orjson

from seatrial.compiler.filled import Filled, filled_in
from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Case, Finding, Limit, Repair
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Span

from .json_text import json_text

Object = dict[str, object]


def render_json(results: Sequence[Checked], defaults: bool = False) -> str:
    told = as_json(results, defaults)
    try:
        return orjson.dumps(told, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
    except TypeError:
        # An integer beyond 64 bits, or a name in a path that is no UTF-8: JSON has them and orjson has not.
        return json_text(told)


def as_json(results: Sequence[Checked], defaults: bool = False) -> Object:
    """`verdict` is the worst of all specs; what a spec allows keeps its status and does not count."""
    verdicts = [result.verdict for result in results]
    worst = next((verdict for verdict in ("infeasible", "unknown") if verdict in verdicts), "feasible")
    told: Object = {
        "verdict": worst,
        "guarantees": [_guarantee(finding) for result in results for finding in result.findings],
        "diagnostics": [_diagnostic(one) for result in results for one in result.diagnostics],
    }
    if defaults:
        fleets = [result.fleet for result in results if result.fleet is not None]
        told["defaults"] = [_default(one) for fleet in fleets for one in filled_in(fleet)]
    return told


def _guarantee(finding: Finding) -> Object:
    repairs = [_repair(one) for one in finding.repairs]
    return {
        "id": finding.id,
        "kind": finding.kind,
        "status": finding.status.value,
        "allowed": bool(finding.allowed),
        "allowed_because": finding.allowed or None,
        "claim": finding.claim,
        "code": finding.code or None,
        "margin": finding.margin or None,
        "margin_share": None if finding.margin_share is None else float(finding.margin_share),
        "unit": finding.unit or None,
        "limit": _limit(finding.limit),
        "next_limit": _limit(finding.next_limit),
        "worst_case": _case(finding.case),
        "bound": None if finding.bound is None else float(finding.bound),
        "witness": finding.witness or None,
        "nearly": finding.nearly or None,
        "addition": finding.addition or None,
        "reason": finding.reason or None,
        "remedy": finding.remedy or None,
        "out_of_time": finding.late,
        "core": [{**_place(one.span), "text": one.text, "default": one.default or None} for one in finding.core],
        "repair": repairs[0] if repairs else None,
        "repairs": repairs,
        **_place(finding.at),
    }


def _limit(one: Limit | None) -> Object | None:
    """`used`, `of` and `left` are in the guarantee's unit; `share` is what is left as a share of 1."""
    if one is None:
        return None
    clause = one.clause
    return {
        "used": float(one.used),
        "of": float(one.of),
        "left": float(one.left),
        "share": float(one.share),
        "clause": None if clause is None else {**_place(clause.span), "name": clause.name, "text": clause.text},
    }


def _case(one: Case | None) -> Object | None:
    if one is None:
        return None
    return {
        "demand": one.demand or None,
        "trial": one.trial or None,
        "faults": list(one.faults),
        "text": one.text or None,
    }


def _repair(one: Repair) -> Object:
    """`old` and `new` at the first place; `edits` are all places that change together."""
    edits = [{**_place(edit.span), "old": edit.old, "new": edit.new} for edit in one.edits]
    return {
        **edits[0],
        "text": one.text,
        "kind": one.nature.value,
        "change": float(one.change),
        "mends": list(one.mends),
        "settles": list(one.settles),
        "edits": edits,
    }


def _diagnostic(one: Diagnostic) -> Object:
    place = _place(one.labels[0].span) if one.labels else {"file": None, "line": None, "column": None}
    return {
        "code": one.code,
        "severity": one.severity.value,
        "message": one.message,
        **place,
        "allowed": bool(one.allowed),
        "allowed_because": one.allowed or None,
        "guarantee": one.guarantee or None,
        "help": one.help or None,
        "notes": list(one.notes),
        "labels": [{**_place(label.span), **_end(label.span), "text": label.text} for label in one.labels],
        "fixes": [
            {
                **_place(fix.span),
                **_end(fix.span),
                "new": fix.new,
                "text": fix.text,
                "also": [{**_place(span), **_end(span), "new": new} for span, new in fix.also],
            }
            for fix in one.fixes
        ],
    }


def _default(one: Filled) -> Object:
    """`value` is in the base unit: seconds, shares of 1; None where nothing is enforced."""
    value = float(one.value) if isinstance(one.value, Fraction) else one.value
    return {"clause": one.owner, "value": value, "written": one.written, "source": one.source, **_place(one.at)}


def _place(span: Span) -> Object:
    return {"file": span.source.path, "line": span.line, "column": span.column}


def _end(span: Span) -> Object:
    """The place behind the last character."""
    line, column = span.source.position(span.end)
    return {"end_line": line, "end_column": column}
