"""What people see on a terminal while hosts work."""

from pathlib import Path

ON_A_TERMINAL = Path(__file__).resolve().parents[1] / "cli" / "on_a_terminal.py"


def test_a_terminal_shows_who_waits_for_what_until_the_result_is_there(fleet, h1, h2):
    quick, silent = fleet.manager(h1), fleet.manager(h2)
    silent.runs("/usr/bin/sleep infinity")
    tool = fleet.ctl.write(f"{fleet.folder}/on_a_terminal.py", ON_A_TERMINAL.read_text())
    start = fleet.command("start", "--all", "--timeout", "12")
    done = fleet.ctl.run("/usr/bin/python3", tool, "--columns", "200", *start)
    assert done.code == 5, done.text
    live = [line for line in done.out.splitlines() if line.startswith("live: ")]
    screen = done.out.splitlines()[len(live):]
    assert f"live: start: 1 of 2 done, N s; {silent.id}: active, not heard yet N s" in live, done.text
    # Nothing of it is left, and the lines that were printed meanwhile are whole.
    assert not any(" of 2 done" in line for line in screen), done.text
    assert f"{silent.unit}: active, not heard yet" in screen, done.text
    assert any(line.startswith(quick.id) and line.endswith("started") for line in screen), done.text
