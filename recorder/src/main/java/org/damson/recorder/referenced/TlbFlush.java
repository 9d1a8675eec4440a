package org.damson.recorder.referenced;

/**
 * Whether the TLB is flushed when referenced bits are cleared. Without a flush the processor, or a hypervisor that keeps
 * shadow page tables, may go on using an entry it holds and set no bit, so that memory in steady use reads as idle.
 */
public enum TlbFlush {
    /** Decided by the self-test of this machine; flush if it cannot decide. */
    AUTO,
    /** Always; recording fails where the kernel refuses. */
    ALWAYS,
    /** Never. */
    NEVER
}
