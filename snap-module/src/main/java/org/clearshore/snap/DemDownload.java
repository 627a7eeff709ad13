package org.clearshore.snap;

import org.clearshore.DemCell;
import org.clearshore.NativeScene;
import org.esa.snap.core.datamodel.GeoPos;
import org.esa.snap.core.dataop.dem.ElevationModel;
import org.esa.snap.core.dataop.dem.ElevationModelDescriptor;
import org.esa.snap.core.dataop.dem.ElevationModelRegistry;
import org.esa.snap.core.dataop.resamp.Resampling;
import org.esa.snap.core.gpf.GPF;
import org.esa.snap.runtime.Config;

import java.util.List;
import java.util.ServiceConfigurationError;
import java.util.stream.Collectors;

/** Has SNAP download those cells of its elevation model that a scene needs and SNAP has not yet. */
final class DemDownload {
    private static final String STAGE = "getting the elevation model";

    private DemDownload() {
    }

    /**
     * Asks SNAP for one height in each cell that is missing: SNAP then downloads the cell, if it can. One scene at a
     * time, so that no cell is written twice at once.
     *
     * @return what the user should know; no failure is more than that
     */
    static synchronized List<String> fetch(NativeScene scene, String demName, RunProgress progress) {
        List<DemCell> missing = isAllowed() ? scene.missingDemCells() : List.of();
        if (missing.isEmpty()) {
            return List.of();
        }
        String why = ask(demName, missing, progress);
        String still = scene.missingDemCells().stream().map(cell -> cell.name).collect(Collectors.joining(", "));
        return still.isEmpty() ? List.of()
                : List.of("SNAP did not get " + still + " of '" + demName + "': " + why);
    }

    private static boolean isAllowed() {
        return Config.instance().preferences().getBoolean(GPF.SNAP_GPF_ALLOW_AUXDATA_DOWNLOAD, true);
    }

    /** Returns why cells may still be missing. */
    private static String ask(String demName, List<DemCell> cells, RunProgress progress) {
        ElevationModel model;
        try {
            ElevationModelDescriptor descriptor = ElevationModelRegistry.getInstance().getDescriptor(demName);
            model = descriptor == null ? null : descriptor.createDem(Resampling.NEAREST_NEIGHBOUR);
        } catch (RuntimeException | LinkageError | ServiceConfigurationError failure) {
            return failure.toString();
        }
        if (model == null) {
            return "it does not have this elevation model";
        }
        String why = "its log may say why";
        try {
            int asked = 0;
            for (DemCell cell : cells) {
                if (!progress.progress(STAGE, asked++, cells.size())) {
                    throw RunProgress.cancelled();
                }
                try {
                    model.getElevation(new GeoPos(cell.latitude, cell.longitude));
                } catch (Exception | LinkageError failure) {
                    why = failure.toString();
                }
            }
        } finally {
            model.dispose();
        }
        return why;
    }
}
