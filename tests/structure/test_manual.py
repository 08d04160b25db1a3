"""The manual (man/) says what the program says of itself: commands, options, exit codes, keys; and it renders."""

import os
import re
import subprocess
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("ACTORSCTL_BUILD", TOP / "build")).resolve()
PAGES = sorted(page.name.removesuffix(".scd") for page in (TOP / "man").glob("*.scd"))
TABLES = {  # of registry.json(5): a section, and the loader's table of keys
    "KEYS": "top_keys",
    "LIMITS": "limit_keys",
    "SECURITY": "security_keys",
    "CURVE": "curve_keys",
    "CLIENT": "client_keys",
    "CLIENTS FILE": "clients_file_keys",
    "TRUSTED CLIENTS": "trusted_client_keys",
    "HOSTS": "host_keys",
    "MANAGERS": "manager_keys",
    "RESOURCES": "resource_keys",
    "RESTART ON TIMEOUT": "restart_keys",
}


def said_by(*arguments: str) -> str:
    done = subprocess.run(
        [BUILD / "actorsctl", *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
    )
    return done.stdout


# --- what the program says


@dataclass(frozen=True)
class Option:
    names: tuple[str, ...]  # as in the help: `-n`, `--lines`
    value: str  # `N`; empty where it takes none


@dataclass(frozen=True)
class Help:
    options: frozenset[Option]
    positionals: tuple[str, ...]
    commands: tuple[str, ...]


def read_option(words: list[str]) -> Option:
    names, _, left_out = words[0].partition("[=")  # `--watch[=SECONDS]`: the value may be left out
    value = next((word for word in words[1:2] if word not in ("REQUIRED", "Excludes:", "Needs:", "...")), "")
    return Option(tuple(names.split(",")), left_out.removesuffix("]") or value)


@cache
def help_of(command: tuple[str, ...]) -> Help:
    """By its sections of lines that begin with two spaces: a head, more spaces, the text."""
    section, heads = "", {"Positionals": [], "Options": [], "Subcommands": []}
    for line in said_by(*command, "--help").splitlines():
        if line.endswith(":") and line[:-1] in heads:
            section = line[:-1]
        elif section and re.match(r"  \S", line):
            heads[section].append(re.split(r"\s{2,}", line.strip())[0].split())
    return Help(
        frozenset(map(read_option, heads["Options"])),
        tuple(words[0] for words in heads["Positionals"]),
        tuple(words[0] for words in heads["Subcommands"]),
    )


@cache
def all_commands(above: tuple[str, ...] = ()) -> tuple[tuple[str, ...], ...]:
    """Those that can be run: not `registry`, which only leads to others; `hosts`, which does both, is one."""
    found = []
    for name in help_of(above).commands:
        deeper = all_commands((*above, name))
        if not deeper or help_of((*above, name)).positionals:
            found.append((*above, name))
        found += deeper
    return tuple(found)


def own_options(command: tuple[str, ...]) -> frozenset[Option]:
    return frozenset(option for option in help_of(command).options if "--help" not in option.names)


# --- what the manual says


def source(page: str) -> str:
    return (TOP / "man" / f"{page}.scd").read_text()


def plain(text: str) -> str:
    """Without the marks for bold, underlined, escaped, and the end of a line."""
    return re.sub(r"\\(.)", r"\1", re.sub(r"(?<!\\)\*|(?<![\w\\])_|(?<!\\)_(?!\w)|\+\+$", "", text, flags=re.MULTILINE))


def section(page: str, title: str) -> str:
    found = re.search(rf"^# {re.escape(title)}\n(.*?)(?=^# |\Z)", source(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {title}"
    return found[1]


def terms(text: str) -> list[str]:
    """What is explained: a line that an indented one follows."""
    return [plain(term) for term in re.findall(r"^(\*.*)\n\t", text, re.MULTILINE)]


def explained_options(page: str) -> set[Option]:
    options = set()
    if "\n# OPTIONS\n" not in source(page):
        return options
    for line in terms(section(page, "OPTIONS")):
        head, _, value = re.sub(r"\[=(\S+)\]", r" \1", line).replace(", ", ",").partition(" ")
        option = Option(tuple(head.split(",")), value)
        assert option not in options, f"{page} explains {line} twice"
        options.add(option)
    return options


@cache
def groups() -> dict[str, str]:
    """First words of commands, and the page that actorsctl(1) leads to."""
    entries = re.findall(r"^(\*.*)\n((?:\t.*\n)+)", section("actorsctl.1", "COMMANDS"), re.MULTILINE)
    pages = {}
    for names, text in entries:
        page = re.search(r"\*([\w-]+)\*\((\d)\)", text)
        for name in plain(names).split(", "):
            assert name not in pages, f"actorsctl.1 has {name} twice"
            pages[name] = f"{page[1]}.{page[2]}"
    return pages


def commands_of(page: str) -> list[tuple[str, ...]]:
    return [command for command in all_commands() if groups().get(command[0]) == page]


@cache
def synopses(page: str) -> dict[tuple[str, ...], str]:
    """What follows each command there; `start|stop` are two."""
    found = {}
    for line in plain(section(page, "SYNOPSIS")).splitlines():
        words = line.split()
        if not words or words.pop(0) != "actorsctl":
            continue
        names = []
        while words and re.fullmatch(r"[a-z|-]+", words[0]) and not words[0].startswith("-"):
            names.append(words.pop(0).split("|"))
        for command in product(*names):
            assert command not in found, f"{page} has {command} twice"
            found[command] = " ".join(words)
    return found


GROUP_PAGES = sorted(set(groups().values()))


def test_each_command_is_in_the_overview():
    assert set(groups()) == set(help_of(()).commands)


def test_each_page_is_built_and_installed():
    listed = re.findall(r"^  '(.+\.\d)',$", (TOP / "man" / "meson.build").read_text(), re.MULTILINE)
    assert sorted(listed) == PAGES
    assert set(GROUP_PAGES) < set(PAGES)


def test_the_options_of_all_commands_are_in_the_overview():
    assert explained_options("actorsctl.1") == set(help_of(()).options)


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_the_help_of_a_command_ends_with_its_page(command):
    page, _, _ = groups()[command[0]].rpartition(".")
    assert said_by(*command, "--help").rstrip().endswith(f"man {page}")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_speaks_of_options_that_there_are(page):
    known = {name for command in ((), *all_commands()) for option in help_of(command).options for name in option.names}
    prose = re.sub(r"^```.*?^```", "", source(page), flags=re.MULTILINE | re.DOTALL)
    assert set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", plain(prose))) <= known


@pytest.mark.parametrize("page", GROUP_PAGES)
def test_a_page_explains_the_options_of_its_commands_and_no_others(page):
    assert explained_options(page) == {option for command in commands_of(page) for option in own_options(command)}


@pytest.mark.parametrize("page", GROUP_PAGES)
def test_a_synopsis_has_each_command_with_its_options_and_arguments(page):
    assert set(synopses(page)) == set(commands_of(page))
    for command, line in synopses(page).items():
        options = own_options(command)
        line = line.split(" -- ")[0]
        named = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", line))
        for option in options:
            assert len(named & set(option.names)) == 1, (command, option)
        assert named <= {name for option in options for name in option.names}, command
        arguments = re.sub(r"--?[a-z][a-z-]*(?:\[=\w+\]| [A-Z]\S*)?", "", line)
        assert tuple(re.findall(r"[A-Z]+", arguments)) == help_of(command).positionals, command


@pytest.mark.parametrize("page", [page for page in GROUP_PAGES if len(commands_of(page)) > 1])
def test_a_page_explains_each_of_its_commands(page):
    explained = {name for term in terms(section(page, "COMMANDS")) for name in term.split(", ")}
    for command in commands_of(page):
        assert any(f"{term} ".startswith(" ".join(command) + " ") for term in explained), command
    for term in explained:
        assert any(f"{term} ".startswith(" ".join(command) + " ") for command in commands_of(page)), term


@pytest.mark.parametrize("command", [(), *all_commands()], ids=" ".join)
def test_completion_offers_the_options_of_the_help(command):
    offered = {line.split("\t")[0] for line in said_by("complete", "--", *command, "--").splitlines()}
    above = [command[:depth] for depth in range(len(command) + 1)]
    options = {option for part in above for option in help_of(part).options}
    assert offered == {name for option in options for name in option.names if name.startswith("--")}


def test_completion_offers_the_commands_of_the_help():
    for command in {command[:-1] for command in all_commands()}:
        offered = {line.split("\t")[0] for line in said_by("complete", "--", *command, "").splitlines()}
        assert set(help_of(command).commands) <= offered
        assert command or offered == set(help_of(command).commands)


def test_the_exit_codes_are_those_of_the_program():
    header = (TOP / "cli" / "exit_codes.hpp").read_text()
    enum = re.search(r"enum ExitCode[^{]*\{(.*?)\};", header, re.DOTALL)[1]
    codes = re.findall(r"=\s+(\d+)", enum) + re.findall(r"TERM is (\d+)", enum)
    assert terms(section("actorsctl.1", "EXIT STATUS")) == codes


def test_the_verdicts_are_those_of_the_controller_with_their_exit_codes():
    header = (TOP / "controller" / "verdict.hpp").read_text()
    verdicts = re.findall(r"^  (\w+),$", re.search(r"enum class Verdict \{(.*?)\};", header, re.DOTALL)[1], re.MULTILINE)
    code = (TOP / "cli" / "exit_codes.cpp").read_text()
    body = re.search(r"exit_code\(Verdict verdict\) \{(.*?)\n\}", code, re.DOTALL)[1]
    numbers = dict(re.findall(r"(exit_\w+) = (\d+)", (TOP / "cli" / "exit_codes.hpp").read_text()))
    codes, waiting = {}, []
    for verdict, result in re.findall(r"case Verdict::(\w+):|return (exit_\w+);", body):
        waiting += [verdict] if verdict else []
        if result:
            codes |= dict.fromkeys(waiting, numbers[result])
            waiting = []
    expected = [f"{verdict} ({codes[verdict]})" for verdict in verdicts]
    assert terms(section("actorsctl-status.1", "VERDICTS")) == expected


def test_the_failures_of_hosts_are_those_of_the_controller():
    code = (TOP / "cli" / "exit_codes.cpp").read_text()
    of_hosts = re.search(r"switch \(failure_class\) \{(.*?)return exit_host;", code, re.DOTALL)[1]
    assert terms(section("actorsctl-hosts.1", "FAILURES")) == re.findall(r"case FailureClass::(\w+):", of_hosts)


def test_the_settings_of_ssh_that_count_are_those_of_the_documentation():
    parts = re.split(r"^## ", (TOP / "docs" / "ssh.md").read_text(), flags=re.MULTILINE)
    text = {part.partition("\n")[0]: part for part in parts}
    rows = re.findall(r"^\| (`.*?) \|", text["Honoured"], re.MULTILINE)
    honoured = {name for row in rows for name in re.findall(r"`([A-Z]\w+)`", row)}
    refused = set(re.findall(r"`([A-Z]\w+)[` ]", text["Refused"].partition("Not looked at")[0]))
    named = section("actorsctl-hosts.1", "SSH").split("Refused before")
    assert set(re.findall(r"\*([A-Z]\w+)", named[0])) - {"Host", "Match", "Include"} == honoured
    assert set(re.findall(r"\*([A-Z]\w+)", named[1])) == refused


def test_the_keys_of_the_configuration_are_those_of_the_loader():
    tables = {}
    for file in (TOP / "config").glob("*.cpp"):
        for size, name, body in re.findall(
            r"std::array<Key<\w+>, (\d+)> (\w+)\{\{\n(.*?)\n\}\};", file.read_text(), re.DOTALL
        ):
            keys = re.findall(r'^    \{"([^"]+)"', body, re.MULTILINE)
            assert len(keys) == int(size), name
            tables[name] = set(keys)
    assert set(tables) == set(TABLES.values())
    for title, table in TABLES.items():
        assert set(terms(section("registry.json.5", title))) == tables[table], title


def test_the_protocol_is_that_of_the_registry():
    header = (TOP / "registry_core" / "protocol" / "messages.hpp").read_text()
    text = plain(source("actors-registry-protocol.7"))
    messages = re.findall(r'MessageName \w+\{"(\w+)", (\d+)\}', header)
    messages += [("RegistryInfo", number) for number in re.findall(r"registry_info_reply_id = (\d+)", header)]
    assert len(messages) > 20
    assert set(re.findall(r"\b([A-Z]\w+) (9\d\d)\b", text)) == set(messages)
    names = (TOP / "registry_core" / "protocol" / "messages.cpp").read_text()
    codes = re.findall(r'case ErrorCode::\w+: return "(\w+)"', names)
    explained = terms(section("actors-registry-protocol.7", "ERRORS"))
    assert [code for term in explained for code in term.split(", ")] == codes


def test_what_a_page_refers_to_of_ours_is_there():
    for page in PAGES:
        for name, number in re.findall(r"\*([\w.-]+)\*\((\d)\)", source(page)):
            if name.startswith("actors") or name == "registry.json":
                assert f"{name}.{number}" in PAGES, (page, name)


def test_the_pages_that_units_name_are_there():
    units = [file for file in (TOP / "systemd_units").iterdir() if re.search(r"\.(service|socket)(\.in)?$", file.name)]
    named = {page for unit in units for page in re.findall(r"man:([\w.-]+\(\d\))", unit.read_text())}
    assert named and {f"{page[:-3]}.{page[-2]}" for page in named} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_renders_without_a_warning(page):
    done = subprocess.run(
        ["groff", "-t", "-man", "-Tutf8", "-ww", BUILD / "man" / page], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert f"{page.rpartition('.')[0]}({page[-1]})" in done.stdout.splitlines()[0]
    assert "@VERSION@" not in done.stdout
