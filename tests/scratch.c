/* scratch.c - scratch folders, with plain stdio so that file.c is not tested by itself. */
#include "scratch.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

Scratch scratch_create(void) {
    Scratch scratch = {.folder = "/tmp/dlca_test_XXXXXX"};
    cr_assert_not_null(mkdtemp(scratch.folder));
    return scratch;
}

static bool is_entry(const struct dirent *entry) {
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

static void remove_contents(const char *folder, int depth) {
    DIR *open = opendir(folder);
    if (!open) {
        return;
    }
    for (const struct dirent *entry; (entry = readdir(open));) {
        char path[1024];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (is_entry(entry) && unlink(path) != 0 && depth > 0) {
            remove_contents(path, depth - 1);
            rmdir(path);
        }
    }
    closedir(open);
}

void scratch_remove(Scratch *scratch) {
    remove_contents(scratch->folder, 3);
    rmdir(scratch->folder);
}

const char *scratch_path(Scratch *scratch, const char *name) {
    snprintf(scratch->path, sizeof scratch->path, "%s/%s", scratch->folder, name);
    return scratch->path;
}

int scratch_count(const Scratch *scratch) {
    int count = 0;
    DIR *open = opendir(scratch->folder);
    cr_assert_not_null(open);
    for (const struct dirent *entry; (entry = readdir(open));) {
        count += is_entry(entry);
    }
    closedir(open);
    return count;
}

void scratch_write(const char *path, const void *data, size_t size) {
    FILE *file = fopen(path, "wb");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(data, 1, size, file), size);
    cr_assert_eq(fclose(file), 0);
}

uint8_t *scratch_read(const char *path, size_t *size) {
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    const long length = ftell(file);
    rewind(file);
    *size = (size_t)length;
    uint8_t *data = malloc(*size + 1);
    cr_assert_not_null(data);
    cr_assert_eq(fread(data, 1, *size, file), *size);
    data[*size] = '\0';
    fclose(file);
    return data;
}

bool scratch_holds(const char *path, const char *text) {
    size_t size;
    uint8_t *data = scratch_read(path, &size);
    const bool same = size == strlen(text) && memcmp(data, text, size) == 0;
    free(data);
    return same;
}
