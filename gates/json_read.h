/* json_read.h - strict JSON, read from front to back without building a tree.
 *
 * Made for files from strangers. The caller says what comes next, so nothing recurses and no memory is taken, whatever
 * the text holds; whole numbers are exact over 64 bits; text must be valid UTF-8 without NUL; nothing beyond RFC 8259
 * is accepted. A tree (cJSON) would take some 80 bytes per value, round numbers to doubles, keep duplicate keys and let
 * bad UTF-8 through; the tests hold this reader against it. Leaves alone: which keys and ranges are right. */
#ifndef DLCA_JSON_READ_H
#define DLCA_JSON_READ_H

#include "error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct DlcaJson {
    const char *name; /* of the file, for messages */
    const char *text;
    size_t size, at;
    bool fresh; /* an object or array has just been opened */
    DlcaError *error;
} DlcaJson;

/* `text` need not end in NUL. */
DlcaJson dlca_json_begin(const char *text, size_t size, const char *name, DlcaError *error);

/* Each returns false with a message that gives name and byte offset. */

bool dlca_json_object(DlcaJson *json); /* { */
bool dlca_json_array(DlcaJson *json);  /* [ */

/* The next key of the object (*more true; its value comes next) or the object's end (*more false). */
bool dlca_json_key(DlcaJson *json, char *key, size_t size, bool *more);

/* Whether another element of the array follows; its end is consumed. */
bool dlca_json_element(DlcaJson *json, bool *more);

/* Decoded and NUL-terminated into string [size]; *length without the NUL, may be NULL. */
bool dlca_json_string(DlcaJson *json, char *string, size_t size, size_t *length);

/* A whole number without fraction and exponent, in low..high. `field` stands in the message. */
bool dlca_json_integer(DlcaJson *json, const char *field, int64_t low, int64_t high, int64_t *value);
bool dlca_json_unsigned(DlcaJson *json, const char *field, uint64_t *value);

bool dlca_json_real(DlcaJson *json, const char *field, double low, double high, double *value);
bool dlca_json_boolean(DlcaJson *json, const char *field, bool *value);

/* Nothing but white space follows. */
bool dlca_json_end(DlcaJson *json);

/* A bad-input error at the present place; returns false. */
bool dlca_json_refuse(const DlcaJson *json, const char *what);

/* The length of the valid UTF-8 character at the front of bytes [size], 0 when there is none. */
size_t dlca_utf8_character(const char *bytes, size_t size);

#endif
