/* import_blif_scan.c - reads the text of a BLIF file: one model, .inputs, .outputs, .names. */
#include "grown.h"
#include "import_blif.h"

#include <string.h>

typedef struct Scan {
    DlcaBlif *blif;
    const char *text;
    size_t size, at;
    int32_t line;
    bool model, ended;
} Scan;

static bool refuse(const Scan *scan, const char *what) {
    return dlca_fail(scan->blif->error, DLCA_BAD_INPUT, "%s: line %d: %s", scan->blif->name, scan->line, what);
}

static bool refuse_word(const Scan *scan, DlcaName word, const char *what) {
    return dlca_fail(scan->blif->error, DLCA_BAD_INPUT, "%s: line %d: %.*s%s %s", scan->blif->name, scan->line,
                     (int)(word.length < 64 ? word.length : 64), word.text, word.length < 64 ? "" : "...", what);
}

static bool no_memory(const Scan *scan) {
    return dlca_fail(scan->blif->error, DLCA_FAILED, "%s: no memory for the circuit", scan->blif->name);
}

static bool is(DlcaName word, const char *text) {
    return word.length == strlen(text) && memcmp(word.text, text, word.length) == 0;
}

/* ---- words ---- */

static char character(const Scan *scan) {
    return scan->at < scan->size ? scan->text[scan->at] : '\n';
}

static bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\r';
}

/* A backslash at the end of a line joins it to the next one. */
static bool joins(const Scan *scan) {
    const size_t next = scan->at + 1;
    if (character(scan) != '\\' || next >= scan->size) {
        return false;
    }
    return scan->text[next] == '\n' ||
           (scan->text[next] == '\r' && next + 1 < scan->size && scan->text[next + 1] == '\n');
}

static void skip_blanks(Scan *scan) {
    while (scan->at < scan->size && (is_blank(character(scan)) || joins(scan))) {
        if (joins(scan)) {
            scan->at += scan->text[scan->at + 1] == '\r' ? 3 : 2;
            scan->line++;
        } else {
            scan->at++;
        }
    }
    if (character(scan) == '#') {
        while (character(scan) != '\n') {
            scan->at++;
        }
    }
}

/* The next word of the line; without text when there is none left. */
static DlcaName next_word(Scan *scan) {
    skip_blanks(scan);
    const size_t begin = scan->at;
    while (scan->at < scan->size && !is_blank(character(scan)) && character(scan) != '\n' && character(scan) != '#' &&
           !joins(scan)) {
        scan->at++;
    }
    return scan->at > begin ? (DlcaName){scan->text + begin, scan->at - begin} : (DlcaName){0};
}

/* To the first word of the next line that has one; without text at the end. */
static DlcaName next_line(Scan *scan) {
    while (scan->at < scan->size) {
        const DlcaName word = next_word(scan);
        if (word.text) {
            return word;
        }
        scan->at++;
        scan->line++;
    }
    return (DlcaName){0};
}

static bool line_ends(Scan *scan) {
    const DlcaName word = next_word(scan);
    return !word.text || refuse_word(scan, word, "is one word too many");
}

/* ---- signals ---- */

static bool add_number(const Scan *scan, int32_t **numbers, int32_t *count, int32_t number) {
    int32_t *wider = dlca_grown(*numbers, *count, sizeof *wider);
    if (!wider) {
        return no_memory(scan);
    }
    *numbers = wider;
    wider[(*count)++] = number;
    return true;
}

static bool signal_of(const Scan *scan, DlcaName word, int32_t *signal) {
    DlcaBlif *blif = scan->blif;
    int32_t before = blif->signals.count;
    if (word.text[0] == '.') {
        return refuse_word(scan, word, "cannot be a name: words with a dot in front are keywords");
    }
    for (size_t i = 0; i < word.length; i++) {
        if ((unsigned char)word.text[i] < ' ' || word.text[i] == 0x7f) {
            return refuse(scan, "a name with control characters");
        }
    }
    *signal = dlca_name_number(&blif->signals, word);
    if (*signal < 0) {
        return no_memory(scan);
    }
    return blif->signals.count == before || add_number(scan, &blif->definition, &before, DLCA_BLIF_UNDEFINED);
}

static bool define(const Scan *scan, DlcaName word, int32_t signal, int32_t as) {
    if (scan->blif->definition[signal] != DLCA_BLIF_UNDEFINED) {
        return refuse_word(scan, word, "is defined twice");
    }
    scan->blif->definition[signal] = as;
    return true;
}

static bool read_inputs(Scan *scan) {
    DlcaBlif *blif = scan->blif;
    for (DlcaName word = next_word(scan); word.text; word = next_word(scan)) {
        int32_t signal;
        if (!signal_of(scan, word, &signal) || !define(scan, word, signal, DLCA_BLIF_INPUT) ||
            !add_number(scan, &blif->input, &blif->inputs, signal)) {
            return false;
        }
    }
    return true;
}

static bool read_outputs(Scan *scan) {
    DlcaBlif *blif = scan->blif;
    for (DlcaName word = next_word(scan); word.text; word = next_word(scan)) {
        int32_t signal;
        if (!signal_of(scan, word, &signal) || !add_number(scan, &blif->output, &blif->outputs, signal)) {
            return false;
        }
    }
    return true;
}

/* ---- tables ---- */

/* The last signal is the one that is defined. */
static bool read_table(Scan *scan) {
    DlcaBlif *blif = scan->blif;
    DlcaBlifTable table = {.first_read = blif->reads, .first_row = blif->rows, .phase = '1'};
    DlcaName last = {0};
    for (DlcaName word = next_word(scan); word.text; word = next_word(scan)) {
        int32_t signal;
        if (!signal_of(scan, word, &signal) || !add_number(scan, &blif->read, &blif->reads, signal)) {
            return false;
        }
        last = word;
    }
    if (!last.text) {
        return refuse(scan, ".names needs at least the signal that it defines");
    }
    table.signal = blif->read[--blif->reads];
    table.reads = blif->reads - table.first_read;
    DlcaBlifTable *tables = dlca_grown(blif->table, blif->tables, sizeof *tables);
    if (!tables) {
        return no_memory(scan);
    }
    blif->table = tables;
    tables[blif->tables] = table;
    return define(scan, last, table.signal, blif->tables++);
}

static bool is_plane(DlcaName word) {
    for (size_t i = 0; i < word.length; i++) {
        if (word.text[i] != '0' && word.text[i] != '1' && word.text[i] != '-') {
            return false;
        }
    }
    return true;
}

/* "01- 1"; just "1" where the table reads nothing. */
static bool read_row(Scan *scan, DlcaName word) {
    DlcaBlif *blif = scan->blif;
    if (blif->tables == 0) {
        return refuse_word(scan, word, "is neither a directive nor a row of a .names");
    }
    DlcaBlifTable *table = &blif->table[blif->tables - 1];
    const DlcaName plane = word, result = table->reads ? next_word(scan) : word;
    if (table->reads && (plane.length != (size_t)table->reads || !is_plane(plane))) {
        return refuse(scan, "a row must have a 0, 1 or - for each signal that its .names reads");
    }
    if (!is(result, "0") && !is(result, "1")) {
        return refuse(scan, "a row must end in 0 or 1");
    }
    if (table->rows > 0 && table->phase != result.text[0]) {
        return refuse(scan, "the rows of a .names must all end in 1, or all in 0");
    }
    const char **rows = dlca_grown(blif->row, blif->rows, sizeof *rows);
    if (!rows) {
        return no_memory(scan);
    }
    blif->row = rows;
    rows[blif->rows++] = plane.text;
    table->phase = result.text[0];
    table->rows++;
    return line_ends(scan);
}

/* ---- the file ---- */

static bool read_model(Scan *scan) {
    if (scan->model) {
        return refuse(scan, "a second .model: hierarchies are not supported");
    }
    scan->model = true;
    next_word(scan); /* its name says nothing to us */
    return line_ends(scan);
}

static bool read_directive(Scan *scan, DlcaName word) {
    if (is(word, ".model")) {
        return read_model(scan);
    }
    if (is(word, ".inputs")) {
        return read_inputs(scan);
    }
    if (is(word, ".outputs")) {
        return read_outputs(scan);
    }
    if (is(word, ".names")) {
        return read_table(scan);
    }
    if (is(word, ".end")) {
        scan->ended = true;
        return line_ends(scan);
    }
    return refuse_word(scan, word, "is not supported; accepted: .model .inputs .outputs .names .end");
}

bool dlca_blif_scan(DlcaBlif *blif, const char *text, size_t size) {
    Scan scan = {.blif = blif, .text = text, .size = size, .line = 1};
    for (DlcaName word = next_line(&scan); word.text; word = next_line(&scan)) {
        if (scan.ended) {
            return refuse_word(&scan, word, "stands after .end");
        }
        if (!(word.text[0] == '.' ? read_directive(&scan, word) : read_row(&scan, word))) {
            return false;
        }
    }
    return scan.ended || refuse(&scan, "the file ends without .end");
}
