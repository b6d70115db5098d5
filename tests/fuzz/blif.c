/* blif.c - libFuzzer's entry to the reader of BLIF. */
#include "../fuzz_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_blif(data, size);
    return 0;
}
