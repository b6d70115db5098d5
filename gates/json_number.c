/* json_number.c - numbers of the strict JSON reader: whole ones exactly, others by strtod after a check of their form.
 */
#include "json_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LONGEST_NUMBER = 64 };

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static size_t digits_at(const char *text) {
    size_t count = 0;
    while (is_digit(text[count])) {
        count++;
    }
    return count;
}

/* Copies the characters of a number, NUL-terminated, without taking them; false when there are too many. */
static bool copy_token(DlcaJson *json, char token[LONGEST_NUMBER]) {
    while (json->at < json->size && strchr(" \t\n\r", json->text[json->at]) && json->text[json->at] != '\0') {
        json->at++;
    }
    size_t length = 0;
    while (json->at + length < json->size && length < LONGEST_NUMBER) {
        const char c = json->text[json->at + length];
        if (!is_digit(c) && c != '-' && c != '+' && c != '.' && c != 'e' && c != 'E') {
            break;
        }
        token[length++] = c;
    }
    if (length == LONGEST_NUMBER) {
        return false;
    }
    token[length] = '\0';
    return true;
}

/* The length of the whole number at the front: -?(0|[1-9][0-9]*); 0 when there is none. */
static size_t whole_part(const char *token) {
    const size_t sign = token[0] == '-';
    const size_t digits = digits_at(token + sign);
    return digits == 0 || (digits > 1 && token[sign] == '0') ? 0 : sign + digits;
}

/* The grammar of RFC 8259, section 6. */
static bool is_number(const char *token) {
    size_t at = whole_part(token);
    if (at == 0) {
        return false;
    }
    if (token[at] == '.') {
        const size_t digits = digits_at(token + at + 1);
        if (digits == 0) {
            return false;
        }
        at += 1 + digits;
    }
    if (token[at] == 'e' || token[at] == 'E') {
        at++;
        at += token[at] == '+' || token[at] == '-';
        const size_t digits = digits_at(token + at);
        if (digits == 0) {
            return false;
        }
        at += digits;
    }
    return token[at] == '\0';
}

static bool refuse_number(const DlcaJson *json, const char *field, const char *want) {
    return dlca_fail(json->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s must be %s", json->name, json->at, field, want);
}

/* Sign and magnitude of a whole number below 2^64. */
static bool take_whole(DlcaJson *json, const char *field, bool *negative, uint64_t *magnitude) {
    char token[LONGEST_NUMBER] = "";
    size_t length = 0;
    if (!copy_token(json, token) || (length = whole_part(token)) == 0 || token[length] != '\0') {
        return refuse_number(json, field, "a whole number");
    }
    *negative = token[0] == '-';
    *magnitude = 0;
    for (size_t i = *negative; i < length; i++) {
        const uint64_t digit = (uint64_t)(token[i] - '0');
        if (*magnitude > (UINT64_MAX - digit) / 10) {
            return refuse_number(json, field, "a whole number of at most 64 bits");
        }
        *magnitude = *magnitude * 10 + digit;
    }
    json->at += length;
    return true;
}

bool dlca_json_unsigned(DlcaJson *json, const char *field, uint64_t *value) {
    bool negative;
    if (!take_whole(json, field, &negative, value)) {
        return false;
    }
    return !negative || refuse_number(json, field, "a whole number from 0");
}

bool dlca_json_integer(DlcaJson *json, const char *field, int64_t low, int64_t high, int64_t *value) {
    bool negative = false;
    uint64_t magnitude = 0;
    if (!take_whole(json, field, &negative, &magnitude)) {
        return false;
    }
    /* INT64_MIN itself is refused: nothing here needs it. */
    const bool fits = magnitude <= (uint64_t)INT64_MAX;
    *value = !fits ? 0 : negative ? -(int64_t)magnitude : (int64_t)magnitude;
    if (!fits || *value < low || *value > high) {
        return dlca_fail(json->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s must be %lld to %lld", json->name, json->at,
                         field, (long long)low, (long long)high);
    }
    return true;
}

/* strtod reads the decimal point of the C locale, which the programs never leave; in another one the token would not
 * be read to its end, and is refused. */
bool dlca_json_real(DlcaJson *json, const char *field, double low, double high, double *value) {
    char token[LONGEST_NUMBER] = "";
    if (!copy_token(json, token) || !is_number(token)) {
        return refuse_number(json, field, "a number");
    }
    char *end;
    *value = strtod(token, &end);
    if (*end != '\0' || !isfinite(*value) || *value < low || *value > high) {
        return dlca_fail(json->error, DLCA_BAD_INPUT, "%s: at byte %zu: %s must be %g to %g", json->name, json->at,
                         field, low, high);
    }
    json->at += strlen(token);
    return true;
}
