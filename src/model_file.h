/* model_file.h - model.safetensors: a model, and what a resumed run or a later evaluation needs besides.
 *
 * The format is specified in docs/formats.md. A checksum covers every byte of the file, so that a damaged file is told
 * apart from one of another version and from one that is not dlca's at all. Leaves alone: the container
 * (safetensors.h), when to save, what the notes mean. */
#ifndef DLCA_MODEL_FILE_H
#define DLCA_MODEL_FILE_H

#include "dlca.h"

enum {
    DLCA_MODEL_FILE_VERSION = 1,
    DLCA_MAX_NOTES = 128,
    DLCA_NOTE_KEY_BYTES = 48,   /* with the final NUL */
    DLCA_NOTE_VALUE_BYTES = 256 /* with the final NUL */
};

/* A fact that a program keeps with a model, such as an option of the run: UTF-8 without NUL; each key once. */
typedef struct DlcaNote {
    char key[DLCA_NOTE_KEY_BYTES];
    char value[DLCA_NOTE_VALUE_BYTES];
} DlcaNote;

/* All optional. After dlca_model_load the buffers belong to the struct; for dlca_model_save they are only read. */
typedef struct DlcaModelExtras {
    float *first_moment;  /* [gates][16] AdamW's m; NULL when the file is not resumable */
    float *second_moment; /* [gates][16] AdamW's v; both or none */
    int64_t updates;      /* AdamW steps behind the moments */
    int64_t epoch;        /* epochs run, restarts included; with the seed this is the whole random state */
    int32_t restart;      /* which wiring this is, 0 the first */
    uint8_t *target;      /* [H][W][S] bits; NULL when not kept */
    DlcaModel *training;  /* wires and logits that training goes on with, where the model itself is the best so far and
                             another; of the same shape; the moments are of these logits. NULL: the model's own */
    int32_t notes;
    DlcaNote note[DLCA_MAX_NOTES];
} DlcaModelExtras;

void dlca_model_extras_free(DlcaModelExtras *extras); /* its buffers, not the struct; leaves it empty */
const char *dlca_model_extras_note(const DlcaModelExtras *extras, const char *key); /* NULL when missing */
bool dlca_model_extras_add_note(DlcaModelExtras *extras, const char *key, const char *value, DlcaError *error);

/* Writes atomically. The same model and extras give the same bytes. `extras` may be NULL. */
bool dlca_model_save(const DlcaModel *model, const DlcaModelExtras *extras, const char *path, DlcaError *error);

/* Reads and checks everything: checksum, configuration, shapes, wires in range, finite numbers, operations below 16.
 * NULL with a message otherwise. `extras` may be NULL; otherwise it is overwritten. */
DlcaModel *dlca_model_load(const char *path, DlcaModelExtras *extras, DlcaError *error);

/* The same from memory and to memory; `name` stands in messages. *data is the caller's to free(). */
DlcaModel *dlca_model_parse(const void *bytes, size_t size, const char *name, DlcaModelExtras *extras,
                            DlcaError *error);
bool dlca_model_serialize(const DlcaModel *model, const DlcaModelExtras *extras, uint8_t **data, size_t *size,
                          DlcaError *error);

#endif
