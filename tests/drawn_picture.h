/* drawn_picture.h - a small task with one start whose picture is what a drawn circuit makes. Leaves alone: training. */
#ifndef DLCA_TESTS_DRAWN_PICTURE_H
#define DLCA_TESTS_DRAWN_PICTURE_H

#include "../train/trace.h"

typedef struct DrawnPicture {
    DlcaTask task;
    DlcaModel *model; /* its operations are those of the circuit, drawn so that signals live */
} DrawnPicture;

DrawnPicture drawn_picture(uint64_t seed, bool periodic, bool join);
void drawn_picture_free(DrawnPicture *drawn);

/* Wrong cells after so many steps, as the judge's engine sees them, which shares nothing with traces. */
int64_t drawn_picture_wrong(const DrawnPicture *drawn, int32_t steps);

#endif
