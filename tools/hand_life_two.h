/* hand_life_two.h - the adders of hand_life.h from two-input operations, for instruction sets without three-input ones.
 * Over VECTOR, AND, OR, XOR and AND_NOT(a, b), which is a & ~b. Included by hand_life_<set>.c before the template. */

static inline VECTOR majority_of(VECTOR a, VECTOR b, VECTOR c) {
    return OR(AND(a, b), AND(XOR(a, b), c)); /* the compiler shares a ^ b with XOR3 */
}

/* Three: low, and k + x is 1 with no m. Four with the cell: not low, and k + x is 0 with m, or 2 without. */
static inline VECTOR next_of(VECTOR low, VECTOR x, VECTOR m, VECTOR k, VECTOR cell) {
    const VECTOR odd = XOR(x, k);
    const VECTOR three = AND_NOT(AND(low, odd), m);
    const VECTOR four = AND_NOT(AND_NOT(AND(XOR(m, x), cell), odd), low);
    return OR(three, four);
}

#define XOR3(a, b, c) XOR(XOR(a, b), c)
#define MAJORITY(a, b, c) majority_of(a, b, c)
#define NEXT(low, x, m, k, cell) next_of(low, x, m, k, cell)
