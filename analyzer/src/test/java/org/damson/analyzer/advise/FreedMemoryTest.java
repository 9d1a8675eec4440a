package org.damson.analyzer.advise;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.damson.analyzer.advise.Advice.Kind;
import org.damson.analyzer.damos.OpenLoopOptions;
import org.damson.analyzer.memory.OutcomeOptions;
import org.damson.analyzer.whatif.Made;
import org.damson.model.TraceQuery;
import org.damson.model.TraceSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Memory that was hot as long as it was there, and was freed: nothing can be done for it any more. */
final class FreedMemoryTest {
    private static final long AT = 2048 * Made.MIB;

    @TempDir
    Path dir;

    private List<Advice> advise(String name, int turnsWith, int turnsWithout) throws Exception {
        long[] both = {AT, AT + 4 * Made.MIB, AT + 204 * Made.MIB};
        long[] one = {AT, AT + 4 * Made.MIB};
        try (TraceSource t = new Made(dir, name)
                .regions(turnsWith, both, 20, 20)
                .regions(turnsWithout, one, 20)
                .open()) {
            return Advisor.advise(t, TraceQuery.ALL, OpenLoopOptions.DEFAULTS, OutcomeOptions.DEFAULTS);
        }
    }

    private static List<Kind> gains(List<Advice> advice) {
        return advice.stream().filter(a -> a.gain() != null).map(Advice::kind).toList();
    }

    @Test
    void noHugePagesForWhatIsNotThereAnyMore() throws Exception {
        List<Advice> freed = advise("freed", 100, 560);
        assertEquals(List.of(), gains(freed), freed.toString());
        assertTrue(freed.stream().anyMatch(a -> a.kind() == Kind.NOTHING), freed.toString());
        assertEquals(List.of(Kind.HUGEPAGE), gains(advise("kept", 660, 0)));
    }
}
