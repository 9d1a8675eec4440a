package org.damson.analyzer.render.picture;

import de.rototor.pdfbox.graphics2d.PdfBoxGraphics2D;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Dimension;
import java.awt.Font;
import java.awt.FontMetrics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.RenderedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.DoubleFunction;
import javax.imageio.ImageIO;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.apache.batik.svggen.ImageHandlerBase64Encoder;
import org.apache.batik.svggen.SVGGeneratorContext;
import org.apache.batik.svggen.SVGGraphics2D;
import org.apache.batik.svggen.SVGGraphics2DIOException;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.common.PDRectangle;
import org.damson.analyzer.render.text.Ticks;
import org.damson.model.MissingCapabilityException;
import org.damson.model.Units;
import org.damson.model.text.Printable;
import org.w3c.dom.Document;

/** A white picture with text helpers, the same drawing in every form. Draws without a display. */
final class Canvas {
    static final Color INK = new Color(0x222222);
    static final Color FAINT = new Color(0x777777);
    static final Color GRID = new Color(0xdddddd);

    /** Characters that {@link Printable#cut} leaves at least. */
    private static final int SHORTEST = 3;

    /** What writes the finished drawing. */
    private interface Writing {
        void to(OutputStream out) throws IOException;
    }

    final Graphics2D g;
    private Writing writing;

    Canvas(int width, int height, PictureForm form) throws IOException {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
        ImageIO.setUseCache(false);
        try {
            g = switch (form) {
                case PNG -> png(width, height);
                case SVG -> svg(width, height);
                case PDF -> pdf(width, height);
            };
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setFont(new Font(Font.SANS_SERIF, Font.PLAIN, 13));
            g.getFontMetrics();
        } catch (RuntimeException | InternalError | NoClassDefFoundError | UnsatisfiedLinkError e) {
            throw new MissingCapabilityException(
                    "cannot draw text: this Java finds no fonts; install fontconfig and a font", e);
        }
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
        g.setStroke(new BasicStroke(1));
    }

    void font(int style, int size) {
        g.setFont(new Font(Font.SANS_SERIF, style, size));
    }

    void mono(int size) {
        g.setFont(new Font(Font.MONOSPACED, Font.PLAIN, size));
    }

    void left(String text, int x, int y, Color c) {
        g.setColor(c);
        // XML has no control characters, not even escaped, and a PDF would show them as boxes.
        g.drawString(Printable.line(text), x, y);
    }

    void right(String text, int x, int y, Color c) {
        left(text, x - width(text), y, c);
    }

    void centre(String text, int x, int y, Color c) {
        left(text, x - width(text) / 2, y, c);
    }

    int width(String text) {
        return g.getFontMetrics().stringWidth(text);
    }

    /** The text, cut with dots to fit. */
    String fit(String text, int width) {
        FontMetrics m = g.getFontMetrics();
        if (m.stringWidth(text) <= width) {
            return text;
        }
        int n = text.length();
        while (n > 0 && m.stringWidth(text.substring(0, n) + "...") > width) {
            n--;
        }
        return text.substring(0, n) + "...";
    }

    /** The text, its middle cut to fit: the ends tell long names of functions apart. */
    String fitEnds(String text, int width) {
        // No letter is narrower than two points.
        int n = Math.max(SHORTEST, Math.min(text.length(), width / 2));
        String cut = Printable.cut(text, n, "...");
        while (n > SHORTEST && width(cut) > width) {
            cut = Printable.cut(text, --n, "...");
        }
        return cut;
    }

    void upwards(String text, int x, int y, Color c) {
        g.rotate(-Math.PI / 2, x, y);
        centre(text, x, y, c);
        g.rotate(Math.PI / 2, x, y);
    }

    /** Draws ticks of seconds below a plot. */
    void timeAxis(int x, int y, int width, long ns, long startNs) {
        double seconds = Math.max(1e-9, ns / 1e9);
        double step = Ticks.decimal(seconds, 9);
        font(Font.PLAIN, 12);
        for (int i = 0; i * step <= seconds * (1 + 1e-9); i++) {
            int px = x + (int) Math.round(i * step / seconds * width);
            g.setColor(INK);
            g.drawLine(px, y, px, y + 5);
            centre(Ticks.number(i * step, step), px, y + 19, INK);
        }
        font(Font.PLAIN, 13);
        String from = String.format(Locale.ROOT, "time since %.3f s of the trace's clock [s]", startNs / 1e9);
        centre(from, x + width / 2, y + 40, INK);
    }

    /** Title and, below it in faint ink, what the reader has to know. */
    void heading(String title, String note, int x, int width) {
        font(Font.BOLD, 18);
        left(fit(title, width), x, 28, INK);
        font(Font.PLAIN, 12);
        left(fit(note, width), x, 50, FAINT);
    }

    /** An axis of sizes from 0 to {@code most} at the left of a plot, with grid lines, and the plot's lower edge. */
    void sizeAxis(int x, int top, int width, int height, double most, double step, String name) {
        valueAxis(x, top, width, height, most, step, name, Canvas::size);
    }

    /** As {@link #sizeAxis}, of other values. */
    void valueAxis(
            int x, int top, int width, int height, double most, double step, String name, DoubleFunction<String> text) {
        font(Font.PLAIN, 12);
        for (double v = 0; v <= most; v += step) {
            int y = top + height - (int) Math.round(v / most * height);
            g.setColor(GRID);
            g.drawLine(x, y, x + width, y);
            right(text.apply(v), x - 10, y + 4, INK);
        }
        g.setColor(INK);
        g.drawLine(x, top, x, top + height);
        g.drawLine(x, top + height, x + width, top + height);
        font(Font.PLAIN, 13);
        upwards(name, 18, top + height / 2, INK);
    }

    /** One entry of a legend: a bar of its colour, a name, and faint lines below it. */
    void legend(int x, int y, Color colour, String label, String... values) {
        g.setColor(colour);
        g.fillRect(x, y - 8, 18, 5);
        font(Font.PLAIN, 12);
        left(label, x + 26, y, INK);
        for (int i = 0; i < values.length; i++) {
            left(values[i], x + 26, y + 16 + 15 * i, FAINT);
        }
    }

    static String size(double bytes) {
        return Units.bytes(Math.round(bytes));
    }

    private Graphics2D png(int width, int height) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        writing = out -> encode(image, out);
        return image.createGraphics();
    }

    private static void encode(RenderedImage image, OutputStream out) throws IOException {
        if (!ImageIO.write(image, "png", out)) {
            throw new IOException("this Java has no PNG writer");
        }
    }

    private Graphics2D svg(int width, int height) throws IOException {
        Document document;
        try {
            document = DocumentBuilderFactory.newInstance()
                    .newDocumentBuilder()
                    .getDOMImplementation()
                    .createDocument("http://www.w3.org/2000/svg", "svg", null);
        } catch (ParserConfigurationException e) {
            throw new IOException("this Java makes no XML documents", e);
        }
        SVGGeneratorContext context = SVGGeneratorContext.createDefault(document);
        context.setComment(null);
        context.setImageHandler(new EmbeddedPng());
        SVGGraphics2D graphics = new SVGGraphics2D(context, false);
        graphics.setSVGCanvasSize(new Dimension(width, height));
        writing = out -> {
            Writer writer = new OutputStreamWriter(out, StandardCharsets.UTF_8);
            graphics.stream(writer, true);
            writer.flush();
        };
        return graphics;
    }

    /** Puts images into the file itself. */
    private static final class EmbeddedPng extends ImageHandlerBase64Encoder {
        @Override
        public void encodeImage(RenderedImage image, OutputStream out) throws SVGGraphics2DIOException {
            try {
                encode(image, out);
            } catch (IOException e) {
                throw new SVGGraphics2DIOException(e.getMessage(), e);
            }
        }
    }

    private Graphics2D pdf(int width, int height) throws IOException {
        PDDocument document = new PDDocument();
        // The same drawing is the same file.
        document.setDocumentId(0L);
        PDPage page = new PDPage(new PDRectangle(width, height));
        document.addPage(page);
        // Text is drawn as outlines: for fonts PDFBox would search the machine, and keep what it found in the user's
        // home.
        PdfBoxGraphics2D graphics = new PdfBoxGraphics2D(document, width, height);
        writing = out -> {
            try (document) {
                try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                    content.drawForm(graphics.getXFormObject());
                }
                ByteArrayOutputStream whole = new ByteArrayOutputStream();
                document.save(whole);
                whole.writeTo(out);
            }
        };
        return graphics;
    }

    /** The colour of a picture's point, counted from its upper left corner. */
    interface Raster {
        int rgb(int x, int y);
    }

    /** Points side by side, one for each unit of the canvas. */
    void raster(int x, int y, int width, int height, Raster raster) {
        BufferedImage points = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int dy = 0; dy < height; dy++) {
            for (int dx = 0; dx < width; dx++) {
                points.setRGB(dx, dy, raster.rgb(dx, dy));
            }
        }
        g.drawImage(points, x, y, null);
    }

    void write(OutputStream out) throws IOException {
        g.dispose();
        writing.to(out);
    }
}
