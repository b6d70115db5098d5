/* pattern.c - libFuzzer's entry to the reader of patterns: RLE, plain text, PNG. */
#include "../fuzz_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_pattern(data, size);
    return 0;
}
