"""The blocks of pages that want no host: played on this machine."""

import json
from pathlib import Path

import pytest
import zmq
from blocks import Block, runs

LONG_MS = 30_000


def beginning(with_: str, printed: str) -> list[str]:
    """The lines that begin so: several programs may write at a time."""
    return [line for line in printed.splitlines() if line.startswith(with_)]


@runs("README.md", "first-lookup")
def test_the_first_lookup(blocks, here):
    printed = here.play(*blocks)
    assert "tcp://127.0.0.1:7001" in printed
    assert "Hello" in printed and "online" in printed


@runs("examples/sample_manager/README.md")
def test_the_sample_manager(blocks, here):
    assert "tcp://127.0.0.1:7001" in here.play(*blocks)


@runs("examples/registry_ping_pong/README.md", "play")
def test_ping_pong(blocks, here):
    assert beginning("pong ", here.play(*blocks)) == ["pong 1", "pong 2", "pong 3"]


@runs("examples/cpp_to_python/README.md", "play", "play-verdicts", "play-orders")
def test_from_cpp_to_python(blocks, here):
    play, verdicts, orders = blocks
    printed = here.play(play)
    assert beginning("verdict ", printed)[-2:] == verdicts.text.splitlines()
    assert beginning("order ", printed)[-1:] == orders.text.splitlines()


FIRST_MANAGERS = [
    "build/examples/first_manager/first_manager",
    "build/rust/debug/examples/first_manager",
    "examples/first_manager/python/first_manager.py",
]


@pytest.mark.parametrize("program", FIRST_MANAGERS)
@runs("docs/writing_a_manager.md", "try")
def test_the_first_manager(blocks, here, program):
    """It names the one in C++, and says that any will do."""
    (block,) = blocks
    assert "build/examples/first_manager/first_manager " in block.text
    block.content = block.text.replace("build/examples/first_manager/first_manager", program)
    printed = here.play(block)
    assert "tcp://127.0.0.1:7100\n" in printed
    assert "hello\n" in printed


@pytest.mark.parametrize("program", FIRST_MANAGERS)
def test_a_first_manager_that_is_superseded_ends_with_0(here, program):
    here.type(
        f"""
        export PYTHONPATH=clients/python
        build/actorsctl registry serve --in-memory &
        {program} tcp://127.0.0.1:7100 &
        first=$!
        build/actorsctl lookup --wait echo
        {program} tcp://127.0.0.1:7001 &
        wait $first
        until [ "$(build/actorsctl lookup echo)" = tcp://127.0.0.1:7001 ]; do sleep 0.1; done
        """
    )


@runs("docs/operations.md", "configuration")
def test_writing_the_configuration(blocks, here, tmp_path):
    here.type(f"cd {tmp_path}\n")
    here.play(*blocks)
    assert '"$schema": "file:///' in (tmp_path / "registry.json").read_text()


@runs("docs/security.md", "clients.json")
def test_whom_the_registry_trusts_is_a_file_that_may_be_written_by_hand(blocks, here, tmp_path):
    (clients,) = blocks
    files = {"key_file": f"{tmp_path}/registry.key_secret", "clients_file": f"{tmp_path}/clients.json"}
    config = {"registry_endpoint": here.endpoint, "security": {"curve": {"endpoints": [here.endpoint], **files}}}
    (tmp_path / "registry.json").write_text(json.dumps(config))
    (tmp_path / "clients.json").write_text(clients.text.replace("…", "1" * 40, 1).replace("…", "0" * 40))
    here.type(f"cd {tmp_path}; export REGISTRY_CONFIG={tmp_path}/registry.json; actorsctl registry revoke monitor")
    left = json.loads((tmp_path / "clients.json").read_text())["clients"]
    assert list(left) == ["orders"] and left["orders"]["register"] == ["Order*"]


@runs("docs/protocol.md")
def test_the_protocol_in_one_minute(blocks, here, tmp_path):
    program, envelope = blocks
    here.type(
        f"""
        echo '{{"actor_endpoint": "ipc://{tmp_path}/actor"}}' >{tmp_path}/registry.json
        actorsctl --config {tmp_path}/registry.json registry serve --in-memory &
        until actorsctl registry status; do sleep 0.1; done
        """
    )
    names: dict = {}
    exec(program.text.replace("tcp://localhost:5555", here.endpoint), names)
    ask = names["ask"]
    assert ask(message_type="Heartbeat", manager_id="OrderManager")["actors"] == 1
    found = ask(message_type="LookupActor", actor_name="OrderProcessor")
    assert (found["endpoint"], found["online"]) == ("tcp://10.0.0.9:5556", True)
    ask(message_type="RegisterActor", manager_id="Risk", actor_name="RiskChecker", actor_endpoint="tcp://10.0.0.9:1")
    names["socket"].close()
    answer = answered(f"ipc://{tmp_path}/actor", json.loads(envelope.text), tmp_path)
    assert (answer["sender_actor"], answer["receiver"]) == ("GlobalRegistry", "OrderProcessor")
    assert answer["message_type"] == "LookupResult"
    assert answer["message"]["request_id"] == 7
    assert answer["message"]["endpoint"] == "tcp://10.0.0.9:1"


def answered(endpoint: str, envelope: dict, folder: Path) -> dict:
    """What an actor answers, who believes the envelope's sender to be here."""
    with zmq.Context() as context, context.socket(zmq.PULL) as answers, context.socket(zmq.PUSH) as asking:
        answers.bind(f"ipc://{folder}/asking")
        asking.connect(endpoint)
        asking.send_json({**envelope, "sender_endpoint": f"ipc://{folder}/asking"})
        assert answers.poll(LONG_MS)
        return answers.recv_json()


def question_and_answer(block: Block) -> tuple[dict, dict]:
    question, end = json.JSONDecoder().raw_decode(block.text)
    answer, _ = json.JSONDecoder().raw_decode(block.text[end:].lstrip())
    return question, answer


def plays_as_shown(blocks: list[Block], here, program: str, actor: str, folder: Path) -> None:
    """The program answers the first message of the block with the second one, whatever the endpoints."""
    question, answer = question_and_answer(blocks[0])
    assert question["receiver"] == actor
    here.type(f"actorsctl registry serve --in-memory &\nexamples/{program} &\nactorsctl lookup --wait {actor}\n")
    endpoint = here.type(f"actorsctl lookup {actor}\n").strip()
    shown = answered(endpoint, question, folder)
    assert {**shown, "sender_endpoint": ""} == {**answer, "sender_endpoint": ""}


@runs("examples/cpp_to_python/README.md", "messages")
def test_messages_from_cpp_to_python(blocks, here, tmp_path):
    plays_as_shown(blocks, here, "cpp_to_python/python/risk_checker.py", "RiskChecker", tmp_path)


@runs("examples/registry_ping_pong/README.md", "messages")
def test_messages_of_ping_and_pong(blocks, here, tmp_path):
    plays_as_shown(blocks, here, "registry_ping_pong/python/ping_pong.py pong", "pong", tmp_path)
