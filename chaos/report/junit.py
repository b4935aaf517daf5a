"""`junit.xml`: an objective a test case, for the machines that read test results.

Turns a verdict into JUnit XML (the common schema, https://github.com/windyroad/JUnit-Schema). Invariant: only a pass
is green. An inconclusive objective is an `error`, the schema's word for a test that could not give its answer, and not
`skipped`, which a pipeline shows as green; the command's exit code likewise is not 0. `skipped` is what the trial does
not try.
"""

from __future__ import annotations

from xml.etree import ElementTree

from seatrial.dsl.diagnostics.render import printable

from ..verdict.result import Judgement, Outcome, Verdict


def render_junit(verdict: Verdict, started: str = "1970-01-01T00:00:00", host: str = "localhost") -> str:
    """The text of `junit.xml`. `started` is the trial's start as ISO 8601 without a time zone, as the schema has it."""
    name = f"{verdict.fleet}.{verdict.trial}"
    counts = {outcome: sum(one.outcome is outcome for one in verdict.judgements) for outcome in Outcome}
    suites = ElementTree.Element("testsuites")
    suite = ElementTree.SubElement(
        suites,
        "testsuite",
        {
            "name": name,
            "package": verdict.fleet,
            "id": "0",
            "timestamp": started,
            "hostname": host,
            "tests": str(len(verdict.judgements)),
            "failures": str(counts[Outcome.FAIL]),
            "errors": str(counts[Outcome.INCONCLUSIVE]),
            "skipped": str(counts[Outcome.UNMEASURED]),
            "time": f"{verdict.duration_seconds:.3f}",
        },
    )
    properties = ElementTree.SubElement(suite, "properties")
    for key, value in (
        ("outcome", verdict.outcome.value),
        ("scale", f"{verdict.scale:g}"),
        ("seed", str(verdict.seed)),
        ("spec_digest", verdict.digest),
    ):
        ElementTree.SubElement(properties, "property", {"name": key, "value": value})
    for judgement in verdict.judgements:
        _case(suite, name, judgement)
    doubts = "\n".join(printable(doubt.text) for doubt in verdict.doubts)
    ElementTree.SubElement(suite, "system-out").text = doubts
    ElementTree.SubElement(suite, "system-err")
    ElementTree.indent(suites)
    return ElementTree.tostring(suites, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ElementTree.Element, classname: str, judgement: Judgement) -> None:
    case = ElementTree.SubElement(
        suite, "testcase", {"name": printable(judgement.id), "classname": classname, "time": "0"}
    )
    text = printable("\n".join((judgement.claim, judgement.reason, *judgement.details)))
    match judgement.outcome:
        case Outcome.FAIL:
            kind = "failure"
        case Outcome.INCONCLUSIVE:
            kind = "error"
        case Outcome.UNMEASURED:
            ElementTree.SubElement(case, "skipped", {"message": printable(judgement.reason)})
            return
        case Outcome.PASS:
            return
    child = ElementTree.SubElement(
        case, kind, {"message": printable(judgement.reason), "type": judgement.outcome.value}
    )
    child.text = text
