/* image_png.c - PNG files, compressed by stb_image_write in memory, written by file.c. */
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>

#include "../gates/text.h"
#include "file.h"
#include "image.h"

static void collect(void *context, void *data, int size) {
    if (size > 0) {
        dlca_text_add_bytes(context, data, (size_t)size);
    }
}

bool dlca_png_write(const char *path, const DlcaPicture *picture, DlcaError *error) {
    DlcaText bytes = {0};
    const int encoded =
        stbi_write_png_to_func(collect, &bytes, picture->width, picture->height, 3, picture->rgb, 3 * picture->width);
    if (!encoded || bytes.failed) {
        dlca_text_free(&bytes);
        return dlca_fail(error, DLCA_FAILED, "%s: no memory to compress a picture of %dx%d pixels", path,
                         picture->width, picture->height);
    }
    const bool good = dlca_file_write(path, bytes.data, bytes.size, error);
    dlca_text_free(&bytes);
    return good;
}
