"""docs/protocol/vectors/client/calls.json, with the registry's part played here (docs/protocol/vectors/README.md)."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest
import zmq

from drivers import INVOCATION_ID, LONGEST_ANSWER_S, ROOT, Driver

VECTORS = json.loads((ROOT / "docs/protocol/vectors/client/calls.json").read_text())["clients"]
LANGUAGES = {"c++", "rust", "python"}


class Player:
    """The registry's part, towards one client."""

    def __init__(self, context: zmq.Context, driver: Driver):
        self._socket = context.socket(zmq.ROUTER)
        self._socket.linger = 0
        self._socket.bind("tcp://127.0.0.1:*")
        self.endpoint = self._socket.last_endpoint.decode()
        self._driver = driver
        self._instance: str | None = None
        self._ids: set[object] = set()
        self._requests: set[bytes] = set()

    def answer(self, exchange: dict) -> None:
        front, body = self._next_request(f"nothing came in place of {exchange['request']}")
        request = json.loads(body)
        assert self.matches(exchange["request"], request), f"expected {exchange['request']}\nsent     {request}"
        for reply in exchange["replies"]:
            text = reply if isinstance(reply, str) else json.dumps(self.filled(reply, request["request_id"]))
            self._socket.send_multipart([*front, text.encode()])

    def _next_request(self, otherwise: str) -> tuple[list[bytes], bytes]:
        """Not what a client asks again, as it does where an answer takes its time."""
        while True:
            assert self._socket.poll(LONGEST_ANSWER_S * 1000), otherwise
            *front, body = self._socket.recv_multipart()
            if body not in self._requests:
                self._requests.add(body)
                return front, body

    def let_go(self) -> None:
        """Its goodbye is confirmed, if it says one."""
        while self._driver.process.poll() is None:
            if not self._socket.poll(20):
                continue
            *front, body = self._socket.recv_multipart()
            request = json.loads(body)
            if request["message_type"] == "UnregisterManager":
                reply = {"message_type": "ManagerUnregistered", "request_id": request["request_id"], "actors": 0}
                self._socket.send_multipart([*front, json.dumps(reply).encode()])

    def close(self) -> None:
        self._socket.close()

    def matches(self, expected: object, actual: object) -> bool:
        if expected == "$id":
            new = isinstance(actual, (str, int)) and not isinstance(actual, bool) and actual not in self._ids
            self._ids.add(actual)
            return new
        if expected == "$instance":
            self._instance = self._instance or actual
            return isinstance(actual, str) and actual != "" and actual == self._instance
        if expected == "$process":
            return self.is_process(actual)
        if isinstance(expected, dict) and "$any" in expected:
            return isinstance(actual, str if expected["$any"] == "string" else (int, float))
        if isinstance(expected, dict):
            same_keys = isinstance(actual, dict) and expected.keys() == actual.keys()
            return same_keys and all(self.matches(expected[key], actual[key]) for key in expected)
        return type(expected) is type(actual) and expected == actual

    def is_process(self, process: dict) -> bool:
        known = {"host", "pid", "unit", "invocation_id", "language", "version"}
        return (
            process.keys() <= known
            and process["host"] == socket.gethostname()
            and process["pid"] == self._driver.process.pid
            and process["invocation_id"] == INVOCATION_ID
            and process["language"] in LANGUAGES
            and isinstance(process["version"], str)
            and isinstance(process.get("unit", ""), str)
        )

    @staticmethod
    def filled(reply: dict, request_id: object) -> dict:
        values = {"$id": request_id, "$other_id": f"not {request_id}"}
        return {
            name: values.get(value, value) if isinstance(value, str) else value for name, value in reply.items()
        }


def go_through(command: list[str], steps: list[dict]) -> str:
    """What went wrong; empty: nothing."""
    with zmq.Context() as context, Driver(command) as driver:
        player = Player(context, driver)
        number = 0
        try:
            driver.send("open", manager="M", endpoints=[player.endpoint], timeout_ms=LONGEST_ANSWER_S * 1000)
            assert driver.result() == {"ok": True}
            for number, step in enumerate(steps, 1):
                driver.send(**step["call"])
                for exchange in step["exchanges"]:
                    player.answer(exchange)
                result = driver.result()
                assert result == step["result"], f"expected {step['result']}\nresult   {result}"
            driver.process.stdin.close()
            player.let_go()
            assert driver.finish() == 0
        except Exception as error:
            return f"step {number}: {type(error).__name__}: {error}"
        finally:
            player.close()
    return ""


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["about"] for vector in VECTORS])
def test_every_client_sends_and_reads_what_the_vectors_say(drivers, vector):
    with ThreadPoolExecutor(len(drivers)) as pool:
        outcomes = dict(zip(drivers, pool.map(lambda command: go_through(command, vector["steps"]), drivers.values())))
    wrong = {language: outcome for language, outcome in outcomes.items() if outcome}
    assert not wrong, "".join(f"\n{language}: {outcome}" for language, outcome in wrong.items())
