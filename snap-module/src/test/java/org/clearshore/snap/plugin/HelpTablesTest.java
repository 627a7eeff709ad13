package org.clearshore.snap.plugin;

import static org.clearshore.snap.plugin.Resources.HELP;
import static org.clearshore.snap.plugin.Resources.HELP_SOURCE;
import static org.clearshore.snap.plugin.Resources.PAGES;
import static org.clearshore.snap.plugin.Resources.text;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.clearshore.NativeLibrary;
import org.clearshore.Tables;
import org.junit.jupiter.api.Test;

/**
 * The help's tables are those of the native library. {@code mvn test -Dclearshore.update=true} writes them into the pages.
 */
class HelpTablesTest {
    private static final Pattern SECTION = Pattern.compile("(<!-- table:(\\w+) -->\n)(.*?)(<!-- end -->)", Pattern.DOTALL);

    @Test
    void thePagesHoldTheTablesOfTheLibrary() throws Exception {
        Map<String, String> expected = HelpTables.render(NativeLibrary.tables());
        if (Boolean.getBoolean("clearshore.update")) {
            Path page = HELP_SOURCE.resolve("parameters.html");
            String updated = SECTION.matcher(Files.readString(page)).replaceAll(section -> Matcher.quoteReplacement(
                    section.group(1) + expected.get(section.group(2)) + section.group(4)));
            Files.writeString(page, updated);
        }
        Map<String, String> found = new LinkedHashMap<>();
        for (String page : PAGES) {
            Matcher section = SECTION.matcher(Files.readString(HELP_SOURCE.resolve(page)));
            while (section.find()) {
                found.put(section.group(2), section.group(3));
            }
        }
        assertEquals(expected, found, "the help is not up to date; mvn test -Dclearshore.update=true writes it");
    }

    /** The other way: a name in the running text must exist too. */
    @Test
    void whateverThePagesNameExists() {
        Tables tables = NativeLibrary.tables();
        Set<String> flags = tables.flags.stream().map(flag -> flag.name).collect(Collectors.toSet());
        Set<String> bands = Stream.concat(Stream.of(tables.flagBand, tables.classBand, tables.evidenceBand),
                tables.features.stream().map(feature -> feature.name)).collect(Collectors.toSet());
        Set<String> parameters = tables.parameters.stream().map(parameter -> parameter.name).collect(Collectors.toSet());
        for (String page : PAGES) {
            assertEquals(Set.of(), unknown(page, "\\bCS_\\w+", flags), page + ": flags");
            assertEquals(Set.of(), unknown(page, "\\bclearshore_[a-z]+\\b(?!\\.tif)(?!_)", bands), page + ": bands");
            assertEquals(Set.of(), unknown(page, "(?<=<code>)[a-z]+[A-Z]\\w*(?=</code>)", parameters), page + ": parameters");
        }
        assertTrue(unknown("parameters.html", "\\bCS_\\w+", Set.of()).size() >= flags.size(), "the pattern finds no flags");
    }

    private static Set<String> unknown(String page, String pattern, Set<String> known) {
        Set<String> names = new HashSet<>();
        Matcher name = Pattern.compile(pattern).matcher(text(HELP + page));
        while (name.find()) {
            names.add(name.group());
        }
        names.removeAll(known);
        return names;
    }
}
