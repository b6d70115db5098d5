/* native_encode.c - prefixes, opcodes and operands. Instructions are put together in a register and stored whole; what
 * a store writes beyond an instruction's end, the next one overwrites. */
#include "native_encode.h"

#include <string.h>

/* Bit i of a register's number, inverted as the prefixes want it. */
static uint32_t not_bit(int32_t number, int32_t i) {
    return ~(uint32_t)number >> i & 1;
}

enum { MAP_0F = 1, MAP_0F3A = 3, PREFIX_66 = 1, PREFIX_F3 = 2, EVEX_BYTES = 4, VEX_BYTES = 3 };

/* 62, then three bytes. Bits 4 and 3 of rm go where the index's and the base's would: a base here is below 8 and has no
 * index. W: words of 64 bits; length 2: 512 bits; no mask. */
static uint32_t evex(uint32_t map, uint32_t prefix, int32_t reg, int32_t second, int32_t rm) {
    const uint32_t first_byte =
        not_bit(reg, 3) << 7 | not_bit(rm, 4) << 6 | not_bit(rm, 3) << 5 | not_bit(reg, 4) << 4 | map;
    const uint32_t second_byte = 1u << 7 | (~(uint32_t)second & 15) << 3 | 1u << 2 | prefix;
    const uint32_t third_byte = 2u << 5 | not_bit(second, 4) << 3;
    return 0x62u | first_byte << 8 | second_byte << 16 | third_byte << 24;
}

/* c4, then two bytes. Length 1: 256 bits. */
static uint32_t vex(uint32_t map, uint32_t prefix, int32_t reg, int32_t second, int32_t rm) {
    const uint32_t first_byte = not_bit(reg, 3) << 7 | 1u << 6 | not_bit(rm, 3) << 5 | map;
    const uint32_t second_byte = (~(uint32_t)second & 15) << 3 | 1u << 2 | prefix;
    return 0xc4u | first_byte << 8 | second_byte << 16;
}

/* Prefix, opcode, operands, and a byte of constant (kept only where `constants` is 1). A memory operand is base +
 * offset with four bytes of offset: those are not scaled, as a single byte of offset would be under EVEX. */
static void put_vector(DlcaCode *code, uint32_t map, uint32_t prefix, uint32_t opcode, int32_t reg, int32_t second,
                       DlcaOperand rm, size_t constants, int32_t constant) {
    const int32_t number = rm.memory ? 0 : rm.number;
    const size_t prefix_bytes = code->wide ? EVEX_BYTES : VEX_BYTES;
    const uint32_t start = code->wide ? evex(map, prefix, reg, second, number) : vex(map, prefix, reg, second, number);
    const uint32_t operands = (rm.memory ? 2u : 3u) << 6 | ((uint32_t)reg & 7) << 3 | ((uint32_t)rm.number & 7);
    const uint32_t behind = opcode | operands << 8;
    uint8_t *to = code->byte + code->size;
    memcpy(to, &start, sizeof start);
    memcpy(to + prefix_bytes, &behind, sizeof behind);
    size_t size = prefix_bytes + 2;
    if (rm.memory) {
        memcpy(to + size, &rm.offset, sizeof rm.offset);
        size += sizeof rm.offset;
    }
    to[size] = (uint8_t)constant;
    code->size += size + constants;
}

/* vmovdqu64 or vmovdqu; between registers the aligned form, which needs no execution unit. */
void dlca_encode_load(DlcaCode *code, int32_t to, DlcaOperand from) {
    put_vector(code, MAP_0F, from.memory ? PREFIX_F3 : PREFIX_66, 0x6f, to, 0, from, 0, 0);
}

void dlca_encode_store(DlcaCode *code, int32_t from, DlcaOperand to) {
    put_vector(code, MAP_0F, PREFIX_F3, 0x7f, from, 0, to, 0, 0);
}

/* vprolq and vprorq, or vpsllq and vpsrlq, by 1: which of them stands where other instructions have a register, and the
 * result where they have the second operand. */
void dlca_encode_turned_load(DlcaCode *code, int32_t to, DlcaOperand from, DlcaTurn turn, bool around) {
    const bool up = turn == DLCA_TURN_UP;
    const int32_t which = around ? (up ? 1 : 0) : (up ? 6 : 2);
    put_vector(code, MAP_0F, PREFIX_66, around ? 0x72 : 0x73, which, to, from, 1, 1);
}

void dlca_encode_ternary(DlcaCode *code, int32_t to, int32_t b, DlcaOperand c, int32_t table) {
    put_vector(code, MAP_0F3A, PREFIX_66, 0x25, to, b, c, 1, table);
}

void dlca_encode_logic(DlcaCode *code, DlcaVexLogic logic, int32_t to, int32_t a, DlcaOperand b) {
    put_vector(code, MAP_0F, PREFIX_66, (uint32_t)logic, to, a, b, 0, 0);
}

static void put_bytes(DlcaCode *code, const void *bytes, size_t count) {
    memcpy(code->byte + code->size, bytes, count);
    code->size += count;
}

void dlca_encode_advance(DlcaCode *code, int32_t base, int32_t bytes) {
    const uint8_t add[4] = {0x48, 0x83, (uint8_t)(3 << 6 | base), (uint8_t)bytes};
    put_bytes(code, add, sizeof add);
}

void dlca_encode_loop(DlcaCode *code, size_t start) {
    const uint8_t decrement_r8_and_jump_if_not_zero[5] = {0x49, 0xff, 0xc8, 0x0f, 0x85};
    put_bytes(code, decrement_r8_and_jump_if_not_zero, sizeof decrement_r8_and_jump_if_not_zero);
    const int32_t distance = (int32_t)((int64_t)start - (int64_t)(code->size + sizeof(int32_t)));
    put_bytes(code, &distance, sizeof distance);
}

void dlca_encode_return(DlcaCode *code) {
    const uint8_t zero_upper_and_return[4] = {0xc5, 0xf8, 0x77, 0xc3};
    put_bytes(code, zero_upper_and_return, sizeof zero_upper_and_return);
}
