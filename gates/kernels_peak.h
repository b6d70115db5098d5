/* kernels_peak.h - what the machine can do at most, for measurements. Part of kernels_template.h. */

static float sum_of_firsts(const Vec *values, int count) {
    float row[VEC_LANES], total = 0.0f;
    for (int i = 0; i < count; i++) {
        vec_store(row, values[i]);
        total += row[0];
    }
    return total;
}

/* Twelve chains hide the latency of 4 to 5 cycles on two pipes and leave sixteen registers room for the constants; a
 * factor just below 1 keeps them finite. A round is sixteen times sixteen lanes: 16 * PARTS / 12 turns of the loop. */
static float fma_peak(int64_t rounds) {
    enum { CHAINS = 12 };
    Vec sum[CHAINS];
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = vec_set((float)i);
    }
    const Vec factor = vec_set(0.999f), term = vec_set(0.001f);
    for (int64_t turn = 0; turn < rounds * 16 * PARTS / CHAINS; turn++) {
        for (int i = 0; i < CHAINS; i++) {
            sum[i] = vec_fma(sum[i], factor, term);
        }
    }
    return sum_of_firsts(sum, CHAINS);
}

static float read_peak(const float *from, int64_t count, int64_t rounds) {
    enum { CHAINS = 8 };
    Vec sum[CHAINS];
    for (int i = 0; i < CHAINS; i++) {
        sum[i] = vec_set(0.0f);
    }
    for (int64_t r = 0; r < rounds; r++) {
        for (int64_t at = 0; at < count; at += CHAINS * VEC_LANES) {
            for (int i = 0; i < CHAINS; i++) {
                sum[i] = vec_add(sum[i], vec_load(from + at + i * VEC_LANES));
            }
        }
    }
    return sum_of_firsts(sum, CHAINS);
}
