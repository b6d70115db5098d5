/* options.c - libFuzzer's entry to the parser of command lines. */
#include "../fuzz_targets.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    fuzz_options(data, size);
    return 0;
}
