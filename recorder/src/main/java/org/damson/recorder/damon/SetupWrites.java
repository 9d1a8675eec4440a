package org.damson.recorder.damon;

import java.util.ArrayList;
import java.util.List;
import org.damson.damon.scheme.SchemeFiles;
import org.damson.damon.setup.DamonSetup;

/** A set-up as writes to the files under a context's directory, in the order in which the kernel wants them. */
final class SetupWrites {
    /** One write. An optional one is left out where the kernel has no such file. */
    record Write(String file, String value, boolean optional) {}

    private final List<Write> writes = new ArrayList<>();

    private SetupWrites() {}

    /** All writes for a context. */
    static List<Write> of(DamonSetup setup) {
        SetupWrites w = new SetupWrites();
        w.set("operations", setup.operations());
        w.add("addr_unit", Long.toString(setup.addrUnit()), setup.addrUnit() == 1);
        w.attrs(setup);
        w.probes(setup.probes());
        w.targets(setup.targets());
        w.set("schemes/nr_schemes", setup.schemes().size());
        for (int i = 0; i < setup.schemes().size(); i++) {
            for (SchemeFiles.Content file : SchemeFiles.of(
                    setup.schemes().get(i),
                    setup.attrs().sampleUs(),
                    setup.attrs().aggrUs())) {
                w.add("schemes/" + i + "/" + file.path(), file.value(), file.isDefault());
            }
        }
        return w.writes;
    }

    /** The writes that say which targets there are. */
    static List<Write> of(List<DamonSetup.Target> targets) {
        SetupWrites w = new SetupWrites();
        w.targets(targets);
        return w.writes;
    }

    private void attrs(DamonSetup setup) {
        set("monitoring_attrs/intervals/sample_us", setup.attrs().sampleUs());
        set("monitoring_attrs/intervals/aggr_us", setup.attrs().aggrUs());
        set("monitoring_attrs/intervals/update_us", setup.attrs().updateUs());
        DamonSetup.IntervalsGoal goal = setup.goal();
        if (goal != null) {
            String dir = "monitoring_attrs/intervals/intervals_goal/";
            set(dir + "access_bp", goal.accessBp());
            set(dir + "aggrs", goal.aggrs());
            set(dir + "min_sample_us", goal.minSampleUs());
            set(dir + "max_sample_us", goal.maxSampleUs());
        }
        set("monitoring_attrs/nr_regions/min", setup.attrs().minRegions());
        set("monitoring_attrs/nr_regions/max", setup.attrs().maxRegions());
    }

    private void probes(List<DamonSetup.Probe> probes) {
        if (!probes.isEmpty()) {
            set("monitoring_attrs/probes/nr_probes", probes.size());
        }
        for (int p = 0; p < probes.size(); p++) {
            List<DamonSetup.ProbeFilter> filters = probes.get(p).filters();
            String dir = "monitoring_attrs/probes/" + p + "/filters/";
            set(dir + "nr_filters", filters.size());
            for (int f = 0; f < filters.size(); f++) {
                DamonSetup.ProbeFilter filter = filters.get(f);
                set(dir + f + "/type", filter.type());
                set(dir + f + "/matching", filter.matching() ? "Y" : "N");
                add(dir + f + "/allow", filter.allow() ? "Y" : "N", !filter.allow());
                if (!filter.path().isEmpty()) {
                    set(dir + f + "/path", filter.path());
                }
            }
        }
    }

    private void targets(List<DamonSetup.Target> targets) {
        set("targets/nr_targets", targets.size());
        for (int i = 0; i < targets.size(); i++) {
            DamonSetup.Target target = targets.get(i);
            if (target.pid() != 0) {
                set("targets/" + i + "/pid_target", target.pid());
            }
            String regions = "targets/" + i + "/regions/";
            if (!target.ranges().isEmpty()) {
                set(regions + "nr_regions", target.ranges().size());
            }
            for (int r = 0; r < target.ranges().size(); r++) {
                set(regions + r + "/start", target.ranges().get(r).start());
                set(regions + r + "/end", target.ranges().get(r).end());
            }
        }
    }

    private void set(String file, long value) {
        set(file, Long.toUnsignedString(value));
    }

    private void set(String file, String value) {
        add(file, value, false);
    }

    private void add(String file, String value, boolean optional) {
        writes.add(new Write(file, value, optional));
    }
}
