"""Any tables, any model, any transactions: after every commit, what PostgreSQL computes.

STREAMMESH_EXAMPLES says how many examples are tried, STREAMMESH_SEED where they begin.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.property.cases import Case, cases
from tests.property.derived import FORMS
from tests.property.driver import TWICE
from tests.property.server import Server
from tests.property.world import run

EXAMPLES = int(os.environ.get("STREAMMESH_EXAMPLES", "150"))
SEED = int(os.environ.get("STREAMMESH_SEED", "0"))


TOTALS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def _said(request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{dict(TOTALS)}, STREAMMESH_SEED={SEED}")


@seed(SEED)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
@given(case=cases())
def test_consumers_have_what_the_database_has_after_every_commit(
    server: Server, case: Case
) -> None:
    told = run(server, case)
    history = told.driver.history
    TOTALS["examples"] += 1
    TOTALS["copied"] += case.copied
    TOTALS[f"read anew, {case.anew}"] += case.again < 100
    TOTALS["transactions"] += len(history.commits)
    TOTALS["statements"] += sum(not one.startswith("--") for one in history.script)
    TOTALS["refused"] += sum(one.startswith("--") for one in history.script)
    for form, mark in FORMS.items():
        TOTALS[form] += any(mark in sql for sql in case.models)
    before = history.start
    for commit in history.commits:
        for topic, documents in commit.expected.items():
            keys = documents.keys() | before[topic].keys()
            TOTALS["events"] += sum(documents.get(k) != before[topic].get(k) for k in keys)
            TOTALS["keys given twice"] += sum(one is TWICE for one in documents.values())
        before = commit.expected
