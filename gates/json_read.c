/* json_read.c - the strict JSON reader: structure and strings here, numbers in json_number.c. */
#include "json_read.h"

#include <string.h>

DlcaJson dlca_json_begin(const char *text, size_t size, const char *name, DlcaError *error) {
    return (DlcaJson){.name = name, .text = text, .size = size, .at = 0, .fresh = false, .error = error};
}

bool dlca_json_refuse(const DlcaJson *json, const char *what) {
    return dlca_fail(json->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s", json->name, json->at, what);
}

static void skip_space(DlcaJson *json) {
    while (json->at < json->size) {
        const char c = json->text[json->at];
        if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
            return;
        }
        json->at++;
    }
}

/* Takes `c` when it comes next. */
static bool take(DlcaJson *json, char c) {
    skip_space(json);
    if (json->at < json->size && json->text[json->at] == c) {
        json->at++;
        return true;
    }
    return false;
}

bool dlca_json_object(DlcaJson *json) {
    json->fresh = true;
    return take(json, '{') || dlca_json_refuse(json, "an object { is expected");
}

bool dlca_json_array(DlcaJson *json) {
    json->fresh = true;
    return take(json, '[') || dlca_json_refuse(json, "an array [ is expected");
}

/* The common part of objects and arrays: the end, or a comma unless this is the first member. */
static bool next_member(DlcaJson *json, char end, bool *more) {
    const bool first = json->fresh;
    json->fresh = false;
    *more = !take(json, end);
    if (*more && !first && !take(json, ',')) {
        return dlca_json_refuse(json, "a comma or the closing bracket is expected");
    }
    return true;
}

bool dlca_json_key(DlcaJson *json, char *key, size_t size, bool *more) {
    if (!next_member(json, '}', more)) {
        return false;
    }
    if (!*more) {
        return true;
    }
    return dlca_json_string(json, key, size, NULL) && (take(json, ':') || dlca_json_refuse(json, "a : is expected"));
}

bool dlca_json_element(DlcaJson *json, bool *more) {
    return next_member(json, ']', more);
}

bool dlca_json_end(DlcaJson *json) {
    skip_space(json);
    return json->at == json->size || dlca_json_refuse(json, "something follows the end of the object");
}

bool dlca_json_boolean(DlcaJson *json, const char *field, bool *value) {
    static const char *const words[2] = {"false", "true"};
    skip_space(json);
    for (int i = 0; i < 2; i++) {
        const size_t length = strlen(words[i]);
        if (json->size - json->at >= length && memcmp(json->text + json->at, words[i], length) == 0) {
            json->at += length;
            *value = i == 1;
            return true;
        }
    }
    return dlca_fail(json->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s must be true or false", json->name, json->at,
                     field);
}

/* ---- strings ---- */

/* Lengths and ranges by the first byte, after table 3-7 of the Unicode standard: no overlong forms, no surrogates,
 * nothing above U+10FFFF. */
size_t dlca_utf8_character(const char *bytes, size_t size) {
    const unsigned char *byte = (const unsigned char *)bytes;
    if (size == 0) {
        return 0;
    }
    if (byte[0] < 0x80) {
        return 1;
    }
    const size_t length = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
    if (byte[0] < 0xc2 || byte[0] > 0xf4 || size < length) {
        return 0;
    }
    const unsigned char low = byte[0] == 0xe0 ? 0xa0 : byte[0] == 0xf0 ? 0x90 : 0x80;
    const unsigned char high = byte[0] == 0xed ? 0x9f : byte[0] == 0xf4 ? 0x8f : 0xbf;
    if (byte[1] < low || byte[1] > high) {
        return 0;
    }
    for (size_t i = 2; i < length; i++) {
        if (byte[i] < 0x80 || byte[i] > 0xbf) {
            return 0;
        }
    }
    return length;
}

/* Four hexadecimal digits at the present place; -1 when they are not. */
static int32_t take_hexadecimal(DlcaJson *json) {
    if (json->size - json->at < 4) {
        return -1;
    }
    int32_t value = 0;
    for (int i = 0; i < 4; i++) {
        const char c = json->text[json->at + (size_t)i];
        int32_t digit;
        if (c >= '0' && c <= '9') {
            digit = c - '0';
        } else if (c >= 'a' && c <= 'f') {
            digit = c - 'a' + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = c - 'A' + 10;
        } else {
            return -1;
        }
        value = value * 16 + digit;
    }
    json->at += 4;
    return value;
}

/* The character after \u, a surrogate pair as one; 0 (which is refused) when it is not one. */
static int32_t take_code_point(DlcaJson *json) {
    const int32_t high = take_hexadecimal(json);
    if (high < 0 || (high >= 0xdc00 && high <= 0xdfff)) {
        return 0;
    }
    if (high < 0xd800 || high > 0xdbff) {
        return high;
    }
    if (json->size - json->at < 2 || json->text[json->at] != '\\' || json->text[json->at + 1] != 'u') {
        return 0;
    }
    json->at += 2;
    const int32_t low = take_hexadecimal(json);
    if (low < 0xdc00 || low > 0xdfff) {
        return 0;
    }
    return 0x10000 + (high - 0xd800) * 0x400 + (low - 0xdc00);
}

static size_t encode_utf8(int32_t code, char out[4]) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | (code >> 6));
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | (code >> 12));
        out[1] = (char)(0x80 | ((code >> 6) & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (code >> 18));
    out[1] = (char)(0x80 | ((code >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((code >> 6) & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* One character after a backslash, decoded; 0 bytes when there is no such escape. */
static size_t take_escape(DlcaJson *json, char out[4]) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (json->at == json->size) {
        return 0;
    }
    const char letter = json->text[json->at++];
    if (letter == 'u') {
        const int32_t code = take_code_point(json);
        return code > 0 ? encode_utf8(code, out) : 0;
    }
    for (size_t i = 0; letters[i]; i++) {
        if (letter == letters[i]) {
            out[0] = meanings[i];
            return 1;
        }
    }
    return 0;
}

/* One character of a string, decoded; 0 bytes when it is not allowed there. */
static size_t take_character(DlcaJson *json, char out[4]) {
    const char *here = json->text + json->at;
    if ((unsigned char)*here < 0x20) {
        return 0;
    }
    if (*here == '\\') {
        json->at++;
        return take_escape(json, out);
    }
    const size_t length = dlca_utf8_character(here, json->size - json->at);
    memcpy(out, here, length);
    json->at += length;
    return length;
}

bool dlca_json_string(DlcaJson *json, char *string, size_t size, size_t *length) {
    if (!take(json, '"')) {
        return dlca_json_refuse(json, "a string is expected");
    }
    size_t used = 0;
    while (json->at < json->size && json->text[json->at] != '"') {
        char character[4];
        const size_t bytes = take_character(json, character);
        if (bytes == 0) {
            return dlca_json_refuse(json, "a string holds a control character, a bad escape or bad UTF-8");
        }
        if (used + bytes >= size) {
            return dlca_json_refuse(json, "a string is longer than any that belongs here");
        }
        memcpy(string + used, character, bytes);
        used += bytes;
    }
    if (!take(json, '"')) {
        return dlca_json_refuse(json, "a string does not end");
    }
    string[used] = '\0';
    if (length) {
        *length = used;
    }
    return true;
}
