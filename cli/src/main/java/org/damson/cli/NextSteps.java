package org.damson.cli;

import java.util.List;
import java.util.Locale;
import org.damson.cli.record.DoctorCommand;
import org.damson.recorder.damon.Doctor;
import org.damson.recorder.damon.Doctor.Ability;

/** What {@code damson} alone says: what to do next on this machine, in five lines. */
final class NextSteps {
    private NextSteps() {}

    static List<String> of(Doctor.Report machine) {
        Ability referenced = ability(machine, "record (referenced bits)");
        Ability damon = ability(machine, "record --source damon");
        String record = "damson record -o run.damson -- COMMAND";
        return List.of(
                step("damson demo", "records a small program, reports and replays it"),
                referenced.works()
                        ? step(record, "records COMMAND; or --pid PID, " + referenced.why())
                        : step("damson doctor --fix", "recording needs " + referenced.fix()),
                damon.works()
                        ? step("damson record --source damon -o run.damson -- COMMAND", "the same by kernel DAMON")
                        : step(
                                damon.fix().isEmpty() ? "damson doctor" : "damson doctor --fix",
                                "says " + (damon.fix().isEmpty() ? "more of" : "how to enable")
                                        + " kernel DAMON, which is not usable: " + damon.why()),
                step("damson report html run.damson --output run.html", "a page to look into what was recorded"),
                step("damson help", "lists the verbs; damson help VERB explains one"));
    }

    private static String step(String command, String what) {
        return String.format(Locale.ROOT, "%-50s # %s", DoctorCommand.asCalled(command), what);
    }

    private static Ability ability(Doctor.Report machine, String name) {
        return machine.abilities().stream()
                .filter(a -> a.name().equals(name))
                .findFirst()
                .orElseThrow();
    }
}
