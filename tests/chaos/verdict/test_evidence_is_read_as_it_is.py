"""Reading the files of a run folder: a cut last line is forgiven, damage is counted, absence stays absence."""

from __future__ import annotations

import json
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from seatrial.chaos.evidence import (
    EjectionEvent,
    FaultEvent,
    OtherEvent,
    ReplicasEvent,
    read_events,
    read_evidence,
    read_journal,
    read_requests,
)

LINE = '{"demand": "tickets", "due": 1.0, "start": 1.001, "end": 1.2, "status": 200, "error": null}'


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_whole_lines_are_requests(tmp_path: Path) -> None:
    requests, damaged = read_requests(write(tmp_path / "requests.jsonl", f"{LINE}\n{LINE}\n"))
    assert (len(requests), damaged) == (2, 0)
    assert requests[0].ok
    assert round(requests[0].latency_seconds, 6) == 0.2


def test_a_log_cut_anywhere_loses_at_most_its_last_line_and_counts_no_damage(tmp_path: Path) -> None:
    text = f"{LINE}\n{LINE}\n"
    for length in range(len(text) + 1):
        requests, damaged = read_requests(write(tmp_path / "requests.jsonl", text[:length]))
        assert damaged == 0
        assert len(requests) >= text[:length].count("\n")


def test_a_damaged_line_in_the_middle_is_counted(tmp_path: Path) -> None:
    requests, damaged = read_requests(write(tmp_path / "requests.jsonl", f'{LINE}\n{LINE[:20]}\n{{"a": 1}}\n{LINE}\n'))
    assert (len(requests), damaged) == (2, 2)


def test_a_time_that_is_no_number_is_damage(tmp_path: Path) -> None:
    _, damaged = read_requests(write(tmp_path / "requests.jsonl", LINE.replace("1.2", "NaN") + "\n"))
    assert damaged == 1


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fail(content: bytes) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "requests.jsonl")
        path.write_bytes(content)
        read_requests(path)
        read_events(path)
        read_journal(path)


def test_events_of_each_kind_are_read_in_the_order_of_their_times(tmp_path: Path) -> None:
    lines = [
        {"t": 3.0, "kind": "ejection", "call": "a--b", "host": "127.0.0.1:9", "phase": "ejected"},
        {"t": 1.0, "kind": "replicas", "pool": "triage", "wanted": 3, "running": 3, "ready": 2},
        {"t": 2.0, "kind": "fault", "fault": 0, "phase": "injected", "what": "kill", "targets": ["triage-1"]},
        {"t": 4.0, "kind": "autoscaler", "pool": "triage", "wanted": 4},
    ]
    events, damaged = read_events(write(tmp_path / "events.jsonl", "".join(json.dumps(line) + "\n" for line in lines)))
    assert [type(event) for event in events] == [ReplicasEvent, FaultEvent, EjectionEvent, OtherEvent]
    assert damaged == 0


def test_an_empty_folder_is_no_evidence(tmp_path: Path) -> None:
    evidence = read_evidence(tmp_path)
    assert (evidence.requests, evidence.events, evidence.journal, evidence.generator) == ((), (), None, None)


def test_a_summary_that_lacks_a_field_is_no_summary(tmp_path: Path) -> None:
    write(tmp_path / "generator.json", '{"finished": true}')
    assert read_evidence(tmp_path).generator is None
