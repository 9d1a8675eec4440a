package org.damson.analyzer.render.page;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.damson.analyzer.page.Packed;
import org.damson.analyzer.page.Page;
import org.damson.analyzer.page.PageSeries;

/**
 * Writes a page. What the trace says is in blocks of data that a browser does not run: JSON in ASCII without any character of
 * markup, and arrays in base 64. The policy of the page lets run what it came with, known by its digest, and nothing else, and
 * lets it load nothing.
 */
public final class HtmlPage {
    private final Page page;
    private final OutputStream out;

    private HtmlPage(Page page, OutputStream out) {
        this.page = page;
        this.out = out;
    }

    /** Writes the page in UTF-8; the same page is the same bytes. The stream is left open. */
    public static void write(Page page, OutputStream out) throws IOException {
        new HtmlPage(page, out).write();
    }

    private void write() throws IOException {
        String style = Assets.style();
        String uplot = Assets.uplotScript();
        String script = Assets.script();
        String policy = "default-src 'none'; script-src " + Assets.hash(uplot) + " " + Assets.hash(script)
                + "; style-src " + Assets.hash(style) + "; base-uri 'none'; form-action 'none'";
        for (String part : Assets.template().split("@@")) {
            switch (part) {
                case "POLICY" -> text(policy);
                case "TITLE" -> text(escaped(page.title()));
                case "STYLE" -> text(style);
                case "META" -> new PageJson(page).write(out);
                case "DATA" -> data();
                case "UPLOT" -> text(uplot);
                case "SCRIPT" -> text(script);
                default -> text(part);
            }
        }
        out.flush();
    }

    private void data() throws IOException {
        List<byte[]> levels = page.tiles().levels();
        for (int k = 0; k < levels.size(); k++) {
            block("heat-" + k, Packed.runs(levels.get(k)));
        }
        PageSeries s = page.workingSet();
        doubles("wss-from", s.fromNs());
        doubles("wss-to", s.toNs());
        doubles("wss-mean", s.meanBytes());
        if (!s.isWhole()) {
            doubles("wss-least", s.leastBytes());
            doubles("wss-most", s.mostBytes());
        }
        if (page.stacks() != null) {
            block("stack-nodes", page.stacks().nodes());
            block("stack-counts", page.stacks().counts());
        }
        if (page.whatIf() != null) {
            block("out", Packed.runs(page.whatIf().out()));
        }
    }

    private void doubles(String name, double[] values) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        for (double v : values) {
            bytes.putDouble(v);
        }
        block(name, bytes.array());
    }

    /** A block that a browser keeps as it is and does not run. */
    private void block(String name, byte[] bytes) throws IOException {
        text("<script type=\"text/plain\" id=\"data-" + name + "\">");
        out.write(Base64.getEncoder().encode(bytes));
        text("</script>\n");
    }

    private void text(String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.UTF_8));
    }

    /** A text of unknown origin between tags, in ASCII. */
    static String escaped(String text) {
        StringBuilder b = new StringBuilder();
        text.codePoints().forEach(c -> {
            boolean plain = c >= ' ' && c < 0x7f && "&<>\"'".indexOf(c) < 0;
            if (plain) {
                b.append((char) c);
            } else {
                b.append("&#").append(c).append(';');
            }
        });
        return b.toString();
    }
}
