/* make_corpus.c - writes the seeds of the fuzzing corpus: make_corpus tests/fuzz/corpus
 *
 * Run it again when a format changes; inputs that fuzzing found lie beside the seeds and stay. */
#include "../../gates/circuit_json.h"
#include "../../src/file.h"
#include "../../src/safetensors.h"
#include "../small_model.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool write_seed(const char *corpus, const char *target, const char *name, const void *data, size_t size) {
    char folder[PATH_MAX], path[PATH_MAX];
    DlcaError error = {0};
    const bool good = dlca_path_join(folder, sizeof folder, corpus, target, &error) &&
                      dlca_folder_create(folder, &error) && dlca_path_join(path, sizeof path, folder, name, &error) &&
                      dlca_file_write(path, data, size, &error);
    if (!good) {
        fprintf(stderr, "%s\n", error.message);
    }
    return good;
}

static bool write_models(const char *corpus) {
    uint8_t *plain = NULL, *whole = NULL, *checkpoint = NULL;
    size_t plain_size, whole_size, checkpoint_size;
    DlcaModelExtras extras;
    DlcaModel *model = small_model();
    small_extras(model, &extras);
    bool good = dlca_model_serialize(model, &extras, &whole, &whole_size, NULL) &&
                write_seed(corpus, "model", "whole", whole, whole_size);
    extras.training = small_model();
    good = good && dlca_model_serialize(model, &extras, &checkpoint, &checkpoint_size, NULL) &&
           write_seed(corpus, "model", "checkpoint", checkpoint, checkpoint_size);
    free(checkpoint);
    model->has_ops = false;
    good = good && dlca_model_serialize(model, NULL, &plain, &plain_size, NULL) &&
           write_seed(corpus, "model", "plain", plain, plain_size);
    free(plain);
    free(whole);
    dlca_model_extras_free(&extras);
    dlca_model_free(model);
    return good;
}

/* Every dtype, an empty tensor, one of rank 0, and text that needs escapes. */
static bool write_containers(const char *corpus) {
    static const double zeros[4] = {0};
    static const DlcaTensor tensors[] = {
        {.name = "f64", .dtype = DLCA_F64, .rank = 1, .shape = {2}, .data = zeros},
        {.name = "i64", .dtype = DLCA_I64, .rank = 0, .data = zeros},
        {.name = "f32", .dtype = DLCA_F32, .rank = 3, .shape = {1, 2, 1}, .data = zeros},
        {.name = "nothing", .dtype = DLCA_F32, .rank = 2, .shape = {0, 5}, .data = zeros},
        {.name = "i32 \"\\\n\xc3\xa9", .dtype = DLCA_I32, .rank = 2, .shape = {2, 2}, .data = zeros},
        {.name = "u8", .dtype = DLCA_U8, .rank = 1, .shape = {3}, .data = zeros},
    };
    static const DlcaMetadata metadata[] = {{"key", "value"}, {"\xf0\x9f\x98\x80", "\x01"}};
    static const char bare[] = "\2\0\0\0\0\0\0\0{}";
    DlcaBytes bytes;
    const bool good = dlca_safetensors_build(tensors, 6, metadata, 2, &bytes, NULL) &&
                      write_seed(corpus, "safetensors", "every_dtype", bytes.data, bytes.size) &&
                      write_seed(corpus, "safetensors", "bare", bare, sizeof bare - 1);
    dlca_bytes_free(&bytes);
    return good;
}

static bool write_circuits(const char *corpus) {
    static const DlcaCircuitFacts facts = {.task = "seed",
                                           .seed = 1,
                                           .height = 3,
                                           .width = 3,
                                           .channels = 1,
                                           .scored_channels = 1,
                                           .steps = 2,
                                           .fire_rate = 0.6,
                                           .gates_total = 20,
                                           .gates_active = 3};
    static const DlcaGate gates[] = {{.op = 6, .a = 1, .b = 7}, {.op = 9, .a = 9, .b = 4}, {.op = 15, .a = 10, .b = 0}};
    DlcaCircuit circuit;
    char *text = NULL;
    size_t size = 0;
    bool good = dlca_circuit_create(&circuit, 9, 1, 3, NULL);
    if (good) {
        memcpy(circuit.gate, gates, sizeof gates);
        circuit.output[0] = 11;
        good = dlca_circuit_to_json(&circuit, &facts, &text, &size, NULL) &&
               write_seed(corpus, "circuit", "small", text, size);
        dlca_circuit_free(&circuit);
    }
    free(text);
    return good;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "make_corpus FOLDER\n");
        return 2;
    }
    return write_models(arguments[1]) && write_containers(arguments[1]) && write_circuits(arguments[1]) ? 0 : 1;
}
