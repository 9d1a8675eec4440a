#!/usr/bin/env python3
"""Types damson's verbs and options into bash, zsh and fish and presses the tabulator: each shell must offer what help lists, and complete
what is begun. Run by hand, after ./damson was built; needs Debian's packages zsh and fish. Exits 1 if any shell offers something else.
usage: testing/completions.py [COMMAND]   (COMMAND: the damson to ask, ./damson if not given)"""
import fcntl
import os
import pty
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile
import termios
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DAMSON = sys.argv[1] if len(sys.argv) > 1 else os.path.join(TOP, "damson")
failed = 0


def ask(*words):
    return subprocess.run([DAMSON, *words], check=True, capture_output=True, text=True).stdout


def check(shell, line, wanted, found):
    global failed
    missing = sorted(set(wanted) - set(found))
    if missing:
        failed += 1
        print(f"FAIL {shell}: {line}: lacks {' '.join(missing)}")


class Typed:
    """An interactive shell, to whose line editor is typed."""

    def __init__(self, argv, directory, begin):
        pid, self.fd = pty.fork()
        if pid == 0:
            os.chdir(directory)
            os.environ.update(PS1="$ ", TERM="dumb", LINES="900", COLUMNS="400", HOME=directory, INPUTRC="/dev/null")
            os.execvp(argv[0], argv)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", 900, 400, 0, 0))
        self.said()
        for line in begin:
            self.type(line + "\n")

    def said(self, quiet=0.4, most=20):
        """What it prints, until it has been quiet for a while."""
        all_ = b""
        end = time.monotonic() + most
        while time.monotonic() < end and select.select([self.fd], [], [], quiet if all_ else 5)[0]:
            try:
                all_ += os.read(self.fd, 65536)
            except OSError:
                break
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\x07", "", all_.decode(errors="replace"))

    def type(self, text):
        os.write(self.fd, text.encode())
        return self.said()

    def completed(self, line):
        """What is printed when the tabulator is pressed behind a line, and once more, which lists."""
        said = self.type(line + "\t") + self.type("\t")
        self.type("\x15")  # the line goes
        return said


def main():
    for shell in ("bash", "zsh", "fish"):
        if not shutil.which(shell):
            sys.exit(f"testing/completions.py: no {shell} found: apt-get install {shell}")
    verbs = re.findall(r"^  ((?:report |fleet )?[a-z][a-z-]*) +\S", ask("help"), re.M)
    options = {v: re.findall(r"^  (?:-\w, |    )(--[a-z0-9-]+)", ask("help", *v.split()), re.M) for v in verbs}
    assert len(verbs) > 40, verbs
    with tempfile.TemporaryDirectory() as work:
        for shell in ("bash", "zsh", "fish"):
            with open(os.path.join(work, "_damson" if shell == "zsh" else shell), "w") as f:
                f.write(ask("completion", shell))
        os.mkdir(os.path.join(work, "a trace.damson"))
        shells = {
            "bash": Typed(["bash", "--norc", "-i"], work, ["bind 'set completion-query-items 0'", "bind 'set page-completions off'", ". ./bash"]),
            "zsh": Typed(["zsh", "-f", "-i"], work, [f"fpath=({work} $fpath)", "autoload -U compinit; compinit -u -D; LISTMAX=0; setopt no_beep"]),
        }
        for name, shell in shells.items():
            check(name, "damson", {v.split()[0] for v in verbs}, shell.completed("damson ").split())
            check(name, "damson report", [v.split()[1] for v in verbs if v.startswith("report ")], shell.completed("damson report ").split())
            for verb in verbs:
                check(name, f"damson {verb} --", options[verb], re.findall(r"--[a-z0-9-]+", shell.completed(f"damson {verb} --")))
            for line, end in {
                "damson rep": "damson rep",
                "damson report heatm": "damson report heatmap ",
                "damson completion fi": "damson completion fish",
                "damson record --source ref": "--source referenced",
                "damson record --source=ref": "--source=referenced",
                "damson record -o x.damson -- printen": "-- printenv",
                "damson info a": r"damson info a\ trace.damson",
            }.items():
                said = shell.completed(line)
                if end not in said:
                    check(name, line, [end], [])
                    print(repr(said[-300:]))
        fish = lambda line: [o.split("\t")[0] for o in subprocess.run(
            ["fish", "--no-config", "-c", f"source {work}/fish; cd {work}; complete -C '{line}'"], capture_output=True, text=True, env={**os.environ, "HOME": work}).stdout.splitlines()]
        check("fish", "damson", {v.split()[0] for v in verbs}, fish("damson "))
        check("fish", "damson report", [v.split()[1] for v in verbs if v.startswith("report ")], fish("damson report "))
        for verb in verbs:
            check("fish", f"damson {verb} --", options[verb], fish(f"damson {verb} --"))
        for line, end in {"damson report heatm": "heatmap", "damson record --source ref": "referenced", "damson info a": "a trace.damson/"}.items():
            check("fish", line, [end], fish(line))
    print(f"{len(verbs)} verbs, {sum(map(len, options.values()))} options in three shells: {failed} failed")
    sys.exit(1 if failed else 0)


main()
