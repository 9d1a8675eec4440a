package org.damson.recorder.stacks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.damson.recorder.kernel.PerfRefusals;
import org.junit.jupiter.api.Test;

/** What a user is told whom the kernel gives no call stacks. */
final class RefusalTest {
    @Test
    void namesTheSettingAndTheCapability() {
        String text = Refusal.text(PerfRefusals.permission(), false, "3");
        assertEquals(
                "no call stacks: perf_event_open: Permission denied: kernel.perf_event_paranoid is 3; sysctl"
                        + " kernel.perf_event_paranoid=2, or the capability CAP_PERFMON, allows those of one's own processes",
                text);
        assertTrue(Refusal.text(PerfRefusals.permission(), true, "2").contains("sysctl kernel.perf_event_paranoid=0,"));
    }

    @Test
    void tellsAnothersProcessFromASettingThatIsTooStrict() {
        assertTrue(Refusal.text(PerfRefusals.permission(), false, "2").contains("another user's process"));
        assertTrue(Refusal.text(PerfRefusals.permission(), false, "").contains("another user's process"));
    }

    @Test
    void namesContainersAndKernelsWithoutIt() {
        assertTrue(Refusal.text(PerfRefusals.forbidden(), false, "2").contains("docker run --cap-add PERFMON"));
        assertTrue(Refusal.text(PerfRefusals.unknown(), false, "").contains("built without perf events"));
    }
}
