/* patience.h - whether an attempt whose time is up still promises something, by its soft loss alone.
 *
 * Leaves alone: when its time is up, and what follows (loop.c). */
#ifndef DLCA_PATIENCE_H
#define DLCA_PATIENCE_H

#include <stdbool.h>
#include <stdint.h>

/* Means over windows of the same length, one after the other. */
typedef struct DlcaPatience {
    int64_t window; /* epochs */
    int64_t noted;  /* epochs of the present window */
    double sum;     /* of its soft losses */
    int32_t means;  /* windows that are complete: 0, 1, or 2 for more */
    double last, before;
} DlcaPatience;

/* A window is a tenth of the attempt's time. */
DlcaPatience dlca_patience(int64_t restart_after);

/* One epoch's soft loss; true when a window is complete. */
bool dlca_patience_note(DlcaPatience *patience, double soft_loss);

/* The mean loss of the last window is below 1/20 of what the best constant answer loses, or below 3/4 of that of the
 * window before. */
bool dlca_patience_promises(const DlcaPatience *patience, double constant_loss);

#endif
