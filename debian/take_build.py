#!/usr/bin/python3
"""Puts what another build of these sources has compiled into a configured build folder, in place of compiling it there.

    debian/take_build.py FROM TO

Both are Meson's. What depends on the configuration (units, pkg-config and CMake files) is the configured folder's own.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path


def main() -> None:
    taken, into = (Path(word).resolve() for word in sys.argv[1:])
    plan = json.loads((into / "meson-info/intro-install_plan.json").read_text())
    for target in plan["targets"]:
        relative = Path(target).resolve().relative_to(into)
        place = into / relative
        place.parent.mkdir(parents=True, exist_ok=True)
        if (taken / relative).read_bytes()[:4] == b"\x7fELF":
            # As dh_strip would, and without its minutes over debugging information.
            subprocess.run(["strip", "--strip-debug", "-o", place, taken / relative], check=True)
        else:
            shutil.copy2(taken / relative, place)


main()
