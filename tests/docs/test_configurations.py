"""```json registry.json is a whole configuration, registry.json:host members of its `hosts`, registry.json:manager members
of a host's `managers`: on whatever page, `actorsctl config check` finds nothing wrong with it."""

import json
import subprocess

import pytest
from blocks import EVERYWHERE, blocks_of, pages
from conftest import BUILD

AROUND = {
    "registry.json": "%s",
    "registry.json:host": '{"hosts": {%s}}',
    "registry.json:manager": '{"hosts": {"server": {"managers": {%s}}}}',
}
BLOCKS = [block for page in pages() for block in blocks_of(page) if block.name in EVERYWHERE]


def check(text: str, tmp_path) -> subprocess.CompletedProcess:
    file = tmp_path / "registry.json"
    file.write_text(text)
    command = [BUILD / "actorsctl", "--config", file, "config", "check"]
    return subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_configuration_is_right(block, tmp_path):
    done = check(AROUND[block.name] % block.text.rstrip().removesuffix(","), tmp_path)
    assert done.returncode == 0, f"{block}: {done.stdout}{done.stderr}"


def test_a_wrong_configuration_would_be_found(tmp_path):
    assert AROUND.keys() == set(EVERYWHERE)
    wrong = AROUND["registry.json:manager"] % '"Orders": {"servise": "orders.service"}'
    assert json.loads(wrong)
    assert check(wrong, tmp_path).returncode == 6
