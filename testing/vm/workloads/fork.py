# A program that forks: three children one after the other, each with 16 MiB of its own beside what it has from its parent,
# the second started anew by exec; each ends before the program does.
import os
import sys
import time

MIB = 1 << 20


def touch(memory, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for page in range(0, len(memory), 4096):
            memory[page] = 1
        time.sleep(0.05)


if len(sys.argv) > 1:
    touch(bytearray(16 * MIB), 4)
    sys.exit()
own = bytearray(8 * MIB)
touch(own, 2)
children = []
for i in range(3):
    pid = os.fork()
    if pid == 0:
        if i == 1:
            os.execv(sys.executable, [sys.executable, sys.argv[0], "child"])
        touch(bytearray(16 * MIB), 4)
        os._exit(0)
    children.append(pid)
    touch(own, 2)
for pid in children:
    os.waitpid(pid, 0)
touch(own, 2)
