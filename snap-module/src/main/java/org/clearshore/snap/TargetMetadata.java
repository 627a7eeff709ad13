package org.clearshore.snap;

import org.clearshore.RunSummary;
import org.clearshore.Tables;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Element {@code Clearshore} of the target's metadata: how the flags came to be.
 *
 * <p>The shares are known after the run. SNAP writes a product's header after all operators have run, in graphs as for
 * single operators, so they reach the file. An operator that follows and copies the metadata when it is initialised,
 * such as C2RCC, does that before the run and copies no shares.
 */
final class TargetMetadata {
    /** Shares from which a flag is named in the product's description. */
    private static final double MAIN = 0.01;

    /** What sun glint was predicted with; each "none" where no glint was. */
    private static final List<String> GLINT = List.of("windSource", "windSpeed", "windDirection", "viewingAngles");

    private static final String NOT_KNOWN = "not known before the run";

    private final Product target;
    private final MetadataElement element = new MetadataElement("Clearshore");
    private final MetadataElement shares = new MetadataElement("Shares");

    TargetMetadata(Product target, Tables tables, ScenePlan plan, Map<String, ?> parameters) {
        this.target = target;
        MetadataElement root = target.getMetadataRoot();
        MetadataElement former = root.getElement(element.getName());
        if (former != null) {
            root.removeElement(former);
        }
        root.addElement(element);
        text("version", tables.version);
        text("path", plan.original == null ? "tiles" : "product");
        text("pathReason", plan.original == null ? String.join("; ", plan.notes) : "the original product was found");
        text("notes", plan.notes.isEmpty() ? "none" : String.join("; ", plan.notes));
        text("originalProduct", plan.original == null ? "none" : plan.original.path.toString());
        text("bandsUsed", String.join(" ", plan.scene.usedBands));
        text("bandsMissing", plan.scene.missingBands.isEmpty() ? "none" : String.join(" ", plan.scene.missingBands));
        text("dem", NOT_KNOWN);
        text("demMissing", NOT_KNOWN);
        GLINT.forEach(name -> text(name, NOT_KNOWN));
        text("learnedModel", NOT_KNOWN);
        text("warnings", NOT_KNOWN);
        MetadataElement given = new MetadataElement("Parameters");
        parameters.forEach((name, value) -> given.setAttributeString(name, value == null ? "" : value.toString()));
        element.addElement(given);
        element.addElement(shares);
    }

    /** Adds what the run found. */
    void complete(RunSummary summary) {
        text("dem", summary.dem == null ? "none" : summary.dem);
        text("demMissing", summary.demMissing.isEmpty() ? "none" : String.join("; ", summary.demMissing));
        glint(summary.glint);
        text("learnedModel", summary.model == null ? "none" : summary.model.id + " " + summary.model.version);
        text("warnings", summary.warnings.isEmpty() ? "none" : String.join("; ", summary.warnings));
        List<String> main = new ArrayList<>();
        for (RunSummary.FlagShare flag : summary.flags) {
            shares.setAttributeDouble(flag.name, flag.share);
            if (flag.share >= MAIN) {
                main.add(String.format(Locale.ROOT, "%s %.1f %%", flag.name, 100 * flag.share));
            }
        }
        String description = "Clearshore " + summary.version + ": " + String.join(", ", main);
        String former = target.getDescription();
        target.setDescription(former == null || former.isBlank() ? description : former + "; " + description);
    }

    private void glint(RunSummary.Glint glint) {
        if (glint == null) {
            GLINT.forEach(name -> text(name, "none"));
            return;
        }
        text("windSource", glint.windSource);
        text("windSpeed", String.format(Locale.ROOT, "%.1f m/s", glint.windSpeed));
        text("windDirection", glint.windDirection == null
                ? "none" : String.format(Locale.ROOT, "from %.0f degrees", glint.windDirection));
        text("viewingAngles", glint.viewingAngles);
    }

    private void text(String name, String value) {
        element.setAttributeString(name, value);
    }
}
