"""Who may include whom: the folders are the architecture, and this reads the #includes to see that it holds."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)

# A folder, and what of ours it may include beside itself.
ALLOWED = {
    "registry_core/protocol": set(),
    "registry_core": {"registry_core/protocol"},
    "config": set(),
    "ssh": set(),
    "systemd_units": {"config"},
    "clients/cpp": {"registry_core/protocol"},
    "controller": {"config", "ssh", "systemd_units", "clients/cpp"},
    "cli": {"controller", "registry_core", "registry_core/protocol", "config", "clients/cpp"},
    "examples": {"clients/cpp"},
}

# Headers of a library, and the only places that know it: a folder, a file, or the beginning of file names.
KNOWN_ONLY_TO = {
    "ZeroMQ": (r"zmq\.h(pp)?$|zmq_addon\.hpp$", [
        "registry_core/server", "registry_core/sockets", "registry_core/envelope", "registry_core/router_socket",
        "registry_core/event_socket", "registry_core/actor_socket", "registry_core/push_connections",
        "registry_core/security/gate", "registry_core/security/connection_guard", "registry_core/security/zap_socket",
        "clients/cpp",
        "examples"]),
    "SQLite": (r"sqlite3", ["registry_core/store/"]),
    "libmicrohttpd": (r"microhttpd", ["registry_core/metrics_page"]),
    "libsodium": (r"sodium", ["registry_core/name_index", "registry_core/security/curve_key"]),
    "xxHash": (r"xxhash", ["registry_core/store/"]),
    "libssh": (r"libssh/", ["ssh/"]),
    "libcrypto": (r"openssl/", ["ssh/"]),
    "sd-bus": (r"systemd/sd-(bus|event|id128|login)", ["systemd_units/"]),
    "sd-daemon and sd-journal": (r"systemd/sd-(daemon|journal)", ["cli/", "examples/"]),
    "CLI11": (r"CLI/", ["cli/"]),
    "doctest": (r"doctest", []),
}


def folder_of(path: str) -> str | None:
    """The longest folder of ALLOWED that a path from the root is in."""
    fitting = [folder for folder in ALLOWED if path.startswith(folder + "/")]
    return max(fitting, key=len, default=None)


def sources() -> dict[str, str]:
    found = {}
    for top in sorted({folder.split("/")[0] for folder in ALLOWED}):
        for file in sorted((ROOT / top).rglob("*.[ch]pp")):
            found[file.relative_to(ROOT).as_posix()] = file.read_text()
    return found


SOURCES = sources()


def resolve(include: str) -> str | None:
    """The file of ours that an include names: from the root, or a public header of a client library."""
    for name in (include, f"clients/cpp/include/{include}"):
        if name in SOURCES:
            return name
    return None


def includes_of(file: str) -> list[tuple[str, str]]:
    return INCLUDE.findall(SOURCES[file])


def test_every_source_stands_in_a_folder_with_a_rule():
    assert SOURCES
    assert [file for file in SOURCES if folder_of(file) is None] == []


def test_every_quoted_include_is_a_file_of_ours_named_from_the_root():
    unknown = [
        f"{file}: {include}"
        for file in SOURCES
        for mark, include in includes_of(file)
        if mark == '"' and resolve(include) is None
    ]
    assert unknown == []


def test_a_folder_includes_only_the_folders_it_may():
    wrong = []
    for file in SOURCES:
        here = folder_of(file)
        for _, include in includes_of(file):
            there = folder_of(resolve(include) or "")
            if there and there != here and there not in ALLOWED[here]:
                wrong.append(f"{file} includes {include}: {here} may not include {there}")
    assert wrong == []


def test_no_header_includes_itself_through_others():
    graph = {
        file: [target for _, include in includes_of(file) if (target := resolve(include))] for file in SOURCES
    }
    done: set[str] = set()

    def visit(file: str, path: list[str]) -> list[str] | None:
        if file in path:
            return path[path.index(file) :] + [file]
        if file in done:
            return None
        for target in graph[file]:
            if cycle := visit(target, [*path, file]):
                return cycle
        done.add(file)
        return None

    cycles = [cycle for file in graph if (cycle := visit(file, []))]
    assert cycles == []


def reached_from(file: str) -> set[str]:
    reached: set[str] = set()
    waiting = [file]
    while waiting:
        for _, include in includes_of(waiting.pop()):
            target = resolve(include)
            if (target or include) not in reached:
                reached.add(target or include)
                waiting += [target] if target else []
    return reached


def test_the_registry_and_the_protocol_are_pure():
    """No socket, no thread, no lock, not even through another header."""
    impure = re.compile(r"zmq|^(thread|mutex|shared_mutex|atomic|condition_variable|sys/socket\.h|unistd\.h)$")
    wrong = [
        f"{file} reaches {header}"
        for file in SOURCES
        if re.match(
            r"registry_core/(registry|liveness|protocol/|security/(access|certificate\.|connection_table|curve_key|permissions|rate))",
            file,
        )
        for header in reached_from(file)
        if impure.search(header)
    ]
    assert wrong == []


@pytest.mark.parametrize("library", KNOWN_ONLY_TO)
def test_a_library_is_known_only_where_it_may_be(library: str):
    pattern, places = KNOWN_ONLY_TO[library]
    wrong = [
        f"{file}: {include}"
        for file in SOURCES
        for _, include in includes_of(file)
        if re.match(pattern, include) and not any(file.startswith(place) for place in places)
    ]
    assert wrong == []


def test_the_test_programs_are_not_included_by_the_product():
    wrong = [f"{file}: {include}" for file in SOURCES for _, include in includes_of(file) if "tests/" in include]
    assert wrong == []
