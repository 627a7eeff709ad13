package org.clearshore;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

import java.io.File;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

class JsonTest {

    @Test
    void parametersAreTextsAndNullIsLeftOut() {
        Map<String, Object> parameters = new LinkedHashMap<>();
        parameters.put("resolution", 20);
        parameters.put("cloudBuffer", 120.5);
        parameters.put("copyEvidence", true);
        parameters.put("resampling", "fast");
        parameters.put("waterRaster", Path.of("ü.tif"));
        parameters.put("dem", new File("dem.tif"));
        parameters.put("threads", null);
        assertEquals("{\"resolution\":\"20\",\"cloudBuffer\":\"120.5\",\"copyEvidence\":\"true\","
                + "\"resampling\":\"fast\",\"waterRaster\":\"ü.tif\",\"dem\":\"dem.tif\"}",
                Json.write(parameters));
    }

    @Test
    void unknownAnglesAreNull() {
        FeedDescription description = new FeedDescription();
        description.sun = new FeedDescription.Angles();
        description.sun.zenith = new float[] {41.25f, Float.NaN};
        description.bands = null;
        assertEquals("{\"easting\":0.0,\"northing\":0.0,\"pixelSize\":0.0,\"width\":0,\"height\":0,"
                + "\"sun\":{\"rows\":0,\"columns\":0,\"firstRow\":0.0,\"firstColumn\":0.0,\"rowStep\":0.0,"
                + "\"columnStep\":0.0,\"zenith\":[41.25,null]},\"views\":[],\"meanViews\":{},\"givesOnRequest\":false}",
                Json.write(description));
    }

    @Test
    void unknownWindIsNullAndALatticeHasNumbers() {
        WindGrid wind = new WindGrid();
        wind.rows = 1;
        wind.columns = 3;
        wind.firstRow = -5;
        wind.columnStep = 12_200;
        wind.eastward = new float[] {-2.5f, Float.NaN, Float.POSITIVE_INFINITY};
        wind.northward = new float[] {4, 0, 0};
        assertEquals("{\"rows\":1,\"columns\":3,\"firstRow\":-5.0,\"firstColumn\":0.0,\"rowStep\":0.0,"
                + "\"columnStep\":12200.0,\"eastward\":[-2.5,null,null],\"northward\":[4.0,0.0,0.0]}", Json.write(wind));
        wind.rowStep = Double.NaN;
        ClearshoreException refusal = assertThrows(ClearshoreException.class, () -> Json.write(wind));
        assertEquals(ClearshoreException.Kind.PARAMETER, refusal.kind());
    }
}
