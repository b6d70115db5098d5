/* container_mutator.c - structure-aware changes of safetensors files. */
#include "container_mutator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8 };

/* libFuzzer's own mutations. */
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t capacity);

static int is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

/* A number near what was there, or one of those that overflow. */
static int draw_number(char *text, size_t capacity, unsigned long long old, unsigned int seed) {
    static const char *const hostile[] = {"0",
                                          "1",
                                          "16",
                                          "2147483647",
                                          "4294967295",
                                          "4294967296",
                                          "65536",
                                          "1152921504606846976",
                                          "9223372036854775807",
                                          "18446744073709551615",
                                          "-1",
                                          "99999999999999999999"};
    switch (seed % 4) {
    case 0:
        return snprintf(text, capacity, "%s", hostile[seed / 4 % (sizeof hostile / sizeof hostile[0])]);
    case 1:
        return snprintf(text, capacity, "%llu", old + seed / 4 % 64);
    case 2:
        return snprintf(text, capacity, "%llu", old - (old ? 1 + seed / 4 % old : 0));
    default:
        return snprintf(text, capacity, "%u", seed / 4 % 1024);
    }
}

/* Replaces the number that comes first behind a place drawn from the seed; returns the text's new length. */
static size_t replace_number(uint8_t *text, size_t size, size_t capacity, unsigned int seed) {
    size_t from = size ? seed % size : 0;
    while (from < size && !is_digit(text[from])) {
        from++;
    }
    size_t to = from;
    while (to < size && is_digit(text[to]) && to - from < 18) {
        to++;
    }
    if (from == to) {
        return size;
    }
    char old[24] = "", number[32];
    memcpy(old, text + from, to - from);
    const int length = draw_number(number, sizeof number, strtoull(old, NULL, 10), seed / 7919);
    if (length < 0 || size - (to - from) + (size_t)length > capacity) {
        return size;
    }
    memmove(text + from + length, text + to, size - to);
    memcpy(text + from, number, (size_t)length);
    return size - (to - from) + (size_t)length;
}

/* Changes the header in a copy, then puts length, header and data together again. */
static size_t change_header(uint8_t *data, size_t size, size_t capacity, size_t header, unsigned int seed) {
    const size_t behind = size - LENGTH_BYTES - header;
    const size_t room = capacity - LENGTH_BYTES - behind;
    uint8_t *text = malloc(room + 1);
    if (!text) {
        return size;
    }
    memcpy(text, data + LENGTH_BYTES, header);
    const size_t changed =
        seed % 2 ? replace_number(text, header, room, seed / 2) : LLVMFuzzerMutate(text, header, room);
    const uint64_t length = changed;
    memmove(data + LENGTH_BYTES + changed, data + LENGTH_BYTES + header, behind);
    memcpy(data, &length, sizeof length);
    memcpy(data + LENGTH_BYTES, text, changed);
    free(text);
    return LENGTH_BYTES + changed + behind;
}

size_t mutate_container(uint8_t *data, size_t size, size_t capacity, unsigned int seed) {
    uint64_t header = 0;
    if (size > LENGTH_BYTES) {
        memcpy(&header, data, sizeof header);
    }
    if (size <= LENGTH_BYTES || header == 0 || header > size - LENGTH_BYTES || seed % 16 == 0) {
        return LLVMFuzzerMutate(data, size, capacity);
    }
    if (seed % 16 < 4) {
        const size_t front = LENGTH_BYTES + (size_t)header;
        return size == front ? size : front + LLVMFuzzerMutate(data + front, size - front, capacity - front);
    }
    return change_header(data, size, capacity, (size_t)header, seed / 16);
}
