# Touches 32 MiB, a quarter of it for a second in turn, 20 times a second, and sleeps else: leaves an emulated machine time for
# what is tested.
import time

QUARTER = 8 << 20
memory = bytearray(4 * QUARTER)
began = time.monotonic()
while True:
    first = int(time.monotonic() - began) % 4 * QUARTER
    for page in range(first, first + QUARTER, 4096):
        memory[page] = 1
    time.sleep(0.05)
