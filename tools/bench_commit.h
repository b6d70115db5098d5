/* bench_commit.h - which commit a measurement belongs to. */
#ifndef DLCA_TOOLS_BENCH_COMMIT_H
#define DLCA_TOOLS_BENCH_COMMIT_H

#include <stddef.h>

/* The commit that is checked out where the program runs; "unknown" elsewhere. */
void bench_commit(char *commit, size_t size);

#endif
