/* What C callers may do wrong, and a scene whose pixels they give: ends with 0 when all is as the header says. */
#include "clearshore.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SIDE 32
#define PIXELS (SIDE * SIDE)
/* Columns without data on the left. */
#define EMPTY 8
/* DN per unit of reflectance. */
#define QUANTIFICATION 10000

static int failed;

static void check(bool holds, const char *what, int line)
{
    if (holds)
        return;
    fprintf(stderr, "line %d: %s; last error: %s\n", line, what, cs_last_error());
    failed = 1;
}
#define CHECK(condition) check((condition), #condition, __LINE__)

/* The call is refused as a wrong parameter, and the text says why. */
#define REFUSED(call, why) check((call) == CS_STATUS_PARAMETER && says(why), #call " is refused: " why, __LINE__)

static bool says(const char *part)
{
    return strstr(cs_last_error(), part) != NULL;
}

static const char DESCRIPTION[] =
    "{\"name\": \"fed\", \"epsg\": 32631, \"easting\": 300000, \"northing\": 4900020, \"pixelSize\": 20,"
    " \"width\": 32, \"height\": 32, \"meanSun\": [38, 151], \"bands\": ["
    "{\"name\": \"B2\", \"width\": 32, \"height\": 32, \"kind\": \"dn\", \"quantification\": 10000},"
    "{\"name\": \"B3\", \"width\": 32, \"height\": 32, \"kind\": \"dn\", \"quantification\": 10000},"
    "{\"name\": \"B4\", \"width\": 32, \"height\": 32, \"kind\": \"dn\", \"quantification\": 10000},"
    "{\"name\": \"B8A\", \"width\": 32, \"height\": 32, \"kind\": \"dn\", \"quantification\": 10000},"
    "{\"name\": \"B11\", \"width\": 32, \"height\": 32, \"kind\": \"reflectance\"}]}";

static const char WIND[] =
    "{\"rows\": 1, \"columns\": 2, \"firstRow\": 0, \"firstColumn\": 0, \"rowStep\": 5000, \"columnStep\": 5000,"
    " \"eastward\": [3, null], \"northward\": [-4, null]}";

static cs_scene feed(const char *parameters)
{
    cs_scene scene = 0;
    CHECK(cs_scene_feed(DESCRIPTION, parameters, &scene) == CS_STATUS_OK && scene != 0);
    return scene;
}

/* Dark water, without data on the left. */
static void put_all(cs_scene scene)
{
    static const char *const bands[] = {"B2", "B3", "B4", "B8A"};
    static const double reflectance[] = {0.09, 0.06, 0.03, 0.01};
    static uint16_t dn[PIXELS];
    static float b11[PIXELS];
    for (int band = 0; band < 4; band++) {
        for (int i = 0; i < PIXELS; i++)
            dn[i] = i % SIDE < EMPTY ? 0 : (uint16_t)(reflectance[band] * QUANTIFICATION);
        CHECK(cs_scene_put_dn(scene, bands[band], 0, 0, SIDE, SIDE, dn, PIXELS) == CS_STATUS_OK);
    }
    for (int i = 0; i < PIXELS; i++)
        b11[i] = i % SIDE < EMPTY ? NAN : 0.005f;
    CHECK(cs_scene_put_reflectance(scene, "B11", 0, 0, SIDE, SIDE, b11, PIXELS) == CS_STATUS_OK);
}

static void texts(void)
{
    size_t length = 0;
    CHECK(strcmp(cs_version(), EXPECTED_VERSION) == 0);
    CHECK(strcmp(cs_last_error(), "") == 0);
    CHECK(cs_tables(NULL, 0, NULL) == CS_STATUS_OK);
    CHECK(cs_tables(NULL, 0, &length) == CS_STATUS_OK && length > 1);
    char *tables = malloc(length);
    if (tables == NULL)
        return;
    memset(tables, 'x', length);
    REFUSED(cs_tables(tables, length - 1, &length), "too small");
    CHECK(tables[0] == 'x');
    REFUSED(cs_tables(NULL, length, &length), "too small");
    CHECK(cs_tables(tables, length, NULL) == CS_STATUS_OK);
    CHECK(strlen(tables) == length - 1);
    CHECK(strstr(tables, "\"CS_CLEAR_WATER\"") != NULL);
    free(tables);
}

static void wrong_openings(void)
{
    cs_scene scene = 7;
    REFUSED(cs_scene_open(NULL, NULL, NULL, &scene), "product");
    REFUSED(cs_scene_open("product", NULL, NULL, NULL), "out");
    REFUSED(cs_scene_open("product", "\xff", NULL, &scene), "UTF-8");
    REFUSED(cs_scene_open("product", NULL, "{", &scene), "JSON");
    REFUSED(cs_scene_open("product", NULL, "{\"resolutoin\": 20}", &scene), "resolutoin");
    REFUSED(cs_scene_feed(NULL, NULL, &scene), "description");
    REFUSED(cs_scene_feed(DESCRIPTION, NULL, NULL), "out");
    REFUSED(cs_scene_feed("{}", NULL, &scene), "description");
    /* Bytes that are no UTF-8 are a path like any other; what is not there is not refused as a text. */
    CHECK(cs_scene_open("/nowhere/\xff.SAFE", NULL, NULL, &scene) == CS_STATUS_PRODUCT && says("/nowhere/"));
    CHECK(scene == 7);
}

static void wrong_handles(cs_scene scene)
{
    const cs_scene wrong[] = {0, 1, UINT64_MAX, scene};
    int32_t flags = 0;
    uint8_t byte = 0;
    float value = 0;
    uint16_t dn = 0;
    for (int i = 0; i < 4; i++) {
        REFUSED(cs_scene_describe(wrong[i], NULL, 0, NULL), "closed");
        REFUSED(cs_scene_put_dn(wrong[i], "B2", 0, 0, 1, 1, &dn, 1), "closed");
        REFUSED(cs_scene_put_reflectance(wrong[i], "B2", 0, 0, 1, 1, &value, 1), "closed");
        REFUSED(cs_scene_put_defective(wrong[i], 1, 1, 0, 0, 1, 1, &byte, 1), "closed");
        REFUSED(cs_scene_put_detectors(wrong[i], "B2", 1, 1, 0, 0, 1, 1, &byte, 1), "closed");
        REFUSED(cs_scene_put_wind(wrong[i], "{}"), "closed");
        REFUSED(cs_scene_run(wrong[i], NULL, NULL), "closed");
        REFUSED(cs_scene_summary(wrong[i], NULL, 0, NULL), "closed");
        REFUSED(cs_scene_cancel(wrong[i]), "closed");
        REFUSED(cs_scene_read_flags(wrong[i], 0, 0, 1, 1, &flags, 1), "closed");
        REFUSED(cs_scene_read_classes(wrong[i], 0, 0, 1, 1, &byte, 1), "closed");
        REFUSED(cs_scene_read_evidence(wrong[i], 0, 0, 1, 1, &flags, 1), "closed");
        REFUSED(cs_scene_read_feature(wrong[i], "hot", 0, 0, 1, 1, &value, 1), "closed");
        REFUSED(cs_scene_close(wrong[i]), "closed");
    }
}

static void fed_scene(void)
{
    static int32_t flags[PIXELS], evidence[PIXELS];
    static uint8_t classes[PIXELS], defective[PIXELS];
    static float hot[PIXELS];
    uint16_t dn[4] = {1, 1, 1, 1};
    cs_scene scene = feed("{\"copyEvidence\": true, \"copyFeatures\": true}");

    REFUSED(cs_scene_put_dn(scene, NULL, 0, 0, 2, 2, dn, 4), "band");
    REFUSED(cs_scene_put_dn(scene, "B\xff", 0, 0, 2, 2, dn, 4), "UTF-8");
    REFUSED(cs_scene_put_dn(scene, "B5", 0, 0, 2, 2, dn, 4), "B5");
    REFUSED(cs_scene_put_dn(scene, "B2", 0, 0, 2, 2, NULL, 4), "NULL");
    REFUSED(cs_scene_put_dn(scene, "B2", 0, 0, 2, 2, dn, 3), "size");
    REFUSED(cs_scene_put_dn(scene, "B2", -1, 0, 2, 2, dn, 4), "-1");
    REFUSED(cs_scene_put_dn(scene, "B2", INT64_MAX, 0, INT64_MAX, 2, dn, 4), "leaves the raster");
    REFUSED(cs_scene_put_dn(scene, "B2", SIDE - 1, 0, 2, 2, dn, 4), "leaves the raster");
    REFUSED(cs_scene_put_dn(scene, "B11", 0, 0, 2, 2, dn, 4), "B11");
    REFUSED(cs_scene_put_defective(scene, INT64_MAX, INT64_MAX, 0, 0, INT64_MAX, INT64_MAX, defective, 1), "size");
    REFUSED(cs_scene_put_defective(scene, 0, -1, 0, 0, 0, 0, NULL, 0), "rows");
    REFUSED(cs_scene_put_detectors(scene, NULL, SIDE, SIDE, 0, 0, SIDE, SIDE, defective, PIXELS), "band");
    REFUSED(cs_scene_put_detectors(scene, "B2", 0, -1, 0, 0, 0, 0, NULL, 0), "rows");
    REFUSED(cs_scene_put_detectors(scene, "B2", SIDE, SIDE, 0, 0, SIDE, SIDE, defective, 1), "size");
    REFUSED(cs_scene_put_detectors(scene, "B2", 1, 1, 0, 0, 1, 1, (const uint8_t[]){13}, 1), "detector");
    REFUSED(cs_scene_put_wind(scene, NULL), "wind");
    REFUSED(cs_scene_put_wind(scene, "\xff"), "UTF-8");
    REFUSED(cs_scene_put_wind(scene, "{}"), "wind");
    CHECK(cs_scene_put_wind(scene, WIND) == CS_STATUS_OK);

    put_all(scene);
    defective[PIXELS - 1] = 1;
    CHECK(cs_scene_put_defective(scene, SIDE, SIDE, 0, 0, SIDE, SIDE, defective, PIXELS) == CS_STATUS_OK);
    CHECK(cs_scene_put_detectors(scene, "B2", 1, 1, 0, 0, 1, 1, (const uint8_t[]){7}, 1) == CS_STATUS_OK);
    REFUSED(cs_scene_read_flags(scene, 0, 0, SIDE, SIDE, flags, PIXELS), "no result");
    REFUSED(cs_scene_summary(scene, NULL, 0, NULL), "no result");
    CHECK(cs_scene_run(scene, NULL, NULL) == CS_STATUS_OK);
    CHECK(cs_scene_run(scene, NULL, NULL) == CS_STATUS_OK);

    REFUSED(cs_scene_read_flags(scene, 0, 0, SIDE, SIDE, NULL, PIXELS), "NULL");
    REFUSED(cs_scene_read_flags(scene, 0, 0, SIDE, SIDE, flags, PIXELS + 1), "size");
    REFUSED(cs_scene_read_flags(scene, 0, 0, SIDE, SIDE, flags, SIZE_MAX), "long");
    REFUSED(cs_scene_read_flags(scene, 0, 0, SIDE, -1, flags, PIXELS), "height");
    REFUSED(cs_scene_read_flags(scene, INT64_MIN, 0, 1, 1, flags, 1), "x");
    REFUSED(cs_scene_read_flags(scene, 1, 0, SIDE, SIDE, flags, PIXELS), "leaves the raster");
    REFUSED(cs_scene_read_feature(scene, "haut", 0, 0, SIDE, SIDE, hot, PIXELS), "haut");
    REFUSED(cs_scene_read_feature(scene, NULL, 0, 0, SIDE, SIDE, hot, PIXELS), "feature");
    CHECK(cs_scene_read_flags(scene, 0, 0, 0, 0, NULL, 0) == CS_STATUS_OK);

    CHECK(cs_scene_read_flags(scene, 0, 0, SIDE, SIDE, flags, PIXELS) == CS_STATUS_OK);
    CHECK(cs_scene_read_classes(scene, 0, 0, SIDE, SIDE, classes, PIXELS) == CS_STATUS_OK);
    CHECK(cs_scene_read_evidence(scene, 0, 0, SIDE, SIDE, evidence, PIXELS) == CS_STATUS_OK);
    CHECK(cs_scene_read_feature(scene, "hot", 0, 0, SIDE, SIDE, hot, PIXELS) == CS_STATUS_OK);
    for (int i = 0; i < PIXELS; i++) {
        bool empty = i % SIDE < EMPTY, invalid = empty || i == PIXELS - 1;
        CHECK(((flags[i] & CS_INVALID) != 0) == invalid);
        CHECK(((flags[i] & CS_WATER) != 0) == !invalid);
        CHECK(classes[i] == (invalid ? CS_CLASS_INVALID : CS_CLASS_CLEAR_WATER));
        CHECK(invalid || (evidence[i] & CS_EVIDENCE_BAND_MISSING) != 0);
        CHECK(!empty || isnan(hot[i]));
    }
    /* A rectangle is the same pixels. */
    int32_t part[6];
    CHECK(cs_scene_read_flags(scene, 7, 3, 3, 2, part, 6) == CS_STATUS_OK);
    for (int i = 0; i < 6; i++)
        CHECK(part[i] == flags[(3 + i / 3) * SIDE + 7 + i % 3]);

    REFUSED(cs_scene_put_dn(scene, "B2", 0, 0, 2, 2, dn, 4), "no more pixels");
    REFUSED(cs_scene_put_wind(scene, WIND), "no more wind");
    CHECK(cs_scene_close(scene) == CS_STATUS_OK);
    wrong_handles(scene);
}

static bool count_and_stop(void *user_data, const char *stage, uint64_t done, uint64_t total)
{
    int *calls = user_data;
    CHECK(stage[0] != '\0' && done <= total);
    (*calls)++;
    return false;
}

/* The run takes longer than it takes to be asked. */
static void cancelled(const char *product)
{
    cs_scene scene = 0;
    int calls = 0;
    CHECK(cs_scene_open(product, NULL, "{\"resolution\": 10, \"threads\": 1}", &scene) == CS_STATUS_OK);
    CHECK(cs_scene_run(scene, count_and_stop, &calls) == CS_STATUS_CANCELLED);
    CHECK(calls == 1 && says("cancelled"));
    CHECK(cs_scene_cancel(scene) == CS_STATUS_OK);
    CHECK(cs_scene_run(scene, NULL, NULL) == CS_STATUS_CANCELLED);
    REFUSED(cs_scene_summary(scene, NULL, 0, NULL), "no result");
    CHECK(cs_scene_close(scene) == CS_STATUS_OK);
}

int main(int count, char **arguments)
{
    texts();
    wrong_openings();
    fed_scene();

    cs_scene scene = feed(NULL);
    REFUSED(cs_scene_run(scene, NULL, NULL), "not given wholly");
    CHECK(cs_scene_close(scene) == CS_STATUS_OK);

    cs_scene one = feed(NULL), two = feed("{}");
    put_all(one);
    CHECK(one != two && cs_scene_cancel(one) == CS_STATUS_OK);
    CHECK(cs_scene_run(one, NULL, NULL) == CS_STATUS_CANCELLED);
    REFUSED(cs_scene_feed(DESCRIPTION, "[]", &scene), "");
    CHECK(cs_scene_close(two) == CS_STATUS_OK && cs_scene_close(one) == CS_STATUS_OK);

    if (count > 1)
        cancelled(arguments[1]);
    return failed;
}
