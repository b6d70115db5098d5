/* ops_table.h - the rows [op][k0, k1, k2, k3] of the operations' coefficients, for an initializer: ops.c has one, the
 * CUDA kernels another. They are the formulas of dlca_op_relaxed, multiplied out; the test compares the two. */
// clang-format off
{0, 0, 0, 0},   /* FALSE */
{0, 0, 0, 1},   /* AND: ab */
{0, 1, 0, -1},  /* A AND NOT B: a - ab */
{0, 1, 0, 0},   /* A */
{0, 0, 1, -1},  /* NOT A AND B: b - ab */
{0, 0, 1, 0},   /* B */
{0, 1, 1, -2},  /* XOR: a + b - 2ab */
{0, 1, 1, -1},  /* OR: a + b - ab */
{1, -1, -1, 1}, /* NOR: 1 - (a + b - ab) */
{1, -1, -1, 2}, /* XNOR: 1 - (a + b - 2ab) */
{1, 0, -1, 0},  /* NOT B: 1 - b */
{1, 0, -1, 1},  /* A OR NOT B: 1 - b + ab */
{1, -1, 0, 0},  /* NOT A: 1 - a */
{1, -1, 0, 1},  /* NOT A OR B: 1 - a + ab */
{1, 0, 0, -1},  /* NAND: 1 - ab */
{1, 0, 0, 0},   /* TRUE */
