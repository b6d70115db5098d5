/* name_table.h - numbers for names: the first name is 0, the next new one 1, and so on.
 *
 * Names are pieces of a text that stays where it is; nothing is copied. */
#ifndef DLCA_NAME_TABLE_H
#define DLCA_NAME_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DlcaName {
    const char *text; /* not NUL-terminated; NULL: no name */
    size_t length;
} DlcaName;

typedef struct DlcaNameTable {
    DlcaName *name; /* [count] */
    int32_t count;
    int32_t *slot; /* [slots] open addressing: number + 1, or 0 */
    uint32_t slots;
} DlcaNameTable;

/* The number of the name, which is added when it is new; -1 when there is no memory. A zeroed table is empty. */
int32_t dlca_name_number(DlcaNameTable *table, DlcaName name);
void dlca_name_table_free(DlcaNameTable *table);

#endif
