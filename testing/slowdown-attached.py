#!/usr/bin/env python3
"""What recording costs a program that is already running: its speed while a recorder is attached beside its speed before
and after, in one process. Runs of a program differ by ten per cent, as its memory lies elsewhere each time; a process
stays what it is, so this tells one per cent.

    testing/slowdown-attached.py [PAIRS [SECONDS]]     PAIRS (default 12) of SECONDS (default 6) without and with

Programs: 16, 64, 256 and 1024 MiB written page by page, a Python and a Java program; PROGRAMS: which, as in "64 java".
DAMSON_OPTIONS are given to `damson record` (default none: its default budget of 2 %). Prints, for each program, the
median change of the time a pass takes [least..greatest], of processor time likewise, a 95 % interval of the median, and
how far pairs without any recorder differ. Needs 1.2 GiB of free memory and a quiet machine; 6 programs x 24 x 7 s: 17 minutes.
"""
import math
import os
import pathlib
import shlex
import statistics
import subprocess
import sys
import tempfile
import threading
import time

HERE = pathlib.Path(__file__).resolve().parent
PAIRS = int(sys.argv[1]) if len(sys.argv) > 1 else 12
SECONDS = float(sys.argv[2]) if len(sys.argv) > 2 else 6
# A recorder's start is not its cost, and its self-test ends within this time.
SETTLE_S = 1.0


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


def recorded(program, work):
    words = [str(HERE.parent / "damson"), "record", "-q", "--force", "-o", work + "/r.damson", "-d", f"{SETTLE_S + SECONDS + 1}s",
             "-p", str(program.process.pid)] + shlex.split(os.environ.get("DAMSON_OPTIONS", ""))
    recorder = subprocess.Popen(words)
    time.sleep(SETTLE_S)
    cost = program.cost(SECONDS)
    if recorder.wait() != 0:
        sys.exit(f"damson record ended with {recorder.returncode}")
    return cost


def spread(changes):
    changes = sorted(changes)
    n = len(changes)
    # order statistics around the median that hold it in 95 of 100 cases: ranks of the binomial distribution with p = 1/2
    k, mass = 0, 2 * 0.5 ** n
    while k + 1 < n / 2 and mass + 2 * math.comb(n, k + 1) * 0.5 ** n <= 0.05:
        k += 1
        mass += 2 * math.comb(n, k) * 0.5 ** n
    shown = [f"{100 * c:+.1f}" for c in (statistics.median(changes), changes[0], changes[-1], changes[k], changes[-1 - k])]
    return f"{shown[0]} % [{shown[1]}..{shown[2]}] ({shown[3]}..{shown[4]})"


def main():
    with tempfile.TemporaryDirectory() as work:
        subprocess.run([str(HERE.parent / "damson"), "--version"], check=True, stdout=subprocess.DEVNULL)
        subprocess.run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", str(HERE / "slowdown/busy.c"), "-o", work + "/busy"], check=True)
        subprocess.run(["javac", "-d", work, str(HERE / "slowdown/Busy.java")], check=True)
        print("| program | time: median [least..greatest] (95 % interval) | processor time | without a recorder, time |")
        print("|---|---|---|---|")
        for name in os.environ.get("PROGRAMS", "16 64 256 1024 python java").split():
            program = Program(command(name, work))
            try:
                time.sleep(5)
                without, with_recorder = [program.cost(SECONDS)], []
                for _ in range(PAIRS):
                    with_recorder.append(recorded(program, work))
                    time.sleep(0.5)
                    without.append(program.cost(SECONDS))
            finally:
                program.end()
            neighbours = list(zip(without, without[1:]))
            changes = [[with_recorder[i][k] / ((a[k] + b[k]) / 2) - 1 for i, (a, b) in enumerate(neighbours)] for k in (0, 1)]
            noise = [b[0] / a[0] - 1 for a, b in neighbours]
            size = name if name in ("python", "java") else name + " MiB"
            print(f"| {size} | {spread(changes[0])} | {spread(changes[1])} | {spread(noise)} |", flush=True)


main()
