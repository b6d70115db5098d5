/* pattern.c - the two texts. Every position of the text is looked at once. */
#include "pattern.h"

#include <stdlib.h>
#include <string.h>

void dlca_pattern_free(DlcaPattern *pattern) {
    free(pattern->bits);
    *pattern = (DlcaPattern){0};
}

bool dlca_pattern_create(DlcaPattern *pattern, int64_t width, int64_t height, int32_t channels, const char *name,
                         DlcaError *error) {
    *pattern = (DlcaPattern){0};
    if (width < 1 || height < 1 || width > DLCA_PATTERN_MAX_SIDE || height > DLCA_PATTERN_MAX_SIDE ||
        width * height > DLCA_PATTERN_MAX_CELLS / channels) {
        return dlca_fail(error, DLCA_BAD_INPUT,
                         "%s: a pattern of %lldx%lld cells; accepted: sides from 1 to %d, %d bits", name,
                         (long long)width, (long long)height, (int)DLCA_PATTERN_MAX_SIDE, (int)DLCA_PATTERN_MAX_CELLS);
    }
    pattern->bits = calloc((size_t)width * (size_t)height, (size_t)channels);
    if (!pattern->bits) {
        return dlca_fail(error, DLCA_FAILED, "%s: no memory for %lldx%lld cells", name, (long long)width,
                         (long long)height);
    }
    pattern->width = (int32_t)width;
    pattern->height = (int32_t)height;
    pattern->channels = channels;
    return true;
}

/* ---- reading along a text ---- */

typedef struct Reader {
    const char *at, *end;
    const char *name;
    int64_t line;
} Reader;

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_spaces(Reader *reader) {
    while (reader->at < reader->end && is_space(*reader->at)) {
        reader->line += *reader->at == '\n';
        reader->at++;
    }
}

static void skip_line(Reader *reader) {
    while (reader->at < reader->end && *reader->at != '\n') {
        reader->at++;
    }
    if (reader->at < reader->end) {
        reader->at++;
        reader->line++;
    }
}

/* Lines that begin with this character. */
static void skip_comments(Reader *reader, char comment) {
    for (;;) {
        skip_spaces(reader);
        if (reader->at == reader->end || *reader->at != comment) {
            return;
        }
        skip_line(reader);
    }
}

static bool is_digit(const Reader *reader) {
    return reader->at < reader->end && *reader->at >= '0' && *reader->at <= '9';
}

/* At most 9 digits, so that it fits. False when there is none or there are more. */
static bool read_count(Reader *reader, int64_t *count) {
    int digits = 0;
    *count = 0;
    for (; is_digit(reader) && digits < 10; digits++) {
        *count = *count * 10 + (*reader->at++ - '0');
    }
    return digits >= 1 && digits <= 9;
}

static bool wrong(const Reader *reader, const char *what, DlcaError *error) {
    return dlca_fail(error, DLCA_BAD_INPUT, "%s: line %lld: %s", reader->name, (long long)reader->line, what);
}

/* ---- RLE ---- */

/* `word` and then `=`, spaces between. */
static bool read_key(Reader *reader, const char *word) {
    const size_t length = strlen(word);
    skip_spaces(reader);
    if ((size_t)(reader->end - reader->at) < length || strncmp(reader->at, word, length) != 0) {
        return false;
    }
    reader->at += length;
    skip_spaces(reader);
    if (reader->at == reader->end || *reader->at != '=') {
        return false;
    }
    reader->at++;
    skip_spaces(reader);
    return true;
}

static bool read_comma(Reader *reader) {
    while (reader->at < reader->end && (*reader->at == ' ' || *reader->at == '\t')) {
        reader->at++;
    }
    const bool there = reader->at < reader->end && *reader->at == ',';
    reader->at += there;
    return there;
}

/* Conway's Life under its names, up to the end of the line. */
static bool read_rule(Reader *reader, DlcaError *error) {
    static const char *const names[] = {"B3/S23", "b3/s23", "23/3", "S23/B3", "s23/b3", "Life", "LIFE", "life"};
    const char *start = reader->at;
    skip_line(reader);
    const char *end = reader->at;
    while (end > start && is_space(end[-1])) {
        end--;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if ((size_t)(end - start) == strlen(names[i]) && strncmp(start, names[i], strlen(names[i])) == 0) {
            return true;
        }
    }
    const int shown = end - start > 40 ? 40 : (int)(end - start);
    return dlca_fail(error, DLCA_BAD_INPUT,
                     "%s: the pattern is for another rule, '%.*s'; accepted: B3/S23 or none given", reader->name, shown,
                     start);
}

static bool read_header(Reader *reader, DlcaPattern *pattern, DlcaError *error) {
    int64_t width, height;
    skip_comments(reader, '#');
    if (!read_key(reader, "x") || !read_count(reader, &width) || !read_comma(reader) || !read_key(reader, "y") ||
        !read_count(reader, &height)) {
        return wrong(reader, "no header; expected `x = WIDTH, y = HEIGHT`", error);
    }
    if (read_comma(reader)) {
        if (!read_key(reader, "rule")) {
            return wrong(reader, "expected `rule = B3/S23` after the size", error);
        }
        if (!read_rule(reader, error)) {
            return false;
        }
    } else {
        skip_line(reader);
    }
    return dlca_pattern_create(pattern, width, height, 1, reader->name, error);
}

static bool read_runs(Reader *reader, DlcaPattern *pattern, DlcaError *error) {
    int64_t x = 0, y = 0;
    for (skip_spaces(reader); reader->at < reader->end; skip_spaces(reader)) {
        int64_t count = 1;
        if (is_digit(reader) && (!read_count(reader, &count) || count == 0)) {
            return wrong(reader, "a bad count; accepted: 1 to 999999999", error);
        }
        skip_spaces(reader);
        if (reader->at == reader->end) {
            break;
        }
        const char tag = *reader->at++;
        if (tag == '!') {
            return true;
        }
        if (tag == '$') {
            x = 0;
            y += count;
        } else if (tag == 'b' || tag == 'o' || tag == '.' || tag == 'A') {
            if (y >= pattern->height || count > pattern->width - x) {
                return wrong(reader, "more cells than the header says", error);
            }
            memset(pattern->bits + y * pattern->width + x, tag == 'o' || tag == 'A', (size_t)count);
            x += count;
        } else {
            return wrong(reader, "an unknown character; accepted: counts, b, o, $ and !", error);
        }
    }
    return wrong(reader, "the text ends before its `!`: it is cut", error);
}

bool dlca_pattern_parse_rle(const char *text, size_t size, const char *name, DlcaPattern *pattern, DlcaError *error) {
    Reader reader = {text, text + size, name, 1};
    *pattern = (DlcaPattern){0};
    if (read_header(&reader, pattern, error) && read_runs(&reader, pattern, error)) {
        return true;
    }
    dlca_pattern_free(pattern);
    return false;
}

/* ---- plain text ---- */

/* Calls for each row: its first character and its length, without the end of the line. False at the end. */
static bool next_row(Reader *reader, const char **row, int64_t *length) {
    if (reader->at == reader->end) {
        return false;
    }
    const char *start = reader->at;
    skip_line(reader);
    const char *end = reader->at;
    while (end > start && is_space(end[-1])) {
        end--;
    }
    *row = start;
    *length = end - start;
    return true;
}

static bool read_rows(Reader *reader, DlcaPattern *pattern, DlcaError *error) {
    const Reader first = *reader;
    const char *row;
    int64_t length, width = 0, height = 0, rows = 0;
    while (next_row(reader, &row, &length)) {
        rows++;
        width = length > width ? length : width;
        height = length > 0 ? rows : height; /* empty lines at the end are none */
    }
    if (width == 0) {
        return wrong(&first, "no cells; expected lines of . and O", error);
    }
    if (!dlca_pattern_create(pattern, width, height, 1, reader->name, error)) {
        return false;
    }
    *reader = first;
    for (int64_t y = 0; y < height; y++) {
        next_row(reader, &row, &length);
        for (int64_t x = 0; x < length; x++) {
            if (!strchr(".O*", row[x]) || row[x] == '\0') {
                reader->line = first.line + y;
                return wrong(reader, "an unknown character; accepted: . and O", error);
            }
            pattern->bits[y * width + x] = row[x] != '.';
        }
    }
    return true;
}

bool dlca_pattern_parse_plain(const char *text, size_t size, const char *name, DlcaPattern *pattern, DlcaError *error) {
    Reader reader = {text, text + size, name, 1};
    *pattern = (DlcaPattern){0};
    while (reader.at < reader.end && *reader.at == '!') {
        skip_line(&reader);
    }
    if (read_rows(&reader, pattern, error)) {
        return true;
    }
    dlca_pattern_free(pattern);
    return false;
}

/* ---- either ---- */

bool dlca_pattern_parse(const uint8_t *data, size_t size, int32_t channels, const char *name, DlcaPattern *pattern,
                        DlcaError *error) {
    static const uint8_t png[4] = {0x89, 'P', 'N', 'G'};
    const char *text = (const char *)data;
    Reader reader = {text, text + size, name, 1};
    *pattern = (DlcaPattern){0};
    if (size >= sizeof png && memcmp(data, png, sizeof png) == 0) {
        return dlca_pattern_parse_png(data, size, channels, name, pattern, error);
    }
    skip_spaces(&reader);
    if (reader.at < reader.end && (*reader.at == '#' || *reader.at == 'x')) {
        return dlca_pattern_parse_rle(text, size, name, pattern, error);
    }
    if (reader.at < reader.end && strchr("!.O*", *reader.at) && *reader.at != '\0') {
        return dlca_pattern_parse_plain(text, size, name, pattern, error);
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "%s is no pattern; accepted: RLE, plain text (. and O), PNG", name);
}
