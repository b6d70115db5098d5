/* test_fuzz_corpus.c - the fuzz targets on the committed corpus: seeds, and every input that once broke something. */
#include "fuzz_targets.h"
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* From a block of exactly the file's size, so that the address sanitizer sees a read beyond it. */
static void run_file(const char *path, void (*target)(const uint8_t *, size_t)) {
    size_t size;
    uint8_t *data = scratch_read(path, &size);
    uint8_t *exact = malloc(size ? size : 1);
    cr_assert_not_null(exact);
    memcpy(exact, data, size);
    target(exact, size);
    free(exact);
    free(data);
}

static void run_corpus(const char *name, void (*target)(const uint8_t *, size_t)) {
    char path[1024];
    int files = 0;
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", name);
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "%s", path);
    for (const struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] != '.') {
            snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", name, entry->d_name);
            run_file(path, target);
            files++;
        }
    }
    closedir(folder);
    cr_assert_gt(files, 0);
}

Test(fuzz_corpus, safetensors) {
    run_corpus("safetensors", fuzz_safetensors);
    run_corpus("model", fuzz_safetensors);
}

Test(fuzz_corpus, model) {
    run_corpus("model", fuzz_model);
}

Test(fuzz_corpus, circuit) {
    run_corpus("circuit", fuzz_circuit);
}

Test(fuzz_corpus, aiger) {
    run_corpus("aiger", fuzz_aiger);
}

Test(fuzz_corpus, blif) {
    run_corpus("blif", fuzz_blif);
}

Test(fuzz_corpus, pattern) {
    run_corpus("pattern", fuzz_pattern);
}

Test(fuzz_corpus, state) {
    run_corpus("state", fuzz_state);
}

Test(fuzz_corpus, picture) {
    run_corpus("picture", fuzz_picture);
}

Test(fuzz_corpus, options) {
    run_corpus("options", fuzz_options);
}
