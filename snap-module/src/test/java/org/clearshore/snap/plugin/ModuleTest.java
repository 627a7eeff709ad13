package org.clearshore.snap.plugin;

import static org.clearshore.snap.plugin.Resources.HELP;
import static org.clearshore.snap.plugin.Resources.elements;
import static org.clearshore.snap.plugin.Resources.url;
import static org.clearshore.snap.plugin.Resources.xml;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.clearshore.snap.ClearshoreOp;
import org.esa.snap.core.gpf.annotations.OperatorMetadata;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.openide.filesystems.FileObject;
import org.openide.filesystems.XMLFileSystem;

/** The module's layer as the NetBeans platform itself reads it. */
class ModuleTest {
    private static FileObject layer;

    @BeforeAll
    static void readLayer() throws Exception {
        layer = new XMLFileSystem(url(Resources.PLUGIN + "layer.xml")).getRoot();
    }

    @Test
    void theActionOpensTheOperatorsDialog() {
        FileObject action = file("Actions/Operators/org-clearshore-snap-ClearshoreAction.instance");
        Map<String, String> expected = Map.of("displayName", "Clearshore", "operatorName", "Clearshore", "dialogTitle", "Clearshore",
                "targetProductNameSuffix", "_Clearshore", "helpId", "clearshore");
        expected.forEach((name, value) -> assertEquals(value, action.getAttribute(name), name));
        Map<String, String> methods = elements(xml(Resources.PLUGIN + "layer.xml"), "attr").stream()
                .filter(attribute -> attribute.hasAttribute("methodvalue"))
                .collect(Collectors.toMap(attribute -> attribute.getAttribute("name"), attribute -> attribute.getAttribute("methodvalue")));
        assertEquals(Map.of("instanceCreate", "org.openide.awt.Actions.alwaysEnabled",
                "delegate", "org.esa.snap.core.gpf.ui.DefaultOperatorAction.create"), methods);
    }

    /** The operator's category is its place in the Graph Builder. */
    @Test
    void theMenuEntryLeadsToTheActionWhereTheGraphBuilderHasTheOperator() {
        OperatorMetadata operator = ClearshoreOp.class.getAnnotation(OperatorMetadata.class);
        assertEquals("Clearshore", operator.alias());
        FileObject folder = file("Menu/" + operator.category());
        List<FileObject> entries = List.of(folder.getChildren());
        assertEquals(1, entries.size());
        assertEquals("shadow", entries.get(0).getExt());
        file((String) entries.get(0).getAttribute("originalFile"));
        assertTrue(entries.get(0).getAttribute("position") instanceof Integer);
    }

    @Test
    void theHelpIsRegisteredAndKnowsTheActionsPage() throws Exception {
        FileObject help = file("Services/JavaHelp/org-clearshore-snap-helpset.xml");
        assertTrue(help.asText("UTF-8").contains(HELP + "help.hs"), "the layer's file is the reference to the help set");
        Object id = file("Actions/Operators/org-clearshore-snap-ClearshoreAction.instance").getAttribute("helpId");
        assertTrue(elements(xml(HELP + "map.jhm"), "mapID").stream().anyMatch(entry -> entry.getAttribute("target").equals(id)),
                "no help page for " + id);
    }

    private static FileObject file(String path) {
        FileObject file = layer.getFileObject(path);
        assertNotNull(file, "the layer has no " + path);
        return file;
    }
}
