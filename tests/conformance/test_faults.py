"""What every client says and does while the registry, or the way to it, fails."""

import time

from drivers import Driver, eventually
from play import Stage, play, text_of
from proxy import Link, Meddler
from registry import Registry

from ports import free_endpoint

# Where calls wait in vain, which takes as long.
SHORT_MS = 2000


def tell(stage: Stage, registry: Registry, actor_name: str) -> None:
    """What a plain peer sees of a name."""
    found = registry.ask("LookupActor", actor_name=actor_name)
    stage.note(f"the registry has {actor_name} at {found['endpoint']}, {'online' if found['online'] else 'offline'}")


def test_a_day_without_faults(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            registry.ask("RegisterActor", manager_id="N", actor_name="Theirs", actor_endpoint="tcp://h:9")
            stage.open(registry.endpoint)
            stage.call("start_heartbeat")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("register", "A", actor_endpoint="tcp://h:2")
            stage.call("lookup", "A")
            stage.call("lookup_allow_offline", "A")
            stage.call("lookup", "Theirs")
            stage.call("register", "Theirs", actor_endpoint="tcp://h:1")
            stage.call("unregister", "Theirs")
            stage.call("lookup", "Nobody")
            stage.call("lookup_allow_offline", "Nobody")
            stage.call("register", "B", actor_endpoint="no endpoint")
            stage.call("lookup", "")
            stage.call("unregister", "Nobody")
            stage.call("stop_heartbeat")
            stage.call("start_heartbeat")
            stage.call("unregister", "A")
            stage.call("lookup", "A")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.call("close")
            tell(stage, registry, "B")
            stage.open(registry.endpoint)
            stage.call("lookup", "B")
            stage.call("lookup_allow_offline", "B")
            stage.call("register", "B", actor_endpoint="tcp://h:3")
            stage.call("close", forget=True)
            tell(stage, registry, "B")

    play(drivers, "day_without_faults", script)


def test_a_client_that_is_let_go_of_says_goodbye(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            stage.open(registry.endpoint)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.finish()
            tell(stage, registry, "A")

    play(drivers, "let_go_of", script)


def test_many_names_go_in_one_call(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            registry.ask("RegisterActor", manager_id="N", actor_name="A1", actor_endpoint="tcp://h:9")
            stage.open(registry.endpoint, timeout_ms=10_000)
            names = [f"A{number}" for number in range(2500)]
            actors = [{"actor_name": name, "actor_endpoint": "tcp://h:1"} for name in names]
            registered = stage.quietly("register_many", actors=actors)["results"]
            stage.note(f"registered: {sum(result['ok'] for result in registered)} of {len(registered)}")
            stage.note(f"the second: {text_of(registered[1])}")
            found = stage.quietly("lookup_many", actor_names=[*names, "Nobody"])["results"]
            stage.note(f"online: {sum(result['online'] for result in found)} of {len(found)}")
            stage.note(f"in order: {[result['actor_name'] for result in found] == [*names, 'Nobody']}")
            stage.note(f"the second, the last: {text_of(found[1])}, {text_of(found[-1])}")
            stage.call("close")

    play(drivers, "many_names", script)


def test_the_registry_is_killed_and_comes_back_with_its_state(drivers):
    def script(stage: Stage) -> None:
        with Registry(stored=True) as registry:
            stage.open(registry.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.note("the registry is killed")
            registry.kill()
            stage.call("lookup", "A")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.notice()
            stage.note("and started")
            registry.start()
            stage.notice()
            stage.call("lookup", "A")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.call("close")

    play(drivers, "killed", script)


def test_the_registry_comes_back_empty(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            stage.open(registry.endpoint)
            actors = [{"actor_name": f"A{number}", "actor_endpoint": "tcp://h:1"} for number in range(450)]
            stage.quietly("register_many", actors=actors)
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.call("register", "GivenUp", actor_endpoint="tcp://h:3")
            stage.call("unregister", "GivenUp")
            stage.call("start_heartbeat")
            stage.note("the registry is killed")
            registry.kill()
            stage.notice()
            stage.note("and started without its state")
            registry.start()
            stage.notice()
            stage.notice()
            stage.call("lookup", "A449")
            stage.call("lookup", "B")
            stage.call("lookup", "GivenUp")
            stage.call("close")

    play(drivers, "empty", script)


def test_the_registry_is_not_there_yet(drivers):
    def script(stage: Stage) -> None:
        with Registry(begun=False) as registry:
            stage.open(registry.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.call("lookup", "A")
            stage.notice()
            registry.start()
            stage.notice()
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("lookup", "A")
            stage.note("the registry is killed")
            registry.kill()
            stage.call("close")
            # Whether its silence was noticed before the goodbye is chance.
            stage.driver.notices_left()

    play(drivers, "not_there_yet", script)


def test_the_registry_is_paused(drivers):
    def script(stage: Stage) -> None:
        with Registry(heartbeat_timeout_s=2) as registry:
            stage.open(registry.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.note("the registry is paused")
            registry.pause()
            stage.call("lookup", "A")
            stage.notice()
            stage.call("lookup", "A")
            stage.note("and goes on")
            registry.resume()
            stage.notice()
            tell(stage, registry, "A")
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "paused", script)


def test_the_link_is_cut(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Link(registry.endpoint) as link:
            stage.open(link.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("start_heartbeat")
            stage.note("the link is cut")
            link.cut()
            stage.call("lookup", "A")
            stage.notice()
            stage.note("and healed, for new connections alone")
            link.heal()
            stage.notice()
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "cut", script)


def test_every_reply_has_garbage_before_it(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            meddler.rule = meddler.garbage_first
            stage.open(meddler.endpoint)
            stage.call("start_heartbeat")
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("lookup", "A")
            stage.call("lookup", "Nobody")
            eventually(lambda: meddler.heartbeats >= 4, "heartbeats go on")
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "garbage_first", script)


def test_garbage_is_no_answer(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.note("replies are garbage from now on")
            meddler.rule = meddler.garbage_only
            stage.call("start_heartbeat")
            stage.call("lookup", "A")
            stage.notice()
            stage.note("and replies again")
            meddler.rule = meddler.leave_alone
            stage.notice()
            stage.call("lookup", "A")
            stage.call("close")

    play(drivers, "garbage_only", script)


def test_a_reply_that_comes_too_late_is_nobodys_and_delays_no_heartbeat(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=3000)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.call("start_heartbeat")
            meddler.rule = meddler.hold_lookups
            before = meddler.heartbeats
            stage.call("lookup", "A")
            stage.note(f"heartbeats meanwhile: {meddler.heartbeats - before >= 3}")
            meddler.release()
            for _ in range(3):
                stage.call("lookup", "B")
            stage.call("close")

    play(drivers, "late", script)


def test_a_slow_reply_is_one(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=5000)
            for number in range(3):
                stage.call("register", f"A{number}", actor_endpoint=f"tcp://h:{1 + number}")
            meddler.delay_lookups(0.3)
            stage.call("lookup", "A1")
            results = stage.quietly("lookup_concurrently", actor_names=["A0", "A1", "A2", "Nobody", "A0"])["results"]
            stage.note(f"at once: {text_of(results)}")
            stage.call("close")

    play(drivers, "slow", script)


def test_what_is_not_answered_is_asked_again(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=2500)
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            stage.note("the first reply to each call is lost from now on")

            def call(do: str, **fields: object) -> None:
                meddler.lose(0)
                stage.call(do, **fields)

            call("register", actor_name="A", actor_endpoint="tcp://h:1")
            call("unregister", actor_name="A")
            call("lookup", actor_name="A")
            call("lookup", actor_name="B")
            names = [f"A{number}" for number in range(2500)]
            actors = [{"actor_name": name, "actor_endpoint": "tcp://h:1"} for name in names]
            stage.note("and the second to many names")
            meddler.lose(1)
            registered = stage.quietly("register_many", actors=actors)["results"]
            stage.note(f"registered: {sum(result['ok'] for result in registered)} of {len(registered)}")
            meddler.lose(1)
            found = stage.quietly("lookup_many", actor_names=[*names, "Nobody"])["results"]
            stage.note(f"online: {sum(result['online'] for result in found)} of {len(found)}")
            stage.note(f"in order: {[result['actor_name'] for result in found] == [*names, 'Nobody']}")
            meddler.lose(0)
            several = stage.quietly("lookup_concurrently", actor_names=["B", "A1", "Nobody"])["results"]
            stage.note(f"at once: {text_of(several)}")
            call("close")
            tell(stage, registry, "B")

    play(drivers, "lost_replies", script)


def test_silence_is_not_answered_with_a_storm(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=SHORT_MS)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.note("all replies are lost from now on")
            meddler.rule = meddler.lose_all
            stage.call("lookup", "A")
            asked = meddler.requests["LookupActor"]
            stage.note(f"asked again, and then after twice the time: {1 < asked <= 3}")
            meddler.rule = meddler.leave_alone
            stage.call("close")

    play(drivers, "no_storm", script)


def test_a_registry_that_is_killed_with_a_request_in_its_hands_is_asked_again(drivers):
    def script(stage: Stage) -> None:
        with Registry(stored=True) as registry, Link(registry.endpoint) as link:

            def killed_during(do: str, **fields: object) -> None:
                registry.pause()
                before = link.passed_on
                stage.driver.send(do, **fields)
                eventually(lambda: link.passed_on > before, "the request is on its way")
                registry.kill()
                registry.start()
                stage.note(f"{do}, of a registry that is killed and started meanwhile: {text_of(stage.driver.result())}")

            stage.open(link.endpoint, timeout_ms=10_000)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            killed_during("lookup", actor_name="A")
            killed_during("register", actor_name="B", actor_endpoint="tcp://h:2")
            stage.call("lookup", "B")
            stage.call("close")

    play(drivers, "killed_in_between", script)


def test_of_two_answers_to_one_request_the_second_is_nobodys(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Meddler(registry.endpoint) as meddler:
            stage.open(meddler.endpoint, timeout_ms=5000)
            for number in range(3):
                stage.call("register", f"A{number}", actor_endpoint=f"tcp://h:{1 + number}")
            meddler.delay_lookups(1.2)
            stage.note("answers take longer than it takes to ask again")
            stage.call("lookup", "A0")
            stage.call("lookup", "A1")
            meddler.rule = meddler.leave_alone
            stage.call("lookup", "A2")
            stage.call("lookup", "Nobody")
            stage.note(f"asked again: {5 <= meddler.requests['LookupActor'] <= 6}")
            stage.call("close")

    play(drivers, "two_answers", script)


def test_many_threads_ask_at_once(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            stage.open(registry.endpoint, timeout_ms=10_000)
            names = [f"A{number}" for number in range(50)]
            actors = [{"actor_name": name, "actor_endpoint": f"tcp://h:{1 + i}"} for i, name in enumerate(names)]
            stage.quietly("register_many", actors=actors)
            results = stage.quietly("lookup_concurrently", actor_names=names)["results"]
            right = [{"endpoint": actor["actor_endpoint"]} for actor in actors]
            stage.note(f"each has its own: {results == right}")
            stage.call("close")

    play(drivers, "many_threads", script)


def test_a_newer_life_supersedes_the_older_one_until_it_ends(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry, Driver(stage.driver.command) as second:
            older, newer = Stage(stage.driver, stage.trace, "older"), Stage(second, stage.trace, "newer")
            older.open(registry.endpoint)
            older.call("register", "A", actor_endpoint="tcp://h:1")
            older.call("start_heartbeat")
            newer.open(registry.endpoint)
            newer.call("register", "A", actor_endpoint="tcp://h:2")
            newer.call("start_heartbeat")
            older.notice()
            older.call("register", "B", actor_endpoint="tcp://h:3")
            older.call("lookup", "A")
            newer.call("close")
            newer.finish()
            older.notice()
            older.call("lookup", "A")
            older.call("close")

    play(drivers, "superseded", script)


def test_a_lost_name_is_said_and_left(drivers):
    def script(stage: Stage) -> None:
        with Registry(heartbeat_timeout_s=0.5) as registry:
            stage.open(registry.endpoint)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            stage.call("register", "B", actor_endpoint="tcp://h:2")
            eventually(lambda: not registry.ask("LookupActor", actor_name="A")["online"], "A is offline")
            taken = registry.ask("RegisterActor", manager_id="N", actor_name="A", actor_endpoint="tcp://h:9")
            stage.note(f"another manager registers A: {taken['message_type']}")
            stage.call("start_heartbeat")
            stage.notice()
            before = registry.heartbeats()
            eventually(lambda: registry.heartbeats() >= before + 3, "heartbeats go on")
            found = stage.quietly("lookup_allow_offline", actor_name="A")
            stage.note(f"A is at {found['endpoint']}")
            stage.call("close")

    play(drivers, "lost", script)


def test_of_several_endpoints_the_one_that_answers_is_asked(drivers):
    def script(stage: Stage) -> None:
        with Registry() as registry:
            stage.open(free_endpoint(), registry.endpoint, timeout_ms=4000)
            stage.call("register", "A", actor_endpoint="tcp://h:1")
            begun = time.monotonic()
            stage.call("lookup", "A")
            stage.note(f"the last good one first: {time.monotonic() - begun < 1.9}")
            stage.call("close")

    play(drivers, "several_endpoints", script)
