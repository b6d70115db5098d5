/* test_patch.c - traces against the judge's engine, and wrong cells that spare gates put right. */
#include "../train/patch.h"
#include "drawn_picture.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(patch, a_trace_ends_where_the_judge_does) {
    for (uint64_t seed = 1; seed <= 12; seed++) {
        DrawnPicture drawn = drawn_picture(seed, seed % 2 == 0, false);
        cr_assert_eq(drawn.task.config.scored_channels, 1);
        const int64_t wrong = drawn_picture_wrong(&drawn, drawn.task.config.steps);
        cr_assert_eq(wrong, 0, "seed %d: %lld cells differ", (int)seed, (long long)wrong);
        drawn_picture_free(&drawn);
    }
}

/* Cells that the signal has reached differ in what they see, so each can be put right. */
Test(patch, mends_cells_that_differ_from_all_others) {
    int32_t mended = 0, gates = 0;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        DrawnPicture drawn = drawn_picture(seed, true, false);
        const DlcaConfig *config = &drawn.task.config;
        uint8_t *before = malloc((size_t)drawn.model->gates);
        memcpy(before, drawn.model->ops, (size_t)drawn.model->gates);
        const int32_t middle = config->height / 2 * config->width + config->width / 2;
        drawn.task.target[middle] ^= 1;
        drawn.task.target[middle + 1] ^= 1;
        drawn.task.target[middle - config->width] ^= 1;
        DlcaPatchReport report;
        cr_assert(
            dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
        const int64_t wrong = drawn_picture_wrong(&drawn, config->steps);
        cr_assert(wrong == 3 - report.patches || wrong == 0, "seed %d: %lld wrong after %lld patches", (int)seed,
                  (long long)wrong, (long long)report.patches);
        cr_assert_eq(memcmp(before, drawn.model->ops, (size_t)drawn.model->layer[config->perceive_layers].first), 0);
        mended += wrong == 0;
        gates += (int32_t)report.gates;
        free(before);
        drawn_picture_free(&drawn);
    }
    cr_assert_geq(mended, 6, "%d of 12 mended", mended);
    cr_assert_gt(gates, mended);
}

Test(patch, leaves_what_is_right_and_what_is_too_much) {
    DrawnPicture drawn = drawn_picture(3, true, false);
    DlcaPatchReport report;
    uint8_t *before = malloc((size_t)drawn.model->gates);
    memcpy(before, drawn.model->ops, (size_t)drawn.model->gates);
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
    cr_assert_eq(report.patches, 0);
    for (int32_t cell = 0; cell < 4; cell++) {
        drawn.task.target[cell] ^= 1;
    }
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){0, 3, false}, &report, NULL));
    cr_assert_eq(report.patches, 0);
    cr_assert_eq(memcmp(before, drawn.model->ops, (size_t)drawn.model->gates), 0);
    free(before);
    drawn_picture_free(&drawn);
}

/* No function tells cells apart that see the same: where all are zeros and stay so, one cell cannot be another. */
Test(patch, what_cannot_be_mended_stays_as_it_was) {
    DrawnPicture drawn = drawn_picture(5, true, false);
    drawn.task.start = DLCA_START_ZEROS;
    memset(drawn.task.target, 0, (size_t)(drawn.task.config.height * drawn.task.config.width));
    for (int64_t gate = 0; gate < drawn.model->gates; gate++) {
        drawn.model->ops[gate] = DLCA_OP_A;
    }
    drawn.task.target[7] = 1;
    DlcaPatchReport report;
    cr_assert(
        dlca_patch_run(drawn.model, drawn.model->ops, &drawn.task, (DlcaPatchLimits){2, 3, false}, &report, NULL));
    const int64_t wrong = drawn_picture_wrong(&drawn, drawn.task.config.steps);
    cr_assert_eq(report.patches, 0);
    cr_assert_eq(wrong, 1);
    drawn_picture_free(&drawn);
}
