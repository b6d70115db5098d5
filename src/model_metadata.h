/* model_metadata.h - a model's configuration and counters as the metadata strings of its file, both ways.
 *
 * Leaves alone: tensors, the container, the checksum (model_seal.h). */
#ifndef DLCA_MODEL_METADATA_H
#define DLCA_MODEL_METADATA_H

#include "model_file.h"
#include "safetensors.h"

enum { DLCA_METADATA_ENTRIES = 32 + DLCA_MAX_NOTES, DLCA_METADATA_KEY = 64, DLCA_METADATA_VALUE = 512 };

/* Entries with room for their strings. */
typedef struct DlcaModelMetadata {
    int32_t entries;
    DlcaMetadata entry[DLCA_METADATA_ENTRIES];
    char key[DLCA_METADATA_ENTRIES][DLCA_METADATA_KEY];
    char value[DLCA_METADATA_ENTRIES][DLCA_METADATA_VALUE];
} DlcaModelMetadata;

/* In the order of docs/formats.md, the checksum blank. `extras` may be NULL. False when it cannot be written. */
bool dlca_model_metadata_write(const DlcaConfig *config, const DlcaModelExtras *extras, DlcaModelMetadata *metadata,
                               DlcaError *error);

/* Every key there once, known, and in range; the configuration passes dlca_config_check. Fills the counters and notes
 * of `extras`. `name` stands in messages. */
bool dlca_model_metadata_read(const DlcaSafetensors *file, const char *name, DlcaConfig *config,
                              DlcaModelExtras *extras, DlcaError *error);

#endif
