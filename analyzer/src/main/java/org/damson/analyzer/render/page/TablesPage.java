package org.damson.analyzer.render.page;

import java.io.IOException;
import org.damson.analyzer.render.table.TableReport;
import org.damson.analyzer.render.table.TableReport.Column;
import org.damson.analyzer.render.table.TableReport.Section;
import org.damson.analyzer.render.table.TableReport.Unit;

/** A report of tables as a page that loads nothing and runs nothing. */
public final class TablesPage {
    private static final String STYLE =
            """

            body { font: 14px/1.4 system-ui, sans-serif; margin: 2em; color: #222; background: #fff }
            h1 { font-size: 1.3em } h2 { font-size: 1.05em; margin: 1.6em 0 .4em; font-weight: 600 }
            table { border-collapse: collapse } td, th { padding: .2em .8em; border-bottom: 1px solid #ddd }
            th { text-align: right; color: #555; font-weight: 600; border-bottom-color: #999 }
            td { text-align: right; font-variant-numeric: tabular-nums } .text { text-align: left }
            p { max-width: 60em; color: #555 }
            """;

    private TablesPage() {}

    /** Writes the tables that people read. */
    public static void write(TableReport report, String title, Appendable out) throws IOException {
        String policy = "default-src 'none'; style-src " + Assets.hash(STYLE) + "; base-uri 'none'; form-action 'none'";
        out.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        out.append("<meta http-equiv=\"Content-Security-Policy\" content=\"")
                .append(policy)
                .append("\">\n");
        out.append("<title>").append(HtmlPage.escaped(title)).append("</title>\n");
        out.append("<style>").append(STYLE).append("</style>\n</head>\n<body>\n");
        out.append("<h1>").append(HtmlPage.escaped(title)).append("</h1>\n");
        for (Section s : report.sections()) {
            if (s.title() != null && !s.rows().isEmpty()) {
                table(s, out);
            }
        }
        for (String note : report.notes()) {
            out.append("<p>").append(HtmlPage.escaped(note)).append("</p>\n");
        }
        out.append("</body>\n</html>\n");
    }

    private static void table(Section s, Appendable out) throws IOException {
        out.append("<h2>").append(HtmlPage.escaped(s.title())).append("</h2>\n<table>\n<tr>");
        for (Column c : s.columns()) {
            out.append(c.unit() == Unit.TEXT ? "<th class=\"text\">" : "<th>");
            out.append(HtmlPage.escaped(c.heading())).append("</th>");
        }
        out.append("</tr>\n");
        for (Object[] row : s.rows()) {
            out.append("<tr>");
            for (int i = 0; i < row.length; i++) {
                Unit unit = s.columns().get(i).unit();
                out.append(unit == Unit.TEXT ? "<td class=\"text\">" : "<td>");
                out.append(HtmlPage.escaped(TableReport.cell(row[i], unit))).append("</td>");
            }
            out.append("</tr>\n");
        }
        out.append("</table>\n");
    }
}
