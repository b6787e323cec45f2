import threading
import time

import pytest

from streammesh.demo.pace import Pace, Workload


@pytest.mark.parametrize(("transactions", "writers"), [(2000, 4), (7, 3), (1, 4), (0, 2)])
def test_shares_of_all_writers_add_up(transactions: int, writers: int) -> None:
    workload = Workload(writers=writers, transactions=transactions)
    shares = [workload.share(number) for number in range(writers)]
    assert sum(share or 0 for share in shares) == transactions
    assert max(share or 0 for share in shares) - min(share or 0 for share in shares) <= 1


def test_an_unbounded_workload_has_no_share() -> None:
    assert Workload().share(0) is None


def test_a_writer_keeps_to_its_part_of_the_rate() -> None:
    pace = Pace(Workload(writers=2, per_second=200), threading.Event())
    start = time.monotonic()
    for _ in range(20):
        pace.spend(5)
    # 20 transactions at 100 a second by this one writer
    assert 0.19 <= time.monotonic() - start < 2


def test_changes_can_be_what_is_counted() -> None:
    pace = Pace(Workload(writers=1, per_second=1000, counts="changes"), threading.Event())
    start = time.monotonic()
    for _ in range(20):
        pace.spend(10)
    assert 0.19 <= time.monotonic() - start < 2


def test_without_a_rate_nothing_waits() -> None:
    pace = Pace(Workload(), threading.Event())
    start = time.monotonic()
    for _ in range(1000):
        pace.spend(1)
    assert time.monotonic() - start < 0.5


def test_stopping_ends_a_wait() -> None:
    stopping = threading.Event()
    pace = Pace(Workload(writers=1, per_second=0.01), stopping)
    threading.Timer(0.05, stopping.set).start()
    start = time.monotonic()
    pace.spend(1)
    assert time.monotonic() - start < 5
