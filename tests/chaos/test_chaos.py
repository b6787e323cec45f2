"""Kills, zombies, damage and restored topics on the real stack: nothing wrong is ever published.

STREAMMESH_CHAOS=large does each fault more often: over 1,000 kills, and about half an hour.
"""

from __future__ import annotations

import os

import pytest

from bench.stack import admin
from chaos import results
from chaos.catalogue import FAULTS
from chaos.garbage import KINDS
from chaos.run import run
from streammesh.local.stack import Stack

LARGE = os.environ.get("STREAMMESH_CHAOS") == "large"
SECONDS = 7200 if LARGE else 900


@pytest.mark.slow
@pytest.mark.timeout(SECONDS)
def test_faults_on_the_real_stack(stack: Stack) -> None:
    counts = [(one, one.large if LARGE else one.ci) for one in FAULTS]
    lines = [results.head()]
    found = run(
        admin(stack), counts, 1, lambda name, result: lines.append(results.line(name, result))
    )
    print("\n".join(lines))
    bad = {name: result for name, result in found.items() if not result.good}
    assert not bad
    assert sum(found[one.name].done for one in FAULTS if one.kills) >= (1000 if LARGE else 100)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda one: one[0])
def test_garbage_in_the_log(kind: tuple) -> None:
    name, made, small, large = kind
    result = made(f"streammesh-{name}-", large if LARGE else small, 1)
    print(results.head(), results.line(name, result), sep="\n")
    assert result.good, result
    assert result.done >= small
