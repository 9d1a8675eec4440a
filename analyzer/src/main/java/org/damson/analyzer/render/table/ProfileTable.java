package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.report.Profile;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;

/** Which functions ran in given times, most samples first. */
public final class ProfileTable {
    private ProfileTable() {}

    public static TableReport of(Profile profile) {
        Columns<Profile.Function> columns = new Columns<Profile.Function>()
                .add("percent", "share", Unit.PERCENT, f -> 100.0 * f.samples() / profile.counted())
                .add("samples", "samples", Unit.COUNT, Profile.Function::samples)
                .add("function", "function", Unit.TEXT, Profile.Function::name)
                .add("module", "module", Unit.TEXT, Profile.Function::module);
        List<String> notes = new ArrayList<>();
        notes.add(profile.counted() + " of " + profile.ofEvent() + " samples are in "
                + Units.count(profile.times(), "time") + " of the pattern");
        notes.add("the function on top of each call stack; a share is of the samples in those times");
        if (profile.ofOtherEvents() > 0) {
            notes.add("samples of " + Frame.harmless(profile.event()) + " are counted, " + profile.ofOtherEvents()
                    + " of other events are not");
        }
        return new TableReport(
                List.of(columns.section("functions", "functions", profile.functions())), List.copyOf(notes));
    }
}
