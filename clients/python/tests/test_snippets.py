"""The code that users write, as it stands in the README."""

from __future__ import annotations

import re
import threading
from pathlib import Path
from typing import Any

import pytest
from conftest import ACTORSCTL, Registry, eventually
from curve_registry import Certificates, CurveRegistry

import actors_registry
from actors_registry import RegistryClient, RegistryError

README = Path(__file__).resolve().parents[1] / "README.md"


def snippet(which: str, endpoint: str = "") -> str:
    """The one block of code in which that stands, its registry being at the endpoint."""
    blocks = [block for block in re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL) if which in block]
    assert len(blocks) == 1
    return str(blocks[0]).replace("tcp://localhost:5555", endpoint)


def test_sending_and_never_receiving(registry: Registry) -> None:
    names: dict[str, Any] = {"actors_registry": actors_registry}
    exec(snippet("serialize(", registry.endpoint), names)
    with RegistryClient("Looker", registry.endpoint) as looker:
        eventually(lambda: looker.lookup_many(["MyActor"])[0].online)
    names["registry_socket"].close()


def test_a_manager(registry: Registry) -> None:
    with RegistryClient("Other", registry.endpoint) as other:
        other.register("OtherActor", "tcp://localhost:5557")
        exec(snippet("with RegistryClient", registry.endpoint), {})
        assert other.lookup_allow_offline("MyActor") == ("tcp://localhost:5556", False)


def test_a_manager_for_asyncio(registry: Registry) -> None:
    with RegistryClient("Other", registry.endpoint) as other:
        other.register("OtherActor", "tcp://localhost:5557")
        exec(snippet("async with AsyncRegistryClient", registry.endpoint), {})
        assert other.lookup_allow_offline("MyActor") == ("tcp://localhost:5556", False)


def test_a_registry_that_encrypts(folder: Path) -> None:
    certificates = Certificates(folder, "registry", "my_manager")
    endpoint = f"ipc://{folder}/registry"
    code = snippet("server_key=", endpoint).replace("/etc/actors", str(folder))
    names: dict[str, Any] = {}
    with CurveRegistry(endpoint, certificates.pair("registry"), {certificates.public("my_manager")}):
        exec(code, names)
    assert names["endpoint"] == "tcp://h:1"


def test_running_the_registry(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACTORSCTL", str(ACTORSCTL))
    monkeypatch.delenv("REGISTRY_ENDPOINT", raising=False)
    monkeypatch.chdir(folder)
    endpoint = f"ipc://{folder}/registry"
    Path("registry.json").write_text(f'{{"registry_endpoint": "{endpoint}", "data_dir": ""}}')
    names: dict[str, Any] = {}
    thread = threading.Thread(target=lambda: exec(snippet("GlobalRegistry("), names))
    thread.start()

    def answers() -> bool:
        with RegistryClient("Looker", endpoint, timeout=0.3) as looker:
            try:
                return bool(looker.lookup_many(["A"]))
            except RegistryError:
                return False

    eventually(answers, within=30)
    names["registry"].stop()
    thread.join(30)
    assert not thread.is_alive()


def test_actor_messages(registry: Registry) -> None:
    names: dict[str, Any] = {}
    exec(snippet("Receiver(", registry.endpoint), names)
    assert names["answer"].message == {"accepted": True}
