"""README's picture of a terminal is what actorsctl really prints. `scripts/picture` draws it anew."""

import pytest
from blocks import ROOT
from machines import eventually
from picture import drawn, plain, text_of
from shell import alike, steady

PICTURE = ROOT / "docs/terminal.svg"
PROMPT, COMMENT, END = "\x1b[32m$\x1b[0m ", "\x1b[2m", "\x1b[0m"


@pytest.fixture
def fleet_of_three(fleet, h1, h2, h3):
    """A manager on each host; only Risk says so much about its end that there is time to look."""
    for host, id, actor in (h1, "Orders", "order_book"), (h2, "Risk", "risk_limits"), (h3, "Market", "price_feed"):
        manager = fleet.manager(host, id, unit=f"{id.lower()}.service")
        manager.actor, manager.endpoint = actor, f"tcp://{host.name}:{6000 + len(fleet.managers)}"
        manager.runs_as_a_manager(more="Restart=on-failure\nRestartSec=60\n")
    return fleet


class Terminal:
    """What is typed, and what is printed, in colours."""

    def __init__(self, fleet):
        self.fleet = fleet
        self.text = ""

    def __call__(self, *words: str, comment: str = "") -> None:
        done = self.fleet("--color", "always", *words)
        typed = " ".join(["actorsctl", *words]) + (f"   {COMMENT}# {comment}{END}" if comment else "")
        self.text += ("\n" if self.text else "") + f"{PROMPT}{typed}\n{done.out}{done.err}"


def test_the_picture_of_a_terminal_is_what_is_printed(fleet_of_three, request):
    fleet = fleet_of_three
    _, risk, _ = fleet.managers
    terminal = Terminal(fleet)
    terminal("start", "--all")
    terminal("lookup", risk.actor)
    risk.systemctl("kill", "--signal=KILL")
    eventually(lambda: not fleet.online(risk), within=30)
    terminal("status", comment="somebody has killed Risk")
    terminal("lookup", risk.actor)
    if request.config.getoption("--accept"):
        PICTURE.write_text(drawn(terminal.text))
    printed, shown = plain(terminal.text), text_of(PICTURE.read_text())
    assert alike(shown, printed), f"printed is\n{steady(printed)}\nand {PICTURE.name} shows\n{steady(shown)}"
