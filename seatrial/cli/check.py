"""`seatrial check`: the verdict on each guarantee, as text or JSON."""

from __future__ import annotations

import json
from pathlib import Path

import click

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Finding, Status
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.source import Span

from .app import FINDINGS, HOLDS, USAGE
from .paint import paint, show
from .specs import loaded, trace_option


@click.command("check")
@click.argument("specs", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="SPEC...")
@click.option("--format", "style", type=click.Choice(["text", "json"]), default="text", help="How to print the result.")
@trace_option
@click.option("-q", "--quiet", is_flag=True, help="Only what is not proved.")
def command(specs: tuple[Path, ...], style: str, traces: tuple[str, ...], quiet: bool) -> int:
    """Prove each guarantee of SPEC from its assumptions and policies, or refute it with a witness.

    Exit code 0: all proved. 1: something is refuted or unknown. 2: a spec cannot be read.
    """
    results = [loaded(path, traces).checked for path in specs]
    if style == "json":
        click.echo(json.dumps(as_json(results), indent=2, ensure_ascii=False))
    else:
        for result in results:
            _print(result, quiet)
    if any(result.fleet is None for result in results):
        return USAGE
    return HOLDS if all(result.verdict == "feasible" for result in results) else FINDINGS


def _print(result: Checked, quiet: bool) -> None:
    for diagnostic in result.diagnostics:
        show(diagnostic)
    if result.fleet is None:
        errors = sum(one.is_error for one in result.diagnostics)
        nothing = "no fleet is declared in it" if not errors else f"{errors} error{'s' if errors > 1 else ''}"
        click.echo(f"{result.reading.source.path}: {paint('not readable', 'refuted')}: {nothing}", err=True)
        return
    if not quiet:
        width = max((len(finding.id) for finding in result.findings), default=0)
        for finding in result.findings:
            told = finding.margin or finding.witness or finding.reason
            click.echo(f"  {paint(f'{finding.status.value:8}', finding.status.value)} {finding.id:{width}}  {told}")
    click.echo(f"{result.reading.source.path}: {summary(result)}")


def summary(result: Checked) -> str:
    """One line: the verdict and how many guarantees have which answer."""
    role = {"feasible": "proved", "infeasible": "refuted", "unknown": "unknown"}[result.verdict]
    counts = {status: sum(one.status is status for one in result.findings) for status in Status}
    told = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
    return f"{paint(result.verdict, role)}: {told or 'nothing is promised in it'}"


def as_json(results: list[Checked]) -> dict[str, object]:
    """The documented shape: one verdict over all specs, their guarantees and diagnostics."""
    verdicts = [result.verdict for result in results]
    worst = next((verdict for verdict in ("infeasible", "unknown") if verdict in verdicts), "feasible")
    return {
        "verdict": worst,
        "guarantees": [_guarantee(finding) for result in results for finding in result.findings],
        "diagnostics": [_diagnostic(one) for result in results for one in result.diagnostics],
    }


def _guarantee(finding: Finding) -> dict[str, object]:
    repairs = [{**_place(one.span), "old": one.old, "new": one.new, "text": one.text} for one in finding.repairs]
    return {
        "id": finding.id,
        "kind": finding.kind,
        "status": finding.status.value,
        "claim": finding.claim,
        "code": finding.code or None,
        "margin": finding.margin or None,
        "margin_share": None if finding.margin_share is None else float(finding.margin_share),
        "bound": None if finding.bound is None else float(finding.bound),
        "witness": finding.witness or None,
        "reason": finding.reason or None,
        "core": [{**_place(one.span), "text": one.text, "default": one.default or None} for one in finding.core],
        "repair": repairs[0] if repairs else None,
        "repairs": repairs,
        **_place(finding.at),
    }


def _diagnostic(one: Diagnostic) -> dict[str, object]:
    place = _place(one.labels[0].span) if one.labels else {"file": None, "line": None, "column": None}
    return {
        "code": one.code,
        "severity": one.severity.value,
        "message": one.message,
        **place,
        "help": one.help or None,
        "notes": list(one.notes),
        "labels": [{**_place(label.span), "text": label.text} for label in one.labels],
    }


def _place(span: Span) -> dict[str, object]:
    return {"file": span.source.path, "line": span.line, "column": span.column}
