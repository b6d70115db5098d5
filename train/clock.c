/* clock.c - a counter of a few channels, and the gates that read it. */
#include "clock.h"

enum { LEAST_BITS = 3, MOST_BITS = 7 };

/* The other bit that is fed back, for registers of 2 to 7 bits whose cycle is the longest. */
static const int32_t OTHER_BIT[MOST_BITS + 1] = {0, 0, 0, 1, 2, 2, 4, 5};

/* Bits of a register that does not come to zeros again within so many steps; 0: too many steps. */
static int32_t bits_for(int32_t steps) {
    int32_t bits = LEAST_BITS;
    while (bits <= MOST_BITS && (1 << bits) - 1 <= steps) {
        bits++;
    }
    return bits <= MOST_BITS ? bits : 0;
}

/* The register after a step: bit 0 is new, the others move up. */
static unsigned advance(unsigned state, int32_t bits) {
    const unsigned fed = ~(state >> (bits - 1) ^ state >> OTHER_BIT[bits]) & 1;
    return (state << 1 | fed) & ((1u << bits) - 1);
}

/* All bits of the register, or their inverses where `wanted` has zeros. */
static DlcaSignal all_of(DlcaSpare *spare, const int32_t *channel, int32_t bits, unsigned wanted) {
    DlcaSignal all = {-1, channel[0]};
    for (int32_t i = 1; i < bits; i++) {
        int op = wanted >> i & 1 ? DLCA_OP_AND : DLCA_OP_A_AND_NOT_B;
        if (i == 1 && !(wanted & 1)) {
            op = dlca_op_invert_a(op);
        }
        all = dlca_spare_gate(spare, all, (DlcaSignal){-1, channel[i]}, op);
    }
    return all;
}

static void wire_register(DlcaSpare *spare, const int32_t *channel, int32_t bits, DlcaSignal ones) {
    const DlcaSignal top = {-1, channel[bits - 1]}, other = {-1, channel[OTHER_BIT[bits]]};
    dlca_spare_become(spare, dlca_spare_gate(spare, top, other, DLCA_OP_XNOR), channel[0]);
    for (int32_t i = 1; i < bits; i++) {
        const DlcaSignal before = {-1, channel[i - 1]};
        dlca_spare_become(spare, dlca_spare_gate(spare, before, ones, DLCA_OP_A_AND_NOT_B), channel[i]);
    }
}

/* Channels that are not needed, for the register and the two that tell; false: not so many. */
static bool find_channels(DlcaCarry *carry, int32_t steps, int32_t *channel, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        channel[i] = dlca_carry_silence(carry, steps);
        if (channel[i] < 0) {
            return false;
        }
        carry->spare->kept_channel[channel[i]] = true;
    }
    dlca_spare_find(carry->spare);
    return true;
}

bool dlca_clock_build(DlcaClock *clock, DlcaCarry *carry, int32_t steps, int64_t *gates) {
    DlcaSpare *spare = carry->spare;
    const int32_t bits = bits_for(steps);
    int32_t channel[MOST_BITS + 2] = {0};
    if (bits < LEAST_BITS || steps < 2 || !find_channels(carry, steps, channel, bits + 2)) {
        return false;
    }
    const int64_t before = dlca_spare_taken(spare);
    unsigned state = 0; /* before the last step but one, in which channel `last` learns of it */
    for (int32_t step = 1; step < steps - 1; step++) {
        state = advance(state, bits);
    }
    *clock = (DlcaClock){.last = channel[bits], .done = channel[bits + 1]};
    const DlcaSignal last = {-1, clock->last}, done = {-1, clock->done};
    const DlcaSignal ones = all_of(spare, channel, bits, (1u << bits) - 1);
    const DlcaSignal next_is_last = all_of(spare, channel, bits, state);
    wire_register(spare, channel, bits, ones);
    dlca_spare_become(spare, dlca_spare_gate(spare, next_is_last, done, DLCA_OP_A_AND_NOT_B), clock->last);
    const DlcaSignal over = dlca_spare_gate(spare, last, done, DLCA_OP_OR);
    dlca_spare_become(spare, dlca_spare_gate(spare, over, ones, DLCA_OP_A_AND_NOT_B), clock->done);
    clock->running = !spare->full;
    *gates += dlca_spare_taken(spare) - before + bits + 2;
    dlca_trace_run(carry->trace, spare->ops);
    return clock->running;
}
