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


def test_more_hosts_than_there_is_room_for_are_refused_before_one_boots():
    most = int(Path("/proc/sys/fs/inotify/max_user_instances").read_text())
    setting = {**os.environ, "LAB_ID": f"crowd{os.getpid()}"}
    reason = Lab.refused_because() or (most > 500 and "99 hosts would find room here")
    if reason:
        pytest.skip(reason)
    done = subprocess.run([ROOT / "tests/lab/lab", "up", "99"], env=setting, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert f"no room for 99 hosts: they take 511 of the {most} of fs.inotify.max_user_instances" in done.stderr
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
