"""What a terminal shows, as a picture: lines with the colours of ANSI sequences (ECMA-48, SGR) become an SVG."""

import re
import xml.etree.ElementTree
from xml.sax.saxutils import escape

SGR = re.compile(r"\x1b\[([\d;]*)m")
COLOURS = {"31": "#ff7b72", "32": "#7ee787", "33": "#e3b341", "34": "#79c0ff", "35": "#d2a8ff", "36": "#76e3ea"}
WIDTH, HEIGHT, MARGIN, BAR = 8.43, 20, 18, 30


def plain(text: str) -> str:
    return SGR.sub("", text)


def spans(line: str) -> str:
    """A line's pieces, each with what the sequences before it ask for."""
    parts, style = SGR.split(line), ""
    shown = escape(parts[0])
    for codes, piece in zip(parts[1::2], parts[2::2]):
        for code in codes.split(";"):
            if code in ("", "0"):
                style = ""
            elif code == "1":
                style += ' font-weight="bold"'
            elif code == "2":
                style += ' fill-opacity="0.6"'
            elif code in COLOURS:
                style += f' fill="{COLOURS[code]}"'
        shown += f"<tspan{style}>{escape(piece)}</tspan>" if style and piece else escape(piece)
    return shown


def drawn(text: str) -> str:
    lines = text.splitlines()
    width = round(max(len(plain(line)) for line in lines) * WIDTH) + 2 * MARGIN
    height = len(lines) * HEIGHT + BAR + MARGIN
    svg = f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">
<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>
<circle cx="20" cy="16" r="5" fill="#ff5f57"/><circle cx="38" cy="16" r="5" fill="#febc2e"/><circle cx="56" cy="16" r="5" fill="#28c840"/>
<g font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#e6edf3">
"""
    for number, line in enumerate(lines):
        svg += f'<text x="{MARGIN}" y="{BAR + 16 + number * HEIGHT}" xml:space="preserve">{spans(line)}</text>\n'
    return svg + "</g>\n</svg>\n"


def text_of(svg: str) -> str:
    """What a picture shows, without its colours."""
    texts = xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")
    return "".join("".join(text.itertext()) + "\n" for text in texts)
