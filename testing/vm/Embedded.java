import java.nio.file.Path;
import java.time.Duration;
import org.damson.api.Recording;
import org.damson.api.Trace;

/** Records kernel DAMON by the Java interface: a command to its end, then a process for as long as it is wanted. For the guest job embed. */
public final class Embedded {
    public static void main(String[] args) throws Exception {
        Path command = Path.of("command.damson");
        record(Recording.Options.ofCommand(command, args[0], "run", "--repeat", "2", args[1]), 0);
        Path process = Path.of("process.damson");
        Process running = new ProcessBuilder(args[0], "run", "--repeat", "1000", args[1])
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            record(Recording.Options.of(process, running.pid()), 5);
            // Stopped at once, and for a time.
            record(Recording.Options.of(Path.of("short.damson"), running.pid()).duration(Duration.ofSeconds(3)), 0);
            System.out.println("the process runs on: " + running.isAlive());
        } finally {
            running.destroyForcibly();
        }
    }

    /** @param seconds after which to stop it; 0: at its own end */
    private static void record(Recording.Options options, int seconds) throws Exception {
        Recording.Result result;
        try (Recording recording = Recording.start(options.damon().suspendDamonStat(true))) {
            if (seconds > 0) {
                Thread.sleep(seconds * 1000L);
                recording.stop();
            }
            result = recording.await();
        }
        try (Trace trace = Trace.open(options.output())) {
            System.out.println(options.output() + ": " + trace.info().source() + ", complete " + trace.info().isComplete()
                    + ", whole " + result.isWhole() + ", exit " + result.commandExit() + ", " + result.snapshots()
                    + " snapshots, same " + (result.snapshots() == trace.info().snapshots()) + ", greatest working set "
                    + trace.workingSet().total().percentile(100) + ", notes " + result.notes());
        }
    }
}
