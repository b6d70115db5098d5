/* bench_commit.c - see bench_commit.h. */
#include "bench_commit.h"

#include <stdio.h>
#include <string.h>

void bench_commit(char *commit, size_t size) {
    snprintf(commit, size, "unknown");
    FILE *git = popen("git describe --always --dirty 2>/dev/null", "r");
    char line[64];
    if (git && fgets(line, sizeof line, git) && line[0] != '\n') {
        line[strcspn(line, "\n")] = '\0';
        snprintf(commit, size, "%s", line);
    }
    if (git) {
        pclose(git);
    }
}
