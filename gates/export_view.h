/* export_view.h - what every exporter starts from: the checked circuit, which gates count, and words for comments. */
#ifndef DLCA_EXPORT_VIEW_H
#define DLCA_EXPORT_VIEW_H

#include "export.h"
#include "optimize.h"
#include "patch_names.h"

typedef struct DlcaExportView {
    const DlcaCircuit *circuit;
    const DlcaCircuitFacts *facts;
    int32_t channels;
    int32_t nodes; /* inputs + gates */
    bool *live;    /* [nodes] an output depends on it, through operations that read it */
    DlcaCircuitSize size;
    char task[32]; /* letters, digits, '_', '.' and single '-': safe in any comment */
} DlcaExportView;

bool dlca_export_view_create(DlcaExportView *view, const DlcaCircuit *circuit, const DlcaCircuitFacts *facts,
                             DlcaError *error);
void dlca_export_view_free(DlcaExportView *view);

/* "checkerboard, seed 1, 5 gates, 2 inverters, 0 constants; 3040 gates trained, 97 active" */
void dlca_export_title(const DlcaExportView *view, DlcaText *text);

/* An operation as people draw it: AND, OR or XOR with bubbles at inverted inputs and at the output. */
typedef enum DlcaShape {
    DLCA_SHAPE_CONSTANT,
    DLCA_SHAPE_WIRE,
    DLCA_SHAPE_AND,
    DLCA_SHAPE_OR,
    DLCA_SHAPE_XOR
} DlcaShape;

typedef struct DlcaDrawing {
    DlcaShape shape;
    bool invert_a, invert_b; /* a bubble at the input; of a WIRE never */
    bool invert;             /* a bubble at the output; a constant TRUE; a NOT */
    bool reads_b;            /* a WIRE passes b on */
    const char *label;       /* "AND", "NAND", "OR", "NOR", "XOR", "XNOR", "NOT", "BUF", "0", "1" */
} DlcaDrawing;

extern const DlcaDrawing dlca_drawing[DLCA_OPS];

/* One per format; they only add text. A failed allocation of their own marks the text as failed. */
void dlca_export_c(const DlcaExportView *view, DlcaText *text);
void dlca_export_verilog(const DlcaExportView *view, DlcaText *text);
void dlca_export_blif(const DlcaExportView *view, DlcaText *text);
void dlca_export_aag(const DlcaExportView *view, DlcaText *text);
void dlca_export_aig(const DlcaExportView *view, DlcaText *text);
void dlca_export_dot(const DlcaExportView *view, DlcaText *text);
void dlca_export_svg(const DlcaExportView *view, DlcaText *text);
void dlca_export_yosys_json(const DlcaExportView *view, DlcaText *text);
void dlca_export_markdown(const DlcaExportView *view, DlcaText *text);

#endif
