from typing import Any

import pytest

from streammesh.demo import proofs
from streammesh.deployments.progress import Lsn
from streammesh.errors import ExitCode
from streammesh.errors.demo import NumbersDisagree
from streammesh.reconcile.proof import Difference, Proof


def proof(*differences: Difference, **other: Any) -> Proof:
    values: dict[str, Any] = {
        "topic": "sales.orders.v1",
        "position": Lsn.parse("0/4A3F2C8"),
        "source_documents": 1000,
        "product_documents": 1000,
        "differences": differences,
        "not_checked": 0,
        "quarantined": 0,
        "source_digest": "9f31",
        "product_digest": "9f31" if not differences else "77aa",
    }
    return Proof(**(values | other))


def changed(key: int) -> Difference:
    return Difference({"order_id": key}, "different", ("status", "lines[0].amount"))


def test_agreement_passes_and_reads_as_promised() -> None:
    proofs.check({"sales.orders": proof()})
    shown = proofs.text("sales.orders", proof())
    assert "source 1,000 = product 1,000, differences 0" in shown
    assert shown.count("9f31") == 2


def test_a_difference_ends_with_status_3_and_names_key_and_fields() -> None:
    with pytest.raises(NumbersDisagree) as caught:
        proofs.check({"sales.orders": proof(changed(41))})
    assert caught.value.exit_code == ExitCode.CHECK_SAID_NO
    assert "1 document" in caught.value.what
    assert caught.value.why == "sales.orders order_id 41: different (status, lines[0].amount)"


def test_what_was_not_checked_is_no_agreement() -> None:
    with pytest.raises(NumbersDisagree, match="2 documents"):
        proofs.check({"sales.orders": proof(not_checked=2)})
    assert "1,000 ≠" in proofs.text("sales.orders", proof(not_checked=2))


def test_one_bad_product_is_enough() -> None:
    with pytest.raises(NumbersDisagree) as caught:
        proofs.check({"sales.customers": proof(), "sales.orders": proof(changed(7))})
    assert "sales.customers" not in (caught.value.why or "")


def test_many_differences_are_counted_and_some_named() -> None:
    with pytest.raises(NumbersDisagree) as caught:
        proofs.check({"sales.orders": proof(*map(changed, range(500)))})
    why = (caught.value.why or "").splitlines()
    assert len(why) == proofs.KEYS_NAMED + 1
    assert why[-1].endswith("480 more")


def test_json_has_keys_and_fields() -> None:
    content = proofs.as_json(proof(changed(41)))
    assert content["differences"] == [
        {"key": {"order_id": 41}, "kind": "different", "fields": ["status", "lines[0].amount"]}
    ]
    assert content["position"] == "0/4A3F2C8"
