/* hand_life_scalar.c - hand_life.h on words of 64 bits. */
#include "hand_life.h"

#define VECTOR uint64_t
#define LANES 1
#define LOAD(p) (*(p))
#define STORE(p, v) (*(p) = (v))
#define AND(a, b) ((a) & (b))
#define OR(a, b) ((a) | (b))
#define XOR(a, b) ((a) ^ (b))
#define AND_NOT(a, b) ((a) & ~(b))
#define FUNCTION dlca_hand_life_scalar

#include "hand_life_two.h"

#include "hand_life_template.h"
