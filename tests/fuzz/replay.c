/* replay.c - runs a fuzz target on the files named, without a fuzzer: to see one crash again, under any compiler.
 *
 *   replay_model FILE...
 *
 * Also AFL++'s way in: afl-fuzz -i tests/fuzz/corpus/model -o findings -- replay_model @@ */
#include "../../src/file.h"

#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int main(int count, char **arguments) {
    enum { LARGEST_INPUT = 1 << 28 };
    for (int i = 1; i < count; i++) {
        DlcaBytes bytes;
        DlcaError error = {0};
        if (!dlca_file_read(arguments[i], LARGEST_INPUT, &bytes, &error)) {
            fprintf(stderr, "%s\n", error.message);
            return (int)error.kind;
        }
        LLVMFuzzerTestOneInput(bytes.data, bytes.size);
        dlca_bytes_free(&bytes);
    }
    printf("%d inputs\n", count - 1);
    return 0;
}
