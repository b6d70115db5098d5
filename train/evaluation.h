/* evaluation.h - a rule tried beyond the step, grid, starts and firing that it was trained for: which scenarios, and
 * their results, in words and as a part of a page.
 *
 * Leaves alone: running one scenario (scenario.h), files. */
#ifndef DLCA_EVALUATION_H
#define DLCA_EVALUATION_H

#include "../gates/text.h"
#include "scenario.h"

enum { DLCA_MAX_SCENARIOS = 32 };

typedef struct DlcaEvaluation {
    int32_t count;
    int32_t trained; /* steps */
    DlcaScenario scenario[DLCA_MAX_SCENARIOS];
    DlcaScenarioResult result[DLCA_MAX_SCENARIOS]; /* of those that apply to the task */
} DlcaEvaluation;

typedef struct DlcaEvaluationOptions {
    uint64_t seed;
    int64_t starts; /* of each scenario, rounded up to a multiple of 64; fewer where there are fewer */
    bool brief;     /* fewer further steps, and no grid larger than twice the trained one: what a run's report has */
    /* After each scenario; may be NULL. */
    void (*finished)(void *context, const DlcaScenario *scenario, const DlcaScenarioResult *result);
    void *context;
} DlcaEvaluationOptions;

bool dlca_evaluate(const DlcaTask *task, const DlcaCircuit *rule, const DlcaEvaluationOptions *options,
                   DlcaEvaluation *evaluation, DlcaError *error);
void dlca_evaluation_free(DlcaEvaluation *evaluation); /* an empty one is fine */

/* One result in words, the same for terminals and pages. */
enum { DLCA_EVALUATION_CELL = 64 };
typedef struct DlcaEvaluationWords {
    char steps[DLCA_EVALUATION_CELL]; /* looked at */
    char right[DLCA_EVALUATION_CELL]; /* starts after the last of them, "256/256" */
    char wrong[DLCA_EVALUATION_CELL]; /* cells per start */
    char half[DLCA_EVALUATION_CELL];  /* "from 12": of the starts are right to the end, steps since start or damage */
    char all[DLCA_EVALUATION_CELL];
    char holds[DLCA_EVALUATION_CELL]; /* steps after the trained one for which all are right */
} DlcaEvaluationWords;

void dlca_evaluation_words(const DlcaScenario *scenario, const DlcaScenarioResult *result, int32_t trained,
                           DlcaEvaluationWords *words);

/* Table and curves as HTML; report_evaluation.c. */
bool dlca_report_evaluation(DlcaText *text, const DlcaEvaluation *evaluation, DlcaError *error);

#endif
