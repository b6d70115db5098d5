/* rule.c - loads a model or a circuit, ours or another program's, as a rule. Leaves alone: the formats, what is done
 * with the rule. */
#include "rule.h"

#include "../gates/circuit_json.h"
#include "../gates/import.h"
#include "../gates/optimize.h"
#include "../src/file.h"
#include "../src/model_file.h"
#include "../train/picture_task.h"

#include <stdlib.h>
#include <string.h>

enum { LARGEST_FILE = 1 << 30 };

void dlca_rule_free(DlcaRule *rule) {
    dlca_model_free(rule->model);
    dlca_circuit_free(&rule->circuit);
    free(rule->ops);
    free(rule->target);
    *rule = (DlcaRule){0};
}

/* By what is in it, whatever its name: JSON text begins with a brace; a safetensors file with the length of its header,
 * which cannot be that large. */
static bool looks_like_json(const DlcaBytes *bytes) {
    size_t at = 0;
    while (at < bytes->size && (bytes->data[at] == ' ' || (bytes->data[at] >= '\t' && bytes->data[at] <= '\r'))) {
        at++;
    }
    return at < bytes->size && bytes->data[at] == '{' && (bytes->size < 9 || bytes->data[6] | bytes->data[7]);
}

static bool rule_of_model(DlcaRule *rule, DlcaError *error) {
    const DlcaModel *model = rule->model;
    DlcaCircuit whole = {0};
    rule->ops = malloc((size_t)model->gates);
    if (!rule->ops) {
        return dlca_fail(error, DLCA_FAILED, "no memory for the operations of %lld gates", (long long)model->gates);
    }
    if (model->has_ops) {
        memcpy(rule->ops, model->ops, (size_t)model->gates);
    } else {
        dlca_model_argmax(model, rule->ops);
    }
    rule->config = model->config;
    rule->gates_total = model->gates;
    for (int64_t gate = 0; gate < model->gates; gate++) {
        rule->gates_active += dlca_op_active(rule->ops[gate]);
    }
    bool good =
        dlca_model_circuit(model, rule->ops, &whole, error) && dlca_circuit_optimize(&rule->circuit, &whole, error);
    dlca_circuit_free(&whole);
    return good;
}

static bool load_model(DlcaRule *rule, const DlcaBytes *bytes, const char *path, DlcaError *error) {
    DlcaModelExtras extras = {0};
    rule->model = dlca_model_parse(bytes->data, bytes->size, path, &extras, error);
    if (!rule->model) {
        return false;
    }
    rule->epoch = extras.epoch;
    rule->of_picture = extras.target && dlca_picture_notes_read(&extras, &rule->start, &rule->palette) &&
                       rule->palette.codes == 1 << rule->model->config.scored_channels;
    if (!rule->of_picture) {
        rule->palette = (DlcaPalette){0};
    }
    rule->target = extras.target;
    extras.target = NULL; /* it belongs to the rule now */
    dlca_model_extras_free(&extras);
    return rule_of_model(rule, error);
}

static void take_facts(DlcaRule *rule, const DlcaCircuitFacts *facts) {
    memcpy(rule->config.task, facts->task, sizeof rule->config.task);
    rule->config.seed = facts->seed;
    rule->config.height = facts->height;
    rule->config.width = facts->width;
    rule->config.channels = facts->channels;
    rule->config.scored_channels = facts->scored_channels;
    rule->config.steps = facts->steps;
    rule->config.periodic = facts->periodic;
    rule->config.asynchronous = facts->asynchronous;
    rule->config.fire_rate = facts->fire_rate;
    rule->gates_total = facts->gates_total;
    rule->gates_active = facts->gates_active;
    rule->epoch = -1;
}

static bool load_circuit(DlcaRule *rule, const DlcaBytes *bytes, const char *path, DlcaError *error) {
    DlcaCircuitFacts facts = {0};
    if (!dlca_circuit_from_json((const char *)bytes->data, bytes->size, path, &rule->circuit, &facts, error)) {
        return false;
    }
    take_facts(rule, &facts);
    return true;
}

/* What other programs wrote says nothing of grids: a grid of a usual size, and every channel counts. */
static bool load_foreign(DlcaRule *rule, const DlcaBytes *bytes, const char *path, DlcaError *error) {
    const char *text = (const char *)bytes->data;
    DlcaCircuit *circuit = &rule->circuit;
    if (!(dlca_import_is_aiger(text, bytes->size) ? dlca_import_aiger(text, bytes->size, path, circuit, error)
                                                  : dlca_import_blif(text, bytes->size, path, circuit, error))) {
        return false;
    }
    DlcaCircuitFacts facts = {.task = "imported", .height = 16, .width = 16, .steps = 20, .fire_rate = 1};
    facts.channels = facts.scored_channels = circuit->outputs;
    facts.gates_total = circuit->gates;
    for (int32_t gate = 0; gate < circuit->gates; gate++) {
        facts.gates_active += dlca_op_active(circuit->gate[gate].op);
    }
    take_facts(rule, &facts);
    return dlca_circuit_facts_check(circuit, &facts, path, error);
}

static bool load(DlcaRule *rule, const DlcaBytes *bytes, const char *path, DlcaError *error) {
    const char *text = (const char *)bytes->data;
    if (looks_like_json(bytes)) {
        return load_circuit(rule, bytes, path, error);
    }
    if (dlca_import_is_aiger(text, bytes->size) || dlca_import_is_blif(text, bytes->size)) {
        return load_foreign(rule, bytes, path, error);
    }
    return load_model(rule, bytes, path, error);
}

/* A task of this name and size knows its target. */
static void find_target(DlcaRule *rule) {
    DlcaTask task = {0};
    const DlcaConfig *wanted = &rule->config;
    for (int small = 0; small <= 1 && !rule->target; small++) {
        if (dlca_task_create(&task, wanted->task, wanted->asynchronous, small != 0, false, wanted->seed, NULL) &&
            task.config.height == wanted->height && task.config.width == wanted->width &&
            task.config.scored_channels == wanted->scored_channels) {
            rule->target = task.target;
            task.target = NULL;
        }
        dlca_task_free(&task);
    }
}

bool dlca_rule_load(DlcaRule *rule, const char *path, DlcaError *error) {
    DlcaBytes bytes = {0};
    *rule = (DlcaRule){0};
    if (!dlca_file_read(path, LARGEST_FILE, &bytes, error)) {
        return false;
    }
    rule->file_bytes = (int64_t)bytes.size;
    const bool good = load(rule, &bytes, path, error);
    dlca_bytes_free(&bytes);
    if (good && !rule->target) {
        find_target(rule);
    }
    if (!good) {
        dlca_rule_free(rule);
    }
    return good;
}
