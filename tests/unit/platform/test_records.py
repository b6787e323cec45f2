from __future__ import annotations

import pytest

from streammesh.platform.kafka_stores import decode_resource, encode_resource
from streammesh.platform.stores import Resource

RESOURCE = Resource("topic", "sales.orders.v1", "sales", "product/sales.orders", {"a": "b"}, True)


def test_a_record_holds_the_whole_resource_and_its_format():
    value = encode_resource(RESOURCE)
    assert b'"format":1' in value
    assert decode_resource(value) == RESOURCE
    assert RESOURCE.key == "topic/sales.orders.v1"


def test_equal_resources_give_equal_bytes():
    other = Resource("topic", "t", "", "mesh", {"b": "1", "a": "2"})
    same = Resource("topic", "t", "", "mesh", {"a": "2", "b": "1"})
    assert encode_resource(other) == encode_resource(same)


@pytest.mark.parametrize("value", [b"", b"[]", b"{}", b'{"format":2,"resource":{}}'])
def test_another_format_is_refused(value):
    with pytest.raises(ValueError, match=r"."):
        decode_resource(value)


def test_fields_that_a_later_version_added_are_no_harm():
    value = encode_resource(RESOURCE).replace(b'"domain"', b'"later":1,"domain"')
    assert decode_resource(value) == RESOURCE
