/* random_model.h - small models of random shape, wiring and operations, and the plainest way to step a grid with one:
 * cell by cell, layer by layer, bools in arrays, as DESIGN.md words it and without the code under test. */
#ifndef RANDOM_MODEL_H
#define RANDOM_MODEL_H

#include "../src/dlca.h"
#include "random_circuit.h"

/* height x width cells; channels, kernels, layers and gates drawn. ops are drawn too, has_ops set. */
DlcaModel *random_model(TestRandom *random, int32_t height, int32_t width, bool periodic);

/* One step of one grid [cell][channel]; fire [cell] or NULL. */
void step_plainly(const DlcaModel *model, const uint8_t *ops, int32_t height, int32_t width, const bool *fire,
                  const bool *from, bool *to);

#endif
