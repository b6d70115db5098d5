/* tables.h - a model's wiring as the kernels of rollout_kernels.h read it, made from src/network.h.
 *
 * The CPU walks a layer's gates in trails and carries an input row's gradient from gate to gate; here every input row
 * gathers it by itself, so each row gets the list of the trails' visits in their order. Leaves alone: uploading. */
#ifndef DLCA_GPU_TABLES_H
#define DLCA_GPU_TABLES_H

#include "../src/network.h"
#include "rollout_data.h"

typedef struct DlcaGpuTables {
    DlcaGpuLayer *layer;
    DlcaGpuStep *step;
    DlcaGpuVisit *visit;  /* [2 x update gates] of which `visits` are used */
    int32_t *visit_first; /* [visit_rows] */
    DlcaGpuPair *pair;
    int32_t *layer_pairs; /* [perceive_layers + 1] */
    int32_t *unused_row;  /* [kernel_slots] of which `unused_rows` are used */
    DlcaGpuUse *use;      /* [2 x gates of the first layer] */
    int32_t *use_first;   /* [10] */
    int32_t update_gates, visits, visit_rows, pairs, unused_rows;
    DlcaArena arena; /* owns all of the above */
} DlcaGpuTables;

bool dlca_gpu_tables_create(DlcaGpuTables *tables, const DlcaNetwork *network, DlcaError *error);
void dlca_gpu_tables_free(DlcaGpuTables *tables);

#endif
