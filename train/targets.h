/* targets.h - our own drawings, as bits [height][width][channels]; see data/. */
#ifndef DLCA_TARGETS_H
#define DLCA_TARGETS_H

#include <stdint.h>

extern const uint8_t dlca_target_lizard[20 * 20 * 1];
extern const uint8_t dlca_target_letter[16 * 16 * 3];

#endif
