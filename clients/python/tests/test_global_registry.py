from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from conftest import ACTORSCTL, eventually

from actors_registry import GlobalRegistry, RegistryClient, RegistryError

PACKAGE = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTORSCTL", str(ACTORSCTL))
    monkeypatch.delenv("REGISTRY_ENDPOINT", raising=False)


def config(folder: Path) -> tuple[Path, str]:
    endpoint = f"ipc://{folder}/registry"
    path = folder / "registry.json"
    path.write_text(json.dumps({"registry_endpoint": endpoint, "data_dir": ""}))
    return path, endpoint


def answers(endpoint: str) -> bool:
    with RegistryClient("probe", endpoint, timeout=0.3) as client:
        try:
            return bool(client.lookup_many(["A"]))
        except RegistryError:
            return False


def test_it_blocks_until_it_is_stopped_from_elsewhere(folder: Path) -> None:
    path, endpoint = config(folder)
    registry = GlobalRegistry(config_path=path)
    thread = threading.Thread(target=registry.run)
    thread.start()
    eventually(lambda: answers(endpoint), within=30)
    assert thread.is_alive()
    registry.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert not answers(endpoint)
    registry.stop()
    with pytest.raises(RegistryError, match="run already"):
        registry.run()


def test_without_a_path_the_configuration_is_where_actorsctl_looks(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, endpoint = config(folder)
    monkeypatch.setenv("REGISTRY_CONFIG", str(path))
    registry = GlobalRegistry()
    thread = threading.Thread(target=registry.run)
    thread.start()
    eventually(lambda: answers(endpoint), within=30)
    registry.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_a_stop_before_it_runs_is_not_lost(folder: Path) -> None:
    registry = GlobalRegistry(config_path=config(folder)[0])
    registry.stop()
    registry.run()


def test_a_wrong_configuration_is_said(folder: Path) -> None:
    path = folder / "registry.json"
    path.write_text('{"registry_endpiont": 1}')
    with pytest.raises(RegistryError, match=r"status 6.*registry\.json:1.*registry_endpiont"):
        GlobalRegistry(config_path=path).run()


def test_one_that_dies_is_said(folder: Path) -> None:
    path, endpoint = config(folder)
    registry = GlobalRegistry(config_path=path)
    failures: list[RegistryError] = []

    def run() -> None:
        try:
            registry.run()
        except RegistryError as error:
            failures.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    eventually(lambda: answers(endpoint), within=30)
    assert registry._child is not None
    os.kill(registry._child.pid, signal.SIGKILL)
    thread.join(30)
    assert "was ended by signal 9" in str(failures[0])


def test_a_program_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTORSCTL", "/nowhere/actorsctl")
    with pytest.raises(RegistryError, match="ACTORSCTL names '/nowhere/actorsctl'"):
        GlobalRegistry().run()
    monkeypatch.delenv("ACTORSCTL")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RegistryError, match="no actorsctl in the PATH"):
        GlobalRegistry().run()


def test_it_is_found_in_the_path(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACTORSCTL")
    monkeypatch.setenv("PATH", f"{ACTORSCTL.parent}:{os.environ['PATH']}")
    path, endpoint = config(folder)
    registry = GlobalRegistry(config_path=path)
    thread = threading.Thread(target=registry.run)
    thread.start()
    eventually(lambda: answers(endpoint), within=30)
    registry.stop()
    thread.join(30)


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_program_that_is_ended_leaves_no_registry_behind(folder: Path, number: int, status: int) -> None:
    path, endpoint = config(folder)
    program = (
        "import sys, actors_registry\n"
        "try: actors_registry.GlobalRegistry(sys.argv[1]).run()\n"
        "except KeyboardInterrupt: sys.exit(130)\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-B", "-c", program, str(path)],
        env={**os.environ, "PYTHONPATH": str(PACKAGE)},
        stderr=subprocess.DEVNULL,
    )
    eventually(lambda: answers(endpoint), within=30)
    child.send_signal(number)
    assert child.wait(30) == status
    eventually(lambda: not answers(endpoint), within=10)
