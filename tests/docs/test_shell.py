"""What the other tests of this folder rely on: what is alike, and that what fails or differs is found."""

import time
from pathlib import Path

import pytest
from blocks import Block
from shell import alike, typed


def block(language: str, content: str) -> Block:
    return Block("page.md", 1, language, "", content)


def test_times_ids_and_blanks_may_differ():
    assert alike("TOOK   RESULT\n3.4 s  started\n", "TOOK    RESULT\n12.25 s  started\n")
    assert not alike("3.4 s  started\n", "3.4 s  failed\n")
    assert alike("pid 12, SHA256:" + 43 * "a", "pid 7, SHA256:" + 43 * "b")


def test_an_ellipsis_is_anything():
    assert alike("a\n…\nd\n", "a\nb\nc\nd\n")
    assert alike("a\n…\nd\n", "a\nd\n")
    assert not alike("a\n…\nd\n", "a\nb\n")
    assert alike("a … c\n", "a b c\n")
    assert not alike("a … c\n", "a b c d\n")


def test_a_session_has_commands_machines_and_what_they_print():
    first, second = typed("$ echo one \\\n> two\none two\n\nh1# true\n")
    assert (first.machine, first.command, first.prints) == ("", "echo one \\\ntwo\n", "one two\n\n")
    assert (second.machine, second.command, second.prints) == ("h1", "true\n", "")


def test_commands_go_on_where_those_before_ended(here):
    here.play(block("sh", "where=/tmp\ncd /tmp\n"), block("console", "$ pwd; echo $where\n/tmp\n/tmp\n"))


def test_what_runs_in_the_background_ends_with_the_shell(here):
    number = int(here.type("sleep 1000 >/dev/null & echo $!\n"))
    here.shell("").end()
    deadline = time.monotonic() + 10
    while is_running(number):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(number: int) -> bool:
    try:
        return Path(f"/proc/{number}/stat").read_text().split()[2] != "Z"
    except FileNotFoundError:
        return False


def test_a_command_that_fails_is_found(here):
    with pytest.raises(AssertionError, match="page.md:1 .*a command failed in:\nfalse\ntrue\n"):
        here.play(block("sh", "false\ntrue\n"))


def test_another_output_is_found(here):
    with pytest.raises(AssertionError, match="(?s)page.md:1 .*prints, times and ids apart,\ntwo\n"):
        here.play(block("console", "$ echo two\none\n"))


def test_a_command_that_does_not_end_is_found(here):
    with pytest.raises(AssertionError, match="not over within 0.2 s"):
        here.play(block("sh", "sleep 1000\n"), within=0.2)
