"""Whom a consumer logs in as, its rights, and the rule by which they are granted."""

from __future__ import annotations

import pytest

from streammesh.delivery.access import consumer_acls, overlapping, principal_of, reserved
from streammesh.delivery.access_rule import Asked, classifications_of, decide, ungranted
from streammesh.documents.names import Names
from streammesh.platform.kafka import Acl


def asked(domain: str = "marketing", refused: bool = False, **fields: str) -> Asked:
    return Asked(domain, "sales", "sales.orders.v1", fields, refused)


def test_a_consumer_has_a_principal_of_its_own_in_the_environments_namespace():
    assert principal_of(Names(), "marketing", "loader", None) == "mesh.marketing.loader"
    assert principal_of(Names("stage"), "marketing", "loader", "") == "stage-mesh.marketing.loader"
    assert principal_of(Names("stage"), "marketing", "loader", "User:etl") == "etl"


def test_rights_are_the_topics_and_the_own_groups_and_nothing_else():
    assert consumer_acls("mesh.m.l", ["b", "a", "b"]) == (
        Acl("mesh.m.l", "topic", "literal", "a", "read"),
        Acl("mesh.m.l", "topic", "literal", "a", "describe"),
        Acl("mesh.m.l", "topic", "literal", "b", "read"),
        Acl("mesh.m.l", "topic", "literal", "b", "describe"),
        Acl("mesh.m.l", "group", "prefixed", "mesh.m.l.", "read"),
    )
    assert consumer_acls("mesh.m.l", []) == ()


@pytest.mark.parametrize(
    "principal",
    [
        "*",
        "ANONYMOUS",
        "mesh",
        "_mesh",
        "stage-mesh",
        "mesh.sales.engine.shop",
        "mesh.marketing.loader",
        "stage-mesh.connect",
        "User:mesh.connect",
        "Group:all",
        " loader",
        "loader\n",
        "loader\x00",
        "load\u200ber",
    ],
)
def test_nobody_reads_as_everybody_or_as_the_mesh_itself(principal):
    assert reserved(principal)


@pytest.mark.parametrize(
    "principal", ["loader", "meshed", "my-app.mesh", "CN=etl, O=Ö", "etl@example.com", "a|b"]
)
def test_other_names_are_somebodys(principal):
    assert not reserved(principal)


def test_groups_of_one_must_not_be_those_of_another():
    assert overlapping(["a", "a.b", "ab", "a.b.c", "c"]) == {"a.b": "a", "a.b.c": "a.b"}
    assert overlapping(["mesh.m.load", "mesh.m.loader", "mesh.m.load-2"]) == {}


@pytest.mark.parametrize(
    ("request_", "at_once"),
    [
        (asked(), True),
        (asked(id="public", name="internal", city=""), True),
        (asked(id="public", name="Internal "), True),
        (asked(id="public", name="confidential"), False),
        (asked(id="public", name="Restricted"), False),
        (asked(id="public", name="top secret"), False),
        (asked(domain="sales", name="confidential"), True),
        (asked(domain="sales", name="restricted"), True),
        (asked(refused=True), False),
        (asked(domain="sales", refused=True), False),
    ],
)
def test_what_is_internal_or_ones_own_is_granted_at_once(request_, at_once):
    decision = decide(request_)
    assert decision.at_once is at_once
    assert decision.because


def test_what_waits_says_for_which_fields():
    assert decide(asked(a="confidential", b="internal")).because == "confidential: a"
    many = decide(asked(a="secret", b="confidential", c="secret", d="secret"))
    assert many.because == "confidential and secret: a, b, c and 1 more"


def test_restricted_fields_are_granted_by_their_full_names_to_others():
    request = asked(a="restricted", **{"a.b": "RESTRICTED", "c": "confidential"})
    assert ungranted(request, ()) == ("a", "a.b")
    assert ungranted(request, ["a"]) == ("a.b",)
    assert ungranted(request, ["a", "a.b", "x"]) == ()
    assert ungranted(asked(domain="sales", a="restricted"), ()) == ()


def test_classifications_are_found_in_objects_lists_and_their_elements():
    contract = {
        "schema": [
            {
                "properties": [
                    {"name": "id"},
                    {"name": "customer", "properties": [{"name": "x", "classification": "a"}]},
                    {"name": "tags", "items": {"classification": "restricted"}},
                    {"name": "m", "items": {"items": {"properties": [{"name": "y"}]}}},
                    {
                        "name": "names",
                        "map": {
                            "key": {"logicalType": "string"},
                            "value": {"properties": [{"name": "z", "classification": "secret"}]},
                        },
                    },
                ]
            },
            {"properties": [{"name": "other"}]},
        ]
    }
    assert classifications_of(contract) == {
        "id": "",
        "customer": "",
        "customer.x": "a",
        "tags": "",
        "tags[]": "restricted",
        "m": "",
        "m[]": "",
        "m[][]": "",
        "m[][].y": "",
        "names": "",
        "names{}": "",
        "names{}.z": "secret",
    }
    assert classifications_of({}) == {}
