/* block_words_scalar.c - the loops of block_words.h for any processor. */
#define TABLE dlca_block_words_scalar
#include "block_words_template.h"
