package org.damson.cli.report;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.analyzer.render.picture.PictureForm;
import org.damson.analyzer.render.table.TableReport;
import org.damson.cli.command.DamoOptions;
import org.damson.cli.command.ExitCode;
import org.damson.cli.command.OutputFile;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.cli.console.Console;
import org.damson.cli.input.Inputs;
import org.damson.model.Manifest.Source;
import org.damson.model.TraceSource;
import org.damson.model.text.Printable;

/** What the reports have in common: where they go, in which form, and what the reader has to know beside them. */
public final class Reports {
    public static final Option OUTPUT = Shared.output("FILE", "output file, format by extension ('-' or none: stdout)");

    /** The form that is a directory of files. */
    public static final String DIRECTORY = "parquet";

    /** Extensions that say a form: nothing else is written under such a name. Pictures have theirs. */
    private static final Set<String> SAYING = Set.of("txt", "csv", "json", "html", DIRECTORY);

    private Reports() {}

    /**
     * The form wanted, one of {@code forms}: said by --json, or by the extension of --output, else the first. A file that cannot be
     * written is refused here, before there is any work done for it.
     */
    public static String form(CommandLine line, Console console, List<String> forms) throws IOException {
        String output = line.getOptionValue(OUTPUT);
        boolean toFile = output != null && !output.equals("-");
        if (!toFile) {
            return console.isJson() ? "json" : forms.get(0);
        }
        String form = formOf(output, console, forms);
        if (!form.equals(DIRECTORY)) {
            OutputFile.require(output, line.hasOption(Shared.FORCE));
        }
        return form;
    }

    private static String formOf(String output, Console console, List<String> forms) {
        String extension = extension(output);
        if (forms.contains(extension)) {
            if (console.isJson() && !extension.equals("json")) {
                throw new UsageException("--json cannot be combined with --output " + output);
            }
            return extension;
        }
        if (console.isJson() && saysForm(extension)) {
            throw new UsageException("--json cannot be combined with --output " + output);
        }
        if (console.isJson()) {
            return "json";
        }
        throw new UsageException("--output " + output + ": the name must end in ." + String.join(", .", forms));
    }

    private static boolean saysForm(String extension) {
        return SAYING.contains(extension) || isPicture(extension);
    }

    /** Refuses any form but text, which is what --damo-compat writes. */
    static void requireText(CommandLine line, Console console) {
        if (console.isJson()) {
            throw new UsageException("--json and --damo-compat cannot be combined");
        }
        String output = line.getOptionValue(OUTPUT);
        String extension = output == null ? "" : extension(output);
        if (saysForm(extension) && !extension.equals("txt")) {
            throw new UsageException("--output " + output
                    + ": --damo-compat writes text: the name must end in .txt or in no form's name");
        }
    }

    private static String extension(String output) {
        String name = output.substring(output.lastIndexOf('/') + 1);
        int dot = name.lastIndexOf('.');
        return dot < 0 ? "" : name.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** The picture that --output asks for, null where it names anything else: of reports that write text to any name. */
    static PictureForm picture(CommandLine line) {
        String output = line.getOptionValue(OUTPUT);
        String extension = output == null ? "" : extension(output);
        return isPicture(extension) ? PictureForm.of(extension) : null;
    }

    static boolean isPicture(String form) {
        return PictureForm.EXTENSIONS.contains(form);
    }

    /** Writes a report to where --output says. */
    public static void write(CommandLine line, Console console, OutputFile.Body body) throws IOException {
        OutputFile.write(line.getOptionValue(OUTPUT), line.hasOption(Shared.FORCE), console, body);
    }

    /** Computes a report that equals damo's. */
    interface CompatReport {
        String of(TraceSource trace) throws IOException;
    }

    /** Writes what damo would print; nothing else goes to standard output. */
    static int compat(CommandLine line, Console console, CompatReport report) throws IOException {
        return compat(Shared.trace(line), line, console, report);
    }

    /** As {@link #compat(CommandLine, Console, CompatReport)}, of a trace that is not the only word. */
    static int compat(Path path, CommandLine line, Console console, CompatReport report) throws IOException {
        requireText(line, console);
        try (TraceSource trace = Inputs.open(path, console, line.hasOption(DamoOptions.COMPAT))) {
            String text = report.of(trace);
            String output = line.getOptionValue(OUTPUT);
            boolean file = output != null && !List.of("raw", "stdout", "-").contains(output);
            OutputFile.write(
                    file ? output : null, line.hasOption(Shared.FORCE), console, out -> text(out, t -> t.append(text)));
        }
        return ExitCode.OK;
    }

    /** Writes characters. */
    public interface TextBody {
        public void write(Appendable out) throws IOException;
    }

    /** Writes text in UTF-8; leaves {@code out} open. */
    public static void text(OutputStream out, TextBody body) throws IOException {
        Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
        body.write(writer);
        writer.flush();
    }

    /** Says on standard error what is to be known beside a result, where its form has no place for it. */
    public static void notes(String form, List<String> notes, Console console) {
        if (form.equals("csv") || form.equals(DIRECTORY) || isPicture(form)) {
            notes.forEach(note -> console.note("note: " + Printable.line(note)));
        }
    }

    /** Writes a report of tables in a form other than a picture. */
    public static void table(TableReport report, String form, OutputStream out) throws IOException {
        switch (form) {
            case "csv" -> text(out, report::csv);
            case "json" -> report.json(out);
            default -> text(out, t -> t.append(report.text()));
        }
    }

    /** Passes text on without the escape sequences that colour it. */
    static Appendable withoutColours(Appendable out) {
        return new Appendable() {
            private boolean escaped;

            @Override
            public Appendable append(CharSequence text) throws IOException {
                return append(text, 0, text.length());
            }

            @Override
            public Appendable append(CharSequence text, int start, int end) throws IOException {
                for (int i = start; i < end; i++) {
                    append(text.charAt(i));
                }
                return this;
            }

            @Override
            public Appendable append(char c) throws IOException {
                if (c == '\u001b') {
                    escaped = true;
                } else if (!escaped) {
                    out.append(c);
                } else if (c == 'm') {
                    escaped = false;
                }
                return this;
            }
        };
    }

    /** For reports in damo's terms, which know no part of a region: says so where regions are mappings touched in part. */
    static void mappingsWhole(TraceSource trace, Console console) {
        if (Source.REFERENCED.is(trace.manifest())) {
            console.noteOnce(
                    "note: " + trace.name() + ": regions are mappings and are shown whole, be they resident or not;"
                            + " 'report wss' counts the bytes that were touched");
        }
    }
}
