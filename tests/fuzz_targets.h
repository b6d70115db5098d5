/* fuzz_targets.h - what is run on arbitrary bytes: each reader, and what must hold for whatever it accepts.
 *
 * Each function returns for every input, good or bad, and aborts when something that must hold does not. libFuzzer and
 * AFL++ call them through tests/fuzz/, the test suite on the committed corpus. */
#ifndef DLCA_TESTS_FUZZ_TARGETS_H
#define DLCA_TESTS_FUZZ_TARGETS_H

#include <stddef.h>
#include <stdint.h>

void fuzz_safetensors(const uint8_t *data, size_t size);
void fuzz_model(const uint8_t *data, size_t size);
void fuzz_circuit(const uint8_t *data, size_t size);
void fuzz_aiger(const uint8_t *data, size_t size);
void fuzz_blif(const uint8_t *data, size_t size);
void fuzz_picture(const uint8_t *data, size_t size);
void fuzz_pattern(const uint8_t *data, size_t size); /* RLE, plain text, PNG */
void fuzz_options(const uint8_t *data, size_t size); /* command lines */
void fuzz_state(const uint8_t *data, size_t size);   /* what --save-state writes */

#endif
