import java.lang.management.ManagementFactory;
import java.util.Random;

/**
 * Busy ROUNDS: looks objects up in a large array and makes garbage; prints how long ROUNDS took, and how much processor time,
 * in nanoseconds. ROUNDS 0: for ever, and every 50 ms the rounds so far, the time and the processor time.
 */
public final class Busy {
    private static final class Row {
        long n;
        byte[] text = new byte[40];
    }

    /** Of the thread that does the work: what compilers and collectors take differs from run to run. */
    private static long cpuNs() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    public static void main(String[] args) {
        int rounds = Integer.parseInt(args[0]);
        Random random = new Random(1);
        Row[] rows = new Row[500_000];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = new Row();
        }
        long begun = System.nanoTime();
        long cpuBegun = cpuNs();
        long told = 0;
        for (int r = 1; rounds == 0 || r <= rounds; r++) {
            for (int i = 0; i < 100_000; i++) {
                Row row = rows[random.nextInt(rows.length)];
                row.n++;
                if ((i & 15) == 0) {
                    row.text = new byte[40];
                }
            }
            if (rounds == 0 && System.nanoTime() - told > 50_000_000) {
                told = System.nanoTime();
                System.out.println(r + " " + told + " " + cpuNs());
                if (System.out.checkError()) {
                    return;
                }
            }
        }
        System.out.println((System.nanoTime() - begun) + " " + (cpuNs() - cpuBegun));
    }
}
