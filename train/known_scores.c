/* known_scores.c - a table of the scores of circuits. */
#include "known_scores.h"

#include <stdlib.h>
#include <xxhash.h>

struct DlcaKnownScore {
    XXH128_hash_t key;
    DlcaHardScore score;
    bool used, whole; /* not whole: the judge stopped early */
};

/* Words for a circuit and its steps. */
static int64_t room_for(int64_t gates, int32_t outputs) {
    return 3 * gates + outputs + 1;
}

size_t dlca_known_scores_bytes(int64_t gates, int32_t outputs) {
    return DLCA_KNOWN_SCORES * sizeof(DlcaKnownScore) + (size_t)room_for(gates, outputs) * sizeof(uint32_t);
}

bool dlca_known_scores_create(DlcaKnownScores *known, int64_t gates, int32_t outputs, DlcaError *error) {
    *known = (DlcaKnownScores){.room = room_for(gates, outputs)};
    known->entry = calloc(DLCA_KNOWN_SCORES, sizeof *known->entry);
    known->written = malloc((size_t)known->room * sizeof *known->written);
    if (known->entry && known->written) {
        return true;
    }
    dlca_known_scores_free(known);
    return dlca_fail(error, DLCA_FAILED, "no memory to remember scores of circuits of %lld gates", (long long)gates);
}

void dlca_known_scores_free(DlcaKnownScores *known) {
    free(known->entry);
    free(known->written);
    *known = (DlcaKnownScores){0};
}

/* Of these starts and those that are judged with them. */
static uint64_t identity_of(const DlcaStarts *starts) {
    uint64_t identity = starts->identity;
    while ((starts = starts->with)) {
        const uint64_t both[] = {identity, starts->identity};
        identity = XXH3_64bits(both, sizeof both);
    }
    return identity;
}

static XXH128_hash_t key_of(DlcaKnownScores *known, const DlcaStarts *starts, const DlcaCircuit *circuit,
                            int32_t steps) {
    uint32_t *to = known->written;
    *to++ = (uint32_t)steps;
    for (int32_t i = 0; i < circuit->gates; i++) {
        const DlcaGate gate = circuit->gate[i];
        *to++ = (uint32_t)gate.a;
        *to++ = (uint32_t)gate.b;
        *to++ = gate.op;
    }
    for (int32_t i = 0; i < circuit->outputs; i++) {
        *to++ = (uint32_t)circuit->output[i];
    }
    return XXH3_128bits_withSeed(known->written, (size_t)(to - known->written) * sizeof *to, identity_of(starts));
}

bool dlca_known_scores_judge(DlcaKnownScores *known, DlcaBench *bench, const DlcaStarts *starts,
                             const DlcaCircuit *circuit, int32_t steps, int64_t most, DlcaHardScore *score,
                             DlcaError *error) {
    if (room_for(circuit->gates, circuit->outputs) > known->room) {
        return dlca_judge_until(bench, starts, circuit, steps, most, score, error);
    }
    const XXH128_hash_t key = key_of(known, starts, circuit, steps);
    DlcaKnownScore *entry = &known->entry[key.low64 % DLCA_KNOWN_SCORES];
    if (entry->used && XXH128_isEqual(entry->key, key) && (entry->whole || entry->score.wrong_cells > most)) {
        *score = entry->score;
        return true;
    }
    if (!dlca_judge_until(bench, starts, circuit, steps, most, score, error)) {
        return false;
    }
    *entry = (DlcaKnownScore){key, *score, true, score->wrong_cells <= most};
    return true;
}
