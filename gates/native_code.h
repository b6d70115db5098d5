/* native_code.h - writes a plan as machine code: which register holds which value when.
 *
 * Leaves alone: the bytes of an instruction (native_encode.h), memory for the code (native.c). */
#ifndef DLCA_NATIVE_CODE_H
#define DLCA_NATIVE_CODE_H

#include "native.h"
#include "native_encode.h"
#include "native_plan.h"

/* Memory that the writer needs, kept from call to call by its owner. */
typedef struct DlcaWriterMemory {
    int32_t *reg;        /* [values] register that holds the value, -1 */
    int32_t *slot;       /* [values] scratch slot that holds the value, -1 */
    int32_t *next;       /* [values] the gate that reads it next, DLCA_NEVER */
    int32_t *spare_slot; /* [values] */
} DlcaWriterMemory;

/* At most so many instructions are written for one gate, one output, and around the loop. */
enum { DLCA_MOST_PER_GATE = 10, DLCA_MOST_PER_OUTPUT = 10, DLCA_MOST_AROUND = 16 };

/* Writes a function of (in, out, scratch, mask, blocks); a block is a register's width. Returns the number of scratch
 * slots, each a register wide, that it uses. Offsets are within +-2 GiB. */
int32_t dlca_native_write(DlcaCode *code, const DlcaPlan *plan, const DlcaNativeLayout *layout,
                          DlcaWriterMemory memory);

#endif
