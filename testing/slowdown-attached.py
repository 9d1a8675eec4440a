#!/usr/bin/env python3
"""What recording costs a program that is already running: its speed while an attached recorder runs beside its speed
while the same recorder is stopped (SIGSTOP), by turns, in one process. Runs of a program differ by ten per cent, as its
memory lies elsewhere each time, and a machine's own speed changes within seconds: many short turns tell one per cent.

    testing/slowdown-attached.py [PAIRS [SECONDS]]     PAIRS (default 60) of SECONDS (default 1.5) with and without

Programs: 16, 64, 256 and 1024 MiB written page by page, a Python and a Java program; PROGRAMS: which, as in "64 java".
DAMSON_OPTIONS are given to `damson record` (default none: its default budget of 2 %). Prints, for each program, the
median change of the time a pass takes and its 95 % interval, of processor time likewise, how far neighbouring turns
without a recorder differ, and how far apart samples were: SECONDS should be several times that.
Needs 1.2 GiB of free memory and a quiet machine; 6 programs x 120 x 1.6 s: 20 minutes.
"""
import math
import os
import pathlib
import shlex
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 60
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 1.5
# A recorder's start and its self-test are not its cost.
START_S = 4
# After a recorder is stopped or continued: an open sample ends, pages cleared before it are touched.
SETTLE_S = 0.15


def command(program, work):
    if program == "python":
        return [sys.executable, str(HERE / "slowdown/busy.py"), "0"]
    if program == "java":
        return ["java", "-Xmx256m", "-cp", work, "Busy", "0"]
    return [work + "/busy", program, "0"]


class Program:
    """A busy program, and what it told of its passes so far: (passes, time, processor time) in nanoseconds."""

    def __init__(self, words):
        self.told = []
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        for line in self.process.stdout:
            self.told.append(tuple(map(int, line.split())))

    def cost(self, seconds):
        """Nanoseconds a pass, of time and of processor time, over so many seconds from now."""
        first = len(self.told)
        time.sleep(seconds)
        a, b = self.told[first], self.told[-1]
        return tuple((b[i] - a[i]) / (b[0] - a[0]) for i in (1, 2))

    def end(self):
        self.process.kill()
        self.process.wait()


class Recorder:
    """A recorder of a program, until told otherwise stopped."""

    def __init__(self, program, trace):
        self.trace = trace
        words = [str(HERE.parent / "damson"), "record", "-q", "--force", "-o", trace, "-p", str(program.process.pid)]
        self.process = subprocess.Popen(words + shlex.split(os.environ.get("DAMSON_OPTIONS", "")))
        time.sleep(START_S)
        self.signal(signal.SIGSTOP)

    def signal(self, number):
        if self.process.poll() is not None:
            sys.exit(f"damson record ended with {self.process.returncode}")
        self.process.send_signal(number)
        time.sleep(SETTLE_S)

    def end(self):
        """Ends the recording; what its trace tells of samples."""
        self.signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        self.process.wait()
        info = subprocess.run([str(HERE.parent / "damson"), "info", self.trace], check=True, capture_output=True, text=True).stdout
        return next(line for line in info.splitlines() if line.startswith("Sampling:")).split(None, 1)[1]


def spread(changes):
    """Median and 95 % interval: order statistics that hold it in 95 of 100 cases, by the binomial distribution of p = 1/2."""
    changes = sorted(changes)
    n = len(changes)
    k, mass = 0, 2 * 0.5 ** n
    while k + 1 < n / 2 and mass + 2 * math.comb(n, k + 1) * 0.5 ** n <= 0.05:
        k += 1
        mass += 2 * math.comb(n, k) * 0.5 ** n
    return "%+.1f %% [%+.1f..%+.1f]" % tuple(100 * c for c in (statistics.median(changes), changes[k], changes[-1 - k]))


def measure(name, work):
    program = Program(command(name, work))
    try:
        time.sleep(5)
        recorder = Recorder(program, work + "/r.damson")
        without, with_recorder = [program.cost(SECONDS)], []
        for _ in range(PAIRS):
            recorder.signal(signal.SIGCONT)
            with_recorder.append(program.cost(SECONDS))
            recorder.signal(signal.SIGSTOP)
            without.append(program.cost(SECONDS))
        sampling = recorder.end()
    finally:
        program.end()
    neighbours = list(zip(without, without[1:]))
    changes = [[with_recorder[i][k] / ((a[k] + b[k]) / 2) - 1 for i, (a, b) in enumerate(neighbours)] for k in (0, 1)]
    noise = [b[0] / a[0] - 1 for a, b in neighbours]
    size = name if name in ("python", "java") else name + " MiB"
    print(f"| {size} | {spread(changes[0])} | {spread(changes[1])} | {spread(noise)} | {sampling} |", flush=True)


def main():
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([str(HERE.parent / "damson"), "--version"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", str(HERE / "slowdown/busy.c"), "-o", work + "/busy"], check=True)
        subprocess.run(["javac", "-d", work, str(HERE / "slowdown/Busy.java")], check=True)
        print("| program | time: median [95 % interval] | processor time | without a recorder, time | sampling |")
        print("|---|---|---|---|---|")
        for name in os.environ.get("PROGRAMS", "16 64 256 1024 python java").split():
            measure(name, work)


main()
