package org.damson.analyzer.openloop;

import java.util.ArrayList;
import java.util.List;
import org.damson.analyzer.damos.KernelVersion;
import org.damson.damon.scheme.Filter;
import org.damson.damon.scheme.Quota;
import org.damson.damon.scheme.Range;
import org.damson.damon.scheme.Scheme;

/** What a set of schemes asks for and a simulation does not do, one line each, with what that makes doubtful. */
public final class NotSimulated {
    private final KernelVersion version;
    private final boolean physical;
    private final List<String> lines = new ArrayList<>();
    private String scheme = "";

    private NotSimulated(KernelVersion version, boolean physical) {
        this.version = version;
        this.physical = physical;
    }

    /** @param physical whether they act on physical addresses */
    public static List<String> of(List<Scheme> schemes, KernelVersion version, boolean physical) {
        NotSimulated n = new NotSimulated(version, physical);
        for (int i = 0; i < schemes.size(); i++) {
            n.scheme = "scheme " + i + ": ";
            n.scheme(schemes.get(i));
        }
        return List.copyOf(n.lines);
    }

    private void add(String what, String doubtful) {
        lines.add(scheme + what + ": " + doubtful);
    }

    private void scheme(Scheme s) {
        if (!s.unused().isEmpty()) {
            add(
                    "not simulated: " + String.join(", ", s.unused()),
                    "regions are those of the set-up that was recorded or simulated, and what these would change is not in the answer");
        }
        action(s);
        quota(s.quota());
        if (s.watermarks().freeMemRate()) {
            add(
                    "watermarks are not simulated",
                    "free memory over time is not known; the scheme is treated as always active, so all that it "
                            + "tried is an upper bound");
        }
        for (Filter f : s.filters()) {
            if (!f.isCore()) {
                add(
                        "filter " + f.type().word() + " is not simulated",
                        "it checks what pages are, which is not known; all pages are assumed to pass, so sz_applied and what "
                                + "follows from it are upper bounds");
            }
        }
        if (version.isOld() && s.filters().stream().anyMatch(Filter::allow)) {
            add("filters that allow are not simulated", "in Linux " + version + " every filter rejects");
        }
        if (s.maxSnapshots() > 0 && !version.isSince7()) {
            add("max_nr_snapshots is not simulated", "Linux " + version + " does not have it; --kernel 7.1 does");
        }
        if (s.targetNode() >= 0 || !s.destinations().isEmpty()) {
            add(
                    "nodes and their weights are not simulated",
                    "there is one fast and one slow tier; which memory is on which node is doubtful");
        }
    }

    private void action(Scheme s) {
        String word = s.action().word();
        if (!version.has(s.action())) {
            add("Linux " + version + " has no action " + word, "it is simulated as if it had");
        }
        if (!version.does(s.action(), physical)) {
            add(
                    word + " does nothing to " + (physical ? "physical" : "virtual") + " addresses in Linux " + version,
                    "what matches is tried, charged to quotas and its age reset, and nothing is applied");
        }
    }

    private void quota(Quota q) {
        for (Quota.Goal g : q.goals()) {
            String place = g.node() >= 0 || !g.memcgPath().isEmpty() ? ", its node and group are ignored" : "";
            if (g.metric() == Quota.Metric.USER_INPUT) {
                // The kernel measures nothing for it: what was written last is its value.
                add(
                        "goal user_input is simulated with the value given, " + g.current() + " of " + g.target(),
                        "whoever writes another value while the scheme runs changes its quota" + place);
            } else {
                add(
                        "goal " + g.metric().word() + " does not respond in the simulation",
                        "the kernel measures it while the scheme acts, here it stays " + g.current() + " of "
                                + g.target() + place + "; the effective quota and all that was tried are doubtful");
            }
        }
        if (version.isOld() && !q.isNone() && q.resetMs() == Range.MAX) {
            add(
                    "its quota is never in force",
                    "Linux " + version
                            + " computes one when its first window ends, which without a reset interval never does");
        }
        if (q.temporal() && (!version.isSince7() || q.goals().isEmpty())) {
            add(
                    "goal_tuner temporal is not simulated",
                    q.goals().isEmpty() ? "there is no goal to tune for" : "Linux " + version + " does not have it");
        }
        if (q.hasFailCharge() && !version.joins()) {
            add("fail_charge_num and fail_charge_denom are not simulated", "Linux " + version + " does not have them");
        } else if (q.failNum() > 0 && q.failDenom() == 0) {
            add("fail_charge_num changes nothing", "fail_charge_denom is 0");
        } else if (q.hasFailCharge() && !q.isNone()) {
            add(
                    "fail_charge is simulated with what the memory model says of failures",
                    "no trace tells how much an action fails; what the quota lets through is bounded by what matches");
        }
        if (q.weightSize() > 0) {
            add("weights/sz_permil changes nothing", "the kernel ignores it");
        }
        boolean isNone = q.isNone();
        if (isNone && (q.weightAccess() > 0 || q.weightAge() > 0 || q.resetMs() != Range.MAX && q.resetMs() > 0)) {
            add("weights and reset interval change nothing", "there is no quota of bytes, time or by a goal");
        }
    }
}
