/* drawn_picture.c - the small lizard's shape, its gates drawn, its target from a trace. */
#include "drawn_picture.h"

#include "../train/judge.h"
#include "random_model.h"

#include <criterion/criterion.h>

/* What a gate of a drawn circuit does: mostly hand on, sometimes OR, AND NOT or XOR. */
static uint8_t draw_op(TestRandom *random) {
    static const uint8_t ops[] = {DLCA_OP_OR, DLCA_OP_XOR, DLCA_OP_A_AND_NOT_B, DLCA_OP_NOT_A_AND_B};
    const int32_t draw = test_random_below(random, 40);
    return draw < 4 ? ops[draw] : draw % 2 ? DLCA_OP_B : DLCA_OP_A;
}

DrawnPicture drawn_picture(uint64_t seed, bool periodic, bool join) {
    DrawnPicture drawn;
    TestRandom random = test_random(seed);
    cr_assert(dlca_task_create(&drawn.task, "lizard", false, true, false, seed, NULL));
    drawn.task.config.periodic = periodic;
    drawn.task.start = DLCA_START_SEED;
    drawn.model = dlca_model_create(&drawn.task.config, NULL);
    cr_assert_not_null(drawn.model);
    dlca_model_wire(drawn.model, seed, 0);
    const DlcaGateStart start = {.pass = 8.0f, .spread = true, .join = join};
    cr_assert(dlca_model_start(drawn.model, &start, seed, 0, NULL));
    dlca_model_argmax(drawn.model, drawn.model->ops);
    for (int64_t gate = drawn.model->layer[drawn.task.config.perceive_layers].first; gate < drawn.model->gates;
         gate++) {
        drawn.model->ops[gate] = draw_op(&random);
    }
    DlcaTrace trace;
    const DlcaConfig *config = &drawn.task.config;
    cr_assert(dlca_trace_create(&trace, drawn.model, &drawn.task, config->steps, NULL));
    dlca_trace_run(&trace, drawn.model->ops);
    for (int32_t cell = 0; cell < trace.cells; cell++) {
        const uint64_t *output = dlca_trace_signal(&trace, dlca_trace_row(&trace, config->update_layers - 1, 0));
        const uint64_t word = output[(size_t)(config->steps - 1) * trace.words + (size_t)cell / 64];
        drawn.task.target[cell] = (uint8_t)(word >> (cell % 64) & 1);
    }
    dlca_trace_free(&trace);
    return drawn;
}

void drawn_picture_free(DrawnPicture *drawn) {
    dlca_model_free(drawn->model);
    dlca_task_free(&drawn->task);
}

int64_t drawn_picture_wrong(const DrawnPicture *drawn, int32_t steps) {
    DlcaBench bench;
    DlcaStarts starts;
    DlcaHardScore score;
    cr_assert(dlca_bench_create(&bench, drawn->model, NULL));
    cr_assert(dlca_starts_create(&starts, &drawn->task, 1, DLCA_RANDOM_JUDGE_START, DLCA_RANDOM_JUDGE_FIRE, 0,
                                 (DlcaBlocks){.count = 1}, steps, NULL));
    cr_assert(
        dlca_judge(&bench, &starts, dlca_hardener_circuit(bench.hardener, drawn->model->ops), steps, &score, NULL));
    dlca_starts_free(&starts);
    dlca_bench_free(&bench);
    return score.wrong_cells;
}
