from __future__ import annotations

import json
from pathlib import Path

from seatrial.chaos.local.endpoints import EndpointFiles, watched_files
from seatrial.chaos.local.outliers import OutlierLog

from . import fleets


def test_two_calls_to_one_pool_share_its_file(tmp_path: Path) -> None:
    plan = fleets.plan(
        (fleets.demand("tickets", 5),),
        (),
        (fleets.pool("triage", 1, 1), fleets.pool("resolver", 1, 1)),
        (
            fleets.serves("tickets", "triage"),
            fleets.serves("tickets", "resolver"),
            fleets.call("triage", "resolver"),
        ),
    )
    bootstrap = json.loads((fleets.emit(plan, tmp_path) / "envoy" / "envoy.json").read_text())
    assert watched_files(bootstrap) == {"triage": "eds/triage.json", "resolver": "eds/resolver.json"}


def test_a_file_is_rewritten_only_when_the_endpoints_change(tmp_path: Path) -> None:
    files = EndpointFiles(tmp_path, {"triage": "eds/triage.json"})
    assert files.write("triage", (4001, 4000))
    assert not files.write("triage", (4000, 4001))
    assert not files.write("nobody-calls-it", (4000,))
    body = json.loads((tmp_path / "eds" / "triage.json").read_text())
    (assignment,) = body["resources"]
    endpoints = assignment["endpoints"][0]["lb_endpoints"]
    ports = [one["endpoint"]["address"]["socket_address"]["port_value"] for one in endpoints]
    assert (assignment["cluster_name"], ports) == ("triage", [4000, 4001])
    assert [path.name for path in (tmp_path / "eds").iterdir()] == ["triage.json"]


def test_a_line_of_the_outlier_log_is_read_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "outlier.log"
    log = OutlierLog(path, origin=0.0)
    assert log.read() == []
    line = (
        '{"type":"CONSECUTIVE_5XX","cluster_name":"triage--resolver","upstream_url":"127.0.0.1:4000",'
        '"action":"EJECT","num_ejections":1,"enforced":true,"timestamp":"2026-11-21T17:43:04.282Z"}'
    )
    path.write_text(line[:40])
    assert log.read() == []
    path.write_text(line + "\n")
    (ejection,) = log.read()
    assert (ejection.call, ejection.port, ejection.phase) == ("triage--resolver", 4000, "ejected")
    assert ejection.enforced
    assert log.read() == []
