package org.clearshore.snap;

import org.clearshore.snapapi.OperatorDriver;
import org.clearshore.snapapi.UpstreamOperator;
import org.esa.snap.core.datamodel.MetadataElement;
import org.esa.snap.core.datamodel.Product;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import java.awt.Rectangle;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** From where pixels are read, by where the source came from. */
class SafeFinderTest {
    private Fixture fixture;
    private SceneData data;
    private Product read;

    @BeforeEach
    void read() {
        fixture = Fixture.get();
        data = fixture.data(20, "fast");
        read = Sources.multiSize(data);
        read.setFileLocation(fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
    }

    @Test
    void theFileItselfIsUsed() {
        assertFast(read);
        read.setFileLocation(fixture.safe.toFile());
        assertFast(read);
    }

    @Test
    void aZipArchiveIsUsed(@TempDir Path folder) throws IOException {
        Path zip = folder.resolve("product.zip");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(zip));
             Stream<Path> files = Files.walk(fixture.safe)) {
            for (Path file : (Iterable<Path>) files.filter(Files::isRegularFile)::iterator) {
                out.putNextEntry(new ZipEntry(fixture.safe.getParent().relativize(file).toString()));
                Files.copy(file, out);
            }
        }
        read.setFileLocation(zip.toFile());
        assertFast(read);
        assertArrayEquals(SceneData.ints(fixture.mask(20, "fast", "clearshore_flags")),
                Drive.flags(read, "demFolder", fixture.dem.toFile()));
    }

    /** As in a subset of several sizes that is not cut at multiples of 60 m. */
    @Test
    void bandsThatCouldNotBeFedDoNotMatter() {
        read.getBand("B10").setGeoCoding(UtmGeoCoding.of(data.epsg, data.easting + 20, data.northing, 60));
        read.removeBand(read.getBand("B11"));
        assertFast(read);
    }

    @Test
    void operatorsThatKeepTheGroundAreWalkedThrough() {
        Product resampled = UpstreamOperator.made("S2Resampling", Sources.singleSize(data), read);
        assertFast(resampled);
        assertFast(UpstreamOperator.made("Resample", Sources.singleSize(data), read));
        Product cut = Sources.cut(resampled, data, new Rectangle(9, 12, 100, 80));
        assertFast(UpstreamOperator.made("Subset", cut, resampled));
        assertFast(UpstreamOperator.made("Read", Sources.multiSize(data), read));
    }

    @Test
    void anyOtherOperatorStops() {
        assertSlow(UpstreamOperator.made("BandMaths", Sources.singleSize(data), read), "BandMaths");
        Product changed = UpstreamOperator.made("BandMaths", Sources.multiSize(data), read);
        assertSlow(UpstreamOperator.made("Resample", Sources.singleSize(data), changed), "BandMaths");
        assertSlow(UpstreamOperator.made("Merge", Sources.singleSize(data), read, read), "Merge");
    }

    @Test
    void whatDoesNotFitIsLeftAndSaid() {
        read.setFileLocation(new File("/data/scene.dim"));
        assertSlow(read, "/data/scene.dim is not used");
        SceneData other = fixture.data(20, "fast");
        other.name = other.name.replace("2025", "2024");
        Product renamed = Sources.multiSize(other);
        renamed.setFileLocation(fixture.safe.toFile());
        assertSlow(renamed, "but the source product is from " + other.name);
        other.name = data.name;
        other.tile = "T58GGQ";
        Product moved = Sources.multiSize(other);
        moved.setFileLocation(fixture.safe.toFile());
        assertSlow(moved, "T58GG");
        SceneData shifted = fixture.data(20, "fast");
        shifted.easting += 10;
        Product aside = Sources.singleSize(shifted);
        aside.setFileLocation(fixture.safe.toFile());
        assertSlow(aside, "not an aligned part");
    }

    @Test
    void ofSeveralGranulesTheOneUnderTheGridIsTaken() {
        MetadataElement granules = read.getMetadataRoot().getElement("Granules");
        MetadataElement other = granules.getElementAt(0).createDeepClone();
        other.getElement("General_Info").setAttributeString("TILE_ID", "S2B_OPER_MSI_L1C_TL_2BPS_T58GGQ_N05.11");
        granules.addElementAt(other, 0);
        assertEquals(List.of("T58GGQ", data.tile), L1cMetadata.of(read).tiles());
        assertFast(read);
    }

    @Test
    void theUsersWordGoesFirst() {
        Product saved = Sources.singleSize(data);
        saved.setFileLocation(new File("/data/scene.dim"));
        assertFast(saved, "safePath", fixture.safe.toFile());
        assertFast(saved, "safePath", fixture.safe.resolve("MTD_MSIL1C.xml").toFile());
        Product bare = Sources.singleSize(data);
        bare.setProductType("GeoTIFF");
        MetadataElement root = bare.getMetadataRoot();
        root.removeElement(root.getElement("Level-1C_User_Product"));
        root.removeElement(root.getElement("Granules"));
        assertFast(bare, "safePath", fixture.safe.toFile());
    }

    @Test
    void lostMetadataComeFromTheProductThatWasCut() {
        Product cut = Sources.cut(Sources.singleSize(data), data, new Rectangle(0, 0, 60, 60));
        cut.setProductType("unknown");
        assertEquals(0, cut.getMetadataRoot().getNumElements());
        Product resampled = UpstreamOperator.made("S2Resampling", Sources.singleSize(data), read);
        assertFast(UpstreamOperator.made("Subset", cut, resampled));
    }

    private static void assertFast(Product source, Object... parameters) {
        assertEquals("product", path(source, parameters).getAttributeString("path"));
    }

    private static void assertSlow(Product source, String why) {
        MetadataElement element = path(source);
        assertEquals("tiles", element.getAttributeString("path"));
        String reason = element.getAttributeString("pathReason");
        assertTrue(reason.contains(why), reason);
    }

    private static MetadataElement path(Product source, Object... parameters) {
        try (OperatorDriver driver = Drive.of(source, parameters)) {
            return driver.target().getMetadataRoot().getElement("Clearshore");
        }
    }
}
