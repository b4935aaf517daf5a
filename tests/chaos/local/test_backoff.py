from __future__ import annotations

from seatrial.chaos.local.replica_set import backoff_seconds


def test_a_container_is_restarted_at_once_then_after_ten_seconds_doubling_to_five_minutes() -> None:
    waits = [backoff_seconds(failures) for failures in range(9)]
    assert waits == [0, 10, 20, 40, 80, 160, 300, 300, 300]
    assert backoff_seconds(100_000) == 300
