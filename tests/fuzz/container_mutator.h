/* container_mutator.h - changes a safetensors file as one: header and data apart, the length kept right.
 *
 * Blind changes break the length in the first 8 bytes whenever they insert or delete, and nothing behind it is reached.
 * This mutator changes the header's text or the data, or replaces one of the header's numbers, and then writes the
 * length that belongs to it; one time in sixteen it leaves everything to libFuzzer. */
#ifndef DLCA_TESTS_CONTAINER_MUTATOR_H
#define DLCA_TESTS_CONTAINER_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

size_t mutate_container(uint8_t *data, size_t size, size_t capacity, unsigned int seed);

#endif
