"""Versions that end: v2 beside v1, which is deprecated, and what happens then."""

from __future__ import annotations

from datetime import timedelta

import pytest

from streammesh.catalog.notice_book import moment
from streammesh.catalog.notices import Forced
from streammesh.planning import stages
from streammesh.planning.lifecycle.deprecate import deprecate, successor
from tests.unit.planning.lifecycle.test_release import CONTRACT, renamed

V1, V2 = "sales.orders.v1", "sales.orders.v2"


@pytest.fixture
def two(life):
    """Give v2 beside v1, which ends in eight weeks; not applied yet."""
    before = life.text(CONTRACT)
    renamed(life)
    life.write(*life.release(earlier=lambda _: [before]).edits)
    life.apply()
    old = life.port(V1)
    until = life.today + timedelta(weeks=8)
    instead = successor(life.workspace, old)
    edit = deprecate(life.workspace, old, until, because="Names are split.", instead=instead)
    life.write(edit)
    return life


@pytest.fixture
def told(two):
    two.apply()
    return two


@pytest.fixture
def over(told, monkeypatch):
    """The same when the last day of v1 is past."""
    after = told.today + timedelta(weeks=8, days=1)
    monkeypatch.setattr(stages, "today", lambda: after)
    return told


def move(life) -> None:
    life.subscribe("finance", "revenue", "order_id", version=2)
    life.subscribe("marketing", "campaigns", "order_id", version=2)


def forced(life, *left: str) -> Forced:
    return Forced(V1, "sales", "1.0.0", "The law says so.", left, "ann", moment())
