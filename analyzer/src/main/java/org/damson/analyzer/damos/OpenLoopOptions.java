package org.damson.analyzer.damos;

import org.damson.model.InvalidInputException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;

/**
 * How to simulate over a recording.
 *
 * @param version the kernel version to emulate
 * @param physical whether the recording is of physical addresses; decides which actions have priorities
 * @param minRegionBytes least size of a region, the page of the machine that recorded, or {@code addr_unit}
 * @param recordedBy the kernel that recorded; null: not known
 * @param asRecorded whether the schemes are those that ran while it was recorded: then what they cut is in the recording
 */
public record OpenLoopOptions(
        KernelVersion version, boolean physical, long minRegionBytes, KernelVersion recordedBy, boolean asRecorded) {
    public static final OpenLoopOptions DEFAULTS = new OpenLoopOptions(KernelVersion.V6_18, false, 4096);

    public OpenLoopOptions {
        if (minRegionBytes < 1) {
            throw new InvalidInputException("the minimum region size must be 1 byte or more");
        }
    }

    /** By a kernel that is not known. */
    public OpenLoopOptions(KernelVersion version, boolean physical, long minRegionBytes) {
        this(version, physical, minRegionBytes, null, false);
    }

    /** With schemes that did not run in the recording. */
    public OpenLoopOptions(KernelVersion version, boolean physical, long minRegionBytes, KernelVersion recordedBy) {
        this(version, physical, minRegionBytes, recordedBy, false);
    }

    /**
     * The kernel nearest to the one that recorded a trace, or was simulated to make it.
     *
     * @return null if the trace does not name one that is near
     */
    public static KernelVersion.Choice recordedBy(Manifest m) {
        ManifestKey key = Manifest.Source.SIMULATED.is(m) ? ManifestKey.KERNEL_MODEL : ManifestKey.KERNEL;
        return KernelVersion.nearest(String.valueOf(key.get(m)));
    }

    /** By the kernel nearest to the one that recorded a trace, over the addresses that it has. */
    public static OpenLoopOptions of(Manifest m) {
        KernelVersion.Choice by = recordedBy(m);
        // Which stable release changed is not known exactly: where that is in doubt, either may have recorded.
        return new OpenLoopOptions(
                by == null ? KernelVersion.V6_18 : by.version(),
                "paddr".equals(ManifestKey.OPS.get(m)),
                Math.max(m.pageBytes(), ManifestKey.ADDR_UNIT.get(m) instanceof Number unit ? unit.longValue() : 1),
                by == null || by.note() != null && !by.version().joins() ? null : by.version());
    }

    /** With schemes whose cuts the recording does not show. */
    public OpenLoopOptions withSchemesNotSeen() {
        return new OpenLoopOptions(version, physical, minRegionBytes, recordedBy, false);
    }

    /** With the schemes that ran while it was recorded. */
    public OpenLoopOptions withSchemesAsRecorded() {
        return new OpenLoopOptions(version, physical, minRegionBytes, recordedBy, true);
    }

    /**
     * Whether the kernel that recorded joins neighbours after its schemes' turn. One that is not known is taken for the simulated
     * one.
     */
    public boolean recorderJoins() {
        return (recordedBy == null ? version : recordedBy).joins();
    }

    /** Whether what a recorded scheme cut off may have been visited in the same turn. */
    public boolean revisits() {
        return recordedBy == null || recordedBy.visitsCutOff() || version.visitsCutOff();
    }
}
