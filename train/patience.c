/* patience.c - the soft loss in windows. */
#include "patience.h"

/* Measured on tasks with one start (docs/learning.md): attempts within a twentieth of the constant answer's loss at the
 * end of their time came to an exact circuit later, one at a tenth of it that fell slowly did not in three times its
 * time, and one just above a twentieth that fell by a third in a window did. */
static const double NEARLY_NOTHING = 0.05, STILL_FALLING = 0.75;

DlcaPatience dlca_patience(int64_t restart_after) {
    return (DlcaPatience){.window = restart_after >= 10 ? restart_after / 10 : 1};
}

bool dlca_patience_note(DlcaPatience *patience, double soft_loss) {
    patience->sum += soft_loss;
    patience->noted++;
    if (patience->noted < patience->window) {
        return false;
    }
    patience->before = patience->last;
    patience->last = patience->sum / (double)patience->window;
    patience->means += patience->means < 2;
    patience->sum = 0.0;
    patience->noted = 0;
    return true;
}

bool dlca_patience_promises(const DlcaPatience *patience, double constant_loss) {
    return patience->means == 2 &&
           (patience->last < NEARLY_NOTHING * constant_loss || patience->last < STILL_FALLING * patience->before);
}
