/* native_encode.h - x86-64 vector instructions as bytes: the few that the native code needs.
 *
 * Source: Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2: VEX prefix (section 2.3), EVEX prefix
 * (section 2.7), and the pages of the instructions. Leaves alone: which registers hold what. */
#ifndef DLCA_NATIVE_ENCODE_H
#define DLCA_NATIVE_ENCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A buffer with room for what is written; the writer sees to that (DLCA_INSTRUCTION_BYTES each). */
typedef struct DlcaCode {
    uint8_t *byte;
    size_t size;
    bool wide; /* 64-byte registers and EVEX prefixes; otherwise 32-byte registers and VEX prefixes */
} DlcaCode;

enum { DLCA_INSTRUCTION_BYTES = 16 }; /* no x86 instruction is longer than 15 */

/* General registers that hold addresses or the count, by their number. */
enum { DLCA_BASE_MASK = 1 /* rcx */, DLCA_BASE_SCRATCH = 2 /* rdx */, DLCA_BASE_OUT = 6 /* rsi */, DLCA_BASE_IN = 7 };

/* A vector register, or a memory operand. */
typedef struct DlcaOperand {
    bool memory;
    int32_t number; /* register, or base */
    int32_t offset; /* bytes, memory only */
} DlcaOperand;

static inline DlcaOperand dlca_register(int32_t number) {
    return (DlcaOperand){false, number, 0};
}

void dlca_encode_load(DlcaCode *code, int32_t to, DlcaOperand from); /* from memory, or from a register */
void dlca_encode_store(DlcaCode *code, int32_t from, DlcaOperand to);

/* Each word of 64 bits at `from`, its bits one place up or down: the one that falls out comes in at the other end
 * (around) or not at all. Wide only. */
typedef enum DlcaTurn { DLCA_TURN_NONE, DLCA_TURN_UP, DLCA_TURN_DOWN } DlcaTurn;
void dlca_encode_turned_load(DlcaCode *code, int32_t to, DlcaOperand from, DlcaTurn turn, bool around);

/* to = table(to, b, c), bit 4 to + 2 b + c of the table; wide only. */
void dlca_encode_ternary(DlcaCode *code, int32_t to, int32_t b, DlcaOperand c, int32_t table);

/* to = a op b; narrow only. ANDN is ~a & b. */
typedef enum DlcaVexLogic {
    DLCA_VEX_AND = 0xdb,
    DLCA_VEX_ANDN = 0xdf,
    DLCA_VEX_OR = 0xeb,
    DLCA_VEX_XOR = 0xef,
    DLCA_VEX_EQUAL = 0x76 /* per 32 bits: of a register with itself, all ones */
} DlcaVexLogic;
void dlca_encode_logic(DlcaCode *code, DlcaVexLogic logic, int32_t to, int32_t a, DlcaOperand b);

/* base += bytes, at most 127. */
void dlca_encode_advance(DlcaCode *code, int32_t base, int32_t bytes);

/* Counts r8 down; back to `start` (a size of the code) while it is not 0. */
void dlca_encode_loop(DlcaCode *code, size_t start);

/* vzeroupper, return. */
void dlca_encode_return(DlcaCode *code);

#endif
