/* fuzz_targets.c - the readers on arbitrary bytes. */
#include "fuzz_targets.h"

#include "../gates/circuit_json.h"
#include "../src/model_file.h"
#include "../src/model_seal.h"
#include "../src/safetensors.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static void must(bool condition) {
    if (!condition) {
        abort();
    }
}

/* A refusal says why, in one line. */
static void check_refusal(const DlcaError *error) {
    must(error->kind == DLCA_BAD_INPUT || error->kind == DLCA_FAILED);
    must(error->message[0] != '\0' && strchr(error->message, '\n') == NULL);
}

/* ---- safetensors ---- */

/* Reads every element, so that a view beyond the file is seen by the sanitizer. */
static double sum_of(const DlcaTensor *tensor) {
    double sum = 0;
    for (int64_t i = 0; i < tensor->elements; i++) {
        sum += dlca_tensor_value(tensor, i);
    }
    return sum;
}

static void check_views(const DlcaSafetensors *file, const uint8_t *data, size_t size) {
    size_t bytes = 0;
    for (int32_t i = 0; i < file->tensors; i++) {
        const DlcaTensor *tensor = &file->tensor[i];
        const uint8_t *place = tensor->data;
        const size_t length = (size_t)tensor->elements * dlca_dtype_bytes(tensor->dtype);
        must(place >= data + 8 && length <= size && place <= data + size - length);
        bytes += length;
        const double sum = sum_of(tensor);
        must(sum == sum || sum != sum);
    }
    must(bytes <= size - 8);
    must(file->tensors == 0 || dlca_safetensors_find(file, file->tensor[0].name) == &file->tensor[0]);
    must(file->entries == 0 || dlca_safetensors_metadata(file, file->metadata[0].key) == file->metadata[0].value);
}

/* What was read, written again, reads the same. The header may outgrow the limit, by escapes. */
static void check_written_again(const DlcaSafetensors *file) {
    DlcaBytes bytes, again;
    DlcaSafetensors back;
    if (!dlca_safetensors_build(file->tensor, file->tensors, file->metadata, file->entries, &bytes, NULL)) {
        return;
    }
    must(dlca_safetensors_parse(bytes.data, bytes.size, "again", &back, NULL));
    must(back.tensors == file->tensors && back.entries == file->entries);
    must(dlca_safetensors_build(back.tensor, back.tensors, back.metadata, back.entries, &again, NULL));
    must(again.size == bytes.size && memcmp(again.data, bytes.data, bytes.size) == 0);
    dlca_safetensors_free(&back);
    dlca_bytes_free(&bytes);
    dlca_bytes_free(&again);
}

void fuzz_safetensors(const uint8_t *data, size_t size) {
    DlcaSafetensors file;
    DlcaError error = {0};
    if (!dlca_safetensors_parse(data, size, "fuzz", &file, &error)) {
        check_refusal(&error);
        return;
    }
    check_views(&file, data, size);
    check_written_again(&file);
    dlca_safetensors_free(&file);
}

/* ---- model files ---- */

static void check_model(const DlcaModel *model) {
    must(dlca_config_check(&model->config, NULL));
    for (int64_t i = 0; i < model->gates * DLCA_OPS; i++) {
        must(isfinite(model->logits[i]));
    }
    for (int64_t gate = 0; gate < model->gates; gate++) {
        must(model->ops[gate] < DLCA_OPS);
    }
    for (int32_t l = 0; l < model->layers; l++) {
        const DlcaLayer *layer = &model->layer[l];
        for (int64_t i = 0; i < 2 * (int64_t)layer->gates; i++) {
            must(layer->wires[i] >= 0 && layer->wires[i] < layer->inputs);
        }
    }
}

static void check_saved_again(const DlcaModel *model, const DlcaModelExtras *extras) {
    uint8_t *data, *again;
    size_t size, again_size;
    DlcaModelExtras back;
    must(dlca_model_serialize(model, extras, &data, &size, NULL));
    DlcaModel *loaded = dlca_model_parse(data, size, "again", &back, NULL);
    must(loaded != NULL);
    must(dlca_model_serialize(loaded, &back, &again, &again_size, NULL));
    must(size == again_size && memcmp(data, again, size) == 0);
    free(data);
    free(again);
    dlca_model_extras_free(&back);
    dlca_model_free(loaded);
}

static void parse_model(const uint8_t *data, size_t size) {
    DlcaModelExtras extras;
    DlcaError error = {0};
    DlcaModel *model = dlca_model_parse(data, size, "fuzz", &extras, &error);
    if (!model) {
        check_refusal(&error);
        must(!extras.first_moment && !extras.second_moment && !extras.target);
        return;
    }
    check_model(model);
    check_saved_again(model, &extras);
    dlca_model_extras_free(&extras);
    dlca_model_free(model);
}

/* As it is, and with the front and the checksum made good, as an enemy would: otherwise nothing gets past them. */
void fuzz_model(const uint8_t *data, size_t size) {
    static const char front[] = DLCA_SEAL_FRONT DLCA_SEAL_BLANK;
    parse_model(data, size);
    if (size < 8 + sizeof front) {
        return;
    }
    uint8_t *forged = malloc(size);
    must(forged != NULL);
    memcpy(forged, data, size);
    memcpy(forged + 8, front, sizeof front - 1);
    must(dlca_seal(forged, size));
    parse_model(forged, size);
    free(forged);
}

/* ---- circuit.json ---- */

static bool same_circuit(const DlcaCircuit *left, const DlcaCircuit *right) {
    bool same = left->inputs == right->inputs && left->outputs == right->outputs && left->gates == right->gates;
    for (int32_t i = 0; same && i < left->gates; i++) {
        const DlcaGate a = left->gate[i], b = right->gate[i];
        same = a.op == b.op && a.a == b.a && a.b == b.b;
    }
    for (int32_t i = 0; same && i < left->outputs; i++) {
        same = left->output[i] == right->output[i];
    }
    return same;
}

static void check_circuit_again(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts) {
    char *text;
    size_t size;
    DlcaCircuit back;
    must(dlca_circuit_check(circuit, NULL));
    must(dlca_circuit_to_json(circuit, facts, &text, &size, NULL));
    must(dlca_circuit_from_json(text, size, "again", &back, NULL, NULL));
    must(same_circuit(circuit, &back));
    dlca_circuit_free(&back);
    free(text);
}

void fuzz_circuit(const uint8_t *data, size_t size) {
    DlcaCircuit circuit;
    DlcaCircuitFacts facts;
    DlcaError error = {0};
    if (!dlca_circuit_from_json((const char *)data, size, "fuzz", &circuit, &facts, &error)) {
        check_refusal(&error);
        return;
    }
    check_circuit_again(&circuit, &facts);
    /* What the strict reader takes is JSON for others too. */
    cJSON *tree = cJSON_ParseWithLength((const char *)data, size);
    must(tree != NULL);
    must(cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "gates")) == circuit.gates);
    cJSON_Delete(tree);
    dlca_circuit_free(&circuit);
}
