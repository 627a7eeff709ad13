package org.clearshore.snap.plugin;

import static org.clearshore.snap.plugin.Resources.GRAPHS;
import static org.clearshore.snap.plugin.Resources.elements;
import static org.clearshore.snap.plugin.Resources.text;
import static org.clearshore.snap.plugin.Resources.xml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.clearshore.NativeLibrary;
import org.clearshore.Tables;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

/** The graphs name only operators, sources and parameters that exist, and hang together. */
class GraphsTest {
    static final List<String> ALL = GRAPHS;

    /** Sources and parameters of SNAP's operators, of those we name, read in the sources of SNAP 13.0.3 and its Optical Toolbox. */
    private static final Map<String, Operator> SNAP = Map.of(
            "Read", new Operator(Set.of(), Set.of("file", "formatName")),
            "Write", new Operator(Set.of("source"), Set.of("file", "formatName")),
            "Merge", new Operator(Set.of("masterProduct", "sourceProduct"), Set.of("includes", "excludes", "geographicError")),
            "S2Resampling", new Operator(Set.of("sourceProduct"), Set.of("resolution", "upsampling", "downsampling",
                    "flagDownsampling", "resampleOnPyramidLevels", "bands", "masks")),
            "c2rcc.msi", new Operator(Set.of("sourceProduct"), Set.of("validPixelExpression", "salinity", "temperature", "ozone",
                    "press", "elevation", "demName", "netSet")));

    private static final class Operator {
        final Set<String> sources;
        final Set<String> parameters;

        Operator(Set<String> sources, Set<String> parameters) {
            this.sources = sources;
            this.parameters = parameters;
        }
    }

    @ParameterizedTest
    @FieldSource("ALL")
    void everyNodeNamesWhatExists(String graph) {
        Set<String> ids = new HashSet<>();
        for (Element node : elements(xml(Resources.PLUGIN + "graphs/" + graph), "node")) {
            String name = child(node, "operator").getTextContent();
            Operator operator = name.equals("Clearshore") ? clearshore() : SNAP.get(name);
            assertTrue(operator != null, graph + ": unknown operator " + name);
            Set<String> sources = new TreeSet<>();
            for (Element source : children(child(node, "sources"))) {
                sources.add(source.getTagName());
                assertTrue(ids.contains(source.getAttribute("refid")), graph + ": " + source.getAttribute("refid") + " comes later or never");
            }
            assertEquals(new TreeSet<>(operator.sources), sources, graph + ": sources of " + name);
            for (Element parameter : children(child(node, "parameters"))) {
                assertTrue(operator.parameters.contains(parameter.getTagName()), graph + ": " + name + " has no " + parameter.getTagName());
            }
            assertTrue(ids.add(node.getAttribute("id")), graph + ": two nodes with one id");
        }
        assertTrue(ids.contains("Clearshore"));
    }

    /** SNAP's resampler takes a product only from its reader; C2RCC needs the source's bands. */
    @Test
    void theChainBeforeC2rccIsInTheOrderThatSnapDemands() {
        List<String> operators = elements(xml(Resources.PLUGIN + "graphs/clearshore-c2rcc.xml"), "operator").stream()
                .map(Node::getTextContent).collect(Collectors.toList());
        assertEquals(List.of("Read", "S2Resampling", "Clearshore", "c2rcc.msi", "Write"), operators);
    }

    @Test
    void expressionsUseFlagsThatExist() {
        Tables tables = NativeLibrary.tables();
        Set<String> flags = tables.flags.stream().map(flag -> flag.name).collect(Collectors.toSet());
        String everything = GRAPHS.stream().map(graph -> text(Resources.PLUGIN + "graphs/" + graph)).collect(Collectors.joining())
                + Resources.PAGES.stream().map(page -> text(Resources.HELP + page)).collect(Collectors.joining());
        Matcher use = Pattern.compile("(clearshore_\\w+)\\.(?!tif)(\\w+)").matcher(everything);
        int uses = 0;
        while (use.find()) {
            if (use.group(1).equals(tables.flagBand)) {
                assertTrue(flags.contains(use.group(2)), "there is no flag " + use.group());
                uses++;
            }
        }
        assertTrue(uses >= 2, "the pattern finds no flag");
        int bit = tables.flags.stream().filter(flag -> flag.name.equals("CS_CLEAR_WATER")).findFirst().orElseThrow().bit;
        assertTrue(everything.contains("& " + (1 << bit) + ")") || everything.contains("&amp; " + (1 << bit) + ")"),
                "the recipes test another bit than CS_CLEAR_WATER");
    }

    /** For processors that correct glint: what speaks against clear water, and severe glint, but no moderate glint. */
    @Test
    void theMaskWithModerateGlintIsTheSumOfItsBits() throws Exception {
        Set<String> names = Set.of("CS_INVALID", "CS_CLOUD", "CS_CLOUD_AMBIGUOUS", "CS_CLOUD_SURE", "CS_CLOUD_BUFFER", "CS_CLOUD_SHADOW",
                "CS_SNOW_ICE", "CS_CIRRUS_SURE", "CS_CIRRUS_AMBIGUOUS", "CS_MOUNTAIN_SHADOW", "CS_WHITECAP", "CS_SHADOW_BUFFER",
                "CS_GLINT_SEVERE");
        int mask = NativeLibrary.tables().flags.stream().filter(flag -> names.contains(flag.name)).mapToInt(flag -> 1 << flag.bit).sum();
        assertEquals(names.size(), Integer.bitCount(mask));
        int water = NativeLibrary.tables().flags.stream().filter(flag -> flag.name.equals("CS_WATER")).findFirst().orElseThrow().bit;
        String recipe = "((flags & " + (1 << water) + ") != 0) & ((flags & " + mask + ") == 0)";
        assertTrue(text(Resources.HELP + "graphs.html").contains(recipe.replace("&", "&amp;")), recipe);
        assertTrue(Files.readString(Path.of("../docs/user-guide.md")).contains(recipe), recipe);
    }

    /** The help says which variables each graph wants. */
    @ParameterizedTest
    @FieldSource("ALL")
    void theHelpNamesTheVariables(String graph) {
        Set<String> wanted = new TreeSet<>();
        Matcher variable = Pattern.compile("\\$\\{(\\w+)}").matcher(text(Resources.PLUGIN + "graphs/" + graph));
        while (variable.find()) {
            wanted.add(variable.group(1));
        }
        Map<String, Set<String>> told = new HashMap<>();
        for (Element row : elements(xml(Resources.HELP + "graphs.html"), "tr")) {
            List<Element> cells = children(row);
            told.put(cells.get(0).getTextContent(), new TreeSet<>(Arrays.asList(cells.get(2).getTextContent().split(", "))));
        }
        assertEquals(wanted, told.get(graph));
    }

    private static Operator clearshore() {
        return new Operator(Set.of("sourceProduct"), NativeLibrary.tables().parameters.stream()
                .filter(HelpTables::isOfOperator).map(parameter -> parameter.name).collect(Collectors.toSet()));
    }

    private static Element child(Element parent, String tag) {
        return children(parent).stream().filter(element -> element.getTagName().equals(tag)).findFirst()
                .orElseThrow(() -> new AssertionError("node " + parent.getAttribute("id") + " has no " + tag));
    }

    private static List<Element> children(Element parent) {
        List<Element> children = new ArrayList<>();
        NodeList nodes = parent.getChildNodes();
        for (int i = 0; i < nodes.getLength(); i++) {
            if (nodes.item(i) instanceof Element) {
                children.add((Element) nodes.item(i));
            }
        }
        return children;
    }
}
