/* simulate_values.c - reads the values of options that are more than a number. Leaves alone: the table. */
#include "simulate_options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Reads 1 to 7 digits at *at, and steps over them. */
static bool read_whole(const char **at, int32_t *number) {
    size_t digits = strspn(*at, "0123456789");
    if (digits < 1 || digits > 7) {
        return false;
    }
    *number = (int32_t)strtol(*at, NULL, 10);
    *at += digits;
    return true;
}

static bool skip(const char **at, char expected) {
    bool found = **at == expected;
    *at += found;
    return found;
}

/* "X,Y,W,H" with sizes from 1. */
static bool read_rectangle(const char **at, int32_t *x, int32_t *y, int32_t *width, int32_t *height) {
    return read_whole(at, x) && skip(at, ',') && read_whole(at, y) && skip(at, ',') && read_whole(at, width) &&
           skip(at, ',') && read_whole(at, height) && *width >= 1 && *height >= 1;
}

static int32_t word_number(const char *text, const char *const *words, int32_t count) {
    for (int32_t i = 0; i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            return i;
        }
    }
    return -1;
}

/* "X,Y,W,H", then perhaps "@STEP", then perhaps ":KIND". */
bool dlca_parse_damage(const char *text, void *into, DlcaError *error) {
    static const char *const kinds[] = {"random", "flip", "stuck0", "stuck1"};
    DlcaDamageList *list = into;
    DlcaDamage damage = {.step = DLCA_NOT_GIVEN};
    const char *at = text;
    bool good = read_rectangle(&at, &damage.x, &damage.y, &damage.width, &damage.height) &&
                (!skip(&at, '@') || read_whole(&at, &damage.step));
    if (good && skip(&at, ':')) {
        const int32_t kind = word_number(at, kinds, 4);
        good = kind >= 0;
        damage.kind = (DlcaDamageKind)(kind < 0 ? 0 : kind);
    } else {
        good = good && *at == '\0';
    }
    if (!good) {
        return dlca_fail(
            error, DLCA_BAD_INPUT,
            "'%s' is no damage; accepted: X,Y,WIDTH,HEIGHT in cells, sizes from 1, then perhaps @STEP, then "
            "perhaps :random, :flip, :stuck0 or :stuck1",
            text);
    }
    if (list->count == DLCA_MAX_DAMAGE) {
        return dlca_fail(error, DLCA_BAD_INPUT, "given more than %d times", DLCA_MAX_DAMAGE);
    }
    list->item[list->count++] = damage;
    return true;
}

bool dlca_parse_point(const char *text, void *into, DlcaError *error) {
    DlcaPoint *point = into;
    const char *at = text;
    if (read_whole(&at, &point->x) && skip(&at, ',') && read_whole(&at, &point->y) && *at == '\0') {
        return true;
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is no place; accepted: X,Y in cells from 0", text);
}

bool dlca_parse_view(const char *text, void *into, DlcaError *error) {
    DlcaView *view = into;
    const char *at = text;
    if (read_rectangle(&at, &view->x, &view->y, &view->width, &view->height) && *at == '\0') {
        return true;
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is no rectangle; accepted: X,Y,WIDTH,HEIGHT in cells, sizes from 1",
                     text);
}

bool dlca_parse_start(const char *text, void *into, DlcaError *error) {
    static const char *const starts[] = {"trained", "random", "cell", "zeros"};
    const int32_t start = word_number(text, starts, 4);
    *(int32_t *)into = start;
    return start >= 0 ||
           dlca_fail(error, DLCA_BAD_INPUT, "'%s' is no start; accepted: trained, random, cell, zeros", text);
}

bool dlca_parse_isa(const char *text, void *into, DlcaError *error) {
    int32_t *isa = into;
    if (strcmp(text, "auto") == 0) {
        *isa = (int32_t)dlca_isa_best();
        return true;
    }
    for (int32_t i = 0; i < DLCA_ISA_COUNT; i++) {
        if (strcmp(text, dlca_isa_name((DlcaIsa)i)) == 0) {
            *isa = i;
            return dlca_isa_usable((DlcaIsa)i) ||
                   dlca_fail(error, DLCA_BAD_INPUT, "this processor has no %s; accepted are those of `dlca backends`",
                             text);
        }
    }
    return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is unknown; accepted: auto, scalar, avx2, avx512, neon", text);
}

bool dlca_check_output(const char *path, DlcaError *error) {
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    size_t length = slash ? (size_t)(slash - path) : 0;
    struct stat status;
    if (strlen(path) >= sizeof folder) {
        return dlca_fail(error, DLCA_BAD_INPUT, "the path is longer than %zu bytes", sizeof folder - 1);
    }
    if ((slash && slash[1] == '\0') || (stat(path, &status) == 0 && S_ISDIR(status.st_mode))) {
        return dlca_fail(error, DLCA_BAD_INPUT, "'%s' is a folder; accepted: the path of a file", path);
    }
    snprintf(folder, sizeof folder, "%.*s", (int)length, path);
    const char *parent = !slash ? "." : length == 0 ? "/" : folder;
    if (access(parent, W_OK | X_OK) != 0) {
        return dlca_fail(error, DLCA_BAD_INPUT, "'%s' cannot be written: %s: %s", path, parent, strerror(errno));
    }
    return true;
}
