"""examples/registry_ping_pong: the same two actors in each language, any pair of which plays."""

import itertools

import pytest
from conftest import BUILD, ROOT

# A language, and its program.
PROGRAMS = {
    "c++": [BUILD / "examples/registry_ping_pong/ping_pong"],
    "rust": [BUILD / "rust/debug/examples/ping_pong"],
    "python": ["/usr/bin/python3", "-B", ROOT / "examples/registry_ping_pong/python/ping_pong.py"],
}


@pytest.mark.parametrize("ping, pong", itertools.product(PROGRAMS, repeat=2))
def test_any_pair_plays(registry, start, ping, pong):
    pong = start("pong", *PROGRAMS[pong], "pong", "--registry", registry.endpoint)
    ping = start("ping", *PROGRAMS[ping], "ping", "--registry", registry.endpoint, "--count", "3")
    assert [ping.line() for _ in range(3)] == ["pong 1", "pong 2", "pong 3"]
    assert ping.child.wait(30) == 0
    assert [pong.line() for _ in range(3)] == ["ping 1", "ping 2", "ping 3"]
    assert pong.end() == 0
    assert registry.ctl("lookup", "pong").returncode == 4, "it has said goodbye"


@pytest.mark.parametrize("language", PROGRAMS)
def test_the_game_goes_on_after_pong_and_the_registry_were_restarted(registry, start, language):
    program = PROGRAMS[language]
    first = start("pong", *program, "pong", "--registry", registry.endpoint)
    ping = start("ping", *program, "ping", "--registry", registry.endpoint, "--count", "1000000")
    assert ping.line() == "pong 1"
    first.kill()
    registry.kill()
    registry.start()  # empty
    second = start("pong", *program, "pong", "--registry", registry.endpoint)
    number = int(second.line().removeprefix("ping "))
    assert number > 1
    while ping.line() != f"pong {number}":
        pass
    assert ping.end() == 0


@pytest.mark.parametrize("language", PROGRAMS)
def test_a_wrong_command_line_is_status_2(start, language):
    for words in [], ["pang"], ["ping", "--count"], ["ping", "--count", "x"], ["pong", "--what", "1"]:
        assert start("wrong", *PROGRAMS[language], *words).child.wait(30) == 2
