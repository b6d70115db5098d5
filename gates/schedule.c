/* schedule.c - trails over the gates of a layer. */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

/* A walk over the multigraph of one layer. incident [2 * gates] lists the gates at each input, from first[input]. */
typedef struct Walk {
    int32_t gates;
    const int32_t *wires;
    int32_t *first;    /* [inputs + 1] */
    int32_t *next;     /* [inputs] first entry of `incident` not looked at yet */
    int32_t *incident; /* [2 * gates] */
    uint8_t *used;     /* [gates] */
    uint8_t *stored;   /* [inputs] its gradient row has a value already */
    DlcaStep *steps;
    DlcaTrails trails;
    int32_t count; /* steps so far */
} Walk;

static void list_incident_gates(Walk *walk, int32_t inputs) {
    const int32_t ends = 2 * walk->gates;
    for (int32_t e = 0; e < ends; e++) {
        walk->first[walk->wires[e] + 1]++;
    }
    for (int32_t i = 0; i < inputs; i++) {
        walk->first[i + 1] += walk->first[i];
        walk->next[i] = walk->first[i];
    }
    for (int32_t e = 0; e < ends; e++) {
        walk->incident[walk->next[walk->wires[e]]++] = e < walk->gates ? e : e - walk->gates;
    }
    memcpy(walk->next, walk->first, (size_t)inputs * sizeof *walk->next);
}

/* A gate at this input that was not walked yet, -1 when there is none. */
static int32_t unused_gate(Walk *walk, int32_t input) {
    for (; walk->next[input] < walk->first[input + 1]; walk->next[input]++) {
        const int32_t gate = walk->incident[walk->next[input]];
        if (!walk->used[gate]) {
            return gate;
        }
    }
    return -1;
}

/* Goes from `input` over unused gates until there is none. The flags record, in the order in which the backward kernel
 * stores gradient rows, whether a row has a value already. */
static void walk_trail(Walk *walk, int32_t input) {
    uint32_t flags = DLCA_STEP_FRESH;
    for (int32_t gate = unused_gate(walk, input); gate >= 0; gate = unused_gate(walk, input)) {
        walk->used[gate] = 1;
        const int32_t a = walk->wires[gate], b = walk->wires[walk->gates + gate];
        const bool swapped = a != input;
        DlcaStep *step = &walk->steps[walk->count];
        *step = (DlcaStep){.near = input, .far = swapped ? a : b, .out = gate, .flags = flags};
        if (walk->stored[input]) {
            step->flags |= DLCA_STEP_NEAR_ADDS;
        }
        walk->stored[input] = 1;
        walk->trails.order[walk->count] = gate;
        walk->trails.swapped[walk->count] = swapped;
        walk->count++;
        input = step->far;
        flags = 0;
    }
    if (flags == 0) {
        DlcaStep *last = &walk->steps[walk->count - 1];
        last->flags |= walk->stored[input] ? DLCA_STEP_LAST | DLCA_STEP_FAR_ADDS : DLCA_STEP_LAST;
        walk->stored[input] = 1;
    }
}

bool dlca_schedule_trails(int32_t inputs, int32_t gates, const int32_t *wires, DlcaStep *steps, DlcaTrails trails,
                          DlcaError *error) {
    const size_t integers = (size_t)inputs + 1 + (size_t)inputs + 2 * (size_t)gates;
    int32_t *memory = calloc(1, integers * sizeof(int32_t) + (size_t)gates + (size_t)inputs);
    if (!memory) {
        return dlca_fail(error, DLCA_FAILED, "no memory to order a layer of %d gates", gates);
    }
    Walk walk = {.gates = gates, .wires = wires, .steps = steps, .trails = trails};
    walk.first = memory;
    walk.next = walk.first + inputs + 1;
    walk.incident = walk.next + inputs;
    walk.used = (uint8_t *)(walk.incident + 2 * (size_t)gates);
    walk.stored = walk.used + gates;
    list_incident_gates(&walk, inputs);
    /* Trails end where the number of gates at an input is odd: start there, then take what is left in rings. */
    for (int pass = 0; pass < 2; pass++) {
        for (int32_t i = 0; i < inputs; i++) {
            if (pass == 1 || (walk.first[i + 1] - walk.first[i]) % 2 == 1) {
                while (unused_gate(&walk, i) >= 0) {
                    walk_trail(&walk, i);
                }
            }
        }
    }
    free(memory);
    return true;
}

void dlca_schedule_first_use(int32_t inputs, int32_t gates, const DlcaStep *steps, int32_t *first_use) {
    int32_t place = 0;
    for (int32_t i = 0; i < inputs; i++) {
        first_use[i] = -1;
    }
    for (int32_t s = 0; s < gates; s++) {
        const int32_t ends[2] = {steps[s].near, steps[s].far};
        for (int e = 0; e < 2; e++) {
            if (first_use[ends[e]] < 0) {
                first_use[ends[e]] = place++;
            }
        }
    }
    for (int32_t i = 0; i < inputs; i++) {
        if (first_use[i] < 0) {
            first_use[i] = place++;
        }
    }
}

static void release(const DlcaRows *rows, int32_t input, int32_t *spare) {
    if (--rows->left[input] == 0) {
        rows->spare[(*spare)++] = rows->row_of[input];
    }
}

void dlca_schedule_in_place(int32_t inputs, int32_t gates, const DlcaStep *steps, DlcaRows *rows, int32_t *out_row) {
    int32_t spare = 0;
    memset(rows->left, 0, (size_t)inputs * sizeof *rows->left);
    memset(rows->taken, 0, (size_t)rows->count);
    for (int32_t s = 0; s < gates; s++) {
        rows->left[steps[s].near]++;
        rows->left[steps[s].far]++;
    }
    for (int32_t i = 0; i < inputs; i++) {
        rows->taken[rows->row_of[i]] = rows->left[i] > 0;
    }
    for (int32_t row = 0; row < rows->count; row++) {
        if (!rows->taken[row]) {
            rows->spare[spare++] = row;
        }
    }
    for (int32_t s = 0; s < gates; s++) {
        release(rows, steps[s].far, &spare);
        release(rows, steps[s].near, &spare); /* last in, first out: mostly the near row */
        out_row[steps[s].out] = spare > 0 ? rows->spare[--spare] : rows->count++;
    }
}

bool dlca_schedule_tree(int32_t layers, const int32_t *gates, int32_t *const *wires, int32_t centre,
                        int32_t order[4][8]) {
    if (layers < 3 || layers > 4) {
        return false;
    }
    for (int32_t l = 0; l < layers; l++) {
        if (gates[l] != 8 >> l) {
            return false;
        }
    }
    for (int32_t i = 0; i < gates[layers - 1]; i++) {
        order[layers - 1][i] = i;
    }
    for (int32_t l = layers - 1; l > 0; l--) {
        bool seen[8] = {false};
        for (int32_t i = 0; i < gates[l]; i++) {
            for (int32_t end = 0; end < 2; end++) {
                const int32_t input = wires[l][end * gates[l] + order[l][i]];
                if (seen[input]) {
                    return false;
                }
                seen[input] = true;
                order[l - 1][2 * i + end] = input;
            }
        }
    }
    for (int32_t i = 0; i < gates[0]; i++) {
        if (wires[0][gates[0] + i] != centre) {
            return false;
        }
    }
    return true;
}

void dlca_schedule_pairs(int32_t gates, const int32_t *wires, const int32_t *order, uint8_t *seen, DlcaPair *pairs) {
    for (int32_t i = 0; i < gates; i++) {
        const int32_t gate = order ? order[i] : i, a = wires[gate], b = wires[gates + gate];
        uint32_t flags = seen[a] ? DLCA_PAIR_A_ADDS : 0;
        seen[a] = 1;
        flags |= seen[b] ? DLCA_PAIR_B_ADDS : 0;
        seen[b] = 1;
        pairs[i] = (DlcaPair){.a = a, .b = b, .out = gate, .flags = flags};
    }
}
