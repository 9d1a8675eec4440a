package org.damson.cli.record;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.damson.cli.command.Command;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.Json;
import org.damson.cli.command.OptionFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.damon.scheme.ShellWords;
import org.damson.recorder.damon.Doctor;
import org.damson.recorder.damon.KilledRecording;
import org.damson.recorder.referenced.SelfTest;

/** {@code damson doctor}: what can be recorded here, and the lines that would enable the rest. */
public final class DoctorCommand implements Command {
    private static final Option ROOT =
            Shared.value(null, "root", "DIR", "examine proc, sys and boot below this directory; changes nothing");

    private static final Option SELF_TEST = Shared.flag(
            null,
            "self-test",
            "only measure, for half a second, the effect and cost of clearing referenced bits on this machine");

    private static final Pattern SUDO = Pattern.compile("\\bsudo ");

    private static final Pattern DAMSON = Pattern.compile("^(sudo )?damson(?= )");

    private static final Option FIX = Shared.flag(
            null, "fix", "only print the shell commands that would enable what does not work; runs none of them");

    @Override
    public String name() {
        return "doctor";
    }

    @Override
    public String summary() {
        return "show what this machine can record, and what would enable the rest";
    }

    @Override
    public String usage() {
        return "[--root DIR] [--fix] | --self-test";
    }

    @Override
    public String example() {
        return "damson doctor";
    }

    @Override
    public Options options() {
        return Shared.of(ROOT, FIX, SELF_TEST);
    }

    @Override
    public int run(CommandLine line, Console console) throws IOException, InterruptedException {
        Shared.positionals(line);
        if (line.hasOption(SELF_TEST)) {
            if (line.hasOption(ROOT)) {
                throw new UsageException(
                        "--self-test and --root cannot be combined: one measures this machine, the other reads files of another");
            }
            if (line.hasOption(FIX)) {
                throw new UsageException(
                        "--self-test and --fix cannot be combined: one measures, the other prints lines");
            }
            return selfTest(console);
        }
        Path given = OptionFile.directory(line, ROOT);
        if (given == null) {
            try {
                KilledRecording.undo(DamonRecording.SYS, DamonRecording.RUN, System::nanoTime)
                        .forEach(console::note);
            } catch (IOException e) {
                console.note("what a killed recording changed could not be undone: " + e.getMessage());
            }
        }
        Path root = given == null ? Path.of("/") : given;
        Doctor.Report report = examine(root);
        if (line.hasOption(FIX)) {
            List<String> lines = Fixes.of(report.abilities(), root);
            fix(lines.stream().map(l -> shown(l, report)).toList(), console);
        } else if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>(report.facts());
            List<Object> abilities = new ArrayList<>();
            for (Doctor.Ability a : report.abilities()) {
                Map<String, Object> ability = new LinkedHashMap<>();
                ability.put("name", a.name());
                ability.put("works", a.works());
                ability.put("why", a.why());
                ability.put("fix", shown(a.fix(), report));
                abilities.add(ability);
            }
            json.put("abilities", abilities);
            Json.write(json, console.out());
        } else {
            print(report, console.out());
        }
        return ExitCode.OK;
    }

    /** What this machine or the one whose files are below {@code root} can do. */
    public static Doctor.Report examine(Path root) {
        Doctor.Report report = Doctor.examine(root);
        List<Doctor.Ability> abilities = new ArrayList<>(report.abilities());
        abilities.addAll(Additions.of(root));
        return new Doctor.Report(report.facts(), abilities);
    }

    /** A line for a shell as this user needs it: root needs no sudo, and a small system may have none. */
    private static String shown(String line, Doctor.Report report) {
        String called = asCalled(line);
        return "0".equals(report.facts().get("user_id")) ? SUDO.matcher(called).replaceAll("") : called;
    }

    /** A line for a shell that begins with damson, or with sudo damson, as the shell finds the damson that runs. */
    public static String asCalled(String line) {
        String called = System.getProperty("damson.called");
        Matcher m = DAMSON.matcher(line);
        return called == null || !m.find()
                ? line
                : (m.group(1) == null ? "" : m.group(1)) + ShellWords.quoted(called) + line.substring(m.end());
    }

    private static void fix(List<String> lines, Console console) throws IOException {
        if (console.isJson()) {
            Json.write(Map.of("lines", lines), console.out());
        } else {
            (lines.isEmpty() ? List.of("# everything works here") : lines).forEach(console.out()::println);
        }
    }

    private static int selfTest(Console console) throws IOException, InterruptedException {
        SelfTest test = OverheadOptions.selfTest();
        if (console.isJson()) {
            Map<String, Object> json = new LinkedHashMap<>(test.facts());
            json.put("flush_with_clear", test.shouldFlush());
            json.put("problem", test.problem());
            json.put("text", test.text());
            Json.write(json, console.out());
        } else {
            console.out().println(test.text());
        }
        return test.isGood() ? ExitCode.OK : ExitCode.CAPABILITY;
    }

    private static void print(Doctor.Report report, PrintStream out) {
        for (Doctor.Ability a : report.abilities()) {
            out.println((a.works() ? "yes  " : "no   ") + a.name() + ": " + a.why());
            if (!a.fix().isEmpty()) {
                out.println("       " + shown(a.fix(), report));
            }
        }
        out.println();
        report.facts()
                .forEach((name, value) ->
                        out.println(String.format(Locale.ROOT, "%-26s %s", name.replace('_', ' '), text(value))
                                .stripTrailing()));
    }

    private static String text(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> parts = new ArrayList<>();
            map.forEach((k, v) -> parts.add(k + "=" + text(v)));
            return parts.isEmpty() ? "none" : String.join(" ", parts);
        }
        if (value instanceof List<?> list) {
            return list.isEmpty()
                    ? "none"
                    : String.join(" ", list.stream().map(DoctorCommand::text).toList());
        }
        return String.valueOf(value);
    }
}
