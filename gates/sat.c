/* sat.c - the questions passed on to CaDiCaL; DLCA_CADICAL is defined by the Makefile where its library is. */
#include "sat.h"

#include <stdlib.h>
#include <time.h>

#ifdef DLCA_CADICAL
#include <ccadical.h>
#else
/* Stands in for the solver: takes clauses, answers nothing. */
typedef struct CCaDiCaL CCaDiCaL;
#endif

struct DlcaSat {
    CCaDiCaL *solver;
    int32_t variables;
    int64_t clauses;
    double deadline;
};

const char *dlca_sat_solver(void) {
#ifdef DLCA_CADICAL
    return ccadical_signature();
#else
    return NULL;
#endif
}

#ifdef DLCA_CADICAL
static int too_late(void *context) {
    const DlcaSat *sat = context;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return sat->deadline > 0.0 && (double)time.tv_sec + 1e-9 * (double)time.tv_nsec > sat->deadline;
}
#endif

DlcaSat *dlca_sat_create(DlcaError *error) {
    DlcaSat *sat = calloc(1, sizeof *sat);
    if (!sat) {
        dlca_fail(error, DLCA_FAILED, "no memory for a SAT solver");
        return NULL;
    }
#ifdef DLCA_CADICAL
    sat->solver = ccadical_init();
    ccadical_set_terminate(sat->solver, sat, too_late);
#endif
    return sat;
}

void dlca_sat_free(DlcaSat *sat) {
    if (sat) {
#ifdef DLCA_CADICAL
        ccadical_release(sat->solver);
#endif
        free(sat);
    }
}

void dlca_sat_deadline(DlcaSat *sat, double seconds) {
    sat->deadline = seconds;
}

int32_t dlca_sat_variable(DlcaSat *sat) {
    return ++sat->variables;
}

int32_t dlca_sat_variables(const DlcaSat *sat) {
    return sat->variables;
}

int64_t dlca_sat_clauses(const DlcaSat *sat) {
    return sat->clauses;
}

#ifdef DLCA_CADICAL

void dlca_sat_clause(DlcaSat *sat, const int32_t *literal, int32_t literals) {
    for (int32_t i = 0; i < literals; i++) {
        ccadical_add(sat->solver, literal[i]);
    }
    ccadical_add(sat->solver, 0);
    sat->clauses++;
}

DlcaSatAnswer dlca_sat_solve(DlcaSat *sat, const int32_t *assumed, int32_t assumptions, int32_t conflicts) {
    for (int32_t i = 0; i < assumptions; i++) {
        ccadical_assume(sat->solver, assumed[i]);
    }
    if (conflicts > 0) {
        ccadical_limit(sat->solver, "conflicts", conflicts);
    }
    const int answer = ccadical_solve(sat->solver); /* IPASIR: 10 satisfiable, 20 not, 0 given up */
    return answer == 10 ? DLCA_SAT_POSSIBLE : answer == 20 ? DLCA_SAT_IMPOSSIBLE : DLCA_SAT_UNDECIDED;
}

bool dlca_sat_value(DlcaSat *sat, int32_t variable) {
    return ccadical_val(sat->solver, variable) > 0;
}

#else

void dlca_sat_clause(DlcaSat *sat, const int32_t *literal, int32_t literals) {
    (void)literal;
    (void)literals;
    sat->clauses++;
}

DlcaSatAnswer dlca_sat_solve(DlcaSat *sat, const int32_t *assumed, int32_t assumptions, int32_t conflicts) {
    (void)sat;
    (void)assumed;
    (void)assumptions;
    (void)conflicts;
    return DLCA_SAT_UNDECIDED;
}

bool dlca_sat_value(DlcaSat *sat, int32_t variable) {
    (void)sat;
    (void)variable;
    return false;
}

#endif
