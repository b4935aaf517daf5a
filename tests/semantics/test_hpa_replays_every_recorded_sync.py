"""The autoscaler's semantics against every sync that a real controller was recorded to make."""

from __future__ import annotations

import pytest

from seatrial.compiler.semantics.hpa import HpaState, step

from .recorded_hpa import syncs, traces


@pytest.mark.parametrize("name", sorted(traces()))
def test_every_sync_of_the_trace_decides_as_the_controller_did(name: str) -> None:
    state = HpaState()
    for sync in syncs(name):
        if sync.restarted:
            state = HpaState()
        state, decision = step(sync.spec, state, sync.seen, sync.now, written_at=sync.written_at)
        at = f"{name} at {float(sync.now)} ms"
        assert decision.proposed == sync.proposed, at
        assert decision.rescale == (sync.rescaled is not None), at
        if sync.rescaled is not None:
            assert decision.desired == sync.rescaled == sync.desired, at
        else:
            assert decision.desired == sync.seen.spec_replicas, at
        for ours, theirs in zip((decision.able, decision.active, decision.limited), sync.conditions, strict=True):
            # "" leaves the condition as it was.
            assert ours in ("", theirs), at


def test_the_recording_is_whole() -> None:
    assert len(traces()) == 68
    assert sum(len(trace["syncs"]) for trace in traces().values()) == 4894
