/* fuzz_picture.c - the reader of users' pictures on arbitrary bytes. */
#include "../train/picture_format.h"
#include "../train/picture_read.h"
#include "../train/picture_target.h"
#include "fuzz_targets.h"

#include <stdlib.h>
#include <string.h>

/* Compiled in src/stb_read.c. */
#define STBI_NO_STDIO
#include <stb/stb_image.h>

static void must(bool condition) {
    if (!condition) {
        abort();
    }
}

/* A refusal says why, in one line. */
static void check_refusal(const DlcaError *error) {
    must(error->kind == DLCA_BAD_INPUT || error->kind == DLCA_FAILED);
    must(error->message[0] != '\0' && strchr(error->message, '\n') == NULL);
}

/* Large pictures are allowed, but fill memory and time with nothing new. The decoder is asked about whole files only,
 * as the reader does. */
static bool is_large(const uint8_t *data, size_t size) {
    int width, height, channels;
    return dlca_picture_format(data, size).whole &&
           stbi_info_from_memory(data, (int)size, &width, &height, &channels) && (double)width * height > 1 << 16;
}

/* What is accepted is whole and stands still, and becomes a target of at most eight colours or is refused. */
void fuzz_picture(const uint8_t *data, size_t size) {
    DlcaPicture picture;
    DlcaPictureTarget target;
    DlcaError error = {0};
    if (is_large(data, size)) {
        return;
    }
    if (!dlca_picture_decode(&picture, data, size, "fuzz", &error)) {
        must(picture.rgb == NULL);
        check_refusal(&error);
        return;
    }
    const DlcaPictureFormat format = dlca_picture_format(data, size);
    must(format.whole && !format.animated && format.kind != DLCA_PICTURE_UNKNOWN);
    must(picture.width >= 1 && picture.width <= DLCA_READ_MAX_SIDE && picture.height >= 1);
    if (!dlca_picture_target_create(&target, &picture, "fuzz", 12, 0, &error)) {
        check_refusal(&error);
        return;
    }
    must(target.colours >= 2 && target.colours <= 8 && target.palette.codes == 1 << target.scored);
    must(target.width >= 3 && target.width <= 12 && target.height >= 3 && target.height <= 12);
    dlca_picture_target_free(&target);
}
