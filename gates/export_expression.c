/* export_expression.c - a gate as an expression of &, |, ^ and ~. */
#include "export_expression.h"

#include "export_view.h"

void dlca_export_expression(DlcaText *text, int op, const char *a, const char *b, const char *zero, const char *one) {
    static const char *const sign[] = {[DLCA_SHAPE_AND] = "&", [DLCA_SHAPE_OR] = "|", [DLCA_SHAPE_XOR] = "^"};
    const DlcaDrawing drawing = dlca_drawing[op];
    if (drawing.shape == DLCA_SHAPE_CONSTANT) {
        dlca_text_add(text, "%s", drawing.invert ? one : zero);
    } else if (drawing.shape == DLCA_SHAPE_WIRE) {
        dlca_text_add(text, "%s%s", drawing.invert ? "~" : "", drawing.reads_b ? b : a);
    } else {
        dlca_text_add(text, "%s%s%s %s %s%s%s", drawing.invert ? "~(" : "", drawing.invert_a ? "~" : "", a,
                      sign[drawing.shape], drawing.invert_b ? "~" : "", b, drawing.invert ? ")" : "");
    }
}
