"""Checked specs -> JUnit XML: a spec a suite, a guarantee a test case, for the machines that read test results.

Schema: https://github.com/windyroad/JUnit-Schema, the common one. Invariant: what lets `seatrial check` fail is red
here: refuted is a failure, unknown an error (the test gave no answer), and so is each error in a spec that cannot be
read. What a spec allows is skipped, with its reason. No times and no host: the same specs give the same bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from xml.etree import ElementTree

from seatrial.compiler.pipeline import Checked
from seatrial.compiler.verify import Finding, Status
from seatrial.dsl.diagnostics import Diagnostic
from seatrial.dsl.diagnostics.fewer import fewer
from seatrial.dsl.diagnostics.render import printable, render


def render_junit(results: Sequence[Checked], way: str = "") -> str:
    """`way`: how to see what is left out."""
    suites = ElementTree.Element("testsuites", {"name": "seatrial check"})
    for result in results:
        _suite(suites, result, way)
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=False).join(
        ('<?xml version="1.0" encoding="UTF-8"?>\n', "\n")
    )


def _suite(suites: ElementTree.Element, result: Checked, way: str) -> None:
    path = printable(result.reading.source.path)
    suite = ElementTree.SubElement(suites, "testsuite", {"name": path})
    told = {one.guarantee: one for one in result.diagnostics if one.guarantee}
    for finding in result.findings:
        _guarantee(suite, path, finding, told.get(finding.id))
    others = fewer([one for one in result.diagnostics if not one.guarantee], way=way)
    for one in others:
        if one.is_error:
            case = _case(
                suite,
                path,
                f"{one.code} {_where(one)}".rstrip(),
                one.in_files[0].span.source.path if one.in_files else path,
            )
            _outcome(case, "failure", one.message, one.code, render(one))
    for kind, name in (("tests", "testcase"), ("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(kind, str(len(suite.findall(f".//{name}"))))
    warnings = [render(one) for one in others if not one.is_error and not one.allowed]
    if warnings:
        ElementTree.SubElement(suite, "system-out").text = printable("\n\n".join(warnings))


def _guarantee(suite: ElementTree.Element, path: str, finding: Finding, told: Diagnostic | None) -> None:
    case = _case(suite, path, finding.id, finding.at.source.path)
    text = render(told) if told is not None else ""
    if finding.allowed:
        ElementTree.SubElement(case, "skipped", {"message": printable(f"allowed because {finding.allowed}")})
    elif finding.status is Status.REFUTED:
        _outcome(case, "failure", finding.witness, finding.code, text)
    elif finding.status is Status.UNKNOWN:
        _outcome(case, "error", finding.reason, finding.code, text)
    elif finding.margin:
        ElementTree.SubElement(case, "system-out").text = printable(finding.margin)


def _case(suite: ElementTree.Element, path: str, name: str, file: str) -> ElementTree.Element:
    # `file` is read by GitLab and others to link the case with the spec.
    return ElementTree.SubElement(
        suite, "testcase", {"name": printable(name), "classname": path, "file": printable(file)}
    )


def _outcome(case: ElementTree.Element, outcome: str, message: str, code: str, text: str) -> None:
    ElementTree.SubElement(case, outcome, {"message": printable(message), "type": code}).text = printable(text)


def _where(one: Diagnostic) -> str:
    return f"at {one.in_files[0].span.line}:{one.in_files[0].span.column}" if one.in_files else ""
