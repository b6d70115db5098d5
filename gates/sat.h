/* sat.h - is there an assignment that makes all clauses true? Asked of CaDiCaL (Biere et al.), where it is installed.
 *
 * Variables are 1, 2, ...; a literal is a variable or its negative. Without the solver every question is undecided, and
 * dlca_sat_solver says that there is none; nothing else changes. Answers do not depend on time as long as they come: a
 * limit only turns one into "undecided". Leaves alone: what the clauses mean (graph_clauses.h). */
#ifndef DLCA_SAT_H
#define DLCA_SAT_H

#include "error.h"

#include <stdint.h>

typedef enum DlcaSatAnswer { DLCA_SAT_UNDECIDED, DLCA_SAT_IMPOSSIBLE, DLCA_SAT_POSSIBLE } DlcaSatAnswer;

/* The solver's name and version, NULL when the program was built without one. */
const char *dlca_sat_solver(void);

typedef struct DlcaSat DlcaSat;

/* Also where there is no solver. */
DlcaSat *dlca_sat_create(DlcaError *error);
void dlca_sat_free(DlcaSat *sat); /* NULL is fine */

/* Gives up at this time of CLOCK_MONOTONIC in seconds; 0: never. */
void dlca_sat_deadline(DlcaSat *sat, double seconds);

int32_t dlca_sat_variable(DlcaSat *sat); /* a new one */
void dlca_sat_clause(DlcaSat *sat, const int32_t *literal, int32_t literals);
int32_t dlca_sat_variables(const DlcaSat *sat);
int64_t dlca_sat_clauses(const DlcaSat *sat);

/* With these literals true as well, for this question only. `conflicts`: gives up after so many; 0: never. */
DlcaSatAnswer dlca_sat_solve(DlcaSat *sat, const int32_t *assumed, int32_t assumptions, int32_t conflicts);

/* After DLCA_SAT_POSSIBLE, until the next clause or question. */
bool dlca_sat_value(DlcaSat *sat, int32_t variable);

#endif
