/* model_tensors.h - which tensors a model file holds, where each lives in memory, and what values are allowed.
 *
 * One list serves writer and reader. Leaves alone: metadata, the container, files. */
#ifndef DLCA_MODEL_TENSORS_H
#define DLCA_MODEL_TENSORS_H

#include "model_file.h"
#include "safetensors.h"

enum { DLCA_MODEL_MAX_TENSORS = 2 * DLCA_MAX_LAYERS * 7 + 1, DLCA_MODEL_TENSOR_NAME = 40 };

typedef enum DlcaTensorRole {
    DLCA_ROLE_LOGITS,
    DLCA_ROLE_FIRST_MOMENT,
    DLCA_ROLE_SECOND_MOMENT,
    DLCA_ROLE_TRAINING_LOGITS,
    DLCA_ROLE_WIRES,
    DLCA_ROLE_TRAINING_WIRES,
    DLCA_ROLE_OPS,
    DLCA_ROLE_TARGET,
    DLCA_ROLES
} DlcaTensorRole;

/* What a file holds besides logits and wires. */
typedef struct DlcaModelParts {
    bool moments, training, ops, target;
} DlcaModelParts;

typedef struct DlcaModelTensor {
    DlcaTensorRole role;
    int32_t layer;                     /* in DlcaModel, perception first */
    char name[DLCA_MODEL_TENSOR_NAME]; /* tensor.name for the container */
    DlcaTensor tensor;                 /* shape and dtype; data is filled in by the caller */
} DlcaModelTensor;

/* The tensors in the order of the file (by falling element size); returns how many. `list` [DLCA_MODEL_MAX_TENSORS] */
int32_t dlca_model_tensors(const DlcaConfig *config, DlcaModelParts parts, DlcaModelTensor *list);

/* Where the tensor's elements live in the model or the extras, whose buffers must be there. */
void *dlca_model_tensor_place(const DlcaModelTensor *tensor, const DlcaModel *model, const DlcaModelExtras *extras);

/* Logits and moments finite, the second moment not negative, wires within their layer's inputs, operations below 16,
 * the target 0 or 1. `data` may lie at any address; the message names the tensor. */
bool dlca_model_tensor_check(const DlcaModelTensor *tensor, const void *data, const DlcaModel *model,
                             DlcaErrorKind kind, const char *file_name, DlcaError *error);

#endif
