/* crew.h - trainings on threads of their own that share a device: epochs that are asked for at about the same time go
 * there together, side by side in one launch, because one model alone fills a small part of a large device.
 *
 * A model's results do not depend on who else was there. Leaves alone: what an epoch is (backend.h), who trains (tools/
 * sweep.c). */
#ifndef DLCA_CREW_H
#define DLCA_CREW_H

#include "backend.h"

typedef struct DlcaCrew DlcaCrew;

/* For models of one shape. */
DlcaCrew *dlca_crew_create(DlcaError *error);
void dlca_crew_free(DlcaCrew *crew); /* NULL is fine */

/* A thread that is about to train, or has trained. */
void dlca_crew_join(DlcaCrew *crew);
void dlca_crew_leave(DlcaCrew *crew);

/* table->train for one model; returns when its epoch is over. */
bool dlca_crew_train(DlcaCrew *crew, const DlcaBackendTable *table, DlcaBackend *backend, const DlcaBatch *batch,
                     const DlcaAdamW *optimizer, DlcaError *error);

#endif
