"""The JSON Schema of the configuration, the loader, `config show` and registry.json(5) say the same of every key."""

import json
import os
import re
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import jsonschema
import pytest
from test_manual import TABLES, plain, section

TOP = Path(__file__).resolve().parents[2]
ACTORSCTL = Path(os.environ.get("ACTORSCTL_BUILD", TOP / "build")).resolve() / "actorsctl"
SCHEMA = json.loads((TOP / "config" / "registry.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)

# A section of registry.json(5), and what of the schema it explains.
PROPERTIES = {
    "KEYS": SCHEMA["properties"],
    "LIMITS": SCHEMA["$defs"]["limits"]["properties"],
    "SECURITY": SCHEMA["$defs"]["security"]["properties"],
    "CURVE": SCHEMA["$defs"]["curve"]["properties"],
    "CLIENT": SCHEMA["$defs"]["client"]["properties"],
    "HOSTS": SCHEMA["$defs"]["host"]["properties"],
    "MANAGERS": SCHEMA["$defs"]["manager"]["properties"],
    "RESOURCES": SCHEMA["$defs"]["resources"]["properties"],
    "RESTART ON TIMEOUT": SCHEMA["$defs"]["restart_on_timeout"]["properties"],
}
EVERY_KEY = [(title, key) for title, properties in PROPERTIES.items() for key in properties]


def run(*words: str, cwd: Path | None = None, code: int = 0) -> str:
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    done = subprocess.run(
        [ACTORSCTL, *words], cwd=cwd, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True
    )
    assert done.returncode == code, done
    return done.stdout


def explained(title: str) -> dict[str, str]:
    """Each key of a section, and what is said of it in one line."""
    entries = re.findall(r"^(\*.*)\n((?:\t.*\n)+)", section("registry.json.5", title), re.MULTILINE)
    return {plain(key): " ".join(plain(text).split()) for key, text in entries}


# --- the schema and the manual, whose keys are the loader's (test_manual.py)


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(run("config", "schema")) == SCHEMA


def test_every_section_of_keys_is_compared():
    of_another_file = {"CLIENTS FILE", "TRUSTED CLIENTS"}
    assert set(PROPERTIES) == set(TABLES) - of_another_file


def test_no_object_takes_a_key_that_is_not_its_own():
    """Where the keys are names that somebody chose, the schema says what names may be."""

    def look(part, where):
        if isinstance(part, dict):
            if "properties" in part:
                assert part["additionalProperties"] is False, where
            elif part.get("type") == "object":
                assert "propertyNames" in part or where in free, where
            for key, deeper in part.items():
                look(deeper, f"{where}/{key}")

    free: set[str] = set()
    look(SCHEMA, "")


@pytest.mark.parametrize("title", PROPERTIES)
def test_the_keys_are_those_of_the_manual(title):
    assert set(PROPERTIES[title]) == set(explained(title))


@pytest.mark.parametrize("title, key", EVERY_KEY)
def test_a_key_is_described_as_in_the_manual(title, key):
    described = PROPERTIES[title][key]["description"]
    assert len(described) > 8
    assert explained(title)[key].startswith(described)


@pytest.mark.parametrize("title, key", EVERY_KEY)
def test_a_default_is_that_of_the_manual(title, key):
    said = re.search(r"Default: (.*?)\.$", explained(title)[key])
    if "default" not in PROPERTIES[title][key]:
        assert said is None or " " in said[1], "a default that can be written in the file"
        return
    default = PROPERTIES[title][key]["default"]
    assert said and said[1] in (json.dumps(default), default)


# --- the schema and what is in force where the file says nothing


def leaves(settings: dict, path: tuple = ()) -> dict[tuple, dict]:
    found = {}
    for key, deeper in settings.items():
        is_leaf = set(deeper) == {"value", "from"} and "kind" in deeper["from"]
        found |= {(*path, key): deeper} if is_leaf else leaves(deeper, (*path, key))
    return found


def test_what_is_in_force_without_a_word_is_the_default_of_the_schema(tmp_path):
    hosts = {"h": {"managers": {"M": {"service": "m.service"}, "N": {"service": "n", "restart_on_timeout": {}}}}}
    (tmp_path / "file").write_text(json.dumps({"hosts": hosts}))
    shown = leaves(json.loads(run("--config", "file", "config", "show", "--json", cwd=tmp_path))["settings"])
    compared = 0
    for path, leaf in shown.items():
        section_of = {"limits": "LIMITS", "security": "SECURITY", "hosts": "HOSTS"}.get(path[0], "KEYS")
        if len(path) > 4:
            section_of = "RESTART ON TIMEOUT" if "restart_on_timeout" in path[:-1] else "MANAGERS"
        said = PROPERTIES[section_of][path[-1]]
        if leaf["from"]["kind"] != "default":
            assert path[-1] == "service"
        elif "default" in said:
            default = [said["default"]] if isinstance(leaf["value"], list) and said["default"] else said["default"]
            assert leaf["value"] == default, path
            compared += 1
        else:
            assert leaf["value"] is None or path[-1] == "ssh", path
    assert compared > 20


# --- the schema and the loader, about values

LONG = "x" * 256
EXAMPLES = [
    None, True, False, 0, -1, 0.5, 1, 1.5, 5, 2000, 1e8, 1e10, "", "x", "off", "auto", "none", "sudo", "local", "normal", "full",
    "offline", "never", "a b", " x", "tab\there", "line\n", "\x9b", "{}", "ops@h", "ops@h:22", "h:22", "h:0", "-h", "a@-h", "@h",
    "[::1]:22", "::1", "a/b", "a,b", "a,,b", "ssh://u@h", "tcp://h:1", "tcp://h:1\n", "tcp://*:1", "tcp://0.0.0.0:5555", "tcp://h",
    "tcp://[::1]:80", "tcp://[::]:80", "tcp://::1:80", "tcp://h:0", "tcp://a b:1", "ipc:///r", "ipc://", "udp://h:1", "5555",
    "h:9090", ":9090", "127.0.0.1:9", "m.service", "m.socket", "m@", "m@.service", "m@1", "@m", ".service", "m;x", "/", "/var/x",
    "var", "10.0.0.0/8", "10.0.0.1", "::/0", LONG, [], [""], ["x"], ["x", "y z"], [1], [[]], ["tcp://h:1"], ["tcp://h:1", "ipc:///r"],
    ["tcp://h:1", "tcp://h:1"], ["10.0.0.0/8"], ["a*"], {}, {"x": "y"}, {"x": 1}, {"A_B": "c d"}, {"A_B": ""}, {"1A": "x"},
    {"A": "b\n"}, {"x": {"service": "s"}}, {"a/b": {}}, {"MANAGER_ID": "M"}, {"MANAGER_ID_2": "M"}, "root@", "-x@", "/usr/bin/x",
    "/usr/bin/", "/usr/./x", "/usr/../x", "/..", "/usr/..x/y..", "/usr/bin/x y", "/usr/$x", ["/usr/bin/x y", "", "$a 'b'"], ["/x", "a\n"],
    ["bin/x"], "512M", "0M", "1", "2T", "2P", "M", "infinity", "1234567890123456", "50%", "0%", "150 %", "100001%", "100000%", 19, 20, -20, 64,
]  # fmt: skip
# What a fault is about that only the whole file has.
BETWEEN_KEYS = re.compile(r"must be above|^no manager |unique in the file|has this service already")
# Where the schema is content with the form of a value, and the loader looks closer.
SEEN_BY_THE_LOADER_ALONE = {"memory_max", "proxy_jump"}


def with_example(example: object) -> dict[tuple, object]:
    """Two documents in which it stands for every key there is, by where it stands."""
    places = {(key,): example for key in SCHEMA["properties"]}
    places |= {("limits", key): example for key in PROPERTIES["LIMITS"]}
    places |= {("defaults", key): example for key in PROPERTIES["HOSTS"] if key != "managers"}
    places |= {("hosts", "h", key): example for key in PROPERTIES["HOSTS"]}
    places |= {("hosts", "m", "managers", "M", key): example for key in PROPERTIES["MANAGERS"]}
    deeper = ("hosts", "m", "managers", "R")
    places |= {(*deeper, "restart_on_timeout", key): example for key in PROPERTIES["RESTART ON TIMEOUT"]}
    places |= {(*deeper, "resources", key): example for key in PROPERTIES["RESOURCES"]}
    return places | {("hosts", "whole"): example, (*deeper, "service"): "r"}


def document(places: dict[tuple, object]) -> dict:
    top: dict = {}
    for path, value in places.items():
        at = top
        for key in path[:-1]:
            at = at.setdefault(key, {})
        at[path[-1]] = value
    return top


def said_by_the_loader(folder: Path, text: str) -> list[tuple]:
    """The keys that have a fault of their own."""
    (folder / "file").write_text(text)
    environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
    command = [ACTORSCTL, "--config", "file", "config", "check", "--json"]
    done = subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    faults = json.loads(done.stdout)["faults"]
    assert done.returncode == (6 if faults else 0), done
    return [tuple(fault["key"].split(".")) for fault in faults if not BETWEEN_KEYS.search(fault["message"])]


def said_by_the_schema(text: str) -> list[tuple]:
    found, waiting = [], list(VALIDATOR.iter_errors(json.loads(text)))
    while waiting:
        error = waiting.pop()
        found.append(tuple(error.absolute_path))
        waiting += error.context  # why none of several forms fits
    return found


@pytest.fixture(scope="module")
def verdicts(tmp_path_factory) -> list[tuple[object, tuple, bool, bool]]:
    """Each example at each place: whether the loader takes it, and whether the schema does."""
    cases = []
    for example in EXAMPLES:
        places = with_example(example)
        cases.append((example, {path: value for path, value in places.items() if len(path) == 1}))
        cases.append((example, {path: value for path, value in places.items() if len(path) > 1}))
    texts = [json.dumps(document(places)) for _, places in cases]
    folders = [tmp_path_factory.mktemp("document") for _ in cases]
    with ThreadPoolExecutor(2) as pool:
        by_loader = list(pool.map(said_by_the_loader, folders, texts))
    found = []
    for (example, places), text, loader in zip(cases, texts, by_loader):
        schema = said_by_the_schema(text)
        for place in places:
            takes = [not any(path[: len(place)] == place for path in faults) for faults in (loader, schema)]
            found.append((example, place, *takes))
    return found


def test_the_schema_refuses_nothing_that_the_loader_takes(verdicts):
    assert [(example, place) for example, place, loader, schema in verdicts if loader and not schema] == []


def test_the_schema_takes_what_the_loader_refuses_only_where_that_is_known(verdicts):
    found = [(example, place) for example, place, loader, schema in verdicts if schema and not loader]
    assert {place[-1] for _, place in found} == SEEN_BY_THE_LOADER_ALONE, found


def test_some_of_each_kind_were_compared(verdicts):
    taken = {place[-1] for _, place, loader, _ in verdicts if loader}
    refused = {place[-1] for _, place, loader, _ in verdicts if not loader}
    assert {key for title, key in EVERY_KEY if title not in OF_SECURITY} <= taken & refused


# --- security, whose keys need each other and the endpoints

OF_SECURITY = {"SECURITY", "CURVE", "CLIENT"}
FILES = {"key_file": "/k", "clients_file": "/c"}
AT = "tcp://0.0.0.0:5555"
SECURITY = [
    (True, {}),
    (True, {"require": False, "client": {}, "allow": {}}),
    (True, {"require": True, "allow": {AT: ["10.0.0.0/8", "::1"]}}),
    (True, {"curve": {"endpoints": True, **FILES}}),
    (True, {"curve": {"endpoints": [AT], **FILES}}),
    (True, {"client": {"server_key": "/s.key", "key_file": "/k"}}),
    (True, {"client": {"server_key": "Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID"}}),
    (False, {"require": 1}),
    (False, {"x": {}}),
    (False, {"curve": {}}),
    (False, {"curve": FILES}),
    (False, {"curve": {"endpoints": True, "key_file": "/k"}}),
    (False, {"curve": {"endpoints": False, **FILES}}),
    (False, {"curve": {"endpoints": [], **FILES}}),
    (False, {"curve": {"endpoints": ["x"], **FILES}}),
    (False, {"curve": {"endpoints": AT, **FILES}}),
    (False, {"curve": {"endpoints": True, "key_file": "k", "clients_file": "/c"}}),
    (False, {"curve": {"endpoints": True, "key_file": "/k", "clients_file": "/c\n"}}),
    (False, {"allow": {AT: "10.0.0.0/8"}}),
    (False, {"allow": {AT: ["x"]}}),
    (False, {"allow": {"x": []}}),
    (False, {"client": {"key_file": "/k"}}),
    (False, {"client": {"server_key": "short"}}),
    (False, {"client": {"server_key": "/s", "key_file": "k"}}),
]


@pytest.mark.parametrize("is_right, security", SECURITY)
def test_the_schema_and_the_loader_agree_about_security(is_right, security, tmp_path):
    text = json.dumps({"registry_endpoint": AT, "security": security})
    assert (said_by_the_schema(text) == []) is is_right
    assert (said_by_the_loader(tmp_path, text) == []) is is_right


# --- the schema and the loader, about whole files


def without_comments(text: str) -> str:
    return re.sub(r"(?m)(^|\s)//.*$", "", text)


def test_the_example_fits_the_schema():
    document = json.loads(without_comments((TOP / "config" / "registry.json").read_text()))
    assert document["$schema"].endswith("/actorsctl/registry.schema.json")
    VALIDATOR.validate(document)


def test_a_first_file_fits_the_schema(tmp_path):
    run("config", "init", "file", "--registry", "tcp://r:1", "--ssh", "h=u@h", "--manager", "h/M=m", cwd=tmp_path)
    VALIDATOR.validate(json.loads(without_comments((tmp_path / "file").read_text())))


GOOD = [
    {},
    {"hosts": {"h": {}}},
    {"hosts": {"h": {"managers": {}}}, "defaults": {"ssh": "local"}},
    {"hosts": {"a host": {"ssh": "u@h:1", "managers": {"M N": {"service": "m@1.service", "after": ["O"]}, "O": {"service": "o"}}}}},
]
BAD = [
    [],
    None,
    {"hots": {}},
    {"limits": {"nmaes": 1}},
    {"defaults": {"managers": {}}},
    {"defaults": {"shh": "local"}},
    {"hosts": {"h": {"maangers": {}}}},
    {"hosts": {"h": {"managers": {"M": {}}}}},
    {"hosts": {"h": {"managers": {"M": {"service": "m", "servce": "m"}}}}},
    {"hosts": {"h": {"managers": {"M": {"service": "m", "restart_on_timeout": {"delay": 1}}}}}},
    {"hosts": {"h/i": {}}},
    {"hosts": {"": {}}},
    {"hosts": {"h": {"managers": {"M*": {"service": "m"}}}}},
]


@pytest.mark.parametrize("document", GOOD, ids=json.dumps)
def test_both_take(document, tmp_path):
    assert said_by_the_loader(tmp_path, json.dumps(document)) == []
    VALIDATOR.validate(document)


@pytest.mark.parametrize("document", BAD, ids=json.dumps)
def test_both_refuse(document, tmp_path):
    assert said_by_the_loader(tmp_path, json.dumps(document)) != []
    assert not VALIDATOR.is_valid(document)
