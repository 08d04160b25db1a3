"""What `actorsctl completion` prints, in the shells themselves."""

import json
import os
import pty
import select
import subprocess
import time
from pathlib import Path

import pytest

BUILD = Path(os.environ.get("ACTORSCTL_BUILD", Path(__file__).resolve().parents[2] / "build")).resolve()


@pytest.fixture(scope="module")
def environment(tmp_path_factory) -> dict[str, str]:
    """actorsctl on the PATH, and a configuration of two hosts with three managers."""
    home = tmp_path_factory.mktemp("home")
    hosts = {
        "trading": {"managers": {"Orders": {"service": "orders"}, "OrderRouter": {"service": "router"}}},
        "risk": {"ssh": "ops@risk", "managers": {"Risk": {"service": "risk"}}},
    }
    (home / "registry.json").write_text(json.dumps({"hosts": hosts}))
    (home / "notes.txt").write_text("")
    path = f"{BUILD}:/usr/bin:/bin"
    config = str(home / "registry.json")
    return {"PATH": path, "HOME": str(home), "REGISTRY_CONFIG": config, "LANG": "C.UTF-8", "TERM": "dumb"}


def run(environment, *words: str) -> str:
    done = subprocess.run(
        words, env=environment, cwd=environment["HOME"], stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, ""), done
    return done.stdout


BASH = """
source <(actorsctl completion bash)
COMP_LINE=$1 COMP_POINT=${#1}
_actorsctl
printf '%s\\n' "${COMPREPLY[@]}"
"""


def in_bash(environment, line: str) -> set[str]:
    return set(run(environment, "bash", "--norc", "-c", BASH, "bash", line).split())


def in_fish(environment, line: str) -> set[str]:
    script = "actorsctl completion fish | source; complete -C $argv[1]"
    return {each.split("\t")[0] for each in run(environment, "fish", "--no-config", "-c", script, line).splitlines()}


# An interactive zsh on a terminal of its own: what is inserted into the line is printed by a widget.
ZSH = """
PS1= ; unsetopt prompt_cr prompt_sp zle_bracketed_paste; unset zle_bracketed_paste
autoload -Uz compinit; compinit -u -D
source <(actorsctl completion zsh)
shown() { print -r -- "<<$BUFFER>>" > "$HOME/shown"; BUFFER=; }
zle -N shown; bindkey '^X' shown; bindkey '^I' complete-word
print ready
"""


def in_zsh(environment, line: str) -> str:
    """The line after a TAB."""
    shown = Path(environment["HOME"]) / "shown"
    shown.unlink(missing_ok=True)
    Path(environment["HOME"], "setup.zsh").write_text(ZSH)
    leader, follower = pty.openpty()
    shell = subprocess.Popen(
        ["zsh", "-f", "-i"], stdin=follower, stdout=follower, stderr=follower, env=environment, start_new_session=True
    )
    os.close(follower)
    said = b""

    def until(condition) -> None:
        nonlocal said
        deadline = time.monotonic() + 20
        while not condition():
            assert time.monotonic() < deadline, said
            if select.select([leader], [], [], 0.05)[0]:
                said += os.read(leader, 4096)

    try:
        os.write(leader, b"source $HOME/setup.zsh\n")
        until(lambda: b"ready" in said)
        os.write(leader, line.encode() + b"\t\x18")
        until(shown.exists)
        until(lambda: shown.read_text().endswith(">>\n"))
        return shown.read_text().strip().removeprefix("<<").removesuffix(">>")
    finally:
        shell.kill()
        shell.wait()
        os.close(leader)


@pytest.mark.parametrize("offered", [in_bash, in_fish])
def test_commands_options_managers_and_hosts_are_offered(environment, offered):
    assert offered(environment, "actorsctl sta") == {"status", "start"}
    assert offered(environment, "actorsctl restart --rol") == {"--rolling"}
    assert offered(environment, "actorsctl start Ord") == {"Orders", "OrderRouter"}
    assert offered(environment, "actorsctl start ") == {"Orders", "OrderRouter", "Risk"}
    assert offered(environment, "actorsctl start trading/") == {"trading/Orders", "trading/OrderRouter"}
    assert offered(environment, "actorsctl hosts trust ") == {"trading", "risk"}


@pytest.mark.parametrize("offered", [in_bash, in_fish])
def test_files_are_offered_where_one_is_wanted(environment, offered):
    assert offered(environment, "actorsctl --config not") == {"notes.txt"}


def test_bash_completes_behind_its_own_ends_of_words(environment):
    assert in_bash(environment, "actorsctl --color=al") == {"always"}


def test_zsh_completes_commands_and_managers(environment):
    assert in_zsh(environment, "actorsctl supe").strip() == "actorsctl supervise"
    assert in_zsh(environment, "actorsctl start Ris").strip() == "actorsctl start Risk"


@pytest.mark.parametrize("offered", [in_bash, in_fish])
def test_actors_of_the_live_registry_are_offered(environment, offered, tmp_path):
    endpoint = f"ipc://{tmp_path}/registry"
    registry = subprocess.Popen(
        [BUILD / "actorsctl", "registry", "serve", "--in-memory", "--endpoint", endpoint],
        stdin=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        here = {**environment, "REGISTRY_ENDPOINT": endpoint}
        run(here, "actorsctl", "register", "greeter", "tcp://127.0.0.1:7001", "--manager", "Hello")
        assert offered(here, "actorsctl lookup gre") == {"greeter"}
        assert offered(here, "actorsctl managers ") == {"Hello"}
    finally:
        registry.terminate()
        registry.wait(30)
