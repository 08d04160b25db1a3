from __future__ import annotations

import os

import pytest

from actors_registry._process import own_process, random_instance, unit_in_cgroup


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("0::/system.slice/order.service\n", "order.service"),
        ("0::/user.slice/user-0.slice/user@0.service/app.slice/run-1.scope\n", "run-1.scope"),
        ("12:pids:/x\n1:name=systemd:/system.slice/order.service\n0::/\n", "order.service"),
        ("0::/system.slice/order.service/worker\n", "order.service"),
        ("5:cpu:/system.slice/other.service\n0::/\n", None),
        ("0::/\n", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_unit_is_what_systemds_cgroup_names(text: str, unit: str | None) -> None:
    assert unit_in_cgroup(text) == unit


def test_the_process_says_who_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INVOCATION_ID", "0123456789abcdef0123456789abcdef")
    process = own_process()
    assert process["pid"] == os.getpid()
    assert process["invocation_id"] == "0123456789abcdef0123456789abcdef"
    assert process["language"] == "python"
    assert process["host"]


@pytest.mark.parametrize("value", ["", "x" * 256, "a\nb", "\udc80"])
def test_what_the_registry_would_refuse_is_left_out(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("INVOCATION_ID", value)
    assert "invocation_id" not in own_process()


def test_no_two_instances_are_alike() -> None:
    assert len({random_instance() for _ in range(100)}) == 100
