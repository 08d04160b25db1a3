"""Many SSH hosts on one machine: one sshd that answers at every address of 127.0.0.0/8, and addresses that never do.

For a process that is the first of network, mount and process namespaces of its own: all of it is gone when that
process ends, however it ends. Needs root there.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from pathlib import Path

FOLDER = Path("/run/bench")
HOME = FOLDER / "home"
KEY = FOLDER / "id_ed25519"
PORT = 22
SILENT_PORT = 2222  # accepts, and never speaks

SSHD_CONFIG = f"""\
ListenAddress 0.0.0.0:{PORT}
HostKey {FOLDER}/host_key
AuthorizedKeysFile {KEY}.pub
StrictModes no
UsePAM no
PermitRootLogin prohibit-password
PasswordAuthentication no
KbdInteractiveAuthentication no
MaxStartups 10000
PidFile none
LogLevel ERROR
"""
# Read by all who are measured, ssh itself among them.
SSH_CONFIG = f"""\
Host *
  IdentityFile {KEY}
  UserKnownHostsFile {FOLDER}/known_hosts
  StrictHostKeyChecking yes
"""


def call(*words):
    subprocess.run([str(word) for word in words], check=True, stdin=subprocess.DEVNULL)


def healthy(count):
    return [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(count)]


def dead(count):
    """Targets that never answer: every second one drops what is sent there, the others accept and never speak."""
    return [f"10.255.0.{number + 2}" if number % 2 == 0 else f"127.2.0.{number + 1}:{SILENT_PORT}"
            for number in range(count)]


class LoopbackHosts:
    """Made once in the namespaces; the sshd serves until they are gone."""

    def __init__(self):
        call("mount", "-t", "tmpfs", "-o", "mode=755", "bench", "/run")
        FOLDER.mkdir()
        Path("/run/sshd").mkdir(mode=0o755)
        self.silent = self.make_network()
        self.write_files()
        self.hide_users_own()
        self.sshd = subprocess.Popen([shutil.which("sshd", path="/usr/sbin:/usr/bin"), "-D", "-f", FOLDER / "sshd_config"],
                                     stdin=subprocess.DEVNULL)
        self.await_sshd()

    @staticmethod
    def make_network():
        call("ip", "link", "set", "lo", "up")
        # Without ARP nobody is found missing: packets go to the cable's other end, where nobody takes them.
        call("ip", "link", "add", "nowhere", "type", "veth", "peer", "name", "end")
        call("ip", "link", "set", "end", "up")
        call("ip", "link", "set", "nowhere", "arp", "off", "up")
        call("ip", "address", "add", "10.255.0.1/16", "dev", "nowhere")
        silent = socket.socket()
        silent.bind(("0.0.0.0", SILENT_PORT))
        silent.listen(4096)
        return silent

    @staticmethod
    def write_files():
        for key in (KEY, FOLDER / "host_key"):
            call("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
        host_key = " ".join((FOLDER / "host_key.pub").read_text().split()[:2])
        (FOLDER / "known_hosts").write_text("".join(f"{address} {host_key}\n" for address in healthy(1000)))
        (FOLDER / "sshd_config").write_text(SSHD_CONFIG)
        (FOLDER / "ssh_config").write_text(SSH_CONFIG)
        HOME.mkdir()

    @staticmethod
    def hide_users_own():
        """No ssh_config, key or shell profile of this machine's counts: root has another home here."""
        call("mount", "--bind", FOLDER / "ssh_config", "/etc/ssh/ssh_config")
        users = Path("/etc/passwd").read_text().splitlines(keepends=True)
        others = [line for line in users if not line.startswith("root:")]
        (FOLDER / "passwd").write_text("".join([f"root:x:0:0:root:{HOME}:/bin/bash\n", *others]))
        call("mount", "--bind", FOLDER / "passwd", "/etc/passwd")

    def await_sshd(self):
        deadline = time.monotonic() + 10
        while True:
            try:
                with socket.create_connection((healthy(1)[0], PORT), timeout=10) as peer:
                    if peer.recv(4) == b"SSH-":
                        return
            except ConnectionRefusedError:
                pass
            if self.sshd.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("sshd does not serve")
            time.sleep(0.02)

    @staticmethod
    def environment():
        """For what is measured: no agent, no configuration of the user's."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return {**kept, "HOME": str(HOME), "USER": "root", "ANSIBLE_HOME": str(FOLDER / "ansible"),
                "ANSIBLE_LOCAL_TEMP": str(FOLDER / "ansible/local"), "ANSIBLE_REMOTE_TEMP": str(FOLDER / "ansible/remote"),
                "ANSIBLE_SSH_CONTROL_PATH_DIR": str(FOLDER / "ansible/cp")}

    @staticmethod
    def configuration(name, targets):
        """A configuration of ours with these hosts, in this order, a manager each."""
        hosts = {f"host{number:04}": {"ssh": target, "managers": {f"Manager{number:04}": {"service": "bench.service"}}}
                 for number, target in enumerate(targets)}
        file = FOLDER / name
        file.write_text(json.dumps({"hosts": hosts}))
        return str(file)
