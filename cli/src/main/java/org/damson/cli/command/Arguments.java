package org.damson.cli.command;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.commons.cli.CommandLine;
import org.apache.commons.cli.DefaultParser;
import org.apache.commons.cli.MissingOptionException;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.Options;
import org.apache.commons.cli.ParseException;

/**
 * The words behind a verb, distinguished into options, their values and the rest. Only names of options are looked up:
 *
 * <ul>
 *   <li>Hyphens and underscores in names are the same: damo writes {@code --sz_region}.
 *   <li>The words in an option's value positions are its values, whatever they begin with or hold, except for {@code --}
 *       and the options of the command, which have to be written as {@code --option=value}.
 *   <li>An option that takes any number of values takes the words up to the next that begins with {@code -} and is no
 *       number; if no other word is left for TRACE, the last of them is TRACE.
 *   <li>An option whose value may be left out takes it behind {@code =} only.
 *   <li>An option that has a value is given once, unless it is one that {@link Shared#repeatable} marked.
 *   <li>An old name stands for the new one, and is said to be old.
 *   <li>All words after {@code --} are not options.
 * </ul>
 */
public final class Arguments {
    /** Stands before a value while Commons CLI sorts the words; no argument of a process holds it. */
    private static final char TAKEN = '\0';

    private final Command command;
    private final Options options;
    private final String[] words;
    private final List<String> sorted = new ArrayList<>();
    private final List<String> rest = new ArrayList<>();
    private final Set<String> seen = new HashSet<>();
    private final Consumer<String> notes;
    private int at;
    /** Index in {@link #sorted} of the last value of an option with any number of values, if it has several. */
    private int lastOfMany = -1;

    private Arguments(Command command, String[] words, Consumer<String> notes) {
        this.notes = notes;
        this.command = command;
        this.options = Shared.withCommon(command);
        this.words = words;
    }

    /**
     * Sorts them.
     *
     * @param notes is told of each old name that is used
     * @throws UsageException naming the word that is not one of the command's options, or what is missing
     */
    public static CommandLine parse(Command command, String[] words, Consumer<String> notes) {
        return new Arguments(command, words, notes).parse();
    }

    private CommandLine parse() {
        while (at < words.length) {
            String word = words[at++];
            if (word.equals("--")) {
                rest.addAll(List.of(words).subList(at, words.length));
                at = words.length;
            } else if (word.startsWith("--")) {
                longOption(word);
            } else if (word.startsWith("-") && word.length() > 1) {
                shortOption(word);
            } else {
                other(word);
            }
        }
        if (rest.isEmpty() && lastOfMany >= 0) {
            rest.add(sorted.remove(lastOfMany).substring(1));
        }
        return commandLine();
    }

    /** A word that is neither option nor value. */
    private void other(String word) {
        rest.add(word);
        if (command.takesCommand()) {
            for (int i = at; i < words.length; i++) {
                if (words[i].startsWith("-")) {
                    throw new UsageException("put -- before the command: damson " + command.name()
                            + (at > 1 ? " ... -- " : " -- ") + word + (words[at].equals("--") ? "" : " " + words[at])
                            + (at + 1 < words.length ? " ..." : ""));
                }
            }
        }
    }

    private void longOption(String word) {
        int equals = word.indexOf('=');
        String name = equals < 0 ? word : word.substring(0, equals);
        Option option = named(name);
        if (option == null) {
            throw unknown(word);
        }
        noteOldName(name, option);
        take(option, equals < 0 ? null : word.substring(equals + 1));
    }

    /** {@code -o}, {@code -oVALUE}, {@code -o=VALUE}, {@code -qh}, or a long name behind one hyphen. */
    private void shortOption(String word) {
        int equals = word.indexOf('=');
        String name = "-" + (equals < 0 ? word : word.substring(0, equals));
        Option whole = named(name);
        if (whole != null) {
            noteOldName(name, whole);
            take(whole, equals < 0 ? null : word.substring(equals + 1));
            return;
        }
        for (int i = 1; i < word.length(); i++) {
            Option option = options.hasShortOption(word.substring(i, i + 1))
                    ? options.getOption(word.substring(i, i + 1))
                    : null;
            if (option == null) {
                throw unknown(word);
            }
            String attached = word.substring(i + 1);
            if (option.hasArg() && !attached.isEmpty()) {
                take(option, attached.startsWith("=") ? attached.substring(1) : attached);
                return;
            }
            take(option, null);
        }
    }

    /** The option of a long name, or of an old one; null if there is none. */
    private Option named(String name) {
        String plain = name.substring(2);
        String hyphens = plain.replace('_', '-');
        if (options.hasLongOption(plain) || options.hasLongOption(hyphens)) {
            return options.getOption(options.hasLongOption(plain) ? plain : hyphens);
        }
        for (Option option : options.getOptions()) {
            if (hyphens.equals(VerbOption.of(option).oldName())) {
                return option;
            }
        }
        return null;
    }

    private void noteOldName(String name, Option option) {
        String old = VerbOption.of(option).oldName();
        if (name.substring(2).replace('_', '-').equals(old)) {
            notes.accept("note: --" + old + " is an old name: it is --" + option.getLongOpt() + " now");
        }
    }

    private void take(Option option, String attached) {
        sorted.add("--" + option.getLongOpt());
        if (!option.hasArg()) {
            if (attached != null) {
                throw new UsageException("--" + option.getLongOpt() + " takes no value");
            }
            return;
        }
        if (option.hasOptionalArg()) { // its value is written behind = only: the next word is none
            if (attached != null && !seen.add(option.getLongOpt())) {
                throw new UsageException("--" + option.getLongOpt() + " is given twice; it can have one value only");
            }
            if (attached != null) {
                sorted.add(TAKEN + attached);
            }
            return;
        }
        if (!seen.add(option.getLongOpt()) && !Shared.isRepeatable(option)) {
            throw new UsageException("--" + option.getLongOpt() + " is given twice; it can have one value only");
        }
        boolean many = option.getArgs() == Option.UNLIMITED_VALUES;
        int values = 0;
        if (attached != null) {
            sorted.add(TAKEN + attached);
            values++;
        }
        while (at < words.length && (many ? isOneOfMany(words[at]) : values < option.getArgs() && isValue(words[at]))) {
            sorted.add(TAKEN + words[at++]);
            values++;
        }
        if (values == 0 || !many && values < option.getArgs()) {
            throw new UsageException("--" + option.getLongOpt()
                    + (option.getArgs() == 1 || many ? " needs a value: " : " needs ") + option.getArgName()
                    + (at < words.length && option.getArgs() == 1 && !words[at].equals("--")
                            ? "; --" + option.getLongOpt() + "=" + words[at] + " gives it the value " + words[at]
                            : ""));
        }
        if (many) {
            lastOfMany = values > 1 && attached == null ? sorted.size() - 1 : -1;
        }
    }

    private boolean isValue(String word) {
        if (word.equals("--") || word.startsWith("--") && named(word) != null) {
            return false;
        }
        return word.length() != 2 || word.charAt(0) != '-' || !options.hasShortOption(word.substring(1));
    }

    private static boolean isOneOfMany(String word) {
        return !word.startsWith("-") || word.equals("-") || word.matches("-[0-9.].*");
    }

    private UsageException unknown(String given) {
        List<String> names = new ArrayList<>();
        for (Option o : options.getOptions()) {
            names.add("--" + o.getLongOpt());
        }
        int equals = given.indexOf('=');
        String nearest = Nearest.to(equals < 0 ? given : given.substring(0, equals), names);
        return new UsageException("unknown option '" + given + "'" + Nearest.meant(nearest, "") + "; damson help "
                + command.name() + " lists the options");
    }

    private CommandLine commandLine() {
        List<String> all = new ArrayList<>(sorted);
        all.add("--");
        all.addAll(rest);
        try {
            CommandLine line = DefaultParser.builder()
                    .setAllowPartialMatching(false)
                    .setStripLeadingAndTrailingQuotes(false)
                    .get()
                    .parse(options, all.toArray(new String[0]));
            for (Option option : line.getOptions()) {
                option.getValuesList().replaceAll(value -> value.substring(1));
            }
            return line;
        } catch (MissingOptionException e) {
            List<String> missing = new ArrayList<>();
            for (Object o : e.getMissingOptions()) {
                Option option = options.getOption(o.toString());
                missing.add(option == null ? o.toString() : "--" + option.getLongOpt() + " " + option.getArgName());
            }
            throw new UsageException("missing " + String.join(", ", missing));
        } catch (ParseException e) {
            throw new UsageException(e.getMessage());
        }
    }
}
