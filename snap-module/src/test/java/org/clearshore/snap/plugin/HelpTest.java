package org.clearshore.snap.plugin;

import static org.clearshore.snap.plugin.Resources.HELP;
import static org.clearshore.snap.plugin.Resources.PAGES;
import static org.clearshore.snap.plugin.Resources.elements;
import static org.clearshore.snap.plugin.Resources.text;
import static org.clearshore.snap.plugin.Resources.url;
import static org.clearshore.snap.plugin.Resources.xml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import javax.help.HelpSet;
import javax.help.IndexView;
import javax.help.NavigatorView;
import javax.help.TOCView;
import javax.help.TreeItem;
import javax.help.search.MergingSearchEngine;
import javax.help.search.SearchEvent;
import javax.help.search.SearchItem;
import javax.help.search.SearchListener;
import javax.help.search.SearchQuery;
import javax.swing.tree.DefaultMutableTreeNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The help set as JavaHelp itself reads it, and every link in it. */
class HelpTest {
    private static HelpSet help;

    @BeforeAll
    static void readHelpSet() throws Exception {
        help = new HelpSet(HelpTest.class.getClassLoader(), url(HELP + "help.hs"));
    }

    @Test
    void theReferenceInTheModuleLeadsToTheHelpSet() {
        Element reference = xml(Resources.PLUGIN + "helpset.xml").getDocumentElement();
        assertEquals("nbdocs:/" + HELP + "help.hs", reference.getAttribute("url"));
        assertEquals("true", reference.getAttribute("merge"));
    }

    @Test
    void everyIdLeadsToAPageAndEveryPageHasAnId() throws Exception {
        Set<String> mapped = new TreeSet<>();
        for (Object id : list(help.getLocalMap().getAllIDs())) {
            String target = help.getLocalMap().getURLFromID((javax.help.Map.ID) id).toString();
            String page = target.substring(target.lastIndexOf('/') + 1);
            assertExists("map.jhm", page);
            mapped.add(page.replaceFirst("#.*", ""));
        }
        assertEquals(new TreeSet<>(PAGES), mapped);
        assertEquals("clearshore", help.getHomeID().getIDString());
    }

    @Test
    void everyEntryOfContentsAndIndexHasATarget() {
        List<TreeItem> contents = items(((TOCView) view("TOC")).getDataAsTree());
        assertEquals(List.of("clearshore", "clearshoreParameters", "clearshoreAlgorithm", "clearshoreGraphs"),
                contents.stream().filter(item -> item.getID() != null).map(item -> item.getID().getIDString())
                        .collect(Collectors.toList()));
        List<TreeItem> index = items(((IndexView) view("Index")).getDataAsTree());
        assertEquals(elements(xml(HELP + "index.xml"), "indexitem").size(), index.size());
        index.forEach(item -> assertNotNull(item.getID(), item.getName() + " leads nowhere"));
    }

    @Test
    void searchFindsThePages() throws Exception {
        Set<String> found = search("POLYMER");
        assertTrue(found.contains("graphs.html"), found.toString());
        assertTrue(search("water").containsAll(PAGES), "every page speaks of water");
    }

    @Test
    void everyLinkAndImageOfEveryPageExists() {
        for (String page : PAGES) {
            Document document = xml(HELP + page);
            elements(document, "a").stream().filter(a -> a.hasAttribute("href"))
                    .forEach(a -> assertExists(page, a.getAttribute("href")));
            elements(document, "img").forEach(image -> assertExists(page, image.getAttribute("src")));
            assertEquals(1, elements(document, "title").size(), page);
        }
    }

    /** JavaHelp shows HTML 3.2 and reads it in the machine's own character set. */
    @Test
    void pagesAreSimpleEnoughForJavaHelp() {
        Set<String> known = Set.of("html", "head", "title", "body", "h1", "h2", "p", "ul", "ol", "li", "b", "i", "code", "pre",
                "a", "table", "tr", "th", "td", "img");
        for (String page : PAGES) {
            Set<String> tags = elements(xml(HELP + page), "*").stream().map(Element::getTagName).collect(Collectors.toSet());
            tags.removeAll(known);
            assertEquals(Set.of(), tags, page);
            assertTrue(text(HELP + page).chars().allMatch(letter -> letter < 128), page + " is not plain ASCII");
        }
    }

    private static void assertExists(String page, String link) {
        String file = link.replaceFirst("#.*", "");
        url(HELP + (file.isEmpty() ? page : file));
        if (link.contains("#")) {
            String anchor = link.substring(link.indexOf('#') + 1);
            assertTrue(elements(xml(HELP + (file.isEmpty() ? page : file)), "a").stream()
                    .anyMatch(a -> a.getAttribute("name").equals(anchor)), page + ": no anchor for " + link);
        }
    }

    private static List<Object> list(Enumeration<?> elements) {
        List<Object> list = new ArrayList<>();
        elements.asIterator().forEachRemaining(list::add);
        return list;
    }

    private static NavigatorView view(String name) {
        NavigatorView view = help.getNavigatorView(name);
        assertNotNull(view, name);
        return view;
    }

    private static List<TreeItem> items(DefaultMutableTreeNode tree) {
        List<TreeItem> items = new ArrayList<>();
        for (Object node : list(tree.preorderEnumeration())) {
            Object item = ((DefaultMutableTreeNode) node).getUserObject();
            if (item instanceof TreeItem) {
                items.add((TreeItem) item);
            }
        }
        return items;
    }

    private static Set<String> search(String word) throws Exception {
        Set<String> pages = Collections.synchronizedSet(new HashSet<>());
        CompletableFuture<Set<String>> finished = new CompletableFuture<>();
        SearchQuery query = new MergingSearchEngine(view("Search")).createQuery();
        query.addSearchListener(new SearchListener() {
            @Override
            public void searchStarted(SearchEvent event) {
                pages.clear();
            }

            @Override
            public void itemsFound(SearchEvent event) {
                list(event.getSearchItems()).forEach(item -> pages.add(((SearchItem) item).getFilename()));
            }

            @Override
            public void searchFinished(SearchEvent event) {
                finished.complete(pages);
            }
        });
        query.start(word, Locale.ENGLISH);
        return finished.get(20, TimeUnit.SECONDS);
    }
}
