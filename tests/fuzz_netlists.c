/* fuzz_netlists.c - what is run on arbitrary bytes for circuits of other programs. */
#include "../gates/export.h"
#include "../gates/import.h"
#include "../gates/optimize.h"
#include "fuzz_targets.h"

#include <stdlib.h>
#include <string.h>

static void must(bool holds) {
    if (!holds) {
        abort();
    }
}

typedef bool Import(const char *bytes, size_t size, const char *name, DlcaCircuit *circuit, DlcaError *error);

/* What is a rule, written again, reads as the same function. */
static void check_again(const DlcaCircuit *circuit, DlcaExportFormat format, Import *import) {
    DlcaCircuitFacts facts = {.task = "fuzz", .height = 1, .width = 1, .steps = 1, .fire_rate = 1};
    DlcaText text = {0};
    DlcaCircuit back;
    facts.channels = facts.scored_channels = circuit->outputs;
    if (dlca_circuit_facts_check(circuit, &facts, "fuzz", NULL)) {
        must(dlca_export(format, circuit, &facts, &text, NULL));
        must(import(text.data, text.size, "again", &back, NULL));
        must(dlca_circuit_same_on_samples(circuit, &back, 4, 1, NULL));
        dlca_circuit_free(&back);
        dlca_text_free(&text);
    }
}

static void check(const uint8_t *data, size_t size, DlcaExportFormat format, Import *import) {
    DlcaCircuit circuit;
    DlcaError error = {0};
    if (!import((const char *)data, size, "fuzz", &circuit, &error)) {
        must(error.kind == DLCA_BAD_INPUT || error.kind == DLCA_FAILED);
        must(error.message[0] != '\0' && strchr(error.message, '\n') == NULL);
        must(circuit.gate == NULL && circuit.output == NULL);
        return;
    }
    must(dlca_circuit_check(&circuit, NULL));
    check_again(&circuit, format, import);
    dlca_circuit_free(&circuit);
}

void fuzz_aiger(const uint8_t *data, size_t size) {
    must(size < 4 || dlca_import_is_aiger((const char *)data, size) ==
                         (memcmp(data, "aag ", 4) == 0 || memcmp(data, "aig ", 4) == 0));
    check(data, size, DLCA_EXPORT_AIG, dlca_import_aiger);
}

void fuzz_blif(const uint8_t *data, size_t size) {
    dlca_import_is_blif((const char *)data, size);
    check(data, size, DLCA_EXPORT_BLIF, dlca_import_blif);
}
