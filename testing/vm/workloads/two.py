# Two processes, each with 16 MiB of its own, that touch it in turn for two seconds.
import mmap
import os
import time

MIB = 1 << 20
began = time.monotonic()
child = os.fork()
memory = mmap.mmap(-1, 16 * MIB)
print("mapped", flush=True)
for i in range(6):
    end = began + 2 * (i + 1)
    while time.monotonic() < end:
        if (i % 2 == 0) == (child == 0):
            for page in range(0, len(memory), 4096):
                memory[page] = 1
        time.sleep(0.01)
if child:
    os.waitpid(child, 0)
