/* Masks a Sentinel-2 product through Clearshore's C interface: the flags go to a file as raw little-endian int32, row
 * by row; the size of the grid and the run in numbers go to the terminal.
 *
 *   cc -I include -o mask mask.c -L . -lclearshore_native && LD_LIBRARY_PATH=. ./mask PRODUCT FLAGS_FILE [PARAMETERS]
 *
 * PARAMETERS is JSON, as '{"resolution": 60}'. With CLEARSHORE_PROGRESS in the environment it says how far it is.
 * It ends with the status of the call that failed. */
#include "clearshore.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool say_progress(void *user_data, const char *stage, uint64_t done, uint64_t total)
{
    fprintf(user_data, "%s: %" PRIu64 " of %" PRIu64 "\n", stage, done, total);
    return true;
}

/* A text of the library, for the caller to free. NULL where it can't be had. */
static char *text_of(cs_status (*ask)(cs_scene, char *, size_t, size_t *), cs_scene scene)
{
    size_t length = 0;
    char *text = NULL;
    if (ask(scene, NULL, 0, &length) == CS_STATUS_OK && (text = malloc(length)) != NULL
        && ask(scene, text, length, NULL) != CS_STATUS_OK) {
        free(text);
        text = NULL;
    }
    return text;
}

/* The number behind a name in JSON of the library. */
static int64_t number_of(const char *json, const char *name)
{
    const char *place = strstr(json, name);
    return place == NULL ? 0 : (int64_t)strtoll(place + strlen(name), NULL, 10);
}

static bool write_little_endian(FILE *file, const int32_t *values, int64_t count)
{
    for (int64_t i = 0; i < count; i++) {
        uint32_t bits = (uint32_t)values[i];
        unsigned char bytes[4] = {(unsigned char)bits, (unsigned char)(bits >> 8), (unsigned char)(bits >> 16),
                                  (unsigned char)(bits >> 24)};
        if (fwrite(bytes, sizeof bytes, 1, file) != 1)
            return false;
    }
    return true;
}

/* Writes the flags row by row: a caller with little memory takes any rectangles it likes. */
static cs_status write_flags(cs_scene scene, int64_t width, int64_t height, const char *path)
{
    cs_status status = CS_STATUS_OK;
    FILE *file = fopen(path, "wb");
    int32_t *row = calloc((size_t)width, sizeof *row);
    bool written = file != NULL && row != NULL;
    for (int64_t y = 0; y < height && written && status == CS_STATUS_OK; y++) {
        status = cs_scene_read_flags(scene, 0, y, width, 1, row, (size_t)width);
        written = write_little_endian(file, row, width);
    }
    free(row);
    if (file != NULL && fclose(file) != 0)
        written = false;
    if (!written) {
        perror(path);
        return CS_STATUS_IO;
    }
    return status;
}

int main(int count, char **arguments)
{
    if (count < 3) {
        fprintf(stderr, "usage: %s PRODUCT FLAGS_FILE [PARAMETERS]\n", arguments[0]);
        return CS_STATUS_PARAMETER;
    }
    const char *parameters = count > 3 ? arguments[3] : NULL;
    cs_listener listener = getenv("CLEARSHORE_PROGRESS") != NULL ? say_progress : NULL;
    char *description = NULL, *summary = NULL;
    cs_scene scene = 0;

    cs_status status = cs_scene_open(arguments[1], NULL, parameters, &scene);
    if (status == CS_STATUS_OK)
        status = cs_scene_run(scene, listener, stderr);
    if (status != CS_STATUS_OK) {
        fprintf(stderr, "%s\n", cs_last_error());
    } else if ((description = text_of(cs_scene_describe, scene)) == NULL
               || (summary = text_of(cs_scene_summary, scene)) == NULL) {
        status = CS_STATUS_INTERNAL;
    } else {
        int64_t width = number_of(description, "\"width\":"), height = number_of(description, "\"height\":");
        status = write_flags(scene, width, height, arguments[2]);
        printf("%" PRId64 " x %" PRId64 "\n%s\n", width, height, summary);
    }
    free(description);
    free(summary);
    if (scene != 0)
        cs_scene_close(scene);
    return status;
}
