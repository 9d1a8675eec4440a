/* Without a library and without frame pointers: _start -> begin -> outer -> middle -> inner for a while. */
static volatile long sink;

__attribute__((noinline, noclone)) static long inner(long n) {
    for (long i = 0; i < n; i++) {
        sink += i ^ sink;
    }
    return sink;
}

__attribute__((noinline, noclone)) static long middle(long n) {
    volatile char room[200];
    room[n & 127] = 1;
    return inner(n) + room[n & 63];
}

__attribute__((noinline, noclone)) static long outer(long n) {
    volatile char room[(n & 1023) + 100];
    room[n & 63] = 1;
    return middle(n) * 3 + room[n & 31];
}

__attribute__((noreturn, used)) static void begin(void) {
    long sum = 0;
    for (long i = 0; i < 1500; i++) {
        sum += outer(500000 + i);
    }
    __asm__ volatile("syscall" : : "a"(231L), "D"(sum & 1) : "rcx", "r11", "memory");
    __builtin_unreachable();
}

__asm__(".text\n.globl _start\n.type _start, @function\n_start:\n.cfi_startproc\n.cfi_undefined rip\n"
        "xorl %ebp, %ebp\nandq $-16, %rsp\ncall begin\n.cfi_endproc\n.size _start, .-_start\n");
