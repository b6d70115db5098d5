/* test_patience.c - when an attempt whose time is up goes on: nearly nothing left to learn, or still learning. */
#include "../train/patience.h"

#include <criterion/criterion.h>

enum { TIME = 100, WINDOW = 10 };

/* A window of losses around a mean, which completes with the last. */
static void note(DlcaPatience *patience, double mean) {
    for (int epoch = 0; epoch < WINDOW; epoch++) {
        const double noise = epoch % 2 ? 0.5 : -0.5;
        cr_assert_eq(dlca_patience_note(patience, mean * (1.0 + noise)), epoch + 1 == WINDOW);
    }
}

Test(patience, a_window_is_a_tenth_of_the_time) {
    cr_assert_eq(dlca_patience(1100).window, 110);
    cr_assert_eq(dlca_patience(7).window, 1);
}

Test(patience, nearly_nothing_left) {
    DlcaPatience patience = dlca_patience(TIME);
    note(&patience, 4.9);
    note(&patience, 4.9);
    cr_assert(dlca_patience_promises(&patience, 100.0));
    cr_assert(!dlca_patience_promises(&patience, 90.0));
}

Test(patience, still_falling) {
    DlcaPatience patience = dlca_patience(TIME);
    note(&patience, 80.0);
    note(&patience, 59.0);
    cr_assert(dlca_patience_promises(&patience, 100.0));
    note(&patience, 50.0);
    cr_assert(!dlca_patience_promises(&patience, 100.0));
    note(&patience, 55.0);
    cr_assert(!dlca_patience_promises(&patience, 100.0));
}

Test(patience, one_window_tells_nothing) {
    DlcaPatience patience = dlca_patience(TIME);
    note(&patience, 0.0);
    cr_assert(!dlca_patience_promises(&patience, 100.0));
}
