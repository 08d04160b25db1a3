"""Links within the project lead to what is there, headings included."""

import re

import pytest
from blocks import FENCE, ROOT, pages

LINK = re.compile(r"\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)")


def prose(page: str) -> str:
    """The page without its fenced blocks and `code`."""
    lines, fenced = [], False
    for line in (ROOT / page).read_text().splitlines():
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            lines.append(re.sub(r"`[^`]*`", "`code`", line))
    return "\n".join(lines)


def anchors(page: str) -> set[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.*)$", (ROOT / page).read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", pages())
def test_links_lead_somewhere(page):
    for path, anchor in LINK.findall(prose(page)):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page} links to {path}, which is not there"
        if anchor:
            there = anchors(target.resolve().relative_to(ROOT).as_posix())
            assert anchor in there, f"{page} links to {path}#{anchor}, which has no such heading"


def test_every_page_of_docs_is_in_the_index():
    linked = {path for path, _ in LINK.findall(prose("docs/README.md"))}
    there = {file.name for file in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert there <= linked, f"docs/README.md does not say for whom {there - linked} is"


def test_every_verdict_has_its_row():
    """Those that the program knows, and no others."""
    known = set(re.findall(r'case Verdict::(\w+): return "\1";', (ROOT / "controller/verdict.cpp").read_text()))
    sections = re.split(r"^## ", (ROOT / "docs/operations.md").read_text(), flags=re.MULTILINE)
    (table,) = [one for one in sections if one.startswith("What a verdict means")]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == known
