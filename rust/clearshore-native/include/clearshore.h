/* Clearshore: which pixels of a Sentinel-2 Level-1C scene may a water-colour user trust?
 * The C interface. Example: tests/c/mask.c; formats of the texts: docs/icd.md.
 *
 * Errors   A function that can fail returns a cs_status; cs_last_error() says what happened and what to do.
 * Threads  Every function may be called from any thread. Calls on one scene need no lock; a second run of a scene
 *          while the first goes on is an error.
 * Texts    End with a NUL and are UTF-8; a path on Unix may have any bytes. The library keeps no pointer. A text that
 *          it gives is copied to the caller: `*length` is the bytes that it needs with its NUL, which the caller asks
 *          for with `text` NULL and `capacity` 0. `length` may be NULL.
 * Arrays   Have `..._length` values, as many as the rectangle has pixels: it begins at column x, row y, and holds
 *          width x height. No other thread writes to an array during the call.
 */


#ifndef CLEARSHORE_H
#define CLEARSHORE_H

/* Made from rust/clearshore-native/src/capi by cbindgen: UPDATE_HEADER=1 cargo test -p clearshore-native */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** no data, defective, outside the swath: trust nothing */
#define CS_INVALID (INT32_C(1) << 0)

/** cloud, sure or ambiguous */
#define CS_CLOUD (INT32_C(1) << 1)

/** semi-transparent or uncertain cloud */
#define CS_CLOUD_AMBIGUOUS (INT32_C(1) << 2)

/** opaque cloud */
#define CS_CLOUD_SURE (INT32_C(1) << 3)

/** within cloudBuffer metres of cloud */
#define CS_CLOUD_BUFFER (INT32_C(1) << 4)

/** shadow of a cloud, matched by geometry or seen by a model */
#define CS_CLOUD_SHADOW (INT32_C(1) << 5)

/** snow, lake or sea ice */
#define CS_SNOW_ICE (INT32_C(1) << 6)

/** within one pixel of the water line */
#define CS_COASTLINE (INT32_C(1) << 9)

/** land */
#define CS_LAND (INT32_C(1) << 10)

/** cirrus by the B10 test, sure */
#define CS_CIRRUS_SURE (INT32_C(1) << 11)

/** cirrus by the B10 test, sure, thin or uncertain */
#define CS_CIRRUS_AMBIGUOUS (INT32_C(1) << 12)

/** land free of cloud, cloud buffer, cirrus, shadow, snow, whitecaps */
#define CS_CLEAR_LAND (INT32_C(1) << 13)

/** water free of cloud, cloud buffer, cirrus, shadow, ice, whitecaps and glint */
#define CS_CLEAR_WATER (INT32_C(1) << 14)

/** water */
#define CS_WATER (INT32_C(1) << 15)

/** relief shadow: cast or self shadow */
#define CS_MOUNTAIN_SHADOW (INT32_C(1) << 18)

/** relief blocks the line of sight to the sun */
#define CS_CAST_SHADOW (INT32_C(1) << 21)

/** the slope faces away from the sun */
#define CS_SELF_SHADOW (INT32_C(1) << 22)

/** sun-glint geometry for the wind */
#define CS_GLINT_RISK (INT32_C(1) << 23)

/** geometry and image agree on glint */
#define CS_GLINT (INT32_C(1) << 24)

/** surf, foam, breaking waves */
#define CS_WHITECAP (INT32_C(1) << 25)

/** haze, smoke, thick aerosol; not cloud */
#define CS_HAZE (INT32_C(1) << 26)

/** within shadowBuffer metres of cloud shadow */
#define CS_SHADOW_BUFFER (INT32_C(1) << 27)

/** glint too strong for any correction */
#define CS_GLINT_SEVERE (INT32_C(1) << 28)

/** no DEM: terrain flags not known here */
#define CS_TERRAIN_UNKNOWN (INT32_C(1) << 29)

/** detectors disagree, or a needed input was missing */
#define CS_LOW_CONFIDENCE (INT32_C(1) << 30)

/** cloud by the spectral tests */
#define CS_EVIDENCE_CLOUD_BY_PHYSICS (INT32_C(1) << 0)

/** cloud by a learned model */
#define CS_EVIDENCE_CLOUD_BY_MODEL (INT32_C(1) << 1)

/** B10 above its base */
#define CS_EVIDENCE_CIRRUS_BAND (INT32_C(1) << 2)

/** cloud removed: the object does not move between bands */
#define CS_EVIDENCE_DISPLACEMENT_CLEARED (INT32_C(1) << 3)

/** cloud removed: sand, or ground known to be bright */
#define CS_EVIDENCE_SAND_CLEARED (INT32_C(1) << 4)

/** cloud removed: surf */
#define CS_EVIDENCE_SURF_CLEARED (INT32_C(1) << 5)

/** cloud removed: sun glint */
#define CS_EVIDENCE_GLINT_CLEARED (INT32_C(1) << 6)

/** cloud shadow matched with its cloud */
#define CS_EVIDENCE_SHADOW_MATCHED (INT32_C(1) << 7)

/** cloud shadow by geometry only, not confirmed by the image */
#define CS_EVIDENCE_SHADOW_PROJECTED (INT32_C(1) << 8)

/** cloud shadow by a learned model */
#define CS_EVIDENCE_SHADOW_BY_MODEL (INT32_C(1) << 9)

/** sun zenith above 70 degrees */
#define CS_EVIDENCE_LOW_SUN (INT32_C(1) << 10)

/** a visible band is saturated */
#define CS_EVIDENCE_SATURATED (INT32_C(1) << 11)

/** a band that the tests use is missing */
#define CS_EVIDENCE_BAND_MISSING (INT32_C(1) << 12)

/** no detector footprint: nearest detector used */
#define CS_EVIDENCE_DETECTOR_GUESSED (INT32_C(1) << 13)

/** mean angles instead of angle grids */
#define CS_EVIDENCE_MEAN_ANGLES_USED (INT32_C(1) << 14)

/** relief hides the ground from the sensor */
#define CS_EVIDENCE_VIEW_OCCLUDED (INT32_C(1) << 15)

/** ship, platform or other small bright target */
#define CS_EVIDENCE_BRIGHT_TARGET (INT32_C(1) << 16)

/** within the coastal strip */
#define CS_EVIDENCE_COAST_STRIP (INT32_C(1) << 17)

/** no data or defective */
#define CS_CLASS_INVALID 0

/** clear land */
#define CS_CLASS_CLEAR_LAND 1

/** clear water */
#define CS_CLASS_CLEAR_WATER 2

/** snow or ice */
#define CS_CLASS_SNOW_ICE 3

/** cloud */
#define CS_CLASS_CLOUD 4

/** thin cloud or cirrus */
#define CS_CLASS_THIN_CLOUD 5

/** cloud shadow */
#define CS_CLASS_CLOUD_SHADOW 6

/** relief shadow */
#define CS_CLASS_RELIEF_SHADOW 7

/** sun glint */
#define CS_CLASS_GLINT 8

/** surf, foam, breaking waves */
#define CS_CLASS_WHITECAP 9


/**
 * How a call ended: who must act. The numbers are the exit codes of the program `clearshore`.
 */
typedef enum {
  /**
   * All is done.
   */
  CS_STATUS_OK = 0,
  /**
   * The caller gives another parameter.
   */
  CS_STATUS_PARAMETER = 2,
  /**
   * The user gives another product.
   */
  CS_STATUS_PRODUCT = 3,
  /**
   * The user provides an auxiliary file.
   */
  CS_STATUS_AUXILIARY = 4,
  /**
   * The system: disk full, no permission.
   */
  CS_STATUS_IO = 5,
  /**
   * A defect of Clearshore: please report it with the text of cs_last_error.
   */
  CS_STATUS_INTERNAL = 70,
  /**
   * The run was cancelled.
   */
  CS_STATUS_CANCELLED = 130,
} cs_status;

/**
 * A scene: opened or fed, run, read in rectangles, closed. No number is used twice and 0 is none: a scene that
 * was closed or never was is an error.
 */
typedef uint64_t cs_scene;

/**
 * Hears how far a run is: what is being done, and how many of its units of work. Called on the thread that called
 * cs_scene_run, about twenty times a second; `stage` is valid during the call. False cancels the run. It must
 * return: no exception, no longjmp.
 */
typedef bool (*cs_listener)(void *user_data, const char *stage, uint64_t done, uint64_t total);

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

/**
 * Version of the library, as "0.1.0". Valid for ever.
 */
const char *cs_version(void);

/**
 * Full text of the last error of the calling thread: what, where, got, expected, what to do, in UTF-8 and
 * several lines. Empty where nothing failed yet. Valid until the next call that fails on this thread, or the
 * thread's end.
 */
const char *cs_last_error(void);

/**
 * All tables as JSON: "parameters", "flags", "evidence", "classes", "features".
 */
cs_status cs_tables(char *text, size_t capacity, size_t *length);

/**
 * Opens a product: SAFE folder, zipped SAFE or the AWS layout. `granule` chooses one of several, NULL where there
 * is one. `parameters` is a JSON object by the names in cs_tables, NULL for the defaults.
 */
cs_status cs_scene_open(const char *product, const char *granule, const char *parameters, cs_scene *out);

/**
 * Begins a scene whose pixels cs_scene_put_dn and its like give. `description` is a JSON object: see
 * docs/icd.md.
 */
cs_status cs_scene_feed(const char *description, const char *parameters, cs_scene *out);

/**
 * What the scene is, as JSON: "name", "grid" ("epsg", "easting", "northing", "pixelSize", "width", "height"),
 * "usedBands", "missingBands", "usedFootprints" (the bands of which cs_scene_put_detectors may be given, for the wind
 * that is known now); of a product also "location", "tile", "processingBaseline".
 */
cs_status cs_scene_describe(cs_scene scene, char *text, size_t capacity, size_t *length);

/**
 * Gives raw numbers of a rectangle of a band's own raster, row by row; 0 is no data. Only "usedBands" are taken,
 * and each pixel once.
 */
cs_status cs_scene_put_dn(cs_scene scene,
                          const char *band,
                          int64_t x,
                          int64_t y,
                          int64_t width,
                          int64_t height,
                          const uint16_t *dn,
                          size_t dn_length);

/**
 * Gives reflectance of a rectangle of a band's own raster, row by row; NaN is no data.
 */
cs_status cs_scene_put_reflectance(cs_scene scene,
                                   const char *band,
                                   int64_t x,
                                   int64_t y,
                                   int64_t width,
                                   int64_t height,
                                   const float *values,
                                   size_t values_length);

/**
 * Gives a rectangle of a quality mask whose raster of `columns` x `rows` lies over the same ground; other than 0 is
 * lost, defective or without data.
 */
cs_status cs_scene_put_defective(cs_scene scene,
                                 int64_t columns,
                                 int64_t rows,
                                 int64_t x,
                                 int64_t y,
                                 int64_t width,
                                 int64_t height,
                                 const uint8_t *mask,
                                 size_t mask_length);

/**
 * Gives a rectangle of the footprint of a band's detectors, whose raster of `columns` x `rows` lies over the same ground:
 * numbers 1 to 12, 0 where none looked. It may be left out: then the detectors are guessed.
 */
cs_status cs_scene_put_detectors(cs_scene scene,
                                 const char *band,
                                 int64_t columns,
                                 int64_t rows,
                                 int64_t x,
                                 int64_t y,
                                 int64_t width,
                                 int64_t height,
                                 const uint8_t *numbers,
                                 size_t numbers_length);

/**
 * Gives the wind 10 m above the ground at the nodes of a lattice, before the run; it may be left out. `wind` is a JSON
 * object: see docs/icd.md.
 */
cs_status cs_scene_put_wind(cs_scene scene, const char *wind);

/**
 * Runs all detectors, with worker threads of its own, and returns when the run has ended. A second call after
 * success returns at once.
 */
cs_status cs_scene_run(cs_scene scene, cs_listener listener, void *user_data);

/**
 * The run in numbers, as JSON: "version", "source", "dem" (path of the elevation model or null), "demMissing" (cells
 * that it lacks), "glint" (null, or what sun glint was predicted with: "windSpeed" in m/s, "windDirection" in degrees or
 * null, "windSource", "viewingAngles"), "warnings", "flags" with "name", "pixels", "share".
 */
cs_status cs_scene_summary(cs_scene scene,
                           char *text,
                           size_t capacity,
                           size_t *length);

/**
 * Asks the present run to stop, or the next one if none is on. From any thread.
 */
cs_status cs_scene_cancel(cs_scene scene);

/**
 * Copies the flag bits (CS_...) of a rectangle of the grid, row by row.
 */
cs_status cs_scene_read_flags(cs_scene scene,
                              int64_t x,
                              int64_t y,
                              int64_t width,
                              int64_t height,
                              int32_t *out,
                              size_t out_length);

/**
 * Copies the classes (CS_CLASS_...) of a rectangle of the grid, row by row.
 */
cs_status cs_scene_read_classes(cs_scene scene,
                                int64_t x,
                                int64_t y,
                                int64_t width,
                                int64_t height,
                                uint8_t *out,
                                size_t out_length);

/**
 * Copies the evidence bits (CS_EVIDENCE_...) of a rectangle of the grid, row by row. The run wants the parameter
 * copyEvidence.
 */
cs_status cs_scene_read_evidence(cs_scene scene,
                                 int64_t x,
                                 int64_t y,
                                 int64_t width,
                                 int64_t height,
                                 int32_t *out,
                                 size_t out_length);

/**
 * Copies a feature, by its name in cs_tables, of a rectangle of the grid, row by row; NaN where it is unknown. The
 * run wants the parameter copyFeatures.
 */
cs_status cs_scene_read_feature(cs_scene scene,
                                const char *feature,
                                int64_t x,
                                int64_t y,
                                int64_t width,
                                int64_t height,
                                float *out,
                                size_t out_length);

/**
 * Closes a scene, stops its run and frees its memory when the last call in it has returned.
 */
cs_status cs_scene_close(cs_scene scene);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CLEARSHORE_H */
