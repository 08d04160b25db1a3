from __future__ import annotations

import gc
import itertools
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from conftest import Registry, eventually
from fake_registry import FakeRegistry, Json, Reply, acknowledge

from actors_registry import (
    ActorNotFoundError,
    ActorOfflineError,
    ActorRef,
    Notice,
    RegistrationFailedError,
    RegistryClient,
    RegistryError,
    TimeoutError,
)

PACKAGE = Path(__file__).resolve().parents[1]


def test_a_manager_registers_looks_up_and_says_goodbye(registry: Registry) -> None:
    with RegistryClient("Looker", registry.endpoint) as looker:
        with RegistryClient("Holder", registry.endpoint) as holder:
            assert holder.register("A", "tcp://h:1") == "tcp://h:1"
            assert looker.lookup("A") == "tcp://h:1"
            assert looker.lookup_allow_offline("A") == ("tcp://h:1", True)
        assert looker.lookup_allow_offline("A") == ("tcp://h:1", False)
        with pytest.raises(ActorOfflineError) as offline:
            looker.lookup("A")
        assert offline.value.actor_name == "A"
        with pytest.raises(ActorNotFoundError) as nobody:
            looker.lookup("B")
        assert nobody.value.actor_name == "B"


def test_a_name_that_is_taken_says_by_whom(registry: Registry) -> None:
    with RegistryClient("First", registry.endpoint) as first, RegistryClient("Second", registry.endpoint) as second:
        first.register("A", "tcp://h:1")
        with pytest.raises(RegistrationFailedError) as taken:
            second.register("A", "tcp://h:2")
        assert (taken.value.actor_name, taken.value.code) == ("A", "taken")
        assert "First" in taken.value.reason
        with pytest.raises(RegistrationFailedError):
            second.unregister("A")
        first.unregister("A")
        second.register("A", "tcp://h:2")


def test_a_wildcard_endpoint_is_stored_as_what_others_can_reach(registry: Registry) -> None:
    with RegistryClient("M", registry.endpoint) as client:
        assert client.register("A", "tcp://*:7001") == "tcp://127.0.0.1:7001" == client.lookup("A")


def test_many_names_in_few_messages(registry: Registry) -> None:
    actors = {f"A{number}-" + "x" * 100: f"tcp://h:{number + 1}" for number in range(2500)}
    with RegistryClient("M", registry.endpoint) as client:
        assert all(result.ok for result in client.register_many(actors))
        found = client.lookup_many([*actors, "nobody"])
        assert {one.actor_name: one.endpoint for one in found} == {**actors, "nobody": None}
        assert client.lookup_many([]) == [] == client.register_many({})


def test_one_wrong_name_of_many_fails_alone(registry: Registry) -> None:
    with RegistryClient("M", registry.endpoint) as client:
        results = client.register_many({"A": "tcp://h:1", "": "tcp://h:2", "C": "nowhere"})
        assert [(one.ok, one.code) for one in results] == [
            (True, None),
            (False, "invalid_field"),
            (False, "invalid_field"),
        ]


def test_closing_forgets_if_told_to(registry: Registry) -> None:
    with RegistryClient("Looker", registry.endpoint) as looker:
        client = RegistryClient("M", registry.endpoint)
        client.register("A", "tcp://h:1")
        assert client.close(forget=True)
        with pytest.raises(ActorNotFoundError):
            looker.lookup("A")
        assert not client.close()
        with pytest.raises(RegistryError, match="closed"):
            client.lookup("A")
        with pytest.raises(RegistryError, match="closed"):
            client.start_heartbeat()


def test_an_actor_ref_says_where_the_registry_is(registry: Registry) -> None:
    with RegistryClient("M", ActorRef("GlobalRegistry", registry.endpoint)) as client:
        client.register("A", "tcp://h:1")


@pytest.mark.parametrize("endpoints", [[], ["nonsense"], ["tcp://h"]])
def test_an_endpoint_that_cannot_be_one_is_an_error(endpoints: list[str]) -> None:
    with pytest.raises(RegistryError):
        RegistryClient("M", endpoints).lookup("A")


def test_a_text_that_is_no_unicode_is_an_error_and_the_client_good_for_the_next(fake: FakeRegistry) -> None:
    with RegistryClient("M", fake.endpoint) as client:
        with pytest.raises(RegistryError):
            client.lookup("\udc80")
        assert client.lookup("A") == "tcp://h:1"


def test_a_call_that_nobody_answers_ends_in_time_and_the_next_has_a_new_socket(fake: FakeRegistry) -> None:
    with RegistryClient("M", fake.endpoint, timeout=1.5) as client:
        assert client.lookup("A")
        fake.answer = lambda _: []
        begun = time.monotonic()
        with pytest.raises(TimeoutError, match=r"does not answer within 1\.5 s"):
            client.lookup("A")
        assert 1.49 < time.monotonic() - begun < 4.9
        before = set(fake.peers)
        fake.answer = acknowledge
        assert client.lookup("A")
        assert len(fake.peers - before) == 1


class Misses:
    """Answers each request with its first occurrence lost, and from the second on twice."""

    def __init__(self, answer: Callable[[Json], list[Reply]] = acknowledge) -> None:
        self._answer = answer
        self._asked: set[int] = set()

    def __call__(self, request: Json) -> list[Reply]:
        if request["request_id"] in self._asked:
            return 2 * self._answer(request)
        self._asked.add(request["request_id"])
        return []


def test_what_is_not_answered_is_asked_again_and_a_second_answer_is_passed_over(fake: FakeRegistry) -> None:
    fake.answer = Misses()
    with RegistryClient("M", fake.endpoint, timeout=1.5) as client:
        assert client.lookup("A") == client.lookup("B") == "tcp://h:1"
        assert len(fake.peers) == 1
        client.register("A", "tcp://h:1")
        client.unregister("A")
        assert client.goodbye()


def test_a_second_answer_without_an_id_is_passed_over_too(fake: FakeRegistry) -> None:
    refused = json.dumps({"message_type": "Error", "code": "too_large", "error": "over 64 KiB"}).encode()
    fake.answer = Misses(lambda request: [refused] if request.get("actor_name") == "A" else acknowledge(request))
    with RegistryClient("M", fake.endpoint, timeout=1.5) as client:
        with pytest.raises(RegistryError, match="over 64 KiB"):
            client.lookup("A")
        assert client.lookup("B") == "tcp://h:1"


def test_silence_is_asked_again_after_twice_the_time_each(fake: FakeRegistry) -> None:
    fake.answer = lambda _: []
    with RegistryClient("M", fake.endpoint, timeout=1) as client:
        with pytest.raises(TimeoutError):
            client.lookup("A")
        eventually(lambda: len(fake.requests) > 1)
        assert len(fake.requests) <= 3


def test_a_change_takes_effect_behind_one_that_was_asked_twice(fake: FakeRegistry) -> None:
    with RegistryClient("M", fake.endpoint, timeout=5) as client:
        fake.answer = Misses()
        client.register("A", "tcp://h:1")
        (peer,) = fake.peers
        assert len(fake.of_type("RegisterActor")) > 1
        fake.answer = lambda request: [] if request["message_type"] == "LookupActor" else acknowledge(request)
        looking_up = threading.Thread(target=client.lookup, args=("B",))
        looking_up.start()
        eventually(lambda: fake.of_type("LookupActor"))
        client.unregister("A")
        fake.answer = acknowledge
        assert len(fake.peers) == 2
        changes = [request["message_type"] for sender, request in fake.received if sender == peer]
        # Each may be asked once more.
        assert [change for change, _ in itertools.groupby(changes)] == ["RegisterActor", "UnregisterActor"]
        looking_up.join()


def test_the_packages_timeout_is_pythons_own_too() -> None:
    import builtins

    assert issubclass(TimeoutError, RegistryError)
    assert issubclass(TimeoutError, builtins.TimeoutError)


def test_a_slow_call_delays_no_other_thread(fake: FakeRegistry) -> None:
    fake.answer = lambda request: [] if request.get("actor_name") == "slow" else acknowledge(request)
    with RegistryClient("M", fake.endpoint, timeout=20) as client:
        slow = threading.Thread(target=client.lookup, args=("slow",))
        slow.start()
        eventually(lambda: fake.of_type("LookupActor"))
        assert client.lookup("quick")
        assert slow.is_alive()
        fake.answer = acknowledge
        slow.join()


def test_a_hundred_threads_get_each_its_own_answer(fake: FakeRegistry) -> None:
    def answer(request: Json) -> list[Reply]:
        if request["message_type"] != "LookupActor":
            return acknowledge(request)
        name = request["actor_name"]
        return [{"message_type": "LookupResult", "actor_name": name, "endpoint": f"tcp://{name}:1", "online": True}]

    fake.answer = answer
    wrong: list[str] = []

    def look_up(name: str) -> None:
        for _ in range(20):
            if client.lookup(name) != f"tcp://{name}:1":
                wrong.append(name)

    with RegistryClient("M", fake.endpoint) as client:
        threads = [threading.Thread(target=look_up, args=(f"A{number}",)) for number in range(100)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []
    lookups = {(request["request_id"], request["actor_name"]) for request in fake.of_type("LookupActor")}
    assert len({request_id for request_id, _ in lookups}) == len(lookups) == 2000


def test_the_next_endpoint_joins_where_the_first_is_silent_and_is_the_first_next_time(
    fake: FakeRegistry, folder: Path
) -> None:
    with RegistryClient("M", [f"ipc://{folder}/nobody", fake.endpoint], timeout=4) as client:
        begun = time.monotonic()
        client.lookup("A")
        assert time.monotonic() - begun > 1.9
        begun = time.monotonic()
        client.lookup("A")
        assert time.monotonic() - begun < 1.9


def test_heartbeats_come_without_delay_while_a_call_waits(fake: FakeRegistry) -> None:
    fake.answer = lambda request: [] if request["message_type"] == "LookupActor" else acknowledge(request)
    with RegistryClient("M", fake.endpoint, timeout=20, heartbeat_interval=0.05) as client:
        looking_up = threading.Thread(target=client.lookup, args=("A",))
        looking_up.start()
        eventually(lambda: fake.of_type("LookupActor"))
        client.start_heartbeat()
        eventually(lambda: len(fake.of_type("Heartbeat")) >= 10)
        assert looking_up.is_alive()
        fake.answer = acknowledge
        looking_up.join()
        beat = fake.of_type("Heartbeat")[0]
        assert beat["instance"] == client.instance
        assert beat["process"]["pid"] == os.getpid()


def test_no_heartbeat_is_sent_after_they_are_stopped(fake: FakeRegistry) -> None:
    with RegistryClient("M", fake.endpoint, heartbeat_interval=0.02) as client:
        client.start_heartbeat()
        client.start_heartbeat()
        eventually(lambda: len(fake.of_type("Heartbeat")) > 3)
        client.stop_heartbeat()
        client.lookup("the last heartbeat has arrived before this")
        count = len(fake.of_type("Heartbeat"))
        deadline = time.monotonic() + 0.2
        while time.monotonic() < deadline:
            client.lookup("A")
        assert len(fake.of_type("Heartbeat")) == count


def test_unanswered_heartbeats_get_a_new_socket_and_are_said_once(fake: FakeRegistry) -> None:
    notices: list[Notice] = []
    with RegistryClient("M", fake.endpoint, heartbeat_interval=0.05, on_notice=notices.append) as client:
        fake.answer = lambda request: [b"garbage"] if request["message_type"] == "Heartbeat" else acknowledge(request)
        client.start_heartbeat()
        eventually(lambda: len(fake.peers) >= 3)
        fake.answer = acknowledge
        eventually(lambda: len(notices) >= 2)
        assert [notice.kind for notice in notices[:2]] == ["silent", "reconnected"]
        assert fake.endpoint in str(notices[0])


def test_a_registry_that_comes_back_empty_is_told_everything_again(registry: Registry) -> None:
    notices: list[Notice] = []
    with RegistryClient("M", registry.endpoint, heartbeat_interval=0.1, on_notice=notices.append) as client:
        client.start_heartbeat()
        client.register_many({f"A{number}": "tcp://h:1" for number in range(450)})
        client.register("B", "tcp://h:2")
        client.unregister("A0")
        registry.kill()
        registry.start()

        def all_there() -> bool:
            try:
                return all(one.online for one in client.lookup_many([f"A{number}" for number in range(1, 450)] + ["B"]))
            except RegistryError:
                return False

        eventually(all_there)
        eventually(lambda: [notice for notice in notices if notice.kind == "registered_again"])
        assert [notice.actors for notice in notices if notice.kind == "registered_again"] == [450]
        with pytest.raises(ActorNotFoundError):
            client.lookup("A0")


def test_an_older_registry_is_told_one_name_at_a_time(fake: FakeRegistry) -> None:
    def answer(request: Json) -> list[Reply]:
        if request["message_type"] == "RegisterActors":
            return [{"message_type": "Error", "code": "unknown_type", "error": "for people"}]
        return acknowledge(request)

    fake.answer = answer
    notices: list[Notice] = []
    with RegistryClient("M", fake.endpoint, heartbeat_interval=0.05, on_notice=notices.append) as client:
        client.register("A", "tcp://h:1")
        client.start_heartbeat()
        eventually(lambda: "registered_again" in [notice.kind for notice in notices])
        asked_for_many, asked_for_one = len(fake.of_type("RegisterActors")), len(fake.of_type("RegisterActor"))
        assert asked_for_many >= 1 and asked_for_one >= 2
        eventually(lambda: len(fake.of_type("RegisterActor")) > asked_for_one)
        assert len(fake.of_type("RegisterActors")) == asked_for_many


def test_a_newer_life_and_a_lost_name_are_said(registry: Registry) -> None:
    older: list[Notice] = []

    def on_notice(notice: Notice) -> None:
        if notice.kind in ("lost", "superseded"):
            older.append(notice)

    with RegistryClient("M", registry.endpoint, heartbeat_interval=0.05, on_notice=on_notice) as first:
        first.register("A", "tcp://h:1")
        first.register("B", "tcp://h:1")
        first.start_heartbeat()
        with RegistryClient("operator", registry.endpoint) as operator:
            request = b'{"message_type": "UnregisterActor", "actor_name": "B"}'
            operator._connections.call(request, time.monotonic() + 5, 5)
        eventually(lambda: older)
        with RegistryClient("M", registry.endpoint, heartbeat_interval=0.05) as second:
            second.start_heartbeat()
            second.register("A", "tcp://h:2")
            eventually(lambda: len(older) >= 2)
            assert [(one.kind, one.actor_name) for one in older] == [("lost", "B"), ("superseded", "")]
            with pytest.raises(RegistrationFailedError) as refused:
                first.register("C", "tcp://h:3")
            assert refused.value.code == "superseded"
            assert second.lookup("A") == "tcp://h:2"


def test_a_notice_may_close_the_client_or_fail(fake: FakeRegistry) -> None:
    fake.answer = lambda request: [
        {**one, "superseded": True} if isinstance(one, dict) else one for one in acknowledge(request)
    ]
    confirmed: list[bool] = []

    def on_notice(_: Notice) -> None:
        confirmed.append(client.close())
        raise ValueError("of the user")

    client = RegistryClient("M", fake.endpoint, heartbeat_interval=0.05, on_notice=on_notice)
    client.start_heartbeat()
    eventually(lambda: confirmed)
    assert confirmed == [True]


def test_a_notice_that_takes_its_time_delays_no_heartbeat(fake: FakeRegistry) -> None:
    fake.answer = lambda request: [
        {**one, "superseded": True} if isinstance(one, dict) else one for one in acknowledge(request)
    ]
    begun, over = threading.Event(), threading.Event()

    def on_notice(_: Notice) -> None:
        begun.set()
        over.wait(10)

    with RegistryClient("M", fake.endpoint, heartbeat_interval=0.05, on_notice=on_notice) as client:
        client.start_heartbeat()
        assert begun.wait(10)
        count = len(fake.of_type("Heartbeat"))
        eventually(lambda: len(fake.of_type("Heartbeat")) > count + 5)
        over.set()


def test_a_repair_that_nobody_answers_holds_up_no_heartbeat(fake: FakeRegistry) -> None:
    asked_at: list[int] = []

    def answer(request: Json) -> list[Reply]:
        if request["message_type"] == "RegisterActors":
            asked_at.append(len(fake.requests))
            return []
        return acknowledge(request)

    fake.answer = answer
    with RegistryClient("M", fake.endpoint, heartbeat_interval=0.05) as client:
        client.register("A", "tcp://h:1")
        client.start_heartbeat()
        eventually(lambda: len(asked_at) >= 2)
        assert asked_at[1] - asked_at[0] > 5, "heartbeats between one try and the next"


def test_a_client_that_is_let_go_of_says_goodbye(fake: FakeRegistry) -> None:
    client = RegistryClient("M", fake.endpoint)
    client.start_heartbeat()
    instance = client.instance
    del client
    gc.collect()
    said = fake.of_type("UnregisterManager")
    assert {one["instance"] for one in said} == {instance}
    assert len({one["request_id"] for one in said}) == 1  # which may be asked twice


def test_one_that_has_only_looked_up_has_nothing_to_say(fake: FakeRegistry) -> None:
    client = RegistryClient("M", fake.endpoint)
    client.lookup("A")
    del client
    gc.collect()
    assert fake.of_type("UnregisterManager") == []


def run(program: str, *arguments: str, within: float = 30) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    command = [sys.executable, "-B", "-c", program, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=within)


def test_a_program_that_ends_says_goodbye(fake: FakeRegistry) -> None:
    done = run(
        "import sys, actors_registry\n"
        "client = actors_registry.RegistryClient('M', sys.argv[1])\n"
        "client.start_heartbeat()\n"
        "client.register('A', 'tcp://h:1')\n",
        fake.endpoint,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert len({one["request_id"] for one in fake.of_type("UnregisterManager")}) == 1  # which may be asked twice


def test_a_program_whose_registry_is_away_ends_within_two_seconds(folder: Path) -> None:
    begun = time.monotonic()
    done = run(
        "import sys, actors_registry\n"
        "client = actors_registry.RegistryClient('M', sys.argv[1])\n"
        "client.start_heartbeat()\n",
        f"ipc://{folder}/nobody",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert time.monotonic() - begun < 10


def test_a_forked_child_is_told_and_leaves_its_parents_client_alone(registry: Registry) -> None:
    done = run(
        "import os, sys, actors_registry as a\n"
        "with a.RegistryClient('M', sys.argv[1]) as client:\n"
        "    client.start_heartbeat()\n"
        "    client.register('A', 'tcp://h:1')\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        try: client.lookup('A')\n"
        "        except a.RegistryError as error: print(error)\n"
        "        client.stop_heartbeat()\n"
        "        with a.RegistryClient('Child', sys.argv[1]) as own: print(own.lookup('A'), flush=True)\n"
        "        sys.exit(0)\n"
        "    assert os.waitpid(child, 0)[1] == 0\n"
        "    print(client.lookup('A'))\n",
        registry.endpoint,
    )
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert "before a fork" in lines[0]
    assert lines[1:] == ["tcp://h:1", "tcp://h:1"]


def test_an_interrupt_ends_a_call_at_once(folder: Path) -> None:
    begun = time.monotonic()
    done = run(
        "import signal, sys, threading, time, os, actors_registry\n"
        "threading.Timer(0.3, lambda: os.kill(os.getpid(), signal.SIGINT)).start()\n"
        "try: actors_registry.RegistryClient('M', sys.argv[1], timeout=20).lookup('A')\n"
        "except KeyboardInterrupt: print('interrupted')\n",
        f"ipc://{folder}/nobody",
    )
    assert done.stdout == "interrupted\n", done.stderr
    assert time.monotonic() - begun < 15


@pytest.mark.parametrize(
    "reply",
    [
        {"message_type": "LookupResult"},
        {"message_type": "LookupResult", "endpoint": 7, "online": True},
        {"message_type": "LookupResult", "endpoint": "tcp://h:1", "online": 1},
        {"message_type": 7},
        {},
    ],
)
def test_a_malformed_reply_is_an_error_and_the_client_good_for_the_next(fake: FakeRegistry, reply: Any) -> None:
    with RegistryClient("M", fake.endpoint) as client:
        fake.answer = lambda _: [reply]
        with pytest.raises(RegistryError) as caught:
            client.lookup("A")
        assert not isinstance(caught.value, TimeoutError)
        fake.answer = acknowledge
        assert client.lookup("A") == "tcp://h:1"


def test_what_is_no_reply_to_this_request_is_passed_over(fake: FakeRegistry) -> None:
    right = acknowledge({"message_type": "LookupActor", "actor_name": "A"})
    wrong: list[Reply] = [
        b"",
        b"[]",
        b"\xff",
        json.dumps({"message_type": "LookupResult", "endpoint": "tcp://w:1", "online": True}).encode(),
        {"message_type": "LookupResult", "request_id": True, "endpoint": "tcp://w:2", "online": True},
        {"message_type": "Error", "request_id": 10**9, "code": "unavailable", "error": "for people"},
    ]
    fake.answer = lambda _: [*wrong, *right]
    client = RegistryClient("M", fake.endpoint)
    assert client.lookup("A") == "tcp://h:1"
