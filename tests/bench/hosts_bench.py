"""How quickly, and at what cost, many hosts are worked on: `scripts/bench hosts`.

Begins in namespaces of their own (see loopback_hosts), where actorsctl, clush, pdsh, ansible and a bare libssh run
the same command on the same hosts; `status` of many managers is measured on a lab's host, with a real systemd.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "scenarios")]

from loopback_hosts import FOLDER, KEY, PORT, LoopbackHosts, dead, healthy  # noqa: E402
from machines import Lab, eventually  # noqa: E402
from measured import Cost, alternate, median, must, ratio, run  # noqa: E402

COMMAND = ["env", "LC_ALL=C", "systemctl", "--version"]  # what `actorsctl hosts` runs on each
WIDTH = 32
CONNECT_TIMEOUT = 10  # the default


def say(text):
    print(text, flush=True)


class FanOut:
    """One command on each of 32 hosts, by each tool."""

    def __init__(self, hosts, build):
        self.addresses = healthy(WIDTH)
        self.environment = hosts.environment()
        self.program = str(build / "actorsctl")
        self.configuration = hosts.configuration("fan_out.json", self.addresses)
        listed, line = ",".join(self.addresses), " ".join(COMMAND)
        self.commands = {
            "bare": [str(build / "tests/bench/bare_ssh"), "root", str(PORT), str(KEY), str(WIDTH), line, *self.addresses],
            "clush": ["clush", "-f", str(WIDTH), "-w", listed, *COMMAND],
            "pdsh": ["pdsh", "-R", "ssh", "-f", str(WIDTH), "-w", listed, line],
            "ansible": ["ansible", "all", "-i", listed + ",", "-f", str(WIDTH), "-m", "command", "-a", line],
        }

    def actorsctl(self):
        cost, text = must([self.program, "--config", self.configuration, "--json", "hosts"], environment=self.environment)
        reached = [host for host in json.loads(text)["hosts"] if host["systemd"]]
        if len(reached) != WIDTH:
            raise RuntimeError(f"actorsctl reached {len(reached)} of {WIDTH} hosts")
        return cost

    def other(self, name):
        cost, text = must(self.commands[name], environment=self.environment)
        done = WIDTH if name == "bare" else text.count("systemd 2")
        if done != WIDTH:
            raise RuntimeError(f"{name} reached {done} of {WIDTH} hosts: {text[-500:]}")
        if name == "ansible":
            self.end_masters()
        return cost

    def end_masters(self):
        """ansible leaves a connection to each host open for the next call; that call is not measured."""
        for path in (FOLDER / "ansible/cp").iterdir():
            run(["ssh", "-S", str(path), "-O", "exit", "any"], environment=self.environment)

    def measure(self, names, rounds):
        measures = {"actorsctl": self.actorsctl, **{name: lambda name=name: self.other(name) for name in names}}
        for one in measures.values():
            one()  # with everything in the cache
        return alternate(measures, rounds)


def print_costs(costs):
    for name, of_one in costs.items():
        # The memory is an upper bound: a program's peak begins with that of the one that started it.
        say(f"  {name:10} wall {median(of_one, 'wall'):7.3f} s   cpu {median(of_one, 'cpu'):7.3f} s   "
            f"memory {median(of_one, 'megabytes'):5.1f} MB")


def fan_out(hosts, build, rounds):
    work = FanOut(hosts, build)
    say(f"{WIDTH} hosts, `{' '.join(COMMAND)}` on each, {rounds} rounds, alternating; a ratio is the median of the rounds'")
    costs = work.measure(["bare", "clush", "pdsh"], rounds)
    print_costs(costs)
    ours = costs["actorsctl"]
    for name in ("clush", "pdsh"):
        say(f"  cpu over {name}'s: {ratio(ours, costs[name], 'cpu'):.3f}   (target <= 0.1)")
    for name in ("clush", "pdsh"):
        say(f"  wall time over {name}'s: {ratio(ours, costs[name], 'wall'):.3f}   (target <= 0.75)")
    say(f"  wall time over a bare libssh's: {ratio(ours, costs['bare'], 'wall'):.3f}   (target <= 1.1)")
    few = max(1, rounds // 3)
    say(f"{WIDTH} hosts, against `ansible -m command`, {few} rounds")
    costs = work.measure(["ansible"], few)
    print_costs(costs)
    ours = costs["actorsctl"]
    say(f"  wall time over ansible's: {ratio(ours, costs['ansible'], 'wall'):.3f}, cpu "
        f"{ratio(ours, costs['ansible'], 'cpu'):.3f}   (target <= 0.2)")


def dead_hosts(hosts, build, rounds):
    """256 hosts of which 48 never answer, those first, against the 208 alone."""
    alive, silent = healthy(208), dead(48)
    files = {"without": hosts.configuration("without.json", alive),
             "with": hosts.configuration("with.json", silent + alive)}
    last_done = {name: [] for name in files}

    def measure(name):
        code, cost, text = run([str(build / "actorsctl"), "--config", files[name], "--json", "hosts"],
                               environment=hosts.environment())
        start = text.index("{\n") if "{\n" in text else 0
        statuses = json.JSONDecoder().raw_decode(text[start:])[0]["hosts"]
        done = [one["connect_s"] + one["round_trip_s"] for one in statuses if one["systemd"]]
        if len(done) != len(alive) or (code == 0) != (name == "without"):
            raise RuntimeError(f"{len(done)} of {len(alive)} healthy hosts done, exit status {code}: {text[-500:]}")
        last_done[name].append(max(done))
        return cost

    costs = alternate({name: lambda name=name: measure(name) for name in files}, rounds)
    ratios = sorted(one / other for one, other in zip(last_done["with"], last_done["without"]))
    later = statistics.median(ratios)
    past = [cost.wall - last for cost, last in zip(costs["with"], last_done["with"])]
    say(f"256 hosts of which 48 never answer, those first, against the 208 alone, {rounds} rounds, alternating")
    say(f"  last healthy host done after {statistics.median(last_done['with']):.3f} s, without the others "
        f"{statistics.median(last_done['without']):.3f} s, ratio {later:.3f} "
        f"({ratios[0]:.3f} to {ratios[-1]:.3f} by round)   (target <= 1)")
    say(f"  all over after {median(costs['with'], 'wall'):.3f} s, {statistics.median(past):.3f} s past that   "
        f"(target <= {CONNECT_TIMEOUT + 1})")
    say(f"  memory at its peak {max(cost.megabytes for cost in costs['with']):.1f} MB   (target <= 100)")


def many_managers(build, rounds):
    """`status` of 20 managers on one host of a lab."""
    reason = Lab.refused_because()
    if reason:
        raise RuntimeError(f"no lab on this machine: {reason}")
    lab = Lab(1, [build / "actorsctl"])
    try:
        say(f"status of 20 managers on one host, against `ssh host true`, {3 * rounds} rounds, alternating")
        measure_status(lab, 3 * rounds)
    finally:
        lab.down()


def measure_status(lab, rounds):
    ctl, host = lab.ctl, lab.hosts[0]
    host.write("/etc/systemd/system/bench@.service", "[Service]\nExecStart=/usr/bin/sleep infinity\n")
    host.must("systemctl", "start", *(f"bench@{number}.service" for number in range(20)))
    with host.file("/etc/ssh/sshd_config").open("a") as config:
        config.write("LogLevel VERBOSE\n")
    host.must("systemctl", "restart", "ssh.service")
    ctl.write("/root/.ssh/known_hosts", f"h1 {host.public_key()}\n", 0o600)
    managers = {f"M{number}": {"service": f"bench@{number}.service", "heartbeats": False} for number in range(20)}
    ctl.write("/etc/actors/registry.json", json.dumps({"hosts": {"h1": {"ssh": "h1", "managers": managers}}}))
    ctl.write("/root/measured.py", (HERE / "measured.py").read_text())
    registry = ctl.begin("actorsctl", "registry", "serve", "--in-memory", stdout=subprocess.DEVNULL,
                         stderr=subprocess.DEVNULL)
    eventually(lambda: ctl.run("actorsctl", "registry", "status").code == 0, within=10, what="the registry answers")
    task = {"rounds": rounds, "commands": {"status": ["actorsctl", "status"], "ssh": ["ssh", "h1", "true"]}}
    costs = {name: [Cost(**cost) for cost in of_one] for name, of_one in json.loads(measure_there(ctl, task)).items()}
    print_costs(costs)
    say(f"  wall time over ssh's: {ratio(costs['status'], costs['ssh'], 'wall'):.3f}   (target <= 1.3)")
    count_sessions(ctl, host)
    registry.terminate()
    registry.wait(timeout=10)


def measure_there(ctl, task):
    child = ctl.begin("python3", "/root/measured.py", stdin=subprocess.PIPE)
    out, err = child.communicate(json.dumps(task), timeout=300)
    if child.returncode != 0:
        raise RuntimeError(err)
    return out


def count_sessions(ctl, host):
    """What sshd says of one call."""
    cursor = host.must("journalctl", "-q", "-u", "ssh.service", "-n", "1", "--show-cursor", "-o", "cat")
    cursor = cursor.split("-- cursor: ")[1].strip()
    ctl.must("actorsctl", "status")

    def said():
        return host.must("journalctl", "-q", "-u", "ssh.service", "--after-cursor", cursor, "-o", "cat")

    eventually(lambda: "Close session" in said() or "Disconnected" in said(), within=10, what="sshd says it is over")
    lines = said().splitlines()
    sessions = sum("Accepted publickey" in line for line in lines)
    commands = sum("Starting session: command" in line for line in lines)
    say(f"  SSH sessions {sessions}, remote commands {commands}   (target 1, 1)")


def inside(build, rounds):
    hosts = LoopbackHosts()
    fan_out(hosts, build, rounds)
    dead_hosts(hosts, build, max(1, rounds // 3))


def in_namespaces(arguments):
    """This program again, in namespaces of its own: they and all in them end with it."""
    command = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--pid", "--fork", "--kill-child=KILL",
               "--mount-proc", sys.executable, "-B", __file__, *arguments, "--inside"]
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        code = child.wait()
    finally:
        child.kill()
        child.wait()
    if code != 0:
        raise RuntimeError(f"the part in namespaces ended with {code}")


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench hosts")
    parser.add_argument("--build", type=Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--rounds", type=int, default=9)
    options = parser.parse_args()
    build = options.build.resolve()
    if options.inside:
        return inside(build, options.rounds)
    if os.geteuid() != 0:
        raise RuntimeError("needs root: it makes hosts in network namespaces")
    for tool in ("clush", "pdsh", "ansible"):
        if not shutil.which(tool):
            raise RuntimeError(f"there is no {tool}; scripts/setup bench")
    in_namespaces(sys.argv[1:])
    return many_managers(build, options.rounds)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except (RuntimeError, AssertionError, OSError) as error:
        sys.exit(f"hosts_bench: {error}")
