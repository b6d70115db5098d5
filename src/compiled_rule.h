/* compiled_rule.h - a rule as C, compiled by the system's compiler and loaded into this process.
 *
 * The compiler (cc, gcc or clang, whichever is found first) is started without a shell, in a folder of its own that
 * only this user can enter and that is gone when this returns. Leaves alone: running the rule (planes.h), what to do
 * without a compiler. */
#ifndef DLCA_COMPILED_RULE_H
#define DLCA_COMPILED_RULE_H

#include "../gates/text.h"
#include "planes.h"

typedef struct DlcaCompiledRule {
    void *library;
    DlcaCompiledRows rows;
} DlcaCompiledRule;

/* Compiles what `planes` needs, for words as wide as the instruction set's registers. An error says whether there was
 * no compiler, or what failed. */
bool dlca_compiled_rule_create(DlcaCompiledRule *rule, const DlcaPlanes *planes, DlcaIsa isa, DlcaError *error);

/* No grid may use its functions any more. An empty one is fine. */
void dlca_compiled_rule_free(DlcaCompiledRule *rule);

/* The C text alone, appended. */
void dlca_compiled_rule_text(const DlcaPlanes *planes, DlcaIsa isa, DlcaText *text);

#endif
