/* hand_life_template.h - the body of hand_life.h over a few macros:
 *
 *   VECTOR, LANES           a vector of LANES words; LANES divides DLCA_WORD_BLOCK
 *   LOAD(p), STORE(p, v)    aligned
 *   XOR3(a, b, c), MAJORITY(a, b, c)
 *   NEXT(low, carries, twos, k, cell)   below
 *   FUNCTION                the function that returns it
 */
#include "hand_life.h"

typedef struct ColumnSum {
    VECTOR ones, twos; /* of the three cells above each other */
} ColumnSum;

static inline ColumnSum sum_column(const uint64_t *in, int64_t row) {
    const VECTOR above = LOAD(in - row), cell = LOAD(in), below = LOAD(in + row);
    return (ColumnSum){XOR3(above, cell, below), MAJORITY(above, cell, below)};
}

/* All nine cells: low + 2 (k + left.twos + middle.twos + right.twos). The twos alone are x + 2 m. */
static inline VECTOR next_cells(ColumnSum left, ColumnSum middle, ColumnSum right, VECTOR cell) {
    const VECTOR low = XOR3(left.ones, middle.ones, right.ones), k = MAJORITY(left.ones, middle.ones, right.ones);
    const VECTOR x = XOR3(left.twos, middle.twos, right.twos), m = MAJORITY(left.twos, middle.twos, right.twos);
    return NEXT(low, x, m, k, cell);
}

static void life(const DlcaRowStrides *strides, const uint64_t *in, uint64_t *out, const uint64_t *mask,
                 int64_t words) {
    (void)mask;
    for (int64_t lane = 0; lane < DLCA_WORD_BLOCK; lane += LANES) {
        ColumnSum left = sum_column(in + lane - DLCA_WORD_BLOCK, strides->row);
        ColumnSum middle = sum_column(in + lane, strides->row);
        int64_t i = lane;
        for (; i + 2 * DLCA_WORD_BLOCK < words; i += 3 * DLCA_WORD_BLOCK) { /* by three: no sum moves to another name */
            const ColumnSum right = sum_column(in + i + DLCA_WORD_BLOCK, strides->row);
            STORE(out + i, next_cells(left, middle, right, LOAD(in + i)));
            left = sum_column(in + i + 2 * DLCA_WORD_BLOCK, strides->row);
            STORE(out + i + DLCA_WORD_BLOCK, next_cells(middle, right, left, LOAD(in + i + DLCA_WORD_BLOCK)));
            middle = sum_column(in + i + 3 * DLCA_WORD_BLOCK, strides->row);
            STORE(out + i + 2 * DLCA_WORD_BLOCK, next_cells(right, left, middle, LOAD(in + i + 2 * DLCA_WORD_BLOCK)));
        }
        for (; i < words; i += DLCA_WORD_BLOCK) {
            const ColumnSum right = sum_column(in + i + DLCA_WORD_BLOCK, strides->row);
            STORE(out + i, next_cells(left, middle, right, LOAD(in + i)));
            left = middle;
            middle = right;
        }
    }
}

DlcaCompiledRow *FUNCTION(void) {
    return life;
}
