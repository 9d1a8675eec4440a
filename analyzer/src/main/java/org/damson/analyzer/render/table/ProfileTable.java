package org.damson.analyzer.render.table;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damo.report.Profile;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;

/** Which functions ran in given times, most samples first. */
public final class ProfileTable {
    private ProfileTable() {}

    public static TableReport of(Profile profile) {
        List<Object[]> rows = new ArrayList<>();
        for (Profile.Function f : profile.functions()) {
            rows.add(new Object[] {100.0 * f.samples() / profile.counted(), f.samples(), f.name(), f.module()});
        }
        List<Column> columns = List.of(
                new Column("percent", "share", Unit.PERCENT),
                new Column("samples", "samples", Unit.COUNT),
                new Column("function", "function", Unit.TEXT),
                new Column("module", "module", Unit.TEXT));
        List<String> notes = new ArrayList<>();
        notes.add(profile.counted() + " of " + profile.ofEvent() + " samples are in "
                + Units.count(profile.times(), "time") + " of the pattern");
        notes.add("the function on top of each call stack; a share is of the samples in those times");
        if (profile.ofOtherEvents() > 0) {
            notes.add("samples of " + Frame.harmless(profile.event()) + " are counted, " + profile.ofOtherEvents()
                    + " of other events are not");
        }
        return new TableReport(List.of(new Section("functions", "functions", columns, rows)), List.copyOf(notes));
    }
}
