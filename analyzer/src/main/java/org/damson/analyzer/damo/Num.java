package org.damson.analyzer.damo;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * A number as Python has them: a whole number of any size, or a double. Mixed arithmetic follows Python: whole with whole stays
 * whole (save {@link #over}), whole with double turns into a double. Reports that must equal damo's to the last digit need this.
 */
public final class Num implements Comparable<Num> {
    public static final Num ZERO = of(0L);
    /** damo's {@code max}: 2^64 - 1. */
    static final Num MAX = unsigned(-1L);

    /** Whole numbers up to here are doubles without loss. */
    private static final long EXACT = 1L << 53;

    private final boolean real;
    private final double value;
    private final long whole;
    /** Set when {@code whole} cannot hold it. */
    private final BigInteger big;

    private Num(boolean real, double value, long whole, BigInteger big) {
        this.real = real;
        this.value = value;
        this.whole = whole;
        this.big = big;
    }

    public static Num of(long whole) {
        return new Num(false, 0, whole, null);
    }

    public static Num of(double value) {
        return new Num(true, value, 0, null);
    }

    public static Num of(BigInteger whole) {
        return whole.bitLength() < 64 ? of(whole.longValue()) : new Num(false, 0, 0, whole);
    }

    public static Num unsigned(long whole) {
        return whole >= 0 ? of(whole) : of(new BigInteger(Long.toUnsignedString(whole)));
    }

    /** An address. */
    public String hex() {
        return "0x" + toBig().toString(16);
    }

    boolean isReal() {
        return real;
    }

    public double toDouble() {
        return real ? value : big != null ? big.doubleValue() : (double) whole;
    }

    /** Python's {@code int(x)}: cut towards zero. */
    public BigInteger toBig() {
        return real ? new BigDecimal(value).toBigInteger() : big != null ? big : BigInteger.valueOf(whole);
    }

    /** Python's {@code int(x)} for what is known to fit. */
    public int toInt() {
        return toBig().intValueExact();
    }

    /** The same, its low 64 bits: an unsigned number where it is greater than a signed one may be. */
    public long toLong() {
        return toBig().longValue();
    }

    public Num truncated() {
        return real ? of(toBig()) : this;
    }

    public Num plus(Num o) {
        if (real || o.real) {
            return of(toDouble() + o.toDouble());
        }
        if (big == null && o.big == null) {
            long r = whole + o.whole;
            if (((whole ^ r) & (o.whole ^ r)) >= 0) {
                return of(r);
            }
        }
        return of(toBig().add(o.toBig()));
    }

    public Num minus(Num o) {
        if (real || o.real) {
            return of(toDouble() - o.toDouble());
        }
        if (big == null && o.big == null) {
            long r = whole - o.whole;
            if (((whole ^ o.whole) & (whole ^ r)) >= 0) {
                return of(r);
            }
        }
        return of(toBig().subtract(o.toBig()));
    }

    public Num times(Num o) {
        if (real || o.real) {
            return of(toDouble() * o.toDouble());
        }
        if (big == null && o.big == null) {
            long high = Math.multiplyHigh(whole, o.whole);
            long low = whole * o.whole;
            if (high == low >> 63) {
                return of(low);
            }
        }
        return of(toBig().multiply(o.toBig()));
    }

    public Num times(long factor) {
        return times(of(factor));
    }

    /** Python's {@code /}: always a double, rounded once. */
    public Num over(Num o) {
        if (o.signum() == 0) {
            throw new ArithmeticException("division by zero");
        }
        if (real || o.real || exactAsDouble() && o.exactAsDouble()) {
            return of(toDouble() / o.toDouble());
        }
        return of(new BigDecimal(toBig())
                .divide(new BigDecimal(o.toBig()), new MathContext(60, RoundingMode.HALF_EVEN))
                .doubleValue());
    }

    public Num over(long divisor) {
        return over(of(divisor));
    }

    /** Python's {@code //} of whole numbers, or of doubles. */
    public Num floorOver(Num o) {
        if (o.signum() == 0) {
            throw new ArithmeticException("division by zero");
        }
        if (real || o.real) {
            double a = toDouble();
            double b = o.toDouble();
            double mod = a % b;
            double div = (a - mod) / b;
            if (mod != 0 && b < 0 != mod < 0) {
                div -= 1.0;
            }
            double floor = Math.floor(div);
            return of(div - floor > 0.5 ? floor + 1.0 : floor);
        }
        if (big == null && o.big == null && o.whole != -1) {
            return of(Math.floorDiv(whole, o.whole));
        }
        BigInteger[] qr = toBig().divideAndRemainder(o.toBig());
        return of(qr[1].signum() != 0 && qr[1].signum() != o.signum() ? qr[0].subtract(BigInteger.ONE) : qr[0]);
    }

    /** Python's {@code math.ceil}. */
    public Num ceiled() {
        return real ? of(new BigDecimal(value).setScale(0, RoundingMode.CEILING).toBigIntegerExact()) : this;
    }

    Num negated() {
        return real ? of(-value) : ZERO.minus(this);
    }

    public int signum() {
        return real ? (int) Math.signum(value) : big != null ? big.signum() : Long.signum(whole);
    }

    private boolean exactAsDouble() {
        return big == null && whole >= -EXACT && whole <= EXACT;
    }

    @Override
    public int compareTo(Num o) {
        if (real && o.real) {
            return value < o.value ? -1 : value > o.value ? 1 : 0;
        }
        if (!real && !o.real) {
            return big == null && o.big == null ? Long.compare(whole, o.whole) : toBig().compareTo(o.toBig());
        }
        if (Double.isInfinite(toDouble()) || Double.isNaN(toDouble())) {
            return Double.compare(value, o.toDouble());
        }
        return exact().compareTo(o.exact());
    }

    private BigDecimal exact() {
        return real ? new BigDecimal(value) : new BigDecimal(toBig());
    }

    public boolean less(Num o) {
        return compareTo(o) < 0;
    }

    public static Num max(Num a, Num b) {
        return b.compareTo(a) > 0 ? b : a;
    }

    public static Num min(Num a, Num b) {
        return b.compareTo(a) < 0 ? b : a;
    }

    @Override
    public boolean equals(Object o) {
        return o instanceof Num n && compareTo(n) == 0;
    }

    @Override
    public int hashCode() {
        return real && value == Math.rint(value) && !Double.isInfinite(value)
                ? toBig().hashCode()
                : real ? Double.hashCode(value) : toBig().hashCode();
    }

    /** As {@code str()} writes it: doubles by their shortest digits. */
    @Override
    public String toString() {
        return real ? repr(value) : big != null ? big.toString() : Long.toString(whole);
    }

    /** Python's {@code repr} of a double: the fewest digits that read back the same, {@code 1e-05}, {@code 1e+16}. */
    static String repr(double d) {
        if (Double.isNaN(d)) {
            return "nan";
        }
        if (Double.isInfinite(d)) {
            return d > 0 ? "inf" : "-inf";
        }
        if (d == 0) {
            return 1 / d > 0 ? "0.0" : "-0.0";
        }
        BigDecimal shortest = shortest(Math.abs(d));
        String digits = shortest.unscaledValue().toString();
        int exponent = digits.length() - 1 - shortest.scale();
        StringBuilder b = new StringBuilder(d < 0 ? "-" : "");
        if (exponent < -4 || exponent >= 16) {
            b.append(digits.charAt(0));
            if (digits.length() > 1) {
                b.append('.').append(digits, 1, digits.length());
            }
            return b.append('e')
                    .append(exponent < 0 ? '-' : '+')
                    .append("%02d".formatted(Math.abs(exponent)))
                    .toString();
        }
        String plain = shortest.toPlainString();
        return b.append(plain).append(plain.indexOf('.') < 0 ? ".0" : "").toString();
    }

    /** Java 17's own conversion sometimes has a digit too many, so shorter ones are tried. */
    private static BigDecimal shortest(double d) {
        BigDecimal exact = new BigDecimal(d);
        BigDecimal best = new BigDecimal(Double.toString(d)).stripTrailingZeros();
        for (int digits = best.precision(); digits >= 1; digits--) {
            BigDecimal shorter = exact.round(new MathContext(digits, RoundingMode.HALF_EVEN));
            if (shorter.doubleValue() != d) {
                break;
            }
            best = shorter.stripTrailingZeros();
        }
        return best;
    }

    /** C's {@code %.Nf}: the exact binary value, rounded half to even. */
    public static String fixed(double d, int decimals) {
        if (Double.isNaN(d) || Double.isInfinite(d)) {
            return repr(d);
        }
        String text =
                new BigDecimal(d).setScale(decimals, RoundingMode.HALF_EVEN).toPlainString();
        boolean minus = d < 0 || d == 0 && 1 / d < 0;
        return minus && !text.startsWith("-") ? "-" + text : text;
    }
}
