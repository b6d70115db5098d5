/* small_model.h - a model small enough to try every byte of its file, filled with numbers that differ everywhere. */
#ifndef DLCA_TESTS_SMALL_MODEL_H
#define DLCA_TESTS_SMALL_MODEL_H

#include "../src/model_file.h"

/* With wires, logits and operations; dlca_model_free. */
DlcaModel *small_model(void);

/* Moments, counters, target and two notes; dlca_model_extras_free. */
void small_extras(const DlcaModel *model, DlcaModelExtras *extras);

#endif
