"""A block whose name is a path, as ```cpp examples/first_manager/cpp/first_manager.cpp, shows that file or a piece of it."""

import textwrap

import pytest
from blocks import ROOT, Block, blocks_of, is_excerpt, pages

BLOCKS = [block for page in pages() for block in blocks_of(page) if is_excerpt(block)]


def stands_in(excerpt: str, text: str) -> bool:
    """All its lines, one after the other, however deep they are indented."""
    wanted = textwrap.dedent(excerpt).splitlines()
    lines = text.splitlines()
    pieces = ("\n".join(lines[begin : begin + len(wanted)]) for begin in range(len(lines) - len(wanted) + 1))
    return any(textwrap.dedent(piece).splitlines() == wanted for piece in pieces)


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_an_excerpt_is_what_stands_in_the_file(block: Block):
    assert stands_in(block.text, (ROOT / block.name).read_text()), f"{block}: {block.name} has something else"


def test_what_differs_is_found():
    text = "def f():\n    a()\n    b()\n"
    assert stands_in("a()\nb()\n", text)
    assert not stands_in("a()\nc()\n", text)
    assert not stands_in("b()\na()\n", text)
