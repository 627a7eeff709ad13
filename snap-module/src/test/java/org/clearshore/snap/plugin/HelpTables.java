package org.clearshore.snap.plugin;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.clearshore.Tables;

/** The tables of the help pages, made from those of the native library. */
final class HelpTables {
    private HelpTables() {
    }

    /** The HTML of every table by the name of its section. */
    static Map<String, String> render(Tables tables) {
        Map<String, String> sections = new LinkedHashMap<>();

        List<String> parameters = new ArrayList<>();
        tables.parameters.stream().filter(HelpTables::isOfOperator).forEach(parameter -> parameters.add(row(code(parameter.name),
                text(parameter.label), text(parameter.range), text(parameter.defaultValue), text(parameter.description))));
        sections.put("parameters", table(parameters, "Parameter", "Label", "Values", "Default", "Meaning"));

        List<String> flags = new ArrayList<>();
        tables.flags.forEach(flag -> flags.add(row(number(flag.bit), code(flag.name), colour(flag.colour), text(flag.meaning))));
        sections.put("flags", table(flags, "Bit", "Flag", "Colour", "Meaning"));

        List<String> classes = new ArrayList<>();
        tables.classes.forEach(one -> classes.add(row(number(one.value), code(one.name), colour(one.colour), text(one.meaning))));
        sections.put("classes", table(classes, "Value", "Class", "Colour", "Meaning"));

        List<String> features = new ArrayList<>();
        tables.features.forEach(feature -> features.add(row(code(feature.name), text(feature.meaning))));
        sections.put("features", table(features, "Band", "Meaning"));

        List<String> evidence = new ArrayList<>();
        tables.evidence.forEach(bit -> evidence.add(row(number(bit.bit), code(bit.name), text(bit.meaning))));
        sections.put("evidence", table(evidence, "Bit", "Name", "Meaning"));
        return sections;
    }

    static boolean isOfOperator(Tables.Parameter parameter) {
        return !parameter.scope.equals("program");
    }

    private static String table(List<String> rows, String... titles) {
        return "<table border=\"1\" cellpadding=\"3\" cellspacing=\"0\">\n<tr><th>" + String.join("</th><th>", titles) + "</th></tr>\n"
                + String.join("", rows) + "</table>\n";
    }

    private static String row(String... cells) {
        return "<tr>" + String.join("", cells) + "</tr>\n";
    }

    private static String code(String value) {
        return "<td><code>" + escape(value) + "</code></td>";
    }

    private static String number(int value) {
        return "<td align=\"right\">" + value + "</td>";
    }

    private static String text(String value) {
        return "<td>" + escape(value) + "</td>";
    }

    private static String colour(int[] colour) {
        return String.format("<td bgcolor=\"#%02x%02x%02x\"></td>", colour[0], colour[1], colour[2]);
    }

    /** Plain ASCII: JavaHelp reads pages in the machine's own character set. */
    private static String escape(String value) {
        StringBuilder escaped = new StringBuilder();
        value.codePoints().forEach(letter -> {
            if (letter >= 128 || "<>&\"".indexOf(letter) >= 0) {
                escaped.append("&#").append(letter).append(';');
            } else {
                escaped.appendCodePoint(letter);
            }
        });
        return escaped.toString();
    }
}
