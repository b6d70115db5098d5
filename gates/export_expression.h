/* export_expression.h - a gate as an expression of &, |, ^ and ~, which C and Verilog share. */
#ifndef DLCA_EXPORT_EXPRESSION_H
#define DLCA_EXPORT_EXPRESSION_H

#include "text.h"

#include <stdint.h>

/* op(a, b) of the operands' texts; `zero` and `one` are the constants. */
void dlca_export_expression(DlcaText *text, int op, const char *a, const char *b, const char *zero, const char *one);

#endif
