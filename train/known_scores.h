/* known_scores.h - remembers how circuits did, so that none is run twice on the same starts.
 *
 * Proposals of a repair often come to the same circuit: of 5500 evaluations of an asynchronous checkerboard 2000 to
 * 3500 did within one repair (seed 102). A circuit is known by 128 bits of XXH3 over its gates, outputs and starts; of
 * two that want the same place the later one has it. Leaves alone: running circuits (judge.h). */
#ifndef DLCA_KNOWN_SCORES_H
#define DLCA_KNOWN_SCORES_H

#include "judge.h"

typedef struct DlcaKnownScore DlcaKnownScore;

/* For one thread. */
typedef struct DlcaKnownScores {
    DlcaKnownScore *entry; /* [DLCA_KNOWN_SCORES] owned */
    uint32_t *written;     /* [room] the circuit being looked up */
    int64_t room;
} DlcaKnownScores;

enum { DLCA_KNOWN_SCORES = 8192 }; /* about what ten repairs ask for in one of their chains */

/* For circuits of up to `gates` gates and `outputs` outputs. */
bool dlca_known_scores_create(DlcaKnownScores *known, int64_t gates, int32_t outputs, DlcaError *error);
void dlca_known_scores_free(DlcaKnownScores *known);

size_t dlca_known_scores_bytes(int64_t gates, int32_t outputs);

/* As dlca_judge_until, and as good: where that counts more than `most` cells this does, perhaps others. */
bool dlca_known_scores_judge(DlcaKnownScores *known, DlcaBench *bench, const DlcaStarts *starts,
                             const DlcaCircuit *circuit, int32_t steps, int64_t most, DlcaHardScore *score,
                             DlcaError *error);

#endif
