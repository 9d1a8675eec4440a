package org.damson.recorder.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** The real helper over a directory, with a process of its own as the recorder. */
class HelperKernelTest {
    private static final boolean IS_ROOT = "root".equals(System.getProperty("user.name"));
    private static final Path HELPER = Path.of("../native/build/damson-privileged");

    @TempDir
    Path root;

    /** The recorder: does what a recorder does and prints what came of it, one line each. */
    public static final class Recorder {
        private Recorder() {}

        public static void main(String[] args) throws IOException {
            Path root = Path.of(args[0]);
            Kernel kernel = Kernel.ofProcess();
            Path kdamonds = root.resolve("sys/kernel/mm/damon/admin/kdamonds");
            say("helped " + (kernel instanceof HelperKernel));
            say("list " + kernel.list(kdamonds));
            say("unlocked " + failure(() -> kernel.write(kdamonds.resolve("nr_kdamonds"), "1")));
            Path run = root.resolve("run/damson");
            Closeable lock = kernel.lock(run.resolve("lock"));
            say("again " + (kernel.lock(run.resolve("lock")) == null));
            kernel.write(kdamonds.resolve("nr_kdamonds"), "1");
            say("read " + kernel.read(kdamonds.resolve("nr_kdamonds")));
            say("other " + failure(() -> kernel.read(root.resolve("etc/passwd"))));
            say("dots " + failure(() -> kernel.read(kdamonds.resolve("../../../../../../etc/passwd"))));
            say("prefix " + failure(() -> kernel.read(root.resolve("sys/kernel/mm/damonx/secret"))));
            say("module "
                    + failure(() -> kernel.write(root.resolve("sys/module/damon_reclaim/parameters/enabled"), "Y")));
            say("read-only " + failure(() -> kernel.write(root.resolve("sys/kernel/mm/damon/other"), "1")));
            say("absent " + failure(() -> kernel.read(kdamonds.resolve("7/state"))));
            say("process " + failure(() -> kernel.write(kdamonds.resolve("0/pid_target"), "1")));
            say("own "
                    + failure(() -> kernel.write(
                            kdamonds.resolve("0/pid_target"),
                            Long.toString(ProcessHandle.current().pid()))));
            say("physical " + failure(() -> kernel.write(kdamonds.resolve("0/operations"), "paddr")));
            lock.close();
            lock = kernel.lock(run.resolve("lock"));
            kernel.append(run.resolve("changes"), "boot\tboot-1\t7\n");
            kernel.append(run.resolve("changes"), "suspend\tdamon_stat\t\n");
            say("journal "
                    + kernel.read(run.resolve("changes")).replace('\t', ' ').replace('\n', '.'));
            say("planted "
                    + failure(() -> kernel.append(
                            run.resolve("changes"), "was\tkernel/mm/damon/admin/kdamonds/nr_kdamonds\t9\n")));
            kernel.remove(run.resolve("changes"));
            kernel.remove(run.resolve("changes"));
            Path instances = root.resolve("sys/kernel/tracing/instances");
            say("another's " + failure(() -> kernel.makeDirectory(instances.resolve("damson-1-2-0"))));
            long self = ProcessHandle.current().pid();
            Path instance = instances.resolve("damson-" + self + "-" + TraceInstance.startOf(self) + "-0");
            kernel.makeDirectory(instance);
            say("foreign " + failure(() -> kernel.makeDirectory(instance.resolveSibling("mine"))));
            Files.createDirectories(instance.resolve("per_cpu/cpu0"));
            Path ring = instance.resolve("per_cpu/cpu0/trace_pipe_raw");
            Files.writeString(ring, "events");
            int descriptor = kernel.openRing(ring);
            ByteBuffer page = ByteBuffer.allocateDirect(16);
            int got = Libc.readFile(descriptor, page, 16);
            byte[] bytes = new byte[got];
            page.get(0, bytes);
            say("ring " + new String(bytes, java.nio.charset.StandardCharsets.US_ASCII));
            Libc.closeDescriptor(descriptor);
            Files.delete(ring);
            Files.delete(ring.getParent());
            Files.delete(ring.getParent().getParent());
            kernel.removeDirectory(instance);
        }

        private interface Step {
            void run() throws IOException;
        }

        private static String failure(Step step) {
            try {
                step.run();
                return "allowed";
            } catch (KernelException e) {
                return e.isForbidden() ? "forbidden" : e.isAbsent() ? "absent" : e.getMessage();
            } catch (IOException e) {
                return e.toString();
            }
        }

        private static void say(String line) {
            System.out.println(line);
        }
    }

    private void file(String name, String text) throws IOException {
        Path path = root.resolve(name);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }

    @Test
    void itDoesWhatIsOnItsListAndNothingElse() throws Exception {
        assertTrue(Files.isExecutable(HELPER), HELPER + " has not been built");
        file("sys/kernel/mm/damon/admin/kdamonds/nr_kdamonds", "0");
        file("sys/kernel/mm/damon/admin/kdamonds/0/pid_target", "0");
        file("sys/kernel/mm/damon/admin/kdamonds/0/operations", "vaddr");
        file("sys/kernel/mm/damon/other", "0");
        file("sys/kernel/mm/damonx/secret", "0");
        file("sys/module/damon_reclaim/parameters/enabled", "N");
        file("etc/passwd", "root");
        Files.createDirectories(root.resolve("run"));
        Files.createDirectories(root.resolve("sys/kernel/tracing/instances"));
        file("proc/sys/kernel/random/boot_id", "boot-1\n");
        List<String> command = unprivileged(
                "--root",
                root.toString(),
                "--",
                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                "-cp",
                readableClassPath(),
                Recorder.class.getName(),
                root.toString());
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(p.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertTrue(p.waitFor(60, TimeUnit.SECONDS));
        assertEquals(
                List.of(
                        "helped true",
                        "unlocked forbidden",
                        "again true",
                        "read 1",
                        "other forbidden",
                        "dots forbidden",
                        "prefix forbidden",
                        "module forbidden",
                        "read-only forbidden",
                        "absent absent",
                        "process forbidden",
                        "own allowed",
                        "physical forbidden",
                        "journal boot boot-1 7.suspend damon_stat .",
                        "planted forbidden",
                        "another's forbidden",
                        "foreign forbidden",
                        "ring events"),
                said.lines().filter(l -> !l.startsWith("list ")).toList());
        assertTrue(said.contains("nr_kdamonds"), said);
        assertEquals(0, p.exitValue());
        assertFalse(Files.exists(root.resolve("run/damson/changes")));
        assertEquals("N", Files.readString(root.resolve("sys/module/damon_reclaim/parameters/enabled")));
    }

    @Test
    void itsOptionsAreCheckedAndTheExitStatusIsTheCommands() throws Exception {
        assertEquals(2, exit(HELPER.toString(), "--", "true"));
        assertEquals(2, exit(HELPER.toString(), "--user", "root", "--", "true"));
        assertEquals(2, exit(HELPER.toString(), "--user", "nobody"));
        String[] three = {"--root", root.toString(), "--", "sh", "-c", "exit 3"};
        assertEquals(3, exit(unprivileged(three).toArray(new String[0])));
    }

    @Test
    @EnabledIfSystemProperty(named = "user.name", matches = "root", disabledReason = "needs root")
    void rootKeepsNoPrivilegeOverADirectory() throws Exception {
        assertEquals(2, exit(HELPER.toString(), "--root", root.toString(), "--", "sh", "-c", "exit 3"));
    }

    /** The helper's command as a user without privilege: nobody if this is root, to whom the tree is given. */
    private List<String> unprivileged(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        Path helper = root.resolve("helper");
        Files.copy(HELPER, helper, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        if (IS_ROOT) {
            assertEquals(0, exit("chown", "-R", "nobody", root.toString()));
            command.addAll(List.of("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", "--"));
        }
        command.add(helper.toString());
        command.addAll(List.of(arguments));
        return command;
    }

    /** What the recorder needs, where nobody can read it. */
    private String readableClassPath() throws Exception {
        List<String> copies = new ArrayList<>();
        for (String entry : System.getProperty("java.class.path").split(":")) {
            String name = Path.of(entry).getFileName().toString();
            if (Files.isDirectory(Path.of(entry)) || name.startsWith("damson-") || name.startsWith("jna-")) {
                Path copy = root.resolve("classes-" + copies.size());
                assertEquals(0, exit("cp", "-r", entry, copy.toString()));
                copies.add(copy.toString());
            }
        }
        assertEquals(0, exit("chmod", "-R", "a+rX", root.toString()));
        return String.join(":", copies);
    }

    private static int exit(String... command) throws Exception {
        Process p = new ProcessBuilder(command).redirectErrorStream(true).start();
        p.getInputStream().readAllBytes();
        assertTrue(p.waitFor(60, TimeUnit.SECONDS));
        return p.exitValue();
    }
}
