/* scratch.h - a folder of its own for a test, and looking into it. */
#ifndef DLCA_TESTS_SCRATCH_H
#define DLCA_TESTS_SCRATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Scratch {
    char folder[64];
    char path[512]; /* of the last scratch_path */
} Scratch;

Scratch scratch_create(void);
void scratch_remove(Scratch *scratch); /* with what is in it, one level of folders deep */

/* folder/name, valid until the next call. */
const char *scratch_path(Scratch *scratch, const char *name);

/* How many entries the folder has. */
int scratch_count(const Scratch *scratch);

void scratch_write(const char *path, const void *data, size_t size);

/* The whole file, malloc'ed. */
uint8_t *scratch_read(const char *path, size_t *size);

/* True when the file holds exactly this text. */
bool scratch_holds(const char *path, const char *text);

#endif
