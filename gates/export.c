/* export.c - chooses the exporter by the file's extension. Leaves alone: the formats (one file each). */
#include "export.h"

#include "export_view.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

typedef struct Format {
    const char *extension;
    void (*add)(const DlcaExportView *view, DlcaText *text); /* NULL: circuit_json.h writes it */
} Format;

static const Format formats[DLCA_EXPORT_FORMATS] = {
    [DLCA_EXPORT_C] = {".c", dlca_export_c},
    [DLCA_EXPORT_VERILOG] = {".v", dlca_export_verilog},
    [DLCA_EXPORT_BLIF] = {".blif", dlca_export_blif},
    [DLCA_EXPORT_AAG] = {".aag", dlca_export_aag},
    [DLCA_EXPORT_AIG] = {".aig", dlca_export_aig},
    [DLCA_EXPORT_DOT] = {".dot", dlca_export_dot},
    [DLCA_EXPORT_SVG] = {".svg", dlca_export_svg},
    /* Before .json, which ends the same. */
    [DLCA_EXPORT_YOSYS_JSON] = {".yosys.json", dlca_export_yosys_json},
    [DLCA_EXPORT_JSON] = {".json", NULL},
    [DLCA_EXPORT_MARKDOWN] = {".md", dlca_export_markdown},
};

bool dlca_export_format(const char *path, DlcaExportFormat *format, DlcaError *error) {
    const size_t length = strlen(path);
    char known[128] = "";
    for (int i = 0; i < DLCA_EXPORT_FORMATS; i++) {
        const size_t end = strlen(formats[i].extension);
        if (length > end && path[length - end - 1] != '/' &&
            strcasecmp(path + length - end, formats[i].extension) == 0) {
            *format = (DlcaExportFormat)i;
            return true;
        }
        strncat(known, " ", sizeof known - strlen(known) - 1);
        strncat(known, formats[i].extension, sizeof known - strlen(known) - 1);
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "'%s' ends in no known format; accepted:%s", path, known);
}

static bool add_json(const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, DlcaText *text, DlcaError *error) {
    char *json;
    size_t size;
    if (!dlca_circuit_to_json(circuit, facts, &json, &size, error)) {
        return false;
    }
    dlca_text_add_bytes(text, json, size);
    free(json);
    return dlca_text_check(text, "an exported circuit", error);
}

bool dlca_export(DlcaExportFormat format, const DlcaCircuit *circuit, const DlcaCircuitFacts *facts, DlcaText *text,
                 DlcaError *error) {
    DlcaExportView view;
    if (!formats[format].add) {
        return add_json(circuit, facts, text, error);
    }
    if (!dlca_export_view_create(&view, circuit, facts, error)) {
        return false;
    }
    formats[format].add(&view, text);
    dlca_export_view_free(&view);
    return dlca_text_check(text, "an exported circuit", error);
}
