/* name_table.c - numbers for names, by a hash table that doubles. */
#include "name_table.h"

#include "grown.h"

#include <string.h>

/* FNV-1a (Fowler, Noll, Vo), 64 bits. */
static uint64_t hash(DlcaName name) {
    uint64_t value = 0xcbf29ce484222325u;
    for (size_t i = 0; i < name.length; i++) {
        value = (value ^ (uint8_t)name.text[i]) * 0x100000001b3u;
    }
    return value ^ value >> 32;
}

/* The slot that holds the name, or the empty one where it belongs. */
static uint32_t find(const DlcaNameTable *table, DlcaName name) {
    uint32_t at = (uint32_t)hash(name) & (table->slots - 1);
    for (; table->slot[at]; at = (at + 1) & (table->slots - 1)) {
        const DlcaName other = table->name[table->slot[at] - 1];
        if (other.length == name.length && memcmp(other.text, name.text, name.length) == 0) {
            break;
        }
    }
    return at;
}

/* At most half of the slots are used. */
static bool make_room(DlcaNameTable *table) {
    if ((uint32_t)table->count * 2 < table->slots) {
        return true;
    }
    const uint32_t slots = table->slots ? table->slots * 2 : 64;
    int32_t *slot = calloc(slots, sizeof *slot);
    if (!slot) {
        return false;
    }
    free(table->slot);
    table->slot = slot;
    table->slots = slots;
    for (int32_t i = 0; i < table->count; i++) {
        slot[find(table, table->name[i])] = i + 1;
    }
    return true;
}

int32_t dlca_name_number(DlcaNameTable *table, DlcaName name) {
    if (!make_room(table)) {
        return -1;
    }
    const uint32_t at = find(table, name);
    if (table->slot[at]) {
        return table->slot[at] - 1;
    }
    DlcaName *names = dlca_grown(table->name, table->count, sizeof *names);
    if (!names) {
        return -1;
    }
    table->name = names;
    names[table->count] = name;
    table->slot[at] = ++table->count;
    return table->count - 1;
}

void dlca_name_table_free(DlcaNameTable *table) {
    free(table->name);
    free(table->slot);
    *table = (DlcaNameTable){0};
}
