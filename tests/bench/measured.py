"""What a command costs: wall time, CPU time of itself and of what it waited for, peak memory.

As a program, inside a lab's machine: takes {"rounds": N, "commands": {NAME: [WORD...]}} on its standard input and
prints {NAME: [{"wall": S, "cpu": S, "megabytes": N}, ...]}.
"""

import json
import os
import select
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass


@dataclass
class Cost:
    wall: float  # seconds, as is cpu
    cpu: float
    megabytes: float


def run(command, within=300, environment=None):
    """Its cost and what it printed. \\raises RuntimeError where it fails or has not ended `within` seconds."""
    with tempfile.TemporaryFile() as output:
        begun = time.monotonic()
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment)
        with open(os.pidfd_open(child.pid), closefd=True) as ended:
            poll = select.poll()
            poll.register(ended, select.POLLIN)
            if not poll.poll(within * 1000):
                child.kill()
                child.wait()
                raise RuntimeError(f"{command[0]} still ran after {within} s")
        _, status, usage = os.wait4(child.pid, 0)
        wall = time.monotonic() - begun
        child.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read().decode(errors="replace")
    return child.returncode, Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024), text


def must(command, **options):
    """run() of a command that must succeed: cost and text."""
    code, cost, text = run(command, **options)
    if code != 0:
        raise RuntimeError(f"{command[0]} ended with {code}: {text[-500:]}")
    return cost, text


def alternate(measures, rounds):
    """Calls each of {name: function() -> Cost} once a round, each round beginning with another: {name: [Cost]}."""
    names = list(measures)
    costs = {name: [] for name in names}
    for number in range(rounds):
        first = number % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(measures[name]())
    return costs


def ratio(costs, others, what):
    """The median of the rounds' ratios: what else the machine does in a round weighs on both."""
    return statistics.median(getattr(one, what) / getattr(other, what) for one, other in zip(costs, others))


def median(costs, what):
    return statistics.median(getattr(cost, what) for cost in costs)


def main():
    task = json.load(sys.stdin)
    measures = {name: lambda command=command: must(command)[0] for name, command in task["commands"].items()}
    for measure in measures.values():
        measure()  # with everything in the cache
    costs = alternate(measures, task["rounds"])
    json.dump({name: [asdict(cost) for cost in of_one] for name, of_one in costs.items()}, sys.stdout)


if __name__ == "__main__":
    main()
