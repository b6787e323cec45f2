from __future__ import annotations

import pytest

from streammesh.platform.connect import Connector, Task, useful_cause

TRACE = """org.apache.kafka.connect.errors.ConnectException: Unrecoverable exception
\tat org.apache.kafka.connect.runtime.WorkerTask.run(WorkerTask.java:298)
Caused by: java.lang.RuntimeException: in between
\t... 3 more
Caused by: org.postgresql.util.PSQLException: FATAL: no such slot
\tat x.y(Z.java:1)
"""


@pytest.mark.parametrize(
    ("trace", "cause"),
    [
        (TRACE, "FATAL: no such slot"),
        ("a.b.SomeException: only this\n\tat x", "only this"),
        ("a.b.NullPointerException\n\tat x", "a.b.NullPointerException"),
        ("Caused by: a.b.NullPointerException", "a.b.NullPointerException"),
        ("plain words: here", "plain words: here"),
        ("", ""),
    ],
)
def test_the_useful_line_of_a_trace_is_its_last_cause(trace, cause):
    assert useful_cause(trace) == cause
    assert Task(0, "FAILED", trace).cause == cause


def test_a_connector_fails_with_its_own_or_a_tasks_cause():
    running = Connector("c", {}, "RUNNING", (Task(0, "RUNNING"),))
    assert (running.failed, running.cause) == (False, "")
    by_task = Connector("c", {}, "RUNNING", (Task(0, "RUNNING"), Task(1, "FAILED", TRACE)))
    assert (by_task.failed, by_task.cause) == (True, "FATAL: no such slot")
    itself = Connector("c", {}, "FAILED", (), "a.b.X: words")
    assert (itself.failed, itself.cause) == (True, "words")
