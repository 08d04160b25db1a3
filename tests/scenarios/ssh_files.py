"""What the scenarios about SSH share: known_hosts files, fingerprints, servers that behave badly."""

from machines import line_of

LISTENS = 'import socket, time\ns = socket.create_server(("10.77.0.1", {port}))\nprint("ready", flush=True)\n{then}'


def known(fleet, name: str, *machines, port: int = 22) -> str:
    """A known_hosts file on ctl with these machines' keys."""
    shown = [machine.address if port == 22 else f"[{machine.address}]:{port}" for machine in machines]
    lines = [f"{address} {machine.public_key()}\n" for address, machine in zip(shown, machines)]
    return fleet.ctl.write(f"{fleet.folder}/{name}", "".join(lines))


def fingerprint(machine) -> str:
    return machine.must("ssh-keygen", "-lf", "/etc/ssh/ssh_host_ed25519_key.pub").split()[1]


def listening(ctl, port: int, then: str):
    """Starts a Python program on ctl that has a socket `s` listening on a port; to be killed."""
    child = ctl.begin("/usr/bin/python3", "-c", LISTENS.format(port=port, then=then))
    assert line_of(child.stdout) == "ready\n"
    return child


NEVER_SPEAKS = "kept = []\nwhile True: kept.append(s.accept())"
SILENT_AFTER_ITS_BANNER = """kept = []
while True:
    c, _ = s.accept()
    c.send(b"SSH-2.0-mute\\r\\n")
    kept.append(c)
"""
CLOSES_AT_ONCE = "while True: s.accept()[0].close()"
