/* nearest.h - which of some known words a mistyped one was meant to be. Leaves alone: saying so. */
#ifndef DLCA_NEAREST_H
#define DLCA_NEAREST_H

#include <stddef.h>

/* Insertions, deletions, replacements and swaps of neighbours that turn one word into the other (the restricted
 * Damerau-Levenshtein distance); words longer than 63 bytes are compared in their first 63. */
int dlca_edit_distance(const char *left, const char *right);

/* The nearest of names [count] (the first among equals), or NULL when none is near enough to suggest: more than two
 * edits, or more than a third of a longer word. A name that begins with the word is always near. */
const char *dlca_nearest(const char *word, const char *const *names, size_t count);

#endif
