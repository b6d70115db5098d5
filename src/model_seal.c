/* model_seal.c - signs and checks model files. */
#include "model_seal.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

/* A front that differs in no more bytes than this is ours, and damaged. */
enum { LENGTH_BYTES = 8, FRONT_BYTES = sizeof DLCA_SEAL_FRONT - 1, TOLERATED_BYTES = 8, LEAST_BYTES = 24 };

static const size_t digits_at = LENGTH_BYTES + FRONT_BYTES;
static const size_t covered_at = LENGTH_BYTES + FRONT_BYTES + DLCA_SEAL_DIGITS;

static void digits_of(const uint8_t *bytes, size_t size, char digits[DLCA_SEAL_DIGITS + 1]) {
    uint64_t header;
    memcpy(&header, bytes, sizeof header);
    const XXH128_hash_t hash = XXH3_128bits_withSeed(bytes + covered_at, size - covered_at, header);
    snprintf(digits, DLCA_SEAL_DIGITS + 1, "%016llx%016llx", (unsigned long long)hash.high64,
             (unsigned long long)hash.low64);
}

bool dlca_seal(void *bytes, size_t size) {
    if (size < covered_at || memcmp((const uint8_t *)bytes + LENGTH_BYTES, DLCA_SEAL_FRONT, FRONT_BYTES) != 0) {
        return false;
    }
    char digits[DLCA_SEAL_DIGITS + 1];
    digits_of(bytes, size, digits);
    memcpy((uint8_t *)bytes + digits_at, digits, DLCA_SEAL_DIGITS);
    return true;
}

/* How many bytes of the front, as far as the file goes, are not as they should be. */
static size_t wrong_front_bytes(const uint8_t *bytes, size_t size) {
    size_t wrong = 0;
    for (size_t i = 0; i < FRONT_BYTES && LENGTH_BYTES + i < size; i++) {
        wrong += bytes[LENGTH_BYTES + i] != (uint8_t)DLCA_SEAL_FRONT[i];
    }
    return wrong;
}

bool dlca_seal_check(const void *bytes, size_t size, const char *name, DlcaError *error) {
    if (size == 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: not a dlca model file: it is empty", name);
    }
    const size_t wrong = wrong_front_bytes(bytes, size);
    if (size < LEAST_BYTES || wrong > TOLERATED_BYTES) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: not a dlca model file (its signature is missing)", name);
    }
    char digits[DLCA_SEAL_DIGITS + 1];
    if (size < covered_at) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: damaged: it is cut off after %zu bytes", name, size);
    }
    digits_of(bytes, size, digits);
    if (wrong > 0 || memcmp((const uint8_t *)bytes + digits_at, digits, DLCA_SEAL_DIGITS) != 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "%s: damaged: its checksum does not match its contents", name);
    }
    return true;
}
