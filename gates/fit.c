/* fit.c - minterms of two or three nodes against where they must be 1 and 0. */
#include "fit.h"

/* A drawn assignment whose bit is set, looking on from a drawn word; -1: there is none. */
static int32_t draw_assignment(const uint64_t *bits, int32_t words, uint64_t *random) {
    const uint64_t draw = dlca_fit_random(random);
    const int32_t start = (int32_t)((draw >> 32) * (uint64_t)words >> 32), turn = (int32_t)(draw & 63);
    for (int32_t i = 0; i < words; i++) {
        const int32_t w = start + i < words ? start + i : start + i - words;
        if (bits[w]) {
            const uint64_t turned = bits[w] >> turn | bits[w] << (63 - turn) << 1;
            return 64 * w + ((__builtin_ctzll(turned) + turn) & 63);
        }
    }
    return -1;
}

void dlca_fit_begin(DlcaFit *fit, const uint64_t *on, const uint64_t *off, int32_t words, uint64_t *random) {
    fit->words = words;
    fit->on = on;
    fit->off = off;
    fit->pairs = 64;
    for (int32_t k = 0; k < fit->pairs; k++) {
        fit->pair[k][0] = draw_assignment(on, words, random);
        fit->pair[k][1] = draw_assignment(off, words, random);
        if (fit->pair[k][0] < 0 || fit->pair[k][1] < 0) {
            fit->pairs = 0; /* a constant fits */
        }
    }
    fit->told = fit->pairs ? ~(uint64_t)0 : 0;
}

static uint64_t bit_at(const uint64_t *row, int32_t assignment) {
    return row[assignment >> 6] >> (assignment & 63) & 1;
}

uint64_t dlca_fit_signature(const DlcaFit *fit, const uint64_t *row) {
    uint64_t signature = 0;
    for (int32_t k = 0; k < fit->pairs; k++) {
        signature |= (bit_at(row, fit->pair[k][0]) ^ bit_at(row, fit->pair[k][1])) << k;
    }
    return signature;
}

int dlca_fit_constant(const DlcaFit *fit) {
    uint64_t on = 0, off = 0;
    for (int32_t w = 0; w < fit->words; w++) {
        on |= fit->on[w];
        off |= fit->off[w];
    }
    return on == 0 ? DLCA_OP_FALSE : off == 0 ? DLCA_OP_TRUE : -1;
}

int dlca_fit_one(const DlcaFit *fit, const uint64_t *a) {
    bool plain = true, inverse = true;
    for (int32_t w = 0; w < fit->words && (plain || inverse); w++) {
        plain = plain && (a[w] & fit->off[w]) == 0 && (~a[w] & fit->on[w]) == 0;
        inverse = inverse && (a[w] & fit->on[w]) == 0 && (~a[w] & fit->off[w]) == 0;
    }
    return plain ? DLCA_OP_A : inverse ? DLCA_OP_NOT_A : -1;
}

bool dlca_fit_two(const DlcaFit *fit, const uint64_t *a, const uint64_t *b, int *ones, int *zeros) {
    uint64_t on[4] = {0}, off[4] = {0};
    for (int32_t w = 0; w < fit->words; w++) {
        const uint64_t minterm[4] = {a[w] & b[w], a[w] & ~b[w], ~a[w] & b[w], ~(a[w] | b[w])};
        bool clash = false;
        for (int m = 0; m < 4; m++) {
            on[m] |= minterm[m] & fit->on[w];
            off[m] |= minterm[m] & fit->off[w];
            clash |= (on[m] != 0) & (off[m] != 0);
        }
        if (clash) {
            return false;
        }
    }
    *ones = *zeros = 0;
    for (int m = 0; m < 4; m++) {
        *ones |= (on[m] != 0) << m;
        *zeros |= (off[m] != 0) << m;
    }
    return true;
}

/* Bit m of *ones: the wanted value is 1 somewhere where row k is m>>k&1; likewise *zeros. */
static bool fit_minterms(const DlcaFit *fit, const uint64_t *const row[3], unsigned *ones, unsigned *zeros) {
    *ones = *zeros = 0;
    for (int32_t w = 0; w < fit->words; w++) {
        for (unsigned m = 0; m < 8; m++) {
            const uint64_t here =
                (m & 1 ? row[0][w] : ~row[0][w]) & (m & 2 ? row[1][w] : ~row[1][w]) & (m & 4 ? row[2][w] : ~row[2][w]);
            *ones |= (unsigned)((here & fit->on[w]) != 0) << m;
            *zeros |= (unsigned)((here & fit->off[w]) != 0) << m;
        }
        if (*ones & *zeros) {
            return false;
        }
    }
    return true;
}

bool dlca_fit_three(const DlcaFit *fit, const uint64_t *const row[3], int first, DlcaFitThree *found) {
    static const int inners[] = {DLCA_OP_AND, DLCA_OP_A_AND_NOT_B, DLCA_OP_NOT_A_AND_B, DLCA_OP_XOR, DLCA_OP_OR};
    enum { INNERS = 5, FORMS = 3 * INNERS };
    unsigned ones, zeros;
    if (!fit_minterms(fit, row, &ones, &zeros)) {
        return false;
    }
    for (int i = 0; i < FORMS; i++) {
        const int form = (first + i) % FORMS, x = form / INNERS, y = (x + 1) % 3, z = (x + 2) % 3;
        *found = (DlcaFitThree){.outer = x, .inner = inners[form % INNERS]};
        for (int m = 0; m < 8; m++) {
            const int inner = dlca_op_bit(found->inner, (m >> y & 1) != 0, (m >> z & 1) != 0);
            const int bit = 3 - 2 * (m >> x & 1) - inner;
            found->ones |= (int)(ones >> m & 1) << bit;
            found->zeros |= (int)(zeros >> m & 1) << bit;
        }
        if (!(found->ones & found->zeros)) {
            return true;
        }
    }
    return false;
}
