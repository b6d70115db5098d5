/* stb_read.h - what stb_image itself does not tell of a failure. Leaves alone: decoding (stb/stb_image.h). */
#ifndef DLCA_STB_READ_H
#define DLCA_STB_READ_H

#include <stdbool.h>

/* Whether an allocation of this thread's decoding failed since it was last asked. */
bool dlca_decoder_lacked_memory(void);

#endif
