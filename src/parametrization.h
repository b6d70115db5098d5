/* parametrization.h - from a gate's parameters to the weights of its 16 operations, and the gradient back.
 *
 * Every kind keeps 16 logits a gate, whose softmax weighs the operations; so coefficients, argmax, hardening, files and
 * repair are the same for all, and a kind is one row of functions on 16 logits. Leaves alone: the softmax and its
 * gradient (gates/kernels.h), the optimizer. */
#ifndef DLCA_PARAMETRIZATION_H
#define DLCA_PARAMETRIZATION_H

#include "dlca.h"

typedef struct DlcaParametrization {
    const char *name;
    bool hard; /* forward, and for the gradients of its inputs, a gate is its most probable operation; its own logits
                  still get the gradient of the softmax */
    /* The start: `operation`, the surer the larger `pass`. */
    void (*start)(DlcaOp operation, float pass, float logits[DLCA_OPS]);
    /* What a gate's logits are in one epoch; NULL: themselves. */
    void (*disturb)(uint64_t seed, uint32_t epoch, int64_t gate, float logits[DLCA_OPS]);
    /* From the gradient of the logits to that of the parameters, in place; NULL: the logits are the parameters. */
    void (*pull_back)(float gradient[DLCA_OPS]);
    /* After an update of the parameters: the logits that follow from them; NULL: none do. */
    void (*settle)(float logits[DLCA_OPS]);
    /* Whether a file's logits are such as settle leaves; NULL: all are. */
    bool (*valid)(const float logits[DLCA_OPS]);
} DlcaParametrization;

const DlcaParametrization *dlca_parametrization(DlcaGates gates);

/* By name; an error lists the names. */
bool dlca_gates_find(const char *name, DlcaGates *gates, DlcaError *error);

/* natural_log of parametrization_math.h */
double dlca_natural_log(double x);

#endif
