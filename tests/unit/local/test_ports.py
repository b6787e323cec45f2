import socket

import pytest

from streammesh.errors.local import PortTaken
from streammesh.local.ports import HOST, OTHERS, PREFERRED, assign, is_free

IDLE = {"postgres": ("postgres",), "kafka": ("kafka", "kafka_controller")}


def test_the_first_workspace_gets_the_preferred_ports():
    assigned, moved = assign({}, IDLE, (), free=lambda _port: True)
    assert assigned == {name: PREFERRED[name] for names in IDLE.values() for name in names}
    assert moved == {}


def test_the_second_gets_others_all_different():
    assigned, _ = assign({}, IDLE, (), free=lambda port: port not in PREFERRED.values())
    assert len(set(assigned.values())) == 3
    assert all(port in OTHERS for port in assigned.values())


def test_remembered_ports_stay():
    before = {"postgres": 21000, "kafka": 21001, "kafka_controller": 21002}
    assert assign(before, IDLE, (), free=lambda _port: True) == (before, {})


def test_a_taken_port_is_replaced_and_named():
    before = {"postgres": 21000, "kafka": 21001, "kafka_controller": 21002}
    assigned, moved = assign(before, IDLE, ("postgres",), free=lambda port: port != 21001)
    assert assigned["kafka"] != 21001
    assert assigned["postgres"] == 21000
    assert "port 21001 is taken" in moved["kafka"]
    assert str(assigned["kafka"]) in moved["kafka"]


def test_a_taken_port_that_others_depend_on_is_an_error():
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        port = server.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port}, which postgres") as caught:
            assign({"postgres": port}, {"postgres": ("postgres",)}, ("postgres",))
    assert "--move-ports" in str(caught.value.fix)


def test_a_running_component_keeps_its_port():
    assigned, moved = assign({"kafka": 21001}, {}, (), free=lambda _port: False)
    assert (assigned, moved) == ({"kafka": 21001}, {})


def test_a_port_with_a_listener_is_not_free():
    with socket.socket() as server:
        server.bind((HOST, 0))
        server.listen()
        port = server.getsockname()[1]
        assert not is_free(port)
    assert is_free(port)
