/* text.c - the growing text buffer. */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void dlca_text_free(DlcaText *text) {
    free(text->data);
    *text = (DlcaText){0};
}

/* Room for `more` bytes and the final NUL; doubles, so that many small additions stay linear. */
static bool reserve(DlcaText *text, size_t more) {
    if (text->failed || more > SIZE_MAX / 4 - text->size) {
        text->failed = true;
        return false;
    }
    const size_t wanted = text->size + more + 1;
    if (wanted <= text->capacity) {
        return true;
    }
    size_t capacity = text->capacity ? text->capacity : 256;
    while (capacity < wanted) {
        capacity *= 2;
    }
    char *data = realloc(text->data, capacity);
    if (!data) {
        text->failed = true;
        return false;
    }
    text->data = data;
    text->capacity = capacity;
    return true;
}

void dlca_text_add_bytes(DlcaText *text, const char *bytes, size_t length) {
    if (reserve(text, length)) {
        memcpy(text->data + text->size, bytes, length);
        text->size += length;
        text->data[text->size] = '\0';
    }
}

void dlca_text_add(DlcaText *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text->failed = true;
    } else if (reserve(text, (size_t)length)) {
        va_start(arguments, format);
        vsnprintf(text->data + text->size, (size_t)length + 1, format, arguments);
        va_end(arguments);
        text->size += (size_t)length;
    }
}

void dlca_text_add_json_string(DlcaText *text, const char *string) {
    dlca_text_add_bytes(text, "\"", 1);
    for (const char *c = string; *c; c++) {
        if (*c == '"' || *c == '\\') {
            const char escaped[2] = {'\\', *c};
            dlca_text_add_bytes(text, escaped, 2);
        } else if ((unsigned char)*c < 0x20) {
            dlca_text_add(text, "\\u%04x", (unsigned)*c);
        } else {
            dlca_text_add_bytes(text, c, 1);
        }
    }
    dlca_text_add_bytes(text, "\"", 1);
}

void dlca_text_add_real(DlcaText *text, double value) {
    char digits[40];
    for (int precision = 6; precision <= 17; precision++) {
        snprintf(digits, sizeof digits, "%.*g", precision, value);
        if (!(strtod(digits, NULL) < value) && !(strtod(digits, NULL) > value)) {
            break;
        }
    }
    dlca_text_add(text, "%s", digits);
}

bool dlca_text_check(DlcaText *text, const char *what, DlcaError *error) {
    if (text->failed) {
        dlca_text_free(text);
        return dlca_fail(error, DLCA_FAILED, "no memory for %s", what);
    }
    return true;
}
