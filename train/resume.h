/* resume.h - the options of an interrupted run: kept in its checkpoint, taken over, compared.
 *
 * Kept are those that differ from the defaults, as notes `option.<name>`. Leaves alone: which options are kept or fixed
 * (the table of options says it), the state of the training (checkpoint.h). */
#ifndef DLCA_RESUME_H
#define DLCA_RESUME_H

#include "../src/model_file.h"
#include "arguments.h"

/* Adds a note for each option that a resumed run takes over and that differs from `defaults`, a struct as `values`. One
 * that is too long for a note (a path) is left out. */
bool dlca_resume_notes_add(const DlcaArguments *arguments, const void *values, const void *defaults,
                           DlcaModelExtras *notes, DlcaError *error);

/* Sets in `values` what the notes say. Texts point into the notes, which must outlive them. `path`, the checkpoint's,
 * stands in messages. */
bool dlca_resume_notes_apply(const DlcaArguments *arguments, const DlcaModelExtras *notes, const char *path,
                             void *values, DlcaError *error);

/* True when no fixed option differs; otherwise an error that names the first that does. */
bool dlca_resume_compare(const DlcaArguments *arguments, const void *saved, const void *wanted, const char *folder,
                         DlcaError *error);

#endif
