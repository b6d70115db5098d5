/* word_kernels_scalar.c - the word kernels in plain C, a word at a time. */
#include "word_kernels.h"

static inline uint64_t load_word(const uint64_t *from) {
    return *from;
}

#define VECTOR uint64_t
#define LANES 1
#define LOAD(p) load_word(p)
#define STORE(p, v) (*(p) = (v))
#define GATE(op, a, b) dlca_op_word(op, a, b)
#define SELECT(mask, a, b) (((mask) & (a)) | (~(mask) & (b)))
#define TABLE dlca_word_kernels_scalar

#include "word_kernels_template.h"
