# A program that maps and unmaps: 8 MiB that it has all the time, four times 16 MiB that come, are touched for two seconds and go, and a
# mapping that grows.
import mmap
import time

MIB = 1 << 20


def touch(memory, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for page in range(0, len(memory), 4096):
            memory[page] = 1
        time.sleep(0.01)


own = mmap.mmap(-1, 8 * MIB)
touch(own, 1)
print("mapped", flush=True)
for i in range(4):
    come = mmap.mmap(-1, 16 * MIB)
    touch(come, 2)
    come.close()
    own.resize((8 + 2 * i + 2) * MIB)
    touch(own, 1)
