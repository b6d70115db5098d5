/* test_ops.c - the table of coefficients against the formulas, the formulas against the truth tables. */
#include "../gates/ops.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

Test(ops, coefficients_are_the_relaxed_operations) {
    for (int op = 0; op < DLCA_OPS; op++) {
        const float *k = dlca_op_coefficients[op];
        for (int i = 0; i <= 20; i++) {
            for (int j = 0; j <= 20; j++) {
                const double a = i / 20.0, b = j / 20.0;
                const double by_table = k[0] + k[1] * a + k[2] * b + k[3] * a * b;
                cr_assert_lt(fabs(by_table - dlca_op_relaxed(op, a, b)), 1e-15, "%s at %g, %g", dlca_op_name(op), a, b);
            }
        }
    }
}

Test(ops, the_index_is_the_truth_table) {
    for (int op = 0; op < DLCA_OPS; op++) {
        int index = 0;
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
                const double relaxed = dlca_op_relaxed(op, a, b);
                cr_assert(relaxed == 0.0 || relaxed == 1.0, "%s at %d, %d is %g", dlca_op_name(op), a, b, relaxed);
                cr_assert_eq(relaxed == 1.0, dlca_op_bit(op, a, b), "%s at %d, %d", dlca_op_name(op), a, b);
                index = 2 * index + (relaxed == 1.0);
            }
        }
        cr_assert_eq(index, op, "the table of %s reads %d", dlca_op_name(op), index);
    }
}

/* The order that DESIGN.md fixes, spelled out as C. */
Test(ops, the_order_is_the_published_one) {
    for (int a = 0; a < 2; a++) {
        for (int b = 0; b < 2; b++) {
            const bool expected[DLCA_OPS] = {false,     a && b, a && !b, a,       !a && b, b,       a != b,    a || b,
                                             !(a || b), a == b, !b,      a || !b, !a,      !a || b, !(a && b), true};
            for (int op = 0; op < DLCA_OPS; op++) {
                cr_assert_eq(dlca_op_bit(op, a, b), expected[op], "%s at %d, %d", dlca_op_name(op), a, b);
            }
        }
    }
}

Test(ops, words_are_64_bits_at_once) {
    const uint64_t a = 0x123456789abcdef0u, b = 0x0ff1ce0ddba11000u;
    for (int op = 0; op < DLCA_OPS; op++) {
        const uint64_t word = dlca_op_word(op, a, b);
        for (int i = 0; i < 64; i++) {
            cr_assert_eq(word >> i & 1, dlca_op_bit(op, a >> i & 1, b >> i & 1), "%s, bit %d", dlca_op_name(op), i);
        }
    }
}

Test(ops, swapping_and_inverting) {
    for (int op = 0; op < DLCA_OPS; op++) {
        bool uses_a = false, uses_b = false;
        for (int a = 0; a < 2; a++) {
            for (int b = 0; b < 2; b++) {
                cr_assert_eq(dlca_op_bit(dlca_op_swap(op), a, b), dlca_op_bit(op, b, a));
                cr_assert_eq(dlca_op_bit(dlca_op_invert_a(op), a, b), dlca_op_bit(op, !a, b));
                cr_assert_eq(dlca_op_bit(dlca_op_invert_b(op), a, b), dlca_op_bit(op, a, !b));
                cr_assert_eq(dlca_op_bit(dlca_op_invert(op), a, b), !dlca_op_bit(op, a, b));
                uses_a |= dlca_op_bit(op, 0, b) != dlca_op_bit(op, 1, b);
                uses_b |= dlca_op_bit(op, a, 0) != dlca_op_bit(op, a, 1);
            }
        }
        cr_assert_eq(dlca_op_uses_a(op), uses_a, "%s", dlca_op_name(op));
        cr_assert_eq(dlca_op_uses_b(op), uses_b, "%s", dlca_op_name(op));
    }
}

Test(ops, names_are_distinct) {
    for (int op = 0; op < DLCA_OPS; op++) {
        cr_assert_not_null(dlca_op_name(op));
        for (int other = 0; other < op; other++) {
            cr_assert_str_neq(dlca_op_name(op), dlca_op_name(other));
        }
    }
    cr_assert_str_eq(dlca_op_name(DLCA_OP_XOR), "XOR");
    cr_assert_str_eq(dlca_op_name(DLCA_OP_A_OR_NOT_B), "A_OR_NOT_B");
}

Test(ops, active_is_all_but_the_two_pass_throughs) {
    for (int op = 0; op < DLCA_OPS; op++) {
        cr_assert_eq(dlca_op_active(op), op != 3 && op != 5);
    }
}
