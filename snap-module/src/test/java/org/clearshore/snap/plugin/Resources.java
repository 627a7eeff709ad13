package org.clearshore.snap.plugin;

import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilder;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;

/** The plugin's resources as SNAP finds them: on the class path. */
final class Resources {
    static final String PLUGIN = "org/clearshore/snap/";
    static final String HELP = PLUGIN + "docs/";
    static final List<String> PAGES = List.of("clearshore.html", "parameters.html", "algorithm.html", "graphs.html");
    static final List<String> GRAPHS = List.of("clearshore-mask.xml", "clearshore-dem.xml", "clearshore-c2rcc.xml",
            "clearshore-merge.xml");
    /** The source of the help pages. Tests run in the module's folder. */
    static final Path HELP_SOURCE = Path.of("src/main/resources", HELP);

    private Resources() {
    }

    static URL url(String name) {
        URL url = Resources.class.getClassLoader().getResource(name);
        if (url == null) {
            throw new AssertionError("there is no resource " + name);
        }
        return url;
    }

    static String text(String name) {
        try (InputStream in = url(name).openStream()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException error) {
            throw new UncheckedIOException(error);
        }
    }

    static Document xml(String name) {
        return xml(name, text(name));
    }

    static Document xml(String name, String text) {
        try {
            DocumentBuilder builder = DocumentBuilderFactory.newInstance().newDocumentBuilder();
            // Document type definitions lie on other machines.
            builder.setEntityResolver((publicId, systemId) -> new InputSource(new StringReader("")));
            builder.setErrorHandler(null);
            return builder.parse(new InputSource(new StringReader(text)));
        } catch (SAXException error) {
            throw new AssertionError(name + " is not well-formed: " + error.getMessage(), error);
        } catch (IOException | ParserConfigurationException error) {
            throw new AssertionError(error);
        }
    }

    static List<Element> elements(Document document, String tag) {
        NodeList nodes = document.getElementsByTagName(tag);
        List<Element> elements = new ArrayList<>();
        for (int i = 0; i < nodes.getLength(); i++) {
            elements.add((Element) nodes.item(i));
        }
        return elements;
    }
}
