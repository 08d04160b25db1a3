"""The C++ library as its users have it: installed, found by pkg-config and by CMake, and the program of its README built
with it and run."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import zmq
from blocks import runs
from ports import free_endpoint

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", ROOT / "build")).resolve()
LONGEST_WAIT_MS = 30_000

# What stands around the README's lines: they are in an actor's member function.
PROGRAM = """
%(include)s
using namespace actors::registry;

struct MyMessage : Message {
  MyMessage(int number, std::string text) : number(number), text(std::move(text)) {}
  std::string message_type() const override { return "MyMessage"; }
  std::string json() const override {
    return "{\\"number\\":" + std::to_string(number) + ",\\"text\\":\\"" + text + "\\"}";
  }
  int number;
  std::string text;
};

struct MyActor : Actor {
  MyActor() : Actor("MyActor", "tcp://localhost:5556") {}
  void run() {
%(lines)s
    if (endpoint != r.first || !r.second) throw RegistryError("another endpoint, or offline");
  }
  ZmqSender zmq_sender;
};

int main() {
  MyActor().run();
}
"""

# What stands around the README's lines of CMake.
CMAKE = """
cmake_minimum_required(VERSION 3.18)
project(main CXX)
add_executable(main main.cpp)
"""


def run(*command: object, **more: object) -> str:
    done = subprocess.run(
        [str(word) for word in command], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=600, **more
    )
    assert done.returncode == 0, f"{command}:\n{done.stdout}{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def prefix(tmp_path_factory) -> Path:
    """Where the library is installed."""
    folder = tmp_path_factory.mktemp("installed")
    run("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", folder)
    configured = json.loads(run("meson", "introspect", "--buildoptions", BUILD))
    prefix = next(option["value"] for option in configured if option["name"] == "prefix")
    return folder / prefix.lstrip("/")


@pytest.fixture(scope="module")
def libdir(prefix: Path) -> Path:
    (library,) = prefix.rglob("pkgconfig/actors_registry.pc")
    return library.parent.parent


def page(language: str) -> str:
    """The one block in that language of the README."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", (ROOT / "clients/cpp/README.md").read_text(), re.DOTALL)
    return block


def source(registry: str) -> str:
    """The README's lines as a program; only the registry is elsewhere, and the message has something in it."""
    include, lines = page("cpp").split("\n", 1)
    lines = lines.replace("MyMessage{...}", 'MyMessage{7, "seven"}').replace("tcp://localhost:5555", registry)
    return PROGRAM % {"include": include, "lines": lines}


class World:
    """A registry, and the OtherActor that the program looks up."""

    def __init__(self) -> None:
        self.context = zmq.Context()
        self.other = self.context.socket(zmq.PULL)
        self.other.bind("tcp://127.0.0.1:*")
        self.registry = free_endpoint()
        command = [BUILD / "actorsctl", "registry", "serve", "--in-memory", "--endpoint", self.registry]
        self.child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def ask(self, message_type: str, **fields: object) -> dict:
        with self.context.socket(zmq.REQ) as peer:
            peer.linger = 0
            peer.rcvtimeo = LONGEST_WAIT_MS
            peer.connect(self.registry)
            peer.send_json({"message_type": message_type, **fields})
            return peer.recv_json()

    def register_other(self) -> None:
        endpoint = self.other.last_endpoint.decode()
        reply = self.ask("RegisterActor", manager_id="Other", actor_name="OtherActor", actor_endpoint=endpoint)
        assert reply["message_type"] == "RegistrationOk"

    def end(self) -> None:
        self.child.terminate()
        self.child.wait(LONGEST_WAIT_MS / 1000)
        self.other.close()
        self.context.term()


@pytest.fixture
def world():
    world = World()
    yield world
    world.end()


def build_with_pkg_config(folder: Path, prefix: Path, libdir: Path) -> Path:
    environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
    run("bash", "-ec", around(prefix) + page("sh"), cwd=folder, env=environment)
    return folder / "a.out"


def around(prefix: Path) -> str:
    """For a shell: the library is installed at a place of the test's own, and warnings are errors."""
    moved = f'pkg-config() {{ command pkg-config --define-variable=prefix="{prefix}" "$@"; }}\n'
    return moved + 'g++() { command g++ -Wall -Wextra -Werror "$@"; }\n'


def build_with_cmake(folder: Path, prefix: Path, _libdir: Path) -> Path:
    (folder / "CMakeLists.txt").write_text(CMAKE + page("cmake"))
    run("cmake", "-S", folder, "-B", folder / "build", f"-DCMAKE_PREFIX_PATH={prefix}")
    run("cmake", "--build", folder / "build")
    return folder / "build/main"


@pytest.mark.parametrize("build", [build_with_pkg_config, build_with_cmake])
def test_the_program_of_the_readme_is_built_and_runs(build, tmp_path, prefix, libdir, world):
    (tmp_path / "main.cpp").write_text(source(world.registry))
    program = build(tmp_path, prefix, libdir)
    world.register_other()  # just now: it sends no heartbeats
    run(program)
    assert world.other.poll(LONGEST_WAIT_MS)
    assert world.other.recv_json() == {
        "sender_actor": "MyActor",
        "sender_endpoint": "tcp://localhost:5556",
        "receiver": "OtherActor",
        "message_type": "MyMessage",
        "message": {"number": 7, "text": "seven"},
    }
    mine = world.ask("LookupActor", actor_name="MyActor")
    assert (mine["endpoint"], mine["online"]) == ("tcp://localhost:5556", False)


@runs("docs/writing_a_manager.md", "build-cpp")
def test_the_first_manager_is_built(blocks, tmp_path, prefix, libdir):
    shutil.copy(ROOT / "examples/first_manager/cpp/first_manager.cpp", tmp_path)
    environment = {**os.environ, "PKG_CONFIG_PATH": str(libdir / "pkgconfig")}
    run("bash", "-ec", around(prefix) + blocks[0].text, cwd=tmp_path, env=environment)
    assert (tmp_path / "first_manager").exists()


def test_installed_headers_need_no_header_of_another_library(prefix):
    own = {file.relative_to(prefix / "include").as_posix() for file in (prefix / "include/actors").rglob("*.hpp")}
    assert "actors/registry/RegistryClient.hpp" in own
    for name in own:
        for mark, included in re.findall(r'#include (["<])([^">]+)', (prefix / "include" / name).read_text()):
            assert included in own if mark == '"' else "/" not in included and "." not in included, (name, included)


def test_another_version_is_not_found(tmp_path, prefix):
    another = page("cmake").replace("find_package(actors_registry ", "find_package(actors_registry 0.2 ")
    assert another != page("cmake")
    (tmp_path / "CMakeLists.txt").write_text(CMAKE + another)
    done = subprocess.run(
        ["cmake", "-S", tmp_path, "-B", tmp_path / "build", f"-DCMAKE_PREFIX_PATH={prefix}"],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode != 0
    assert "actors_registry" in done.stderr
