"""The fenced blocks of the pages, and which test runs which.

A block is a fence with a language and, where tests tell it from others, a name: ```sh first-lookup. A test takes blocks
by page, or by page and name:

    @runs("README.md", "first-lookup")
    def test_the_first_lookup(blocks, here):
        here.play(*blocks)

and fails where it has not run all that it was given. test_every_block_is_run.py finds what no test takes.
"""

import ast
import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from elsewhere import ELSEWHERE

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^ *(`{3,})(.*)$")
# What the tests of this folder run wherever it stands (test_configurations.py), by the name.
EVERYWHERE = ("registry.json", "registry.json:host", "registry.json:manager")


@dataclass
class Block:
    page: str
    line: int
    language: str
    name: str
    content: str
    run: bool = field(default=False, compare=False)

    def __str__(self) -> str:
        return f"{self.page}:{self.line} (```{self.language} {self.name}".rstrip() + ")"

    @property
    def text(self) -> str:
        """What is in it. Who reads it runs it."""
        self.run = True
        return self.content


def pages() -> list[str]:
    """Every page of the project, but what builds leave behind."""
    found = (file.relative_to(ROOT) for file in ROOT.rglob("*.md"))
    return sorted(
        file.as_posix()
        for file in found
        if not any(part.startswith((".", "build")) or part == "target" for part in file.parts)
    )


def blocks_of(page: str) -> list[Block]:
    return list(read_blocks(page, (ROOT / page).read_text()))


def read_blocks(page: str, text: str) -> Iterator[Block]:
    block, fence, lines = None, "", []
    for number, line in enumerate(text.splitlines(), 1):
        found = FENCE.match(line)
        if block is None and found:
            fence = found[1]
            words = found[2].split()
            block = Block(page, number, words[0] if words else "", " ".join(words[1:]), "")
            lines = []
        elif block is not None and line.strip() == fence:
            block.content = "".join(f"{one}\n" for one in lines)
            yield block
            block = None
        elif block is not None:
            lines.append(line)
    assert block is None, f"{page}:{block.line}: this fence is never closed"


def is_excerpt(block: Block) -> bool:
    """Its name is a file's, which test_excerpts.py holds it against."""
    return "/" in block.name


def is_elsewhere(block: Block) -> bool:
    return any((one.page, one.language, one.name) == (block.page, block.language, block.name) for one in ELSEWHERE)


def chosen(page: str, names: tuple[str, ...]) -> list[Block]:
    """The page's blocks with these names, in the page's order; without names all that have none and are run nowhere else."""
    found = blocks_of(page)
    for name in names:
        assert [block.name for block in found].count(name) == 1, f"{page} has not exactly one block ```… {name}"
    return [block for block in found if (block.name in names if names else not block.name and not is_elsewhere(block))]


def runs(page: str, *names: str) -> Callable:
    """For a test that has the fixture `blocks`."""

    def decorate(test: Callable) -> Callable:
        @functools.wraps(test)
        def run(*arguments, blocks, **more):
            result = test(*arguments, blocks=blocks, **more)
            left = [str(block) for block in blocks if not block.run]
            assert not left, f"the test takes these blocks and does not run them: {', '.join(left)}"
            return result

        run.chosen = (page, names)
        return run

    return decorate


def taken_by(test: Callable) -> list[Block]:
    """What the test's @runs names."""
    page, names = test.chosen
    found = chosen(page, names)
    assert found, f"{page} has no such blocks any more: {names or 'without a name'}"
    return found


def claims() -> list[tuple[str, tuple[str, ...]]]:
    """What the tests' @runs take, read and not imported: page and names."""
    found = []
    for test in sorted((ROOT / "tests").glob("*/test_*.py")):
        for node in ast.walk(ast.parse(test.read_text())):
            if isinstance(node, ast.FunctionDef):
                calls = [one for one in node.decorator_list if isinstance(one, ast.Call)]
                found += [claim(call) for call in calls if getattr(call.func, "id", "") == "runs"]
    return found


def claim(call: ast.Call) -> tuple[str, tuple[str, ...]]:
    page, *names = (ast.literal_eval(argument) for argument in call.args)
    return page, tuple(names)
