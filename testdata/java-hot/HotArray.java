/** 24 MiB that a loop goes over all the time, 96 MiB that were filled once. */
public final class HotArray {
    public static void main(String[] args) throws Exception {
        long[][] cold = new long[12][1 << 20];
        for (long[] a : cold) {
            java.util.Arrays.fill(a, 1);
        }
        long[] hot = new long[3 << 20];
        long endNs = System.nanoTime() + 1_000_000_000L * Long.parseLong(args[0]);
        long sum = 0;
        while (System.nanoTime() < endNs) {
            for (int i = 0; i < hot.length; i += 8) {
                sum += hot[i]++;
            }
        }
        System.out.println(sum + cold.length);
    }
}
