"""examples/cpp_to_python: the RiskChecker alone, asked as the OrderProcessor would."""

import json
from collections.abc import Iterator

import pytest
import zmq
from conftest import LONG, ROOT

RISK_CHECKER = ["/usr/bin/python3", "-B", ROOT / "examples/cpp_to_python/python/risk_checker.py"]


class Orders:
    """A PULL socket for the verdicts, and a PUSH socket to wherever the registry says."""

    def __init__(self, registry):
        self.registry = registry
        self.context = zmq.Context()
        self.pushes = {}
        self.verdicts = self.context.socket(zmq.PULL)
        port = self.verdicts.bind_to_random_port("tcp://127.0.0.1")
        self.endpoint = f"tcp://127.0.0.1:{port}"

    def send(self, message: object, message_type: str = "Order") -> None:
        found = self.registry.ctl("--timeout", str(LONG), "lookup", "--wait", "RiskChecker")
        assert found.returncode == 0, found.stderr
        endpoint = found.stdout.strip()
        if endpoint not in self.pushes:
            self.pushes[endpoint] = self.context.socket(zmq.PUSH)
            self.pushes[endpoint].connect(endpoint)
        who = {"sender_actor": "OrderProcessor", "sender_endpoint": self.endpoint, "receiver": "RiskChecker"}
        self.pushes[endpoint].send_json({**who, "message_type": message_type, "message": message})

    def verdict(self) -> dict:
        assert self.verdicts.poll(LONG * 1000)
        return json.loads(self.verdicts.recv())


@pytest.fixture
def orders(registry) -> Iterator[Orders]:
    orders = Orders(registry)
    yield orders
    orders.context.destroy(0)


def order(number: int, **more: object) -> dict:
    return {"order_id": number, "symbol": "ACME", "quantity": 100 * number, "price": 99.5, **more}


def test_an_order_is_answered_with_a_verdict(registry, start, orders):
    checker = start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    orders.send(order(5))
    verdict = orders.verdict()
    assert verdict.pop("sender_endpoint").startswith("tcp://127.0.0.1:")
    assert verdict == {
        "sender_actor": "RiskChecker",
        "receiver": "OrderProcessor",
        "message_type": "Verdict",
        "message": {"order_id": 5, "accepted": True, "reason": ""},
    }
    orders.send(order(6, price=100))
    assert orders.verdict()["message"] == {
        "order_id": 6,
        "accepted": False,
        "reason": "worth 60000.00, the limit is 50000.00",
    }
    assert [checker.line(), checker.line()] == ["order 5: 500 ACME at 99.50", "order 6: 600 ACME at 100.00"]
    assert checker.end() == 0
    assert registry.ctl("lookup", "RiskChecker").returncode == 4, "it has said goodbye"


def test_what_is_no_order_is_passed_over(registry, start, orders):
    start("checker", *RISK_CHECKER, "--registry", registry.endpoint, "--limit", "1")
    for wrong in [], {}, order(1, quantity="many"), order(1, order_id=None), order(1, price=True):
        orders.send(wrong)
    orders.send(order(1), message_type="Unheard")
    orders.send(order(2))
    assert orders.verdict()["message"]["order_id"] == 2


def test_it_is_found_again_after_it_and_the_registry_were_restarted(registry, start, orders):
    first = start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    orders.send(order(1))
    orders.verdict()
    registry.kill()
    registry.start()  # empty
    orders.send(order(2))
    assert orders.verdict()["message"]["order_id"] == 2
    first.kill()
    start("checker", *RISK_CHECKER, "--registry", registry.endpoint)
    while True:
        orders.send(order(3))
        if orders.verdicts.poll(1000):
            break
    assert orders.verdict()["message"]["order_id"] == 3


def test_a_wrong_command_line_is_status_2(start):
    assert start("wrong", *RISK_CHECKER, "--limit", "much").child.wait(LONG) == 2
