"""`report.html`: one file, safe to open, with what was promised beside what was measured."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from seatrial.chaos.evidence import EjectionEvent, ReplicasEvent, Request
from seatrial.chaos.report import Checked, Report, render_page
from seatrial.chaos.verdict.judge import judge
from seatrial.chaos.verdict.result import Outcome

from ..conftest import Trials

HOSTILE = '"><script src="//evil.example/x.js"></script><img src=x onerror=alert(1)>'


class Page(HTMLParser):
    """The tags of a page with their attributes, and its text."""

    VOID = frozenset({"meta", "link", "img", "br", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def report(trials: Trials, title: str = "Support desk", error: str | None = None) -> Report:
    trial = trials.trial(trials.kill(20), trials.hang(50, 5))
    plan = replace(trials.plan(trial), title=title)
    requests = trials.spoil(trials.requests(), 20, 22, every=3)
    if error is not None:
        requests[0] = Request("tickets", 0.0, 0.0, 0.1, 0, error)
    evidence = trials.evidence(plan, trial, requests)
    more = (
        ReplicasEvent(0.0, "triage", 6, 6, 6),
        ReplicasEvent(20.0, "triage", 6, 5, 5),
        ReplicasEvent(25.0, "triage", 6, 6, 6),
        EjectionEvent(50.5, "tickets--triage", "127.0.0.1:4001", "ejected"),
        EjectionEvent(80.5, "tickets--triage", "127.0.0.1:4001", "returned"),
    )
    evidence = replace(evidence, events=tuple(sorted((*evidence.events, *more), key=lambda event: event.t)))
    return Report(
        plan,
        trial,
        judge(plan, trial, evidence, seed=7),
        evidence,
        (Checked("latency/tickets/p95", "p95 of tickets", "proved", "29 % below"), Checked("fit", "it fits", "proved")),
        {"Python": "3.11.7", "Machine": "2 cores"},
        ("seatrial trial support.fleet --seed 7",),
        "2026-11-21 17:20",
    )


@pytest.fixture
def page(trials: Trials) -> Page:
    return Page(render_page(report(trials)))


def attributes(page: Page) -> Iterator[tuple[str, str, str]]:
    for tag, found in page.tags:
        for name, value in found.items():
            yield tag, name, value


def test_nothing_is_fetched(trials: Trials) -> None:
    text = render_page(report(trials))
    page = Page(text)
    assert not [
        tag for tag, _ in page.tags if tag in ("script", "link", "img", "iframe", "object", "embed", "base", "use")
    ]
    assert not [
        name for _, name, _ in attributes(page) if name in ("src", "href", "srcset", "action", "poster", "data")
    ]
    assert not [name for _, name, _ in attributes(page) if name.startswith("on")]
    assert not re.search(r"https?://|//[a-z]|url\(|@import", text)


def test_the_page_forbids_itself_to_load_anything(page: Page) -> None:
    policies = [found["content"] for tag, found in page.tags if found.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'"]


def test_hostile_texts_stay_texts(trials: Trials) -> None:
    hostile = report(trials, title=HOSTILE, error=HOSTILE)
    demand = replace(hostile.plan.demands[0], name=HOSTILE)
    hostile = replace(hostile, plan=replace(hostile.plan, demands=(demand,)), environment={HOSTILE: HOSTILE})
    hostile = replace(hostile, commands=(HOSTILE,), checked=(Checked("x", HOSTILE, HOSTILE, HOSTILE),))
    page = Page(render_page(hostile))
    assert not [tag for tag, _ in page.tags if tag in ("script", "img")]
    assert HOSTILE in page.text


def test_hostile_names_in_the_drawings_stay_texts(trials: Trials) -> None:
    hostile = report(trials)
    events = (ReplicasEvent(0.0, HOSTILE, 6, 6, 6), EjectionEvent(1.0, HOSTILE, HOSTILE, "ejected"))
    text = render_page(replace(hostile, evidence=replace(hostile.evidence, events=events)))
    assert not [tag for tag, _ in Page(text).tags if tag in ("script", "img")]


def test_each_tag_is_closed_and_each_id_is_its_own(page: Page) -> None:
    assert page.open == []
    ids = [value for _, name, value in attributes(page) if name == "id"]
    assert len(ids) == len(set(ids))
    named = [value.split() for _, name, value in attributes(page) if name == "aria-labelledby"]
    assert {one for some in named for one in some} <= set(ids)


def test_each_drawing_is_sound_xml_with_a_title_and_a_description(trials: Trials) -> None:
    drawings = re.findall(r'<svg class="chart.*?</svg>', render_page(report(trials)), re.DOTALL)
    assert len(drawings) == 6  # faults, latency, success, load, agents, ejections
    for drawing in drawings:
        root = ElementTree.fromstring(drawing)
        assert root.findtext("title")
        assert root.findtext("desc")


def test_tables_have_headers_with_a_scope(page: Page) -> None:
    scopes = [found.get("scope") for tag, found in page.tags if tag == "th"]
    assert scopes
    assert set(scopes) == {"col", "row"}


def test_what_was_proved_stands_beside_what_was_measured(page: Page) -> None:
    assert "p95 of tickets < 1 s support.fleet:1:1 proved 710 ms – 100 ms 1 s ✓ pass" in page.text
    assert "it fits proved" in page.text


def test_the_outcome_the_faults_and_the_limits_of_the_scale_are_told(page: Page) -> None:
    for words in ("✓ pass", "1:50", "kill 10% of triage", "hang 1 of triage", "What a trial at 1:50 says", "--seed 7"):
        assert words in page.text


def test_doubts_are_told_at_the_top(trials: Trials) -> None:
    doubtful = report(trials)
    evidence = replace(doubtful.evidence, journal=None)
    verdict = judge(doubtful.plan, doubtful.trial, evidence, seed=7)
    text = Page(render_page(replace(doubtful, evidence=evidence, verdict=verdict))).text
    assert "Doubts about this trial" in text
    assert text.index("left no journal") < text.index("Guarantees")


def test_a_trial_without_any_evidence_still_has_a_page(trials: Trials) -> None:
    empty = report(trials)
    evidence = replace(empty.evidence, requests=(), events=(), journal=None, generator=None)
    verdict = judge(empty.plan, empty.trial, evidence, seed=7)
    assert verdict.outcome is Outcome.INCONCLUSIVE
    assert "? inconclusive" in Page(render_page(replace(empty, evidence=evidence, verdict=verdict))).text


def test_the_same_report_is_the_same_page(trials: Trials) -> None:
    assert render_page(report(trials)) == render_page(report(trials))
