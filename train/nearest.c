/* nearest.c - the restricted Damerau-Levenshtein distance and the nearest word. Leaves alone: everything else. */
#include "nearest.h"

#include <stdbool.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t bounded_length(const char *word) {
    return strnlen(word, LONGEST);
}

static int smaller(int left, int right) {
    return left < right ? left : right;
}

int dlca_edit_distance(const char *left, const char *right) {
    int distance[LONGEST + 1][LONGEST + 1]; /* [letters of left][letters of right] */
    size_t rows = bounded_length(left), columns = bounded_length(right);
    for (size_t row = 0; row <= rows; row++) {
        for (size_t column = 0; column <= columns; column++) {
            if (row == 0 || column == 0) {
                distance[row][column] = (int)(row + column);
                continue;
            }
            int replace = distance[row - 1][column - 1] + (left[row - 1] != right[column - 1]);
            int edit = smaller(distance[row - 1][column], distance[row][column - 1]) + 1;
            distance[row][column] = smaller(replace, edit);
            if (row > 1 && column > 1 && left[row - 1] == right[column - 2] && left[row - 2] == right[column - 1]) {
                distance[row][column] = smaller(distance[row][column], distance[row - 2][column - 2] + 1);
            }
        }
    }
    return distance[rows][columns];
}

const char *dlca_nearest(const char *word, const char *const *names, size_t count) {
    size_t length = bounded_length(word);
    int limit = length / 3 > 2 ? (int)(length / 3) : 2;
    if ((size_t)limit >= length) {
        limit = (int)length - 1; /* a word that shares no letter is no suggestion */
    }
    const char *best = NULL;
    for (size_t i = 0; i < count; i++) {
        const bool begins = length >= 2 && strncmp(word, names[i], length) == 0;
        const int longer = (int)bounded_length(names[i]) - (int)length;
        /* Lengths that differ by more than the limit need more edits than that: no need to count them. */
        if (!begins && (longer > limit || -longer > limit)) {
            continue;
        }
        const int distance = begins ? names[i][length] != '\0' : dlca_edit_distance(word, names[i]);
        if (distance <= limit) {
            best = names[i];
            limit = distance - 1;
        }
    }
    return best;
}
