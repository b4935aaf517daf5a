"""What all tests share: the switch that rewrites golden folders."""

from __future__ import annotations

import os
import signal

import pytest
from hypothesis import HealthCheck, settings

# A test says what is right, a benchmark how fast it is: on a busy machine neither an example's time nor the time of
# drawing one may decide.
settings.register_profile("seatrial", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("seatrial")


FIRST = ("live", "long")
"""Marks of files, in the order in which they begin."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden folders from what is made now")


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what runs in its background with Ctrl-C ignored, and children inherit that; tests send it to some.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused where CI is set: a golden is judged before it is committed")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What lives in real time begins first: it waits more than it works. Then the files that work the longest: no
    worker is left with one at the end."""
    items.sort(key=lambda item: next((at for at, one in enumerate(FIRST) if item.get_closest_marker(one)), len(FIRST)))


@pytest.fixture(scope="session")
def update_golden(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update-golden"))
