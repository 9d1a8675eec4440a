package org.damson.replayer;

import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The native generator inside this process: maps the regions of a configuration and runs its phases in the calling
 * thread. For tests and benchmarks that watch themselves; a process of its own, as {@link Replayer} starts, has nothing
 * else in its memory. One thread at a time.
 */
public final class AccessGenerator implements AutoCloseable {
    /**
     * A mapping of the generator.
     *
     * @param address its first byte, unsigned
     * @param sizeBytes as the configuration says; the mapping is this rounded up to whole pages
     */
    public record Region(long address, long sizeBytes) {}

    /** The functions that {@code accessgen.h} declares for callers without structures. */
    private interface Functions extends Library {
        int accessgen_open(String file, PointerByReference handle, byte[] error, long errorSize);

        int accessgen_nr_regions(Pointer handle);

        long accessgen_region_address(Pointer handle, int index);

        long accessgen_region_bytes(Pointer handle, int index);

        int accessgen_run_all(Pointer handle, long seed, long[] touches);

        void accessgen_close(Pointer handle);
    }

    private final Functions functions;
    private Pointer handle;

    private AccessGenerator(Functions functions, Pointer handle) {
        this.functions = functions;
        this.handle = handle;
    }

    /**
     * Reads a configuration and maps, writes and loads its regions.
     *
     * @param library {@code libaccessgen.so}
     * @throws IOException with file, line and rule if the configuration or a region is refused, or if there is no library
     */
    public static AccessGenerator open(Path library, Path config) throws IOException {
        Functions functions;
        try {
            functions = Native.load(library.toAbsolutePath().toString(), Functions.class);
        } catch (UnsatisfiedLinkError e) {
            throw new IOException(library + ": cannot be loaded", e);
        }
        PointerByReference handle = new PointerByReference();
        byte[] error = new byte[512];
        if (functions.accessgen_open(config.toString(), handle, error, error.length) != 0) {
            throw new IOException(Native.toString(error, StandardCharsets.UTF_8));
        }
        return new AccessGenerator(functions, handle.getValue());
    }

    /** The regions in the order of the configuration. */
    public List<Region> regions() {
        List<Region> regions = new ArrayList<>();
        for (int i = 0; i < functions.accessgen_nr_regions(opened()); i++) {
            regions.add(new Region(
                    functions.accessgen_region_address(handle, i), functions.accessgen_region_bytes(handle, i)));
        }
        return regions;
    }

    /**
     * Runs all phases, each on its deadline, and returns the accesses made per region.
     *
     * @throws IOException if there is no memory for the counters
     */
    public long[] run(long seed) throws IOException {
        long[] touches = new long[functions.accessgen_nr_regions(opened())];
        if (functions.accessgen_run_all(handle, seed, touches) != 0) {
            throw new IOException("not enough memory");
        }
        return touches;
    }

    private Pointer opened() {
        if (handle == null) {
            throw new IllegalStateException("closed");
        }
        return handle;
    }

    /** Unmaps the regions. */
    @Override
    public void close() {
        if (handle != null) {
            functions.accessgen_close(handle);
            handle = null;
        }
    }
}
