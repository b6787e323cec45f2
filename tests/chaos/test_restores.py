"""A real standby that was behind takes over: nothing wrong is published, and the way out works.

On a stack of the test's own, since it puts other data directories in the server's place; all other
faults of a whole mesh: `make chaos ARGS=parts`.
"""

from __future__ import annotations

import pytest

from chaos import parts


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_standby_takes_over() -> None:
    names = ("database-failed-over-behind", "database-failed-over-unfenced")
    with parts.own_stack() as stack:
        found = {name: parts.do(stack, parts.FAULTS[name]) for name in names}
    assert all(one.good and one.done == 1 for one in found.values()), found
