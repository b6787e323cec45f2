from typing import Any

from streammesh.contracts.digest import Digest, digest

ONE = ((1,), {"a": 1, "b": [1, 2]})
TWO = ((2,), {"a": 1, "b": [1, 2]})


def test_the_order_does_not_matter() -> None:
    assert digest([ONE, TWO]) == digest([TWO, ONE])


def test_the_order_of_fields_does_not_matter() -> None:
    assert digest([ONE]) == digest([((1,), {"b": [1, 2], "a": 1})])


def test_every_difference_matters() -> None:
    others: list[list[Any]] = [
        [],
        [ONE],
        [TWO],
        [ONE, ONE],
        [ONE, ((2,), {"a": 1, "b": [2, 1]})],
        [ONE, ((2,), {"a": "1", "b": [1, 2]})],
        [ONE, ((2,), {"a": None, "b": [1, 2]})],
        [ONE, ((3,), TWO[1])],
    ]
    digests = [digest(pairs) for pairs in others] + [digest([ONE, TWO])]
    assert len(set(digests)) == len(digests)


def test_what_is_taken_out_is_gone() -> None:
    one = Digest()
    one.add(*ONE)
    one.add(*TWO)
    one.remove(*ONE)
    assert one.hexdigest() == digest([TWO])
    assert len(one.hexdigest()) == 64
