package org.damson.symbols;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.damson.exchange.build.StackUnwinder;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Units;
import org.damson.model.stacks.Frame;
import org.damson.model.text.NativeText;
import org.damson.symbols.elf.UnwindWire;
import org.damson.symbols.elf.UnwindWire.CodeFile;
import org.damson.symbols.elf.UnwindWire.End;
import org.damson.symbols.elf.UnwindWire.Frames;
import org.damson.symbols.elf.UnwindWire.Placed;
import org.damson.symbols.elf.UnwindWire.Used;
import org.damson.symbols.elf.Wire.Outcome;

/**
 * Walks copies of user stacks by the unwind information of the files that were mapped, in a process of its own. A file whose build id is not
 * the recorded one is not used; a file or a copy that ends the process costs what is asked of it then.
 */
public final class UserStackUnwinder implements StackUnwinder, Closeable {
    /** Files that one process opens at most, and processes that one import starts. */
    private static final int MAX_FILES = 200;

    private static final int MAX_CODES = 1 << 16;
    private static final int MAX_STARTS = 64;
    private static final int MAX_STARTS_LIVE = 4;
    private static final long START_LIVE_NS = 60_000_000_000L;
    private static final Duration ANSWER_LIVE = Duration.ofSeconds(20);
    private static final int MAX_DEATHS = 5;

    private static final int NAMED = 10;
    private static final String ENDED = "the process that unwinds has ended, or took too long";
    private static final Walk NOTHING = new Walk(new long[0], ENDED);
    private static final Walk NOT_NOW = new Walk(new long[0], "code of more files than are opened in that time");

    private record Code(String file, String buildId) {}

    /** State of a file. */
    private static final class State {
        ModuleFiles.Found found;
        /** Where a process that has it mapped sees its files; null if that is where this one does. */
        Path root;
        /** That process, which may have it mapped still when it was deleted; 0 if it is not known. */
        int pid;

        boolean isFatal;
        Used used;
        /** Walks that ended in it, since it was not used. */
        long ended;

        boolean mayBeUsed() {
            return !isFatal && found != null && !found.files().isEmpty();
        }
    }

    private final boolean isHere;
    private final ModuleFiles files;
    private final ThisMachine machine = new ThisMachine();
    private final long answerNs;
    private final Map<Code, State> codes = new LinkedHashMap<>();
    private UnwindProcess process;
    private final Map<Code, Integer> told = new HashMap<>();
    private final Map<List<Module>, Integer> spaces = new LinkedHashMap<>(16, 0.75f, true);
    private final RuleWalk[] rules = new RuleWalk[UnwindWire.SPACES];
    private List<Module> last;
    private int lastSpace;
    /** Whether the process does not know all files of the last walk that are there. */
    private boolean isLacking;

    private final Starts starts;
    private long endedCpuNs;
    private int deaths;
    private String givenUp = "";

    /** @param sinceEpochNs when the recording was over, ns since 1970, later than which files may not have changed; null if unknown */
    public UserStackUnwinder(SymbolOptions options, Long sinceEpochNs) {
        this(options, sinceEpochNs, false, new Starts(MAX_STARTS, Long.MAX_VALUE, System.nanoTime()));
    }

    private UserStackUnwinder(SymbolOptions options, Long sinceEpochNs, boolean isHere, Starts starts) {
        this.isHere = isHere;
        files = new ModuleFiles(options, sinceEpochNs, machine, isHere);
        answerNs = options.fileTime().toNanos();
        this.starts = starts;
    }

    /**
     * For copies that are being taken, of this machine's processes: files that appear later are opened once a minute in the long run.
     *
     * @param cache perf's cache of files by build id; null: none
     */
    public static UserStackUnwinder live(Path cache) {
        SymbolOptions here = new SymbolOptions(null, null, null, cache, ANSWER_LIVE, Duration.ofMinutes(5));
        long nowNs = System.currentTimeMillis() * 1_000_000;
        return new UserStackUnwinder(here, nowNs, true, new Starts(MAX_STARTS_LIVE, START_LIVE_NS, System.nanoTime()));
    }

    @Override
    public void expect(int pid, String file, String buildId) {
        Code code = new Code(file, buildId);
        boolean isNew = !codes.containsKey(code);
        State state = state(code);
        if (isNew && isHere && state != null) {
            state.root = ThisMachine.otherRoot(pid, new HashSet<>());
            state.pid = pid;
        }
    }

    /** State of a file; null if there are too many files. */
    private State state(Code code) {
        return codes.size() < MAX_CODES ? codes.computeIfAbsent(code, c -> new State()) : codes.get(code);
    }

    @Override
    public Walk unwind(List<Module> modules, Copy copy) throws IOException {
        if (!givenUp.isEmpty()) {
            return new Walk(new long[0], givenUp);
        }
        try {
            UnwindProcess usable = process(modules);
            if (usable == null) {
                return NOT_NOW;
            }
            int number = space(modules);
            Frames byRules = rules[number].walk(copy, at -> usable.rule(number, at));
            Frames frames = byRules != null ? byRules : usable.walk(number, copy);
            if (frames.end() == End.NO_FILE && frames.addresses().length > 0) {
                endedAt(modules, frames.addresses()[frames.addresses().length - 1]);
            }
            return new Walk(frames.addresses(), frames.end().text());
        } catch (InterruptedIOException e) {
            throw e;
        } catch (MissingCapabilityException e) {
            givenUp = e.getMessage();
            stop();
            return new Walk(new long[0], givenUp);
        } catch (IOException e) {
            stop();
            if (++deaths == MAX_DEATHS) {
                givenUp = ENDED + " " + MAX_DEATHS + " times: given up";
            }
            return NOTHING;
        }
    }

    /** Notes in which file a walk ended: the one that begins nearest before. */
    private void endedAt(List<Module> modules, long address) {
        Module nearest = null;
        for (Module m : modules) {
            if (Long.compareUnsigned(m.start(), address) <= 0
                    && (nearest == null || Long.compareUnsigned(m.start(), nearest.start()) > 0)) {
                nearest = m;
            }
        }
        State state = nearest == null ? null : state(new Code(nearest.file(), nearest.buildId()));
        if (state != null) {
            state.ended++;
        }
    }

    /** Whether any unwinding was abandoned. */
    public boolean isCutShort() {
        return deaths > 0 || starts.isUsedUp();
    }

    @Override
    public long cpuNs() {
        return endedCpuNs + (process == null ? 0 : process.cpuNs());
    }

    @Override
    public int starts() {
        return starts.taken();
    }

    /** A process that has the files, or those of them that were there when the last one was started; null if there is none now. */
    private UnwindProcess process(List<Module> modules) throws IOException {
        boolean isUsable = process != null && !process.isWorn();
        if (isUsable && modules == last && !(isLacking && starts.isAllowed(System.nanoTime()))) {
            return process;
        }
        Set<Code> needed = new LinkedHashSet<>();
        for (Module m : modules) {
            Code code = new Code(m.file(), m.buildId());
            if (needed.size() < MAX_FILES && isThere(code)) {
                needed.add(code);
            }
        }
        isLacking = !told.keySet().containsAll(needed);
        if (isUsable && !isLacking) {
            return process;
        }
        if (starts.take(System.nanoTime())) {
            start(needed);
        } else if (!isUsable) {
            stop();
        }
        return process;
    }

    private boolean isThere(Code code) throws IOException {
        State state = state(code);
        if (state != null && state.found == null) {
            Map<String, List<Path>> deleted = state.pid == 0 ? Map.of() : ThisMachine.deletedFiles(state.pid);
            state.found = files.of(
                    code.file,
                    code.buildId,
                    state.root == null ? List.of() : List.of(state.root),
                    deleted.getOrDefault(ModuleFiles.withoutDeleted(code.file), List.of()));
        }
        return state != null && state.mayBeUsed();
    }

    private void start(Set<Code> needed) throws IOException {
        stop();
        isLacking = false;
        // What was replaced since has to be found elsewhere.
        codes.values().stream().filter(s -> s.pid != 0).forEach(s -> s.found = null);
        // Those that come later are opened by then.
        needed.addAll(codes.keySet());
        List<CodeFile> list = new ArrayList<>();
        for (Code code : needed) {
            if (list.size() == MAX_FILES || !isThere(code)) {
                continue;
            }
            told.put(code, list.size());
            List<byte[]> paths = codes.get(code).found.files().stream()
                    .map(p -> NativeText.encode(p.toAbsolutePath().toString()))
                    .toList();
            list.add(new CodeFile(paths, ModuleFiles.buildId(code.buildId)));
        }
        process = new UnwindProcess(files.debugPath(), list, answerNs);
    }

    /** The number by which the process knows what is mapped. */
    private int space(List<Module> modules) throws IOException {
        if (modules == last) {
            return lastSpace;
        }
        Integer number = spaces.get(modules);
        if (number == null) {
            number = spaces.size();
            if (number == UnwindWire.SPACES) {
                List<Module> oldest = spaces.keySet().iterator().next();
                number = spaces.remove(oldest);
            }
            sendModules(number, modules);
            rules[number] = new RuleWalk();
            spaces.put(modules, number);
        }
        last = modules;
        lastSpace = number;
        return number;
    }

    private void sendModules(int number, List<Module> modules) throws IOException {
        List<Code> placedCodes = new ArrayList<>();
        List<Placed> placed = new ArrayList<>();
        for (Module m : modules) {
            Code code = new Code(m.file(), m.buildId());
            Integer index = told.get(code);
            if (index != null) {
                placedCodes.add(code);
                placed.add(new Placed(index, m.start(), m.fileOffset()));
            }
        }
        int[] answered = {0};
        try {
            process.space(number, placed, (i, used) -> {
                answered[0] = i + 1;
                State state = codes.get(placedCodes.get(i));
                state.used = state.used != null && state.used.outcome() != Outcome.READ ? state.used : used;
            });
        } catch (IOException e) {
            if (answered[0] < placedCodes.size()) {
                codes.get(placedCodes.get(answered[0])).isFatal = true;
            }
            throw e;
        }
    }

    private void stop() {
        if (process != null) {
            endedCpuNs += process.cpuNs();
            process.close();
        }
        process = null;
        told.clear();
        spaces.clear();
        last = null;
    }

    @Override
    public List<String> notes() {
        List<String> lines = new ArrayList<>();
        long unproven = 0;
        long more = 0;
        for (Map.Entry<Code, State> e : codes.entrySet()) {
            State s = e.getValue();
            String why = s.ended == 0 && !s.isFatal ? "" : why(s);
            if (!why.isEmpty() && lines.size() < NAMED) {
                lines.add(Frame.harmless(e.getKey().file) + " is not used to unwind (" + Frame.harmless(why) + "): "
                        + s.ended + " walks end there");
            } else if (!why.isEmpty()) {
                more++;
            }
            unproven += e.getKey().buildId.isEmpty() && s.used != null && s.used.outcome() == Outcome.READ ? 1 : 0;
        }
        if (more > 0) {
            lines.add(Units.count(more, "more file") + (more == 1 ? " is" : " are") + " not used to unwind");
        }
        if (unproven > 0) {
            lines.add(Units.count(unproven, "file") + " without a build id in the recording"
                    + (unproven == 1 ? " is used to unwind as it is now" : " are used to unwind as they are now"));
        }
        return lines;
    }

    /** Why a file was not used; empty if it was, or if nobody needed it. */
    private static String why(State s) {
        if (s.found == null) {
            return "";
        }
        if (s.isFatal) {
            return ENDED;
        }
        if (s.found.files().isEmpty()) {
            return s.found.why().isEmpty() ? "no such file on this machine" : s.found.why();
        }
        return s.used == null || s.used.outcome() == Outcome.READ
                ? ""
                : switch (s.used.outcome()) {
                    case NO_FILE -> "it cannot be opened";
                    case OTHER_BUILD_ID -> "it has another build id";
                    default -> s.used.why();
                };
    }

    @Override
    public void close() throws IOException {
        stop();
        machine.close();
    }
}
