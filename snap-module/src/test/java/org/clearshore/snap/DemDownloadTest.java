package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.gpf.OperatorCancelException;
import org.esa.snap.runtime.Config;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What SNAP is asked to download. The scene lies at 45 N 10.3 E, a little of it and the ground to its sun below 45 N. */
class DemDownloadTest {
    private static final String USER_FOLDER = "snap.userdir";
    private static final String SWITCH = "snap.gpf.allowAuxdataDownload";
    private static final String NORTH = "N45E010";
    private static final String SOUTH = "N44E010";
    private static final int TERRAIN_UNKNOWN = 1 << 29;
    private static final int INVALID = 1;

    @TempDir
    private Path user;

    @BeforeEach
    void useUserFolder() {
        Config.instance().preferences().put(USER_FOLDER, user.toString());
    }

    @AfterEach
    void restore() {
        Config.instance().preferences().remove(USER_FOLDER);
        Config.instance().preferences().remove(SWITCH);
    }

    @Test
    void aMissingCellIsAskedForOnce() throws Exception {
        try (SnapsDem dem = new SnapsDem(user)) {
            MetadataElement metadata = run(0);
            assertEquals(List.of(SOUTH, NORTH), dem.asked);
            assertEquals(1, dem.disposed);
            assertEquals(dem.getDemInstallDir().toString(), metadata.getAttributeString("dem"));
            assertEquals("none", metadata.getAttributeString("demMissing"));
            assertEquals("none", metadata.getAttributeString("warnings"));
            run(0);
            assertEquals(2, dem.asked.size(), "all are there");
        }
    }

    @Test
    void aCellThatIsThereIsNotAskedFor() throws Exception {
        try (SnapsDem dem = new SnapsDem(user)) {
            dem.put(NORTH);
            run(0);
            assertEquals(List.of(SOUTH), dem.asked);
        }
    }

    @Test
    void nothingIsAskedForWhereSnapMustNotDownload() throws Exception {
        Config.instance().preferences().putBoolean(SWITCH, false);
        try (SnapsDem dem = new SnapsDem(user)) {
            MetadataElement metadata = run(1);
            assertEquals(List.of(), dem.asked);
            assertEquals("none", metadata.getAttributeString("dem"));
            assertTrue(metadata.getAttributeString("warnings").contains("there is no elevation model"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"demFolder", "externalDEMFile", "computeMountainShadow"})
    void nothingIsAskedForWhereAnotherModelIsNamedOrNoneIsWanted(String parameter) throws Exception {
        Path other = user.resolve("other");
        try (SnapsDem elsewhere = new SnapsDem(other)) {
            elsewhere.put(NORTH);
            elsewhere.put(SOUTH);
        }
        try (SnapsDem dem = new SnapsDem(user)) {
            Path folder = other.resolve("auxdata/dem").resolve(SnapsDem.NAME);
            Object value = parameter.equals("demFolder") ? folder.toFile()
                    : parameter.equals("externalDEMFile") ? folder.resolve(NORTH + ".SRTMGL1.hgt.zip").toFile() : false;
            try (OperatorDriver driver = Drive.of(Sources.multiSize(scene()), parameter, value)) {
                driver.tile("clearshore_flags");
            }
            assertEquals(List.of(), dem.asked);
        }
    }

    @Test
    void aFailureIsAWarningAndTheOthersAreFetched() throws Exception {
        SnapsDem failing = new SnapsDem(user) {
            @Override
            void serve(String cell) throws Exception {
                if (cell.equals(SOUTH)) {
                    throw new IOException("no route to host");
                }
                super.serve(cell);
            }
        };
        try (failing) {
            MetadataElement metadata = run(2);
            assertEquals(List.of(SOUTH, NORTH), failing.asked);
            assertEquals(1, failing.disposed);
            String warnings = metadata.getAttributeString("warnings");
            assertTrue(warnings.startsWith("SNAP did not get N44E010.SRTMGL1.hgt.zip of 'SRTM 1Sec HGT': "
                    + "java.io.IOException: no route to host; "), warnings);
            assertEquals("N44E010.SRTMGL1.hgt.zip", metadata.getAttributeString("demMissing"));
        }
    }

    /** Offline, SNAP logs and answers without a height. */
    @Test
    void whatSnapCouldNotGetInSilenceIsToldToo() throws Exception {
        SnapsDem offline = new SnapsDem(user) {
            @Override
            void serve(String cell) {
            }
        };
        try (offline) {
            String warnings = run(2).getAttributeString("warnings");
            assertTrue(warnings.contains(NORTH) && warnings.contains(SOUTH) && warnings.contains("its log"), warnings);
        }
    }

    @Test
    void aModelThatSnapDoesNotKnowIsAWarning() {
        assertTrue(run(2).getAttributeString("warnings").contains("it does not have this elevation model"));
    }

    @Test
    void cancelWorksBetweenCells() throws Exception {
        RunProgressTest.Stages monitor = new RunProgressTest.Stages();
        SnapsDem dem = new SnapsDem(user) {
            @Override
            void serve(String cell) throws Exception {
                super.serve(cell);
                monitor.setCanceled(true);
            }
        };
        try (dem; OperatorDriver driver = Drive.of(Sources.multiSize(scene()), "computeGlint", false)) {
            driver.target();
            assertThrows(OperatorCancelException.class, () -> driver.execute(monitor));
            assertEquals(List.of(SOUTH), dem.asked);
            assertEquals(1, dem.disposed);
            assertEquals(List.of("Clearshore: getting the elevation model"), monitor.tasks);
        }
    }

    /** Runs with so many warnings, in the log and in the metadata; without any, all ground is known. */
    private static MetadataElement run(int warnings) {
        List<String> logged = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord record) {
                if (record.getLevel() == Level.WARNING) {
                    logged.add(record.getMessage());
                }
            }

            @Override
            public void flush() {
            }

            @Override
            public void close() {
            }
        };
        try (OperatorDriver driver = Drive.of(Sources.multiSize(scene()), "computeGlint", false)) {
            driver.operator().getLogger().addHandler(handler);
            int[] flags = (int[]) Drive.raw(driver.tile("clearshore_flags"));
            driver.operator().getLogger().removeHandler(handler);
            assertEquals(warnings, logged.size(), logged.toString());
            long unknown = Arrays.stream(flags).filter(flag -> (flag & TERRAIN_UNKNOWN) != 0).count();
            long valid = Arrays.stream(flags).filter(flag -> (flag & INVALID) == 0).count();
            assertEquals(warnings > 0, unknown > 0);
            assertTrue(unknown <= valid);
            return driver.target().getMetadataRoot().getElement("Clearshore");
        }
    }

    private static SceneData scene() {
        SceneData data = SceneData.made(20);
        data.northing = 4_984_980;
        return data;
    }
}
