/* report_text.c - escaping and encoding for the report. Leaves alone: what is said. */
#include "report_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Length of the UTF-8 sequence that begins here, 0 when none does. Overlong forms and surrogates are not told apart
 * from others: they are harmless here, browsers replace them. */
static size_t sequence_length(const uint8_t *bytes) {
    const size_t length = bytes[0] >= 0xf0 && bytes[0] <= 0xf4   ? 4
                          : bytes[0] >= 0xe0 && bytes[0] <= 0xef ? 3
                          : bytes[0] >= 0xc2 && bytes[0] <= 0xdf ? 2
                                                                 : 0;
    for (size_t i = 1; i < length; i++) {
        if ((bytes[i] & 0xc0) != 0x80) { /* the final NUL stops here too */
            return 0;
        }
    }
    return length;
}

static const char *entity_of(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

void dlca_report_escape(DlcaText *text, const char *string) {
    while (*string) {
        const uint8_t first = (uint8_t)*string;
        const char *entity = entity_of(*string);
        size_t length = 1;
        if (entity) {
            dlca_text_add_bytes(text, entity, strlen(entity));
        } else if (first >= 0x80) {
            length = sequence_length((const uint8_t *)string);
            dlca_text_add_bytes(text, length ? string : "?", length ? length : 1);
            length = length ? length : 1;
        } else {
            dlca_text_add_bytes(text, first < 0x20 || first == 0x7f ? "?" : string, 1);
        }
        string += length;
    }
}

void dlca_report_count(DlcaText *text, int64_t number) {
    char digits[32];
    const int length = snprintf(digits, sizeof digits, "%" PRId64, number);
    for (int i = 0; i < length; i++) {
        if (i > 0 && digits[i - 1] != '-' && (length - i) % 3 == 0 && length > 4) {
            dlca_text_add(text, "\xe2\x80\xaf"); /* narrow no-break space */
        }
        dlca_text_add_bytes(text, digits + i, 1);
    }
}

void dlca_report_base64(DlcaText *text, const uint8_t *bytes, size_t size) {
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < size; i += 3) {
        const size_t left = size - i;
        const uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                               (left > 2 ? (uint32_t)bytes[i + 2] : 0);
        const char four[4] = {letters[group >> 18], letters[group >> 12 & 63],
                              left > 1 ? letters[group >> 6 & 63] : '=', left > 2 ? letters[group & 63] : '='};
        dlca_text_add_bytes(text, four, sizeof four);
    }
}
