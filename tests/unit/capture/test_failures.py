"""Why a connector failed, in words that say what to do."""

from __future__ import annotations

import pytest

from streammesh.capture.failures import LONGEST_CAUSE, explain
from streammesh.platform.connect import Connector, Task


def failed(trace: str) -> Connector:
    return Connector("sales.shop", {}, "RUNNING", (Task(0, "FAILED", trace),))


@pytest.mark.parametrize(
    ("trace", "why", "fix"),
    [
        ("x\nCaused by: a.B: stream at 5, but this is no longer available on the server.",
         "max_slot_wal_keep_size", "new generation"),
        ('x\nCaused by: o.P: ERROR: invalid input syntax: "another database: system'
         ' identifier 1 (was 1), timeline 2 (was 1)"', "positions can go back", "new generation"),
        ("a.B: Publication autocreation is disabled, please create one", "dropped", "mesh apply"),
        ('x\nCaused by: o.P: FATAL: password authentication failed for user "c"', "login", "url"),
        ("a.B: permission denied for table orders", "may not read", "GRANT"),
        ("a.B: must be superuser or replication role to use", "replicate", "ALTER ROLE"),
        ("a.B: ERROR: all replication slots are in use", "no replication slot", "raise"),
        ("o.a.TopicAuthorizationException: Not authorized", "may not write", "mesh apply"),
        ("o.a.RecordTooLargeException: The message is 40000000 bytes", "larger", "exclude"),
        ("a.B: Connection to db:5432 refused.", "can't reach", "database.url"),
    ],
)  # fmt: skip
def test_known_failures_say_what_to_do(trace: str, why: str, fix: str) -> None:
    error = explain("sales.shop", failed(trace))
    assert why in (error.why or "")
    assert fix in (error.fix or "")


def test_an_unknown_failure_gives_its_own_cause() -> None:
    error = explain("sales.shop", failed("java.lang.X: at first\nCaused by: a.B: the disk is full"))
    assert error.what.endswith("failed: the disk is full")
    assert error.why is None


def test_no_cause_is_endless() -> None:
    error = explain("sales.shop", failed("a.B: " + "word " * 1000))
    assert len(error.what) < LONGEST_CAUSE + 100


def test_a_connector_that_failed_itself() -> None:
    connector = Connector("sales.shop", {}, "FAILED", (), "a.B: no such plugin")
    assert explain("sales.shop", connector).what.endswith("failed: no such plugin")
