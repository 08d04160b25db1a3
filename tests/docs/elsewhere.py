"""Blocks that no test of this folder runs, each with the reason and the test that runs or replaces it."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Elsewhere:
    page: str
    language: str
    name: str  # empty: all of the page's blocks in that language that have none
    reason: str
    test: str  # a file
    mark: str  # what stands in it, so that a test which is gone is missed


ELSEWHERE = [
    Elsewhere(
        "clients/rust/README.md",
        "rust,no_run",
        "",
        "compiled as documentation of the crate",
        "clients/rust/src/lib.rs",
        'include_str!("../README.md")',
    ),
    Elsewhere(
        "clients/python/README.md",
        "python",
        "",
        "run by the package's own tests",
        "clients/python/tests/test_snippets.py",
        "def snippet(",
    ),
    Elsewhere(
        "clients/cpp/README.md",
        "cpp",
        "",
        "built with the installed library and run",
        "tests/installed/test_cpp_library.py",
        'page("cpp")',
    ),
    Elsewhere(
        "clients/cpp/README.md",
        "cmake",
        "",
        "the installed library is found with it",
        "tests/installed/test_cpp_library.py",
        'page("cmake")',
    ),
    Elsewhere(
        "clients/cpp/README.md",
        "sh",
        "",
        "the installed library is found with it; where it is installed is added there",
        "tests/installed/test_cpp_library.py",
        'page("sh")',
    ),
    Elsewhere(
        "clients/python/README.md",
        "sh",
        "install",
        "needs the index of Python packages; scripts/package builds and installs the same package without it",
        "debian/rules",
        "--buildsystem=pybuild --sourcedirectory=clients/python",
    ),
    Elsewhere(
        "README.md",
        "sh",
        "build",
        "every test runs what it has built",
        "scripts/test",
        "scripts/build",
    ),
    Elsewhere(
        "README.md",
        "sh",
        "two-commands",
        "would run this test within itself",
        ".ci/run",
        "scripts/test",
    ),
    Elsewhere(
        "CONTRIBUTING.md",
        "sh",
        "scripts",
        "would run this test within itself, measure for minutes, and install packages",
        ".ci/run",
        "scripts/check",
    ),
    Elsewhere(
        "tests/conformance/README.md",
        "text",
        "",
        "what `scripts/bench clients` prints; a benchmark is never part of the tests",
        "tests/bench/client_bench.cpp",
        "bare REQ",
    ),
]
