"""Every fenced block of every page has a test that runs it, or stands in elsewhere.py with the reason."""

import pytest
from blocks import EVERYWHERE, ROOT, Block, blocks_of, claims, is_elsewhere, is_excerpt, pages, read_blocks
from elsewhere import ELSEWHERE

HOW = """Run it in tests/docs (on this machine) or tests/scenarios (on lab hosts) by a test that says
@runs("{page}"{name}), or name it in tests/docs/elsewhere.py with the reason. CONTRIBUTING.md, "Documentation", says how."""


def is_run(block: Block, taken: list[tuple[str, tuple[str, ...]]]) -> bool:
    if block.name in EVERYWHERE or is_excerpt(block) or is_elsewhere(block):
        return True
    return any(page == block.page and (block.name in names if names else not block.name) for page, names in taken)


@pytest.mark.parametrize("page", pages())
def test_every_block_is_run(page):
    taken = claims()
    for block in blocks_of(page):
        assert block.language, f"{block} has no language: ```sh, ```console (a session), ```json, ```text, …"
        name = f', "{block.name}"' if block.name else ""
        assert is_run(block, taken), f"no test runs {block}.\n{HOW.format(page=page, name=name)}"


def test_what_tests_take_is_there():
    for page, names in claims():
        assert (ROOT / page).is_file(), f"a test runs blocks of {page}, which is gone"
        there = {block.name for block in blocks_of(page)}
        assert set(names or [""]) <= there, f"a test runs blocks of {page} that are gone: {set(names) - there}"


@pytest.mark.parametrize("one", ELSEWHERE, ids=lambda one: f"{one.page}-{one.name or one.language}")
def test_what_runs_elsewhere_is_there_and_run_there(one):
    there = {(block.language, block.name) for block in blocks_of(one.page)}
    assert (one.language, one.name) in there, f"{one.page} has no block ```{one.language} {one.name} any more"
    assert one.mark in (ROOT / one.test).read_text(), f"{one.test} does not have {one.mark!r} any more"


def test_a_block_that_nobody_runs_is_found():
    (block,) = read_blocks("README.md", "text\n```sh nobody\nfalse\n```\n")
    assert str(block) == "README.md:2 (```sh nobody)"
    assert block.content == "false\n"
    assert not is_run(block, claims())
    assert is_run(block, [("README.md", ("nobody",))])
    assert not is_run(block, [("README.md", ()), ("NEWS.md", ("nobody",))])


def test_a_fence_that_is_never_closed_is_found():
    with pytest.raises(AssertionError, match="README.md:1: this fence is never closed"):
        list(read_blocks("README.md", "```sh\nfalse\n"))
