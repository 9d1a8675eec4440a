package org.damson.cli.input;

import java.util.TreeMap;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.Option;
import org.damson.cli.command.Shared;
import org.damson.cli.command.UsageException;
import org.damson.model.Manifest;
import org.damson.model.ManifestKey;
import org.damson.model.text.NativeText;

/** {@code --label} of the commands that make traces of something else: what a trace is to be found by among many. */
public final class LabelOption {
    public static final Option LABEL = Shared.expert(Shared.repeatable(Shared.value(
            null,
            "label",
            "KEY=VALUE",
            "label kept in the trace, as service=web or host=web1, by which the fleet verbs group traces")));

    private static final int MAX_CHARS = 200;

    private LabelOption() {}

    /** @throws UsageException if a label is none or a key is given twice */
    public static void require(CommandLine line) {
        labels(line);
    }

    /** Puts the labels of the command line into a manifest. */
    public static void addTo(Manifest manifest, CommandLine line) {
        TreeMap<String, String> labels = labels(line);
        if (!labels.isEmpty()) {
            ManifestKey.LABELS.put(
                    manifest,
                    labels.entrySet().stream()
                            .map(e -> e.getKey() + "=" + e.getValue())
                            .toList());
        }
    }

    private static TreeMap<String, String> labels(CommandLine line) {
        TreeMap<String, String> labels = new TreeMap<>();
        for (String text : line.hasOption(LABEL) ? line.getOptionValues(LABEL) : new String[0]) {
            int equals = text.indexOf('=');
            if (equals < 1
                    || !text.substring(0, equals).matches("[A-Za-z_][A-Za-z0-9_]*")
                    || equals + 1 == text.length()
                    || text.chars().anyMatch(Character::isISOControl)
                    || !NativeText.readable(text).equals(text)
                    || text.length() > MAX_CHARS) {
                throw new UsageException(
                        "--label: '" + text + "' is not KEY=VALUE, with a key of letters, digits and _, of at"
                                + " most " + MAX_CHARS + " printable characters");
            }
            if (labels.put(text.substring(0, equals), text.substring(equals + 1)) != null) {
                throw new UsageException("--label: " + text.substring(0, equals) + " is given twice");
            }
        }
        return labels;
    }
}
