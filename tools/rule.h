/* rule.h - loads what the commands work on, as a rule with its facts: model.safetensors, circuit.json, AIGER or BLIF.
 *
 * Leaves alone: the formats (src/model_file.h, gates/circuit_json.h, gates/import.h), what is done with the rule. */
#ifndef DLCA_RULE_H
#define DLCA_RULE_H

#include "../src/dlca.h"
#include "../train/task.h"

typedef struct DlcaRule {
    DlcaModel *model;    /* NULL when the file is a circuit */
    DlcaConfig config;   /* of a circuit: task, grid, channels, steps, wrap, firing and seed; the rest is 0 */
    DlcaCircuit circuit; /* simplified: 9*C inputs, C outputs */
    uint8_t *ops;        /* [model->gates] the operations kept, argmax when none were; NULL without a model */
    int64_t gates_total, gates_active;
    int64_t epoch; /* epochs trained; -1 when the file does not say */
    int64_t file_bytes;
    bool of_picture;     /* a user's picture: its start and colours are the file's own ... */
    DlcaStart start;     /* ... these */
    DlcaPalette palette; /* without codes: the usual colours */
    uint8_t *target;     /* [H][W][S]; NULL when neither the file nor the task gives it */
} DlcaRule;

bool dlca_rule_load(DlcaRule *rule, const char *path, DlcaError *error);
void dlca_rule_free(DlcaRule *rule); /* leaves it empty; an empty one is fine */

#endif
