"""The lab itself, where machines differ."""

import os
import subprocess
from pathlib import Path

import pytest
from machines import Lab

ROOT = Path(__file__).resolve().parents[2]

# This machine's root, entered as a chroot. Its argument: where.
IN_A_CHROOT = """
mount --rbind / "$1"
exec chroot "$1" sh -c '
  cd "$1"
  tests/lab/lab up 1 --owner $$ || exit
  tests/lab/lab exec h1 unshare --user sh -c "systemctl is-active ssh.service && echo in a user namespace"
  tests/lab/lab down' sh "$2"
"""


def test_more_hosts_than_there_is_room_for_are_refused_before_one_boots(tmp_path):
    reason = Lab.refused_because()
    if reason:
        pytest.skip(reason)
    (tmp_path / "most").write_text("30\n")  # in place of what this machine has
    up = 'mount --bind "$1" /proc/sys/fs/inotify/max_user_instances && exec "$2" up 3'
    words = ["unshare", "--mount", "sh", "-c", up, "sh", tmp_path / "most", ROOT / "tests/lab/lab"]
    setting = {**os.environ, "LAB_ID": f"crowd{os.getpid()}"}
    done = subprocess.run(words, env=setting, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "no room for 3 hosts: they take 31 of the 30 of fs.inotify.max_user_instances" in done.stderr
    assert not Path(f"/tmp/actors-lab-crowd{os.getpid()}").exists()


def test_in_a_chroot_hosts_boot_and_have_user_namespaces_for_their_services(tmp_path):
    reason = Lab.refused_because()
    if reason:
        pytest.skip(reason)
    apart = ["unshare", "--mount", "--propagation", "unchanged", ROOT / "tests/lab/apart"]
    apart += ["sh", "-ec", IN_A_CHROOT, "sh", tmp_path, ROOT]
    setting = {**os.environ, "LAB_ID": f"chroot{os.getpid()}"}
    done = subprocess.run(apart, env=setting, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=180)
    assert done.stdout == "active\nin a user namespace\n", done.stdout + done.stderr
