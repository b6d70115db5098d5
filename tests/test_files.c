/* test_files.c - whole-file reads and atomic writes: every failure leaves the old file and no temporary. */
#include "../src/file.h"

#include "scratch.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static Scratch scratch;

static void set_up(void) {
    scratch = scratch_create();
}

static void tear_down(void) {
    if (getuid() == 0) {
        cr_assert_eq(seteuid(0), 0); /* after become_nobody */
    }
    scratch_remove(&scratch);
}

TestSuite(files, .init = set_up, .fini = tear_down);

static void assert_refused(const char *path, size_t limit, const char *part) {
    DlcaBytes bytes = {0};
    DlcaError error = {0};
    cr_assert_not(dlca_file_read(path, limit, &bytes, &error));
    cr_assert_null(bytes.data);
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_not_null(strstr(error.message, part), "%s", error.message);
    cr_assert_not_null(strstr(error.message, path), "%s", error.message);
}

static void assert_not_written(const char *path, DlcaError *error) {
    cr_assert_not(dlca_file_write(path, "new", 3, error));
    cr_assert_eq(error->kind, DLCA_FAILED);
    cr_assert_not_null(strstr(error->message, path), "%s", error->message);
}

Test(files, a_file_comes_back_to_the_byte) {
    const char *path = scratch_path(&scratch, "file");
    uint8_t data[100000];
    for (size_t i = 0; i < sizeof data; i++) {
        data[i] = (uint8_t)(i * 7 + (i >> 8));
    }
    DlcaError error = {0};
    DlcaBytes bytes;
    cr_assert(dlca_file_write(path, data, sizeof data, &error), "%s", error.message);
    cr_assert(dlca_file_read(path, sizeof data, &bytes, &error), "%s", error.message);
    cr_assert_eq(bytes.size, sizeof data);
    cr_assert_eq(memcmp(bytes.data, data, sizeof data), 0);
    cr_assert_eq(scratch_count(&scratch), 1);
    dlca_bytes_free(&bytes);
}

Test(files, an_empty_file_is_fine) {
    const char *path = scratch_path(&scratch, "empty");
    DlcaError error = {0};
    DlcaBytes bytes;
    cr_assert(dlca_file_write(path, "", 0, &error));
    cr_assert(dlca_file_read(path, 10, &bytes, &error));
    cr_assert_eq(bytes.size, 0);
    dlca_bytes_free(&bytes);
}

Test(files, reading_refuses_what_is_not_a_file_of_bounded_size) {
    assert_refused("/dev/null", 100, "device");
    assert_refused("/dev/zero", 100, "device");
    assert_refused("/tmp", 100, "folder");
    assert_refused(scratch_path(&scratch, "missing"), 100, "No such file");
    const char *pipe_path = scratch_path(&scratch, "pipe");
    cr_assert_eq(mkfifo(pipe_path, 0600), 0);
    assert_refused(pipe_path, 100, "pipe");
    const char *path = scratch_path(&scratch, "large");
    scratch_write(path, "12345", 5);
    assert_refused(path, 4, "at most 4");
}

Test(files, an_old_file_is_replaced_and_keeps_its_permissions) {
    const char *path = scratch_path(&scratch, "file");
    struct stat status;
    scratch_write(path, "old", 3);
    cr_assert_eq(chmod(path, 0640), 0);
    cr_assert(dlca_file_write(path, "newer", 5, NULL));
    cr_assert(scratch_holds(path, "newer"));
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0640);
    cr_assert_eq(scratch_count(&scratch), 1);
}

Test(files, a_new_file_follows_the_umask) {
    const char *path = scratch_path(&scratch, "file");
    struct stat status;
    umask(027);
    cr_assert(dlca_file_write(path, "new", 3, NULL));
    cr_assert_eq(stat(path, &status), 0);
    cr_assert_eq(status.st_mode & 07777, 0640);
}

Test(files, a_symbolic_link_stays_and_its_file_changes) {
    char target[600];
    struct stat status;
    snprintf(target, sizeof target, "%s", scratch_path(&scratch, "target"));
    scratch_write(target, "old", 3);
    const char *link_path = scratch_path(&scratch, "link");
    cr_assert_eq(symlink("target", link_path), 0);
    cr_assert(dlca_file_write(link_path, "new", 3, NULL));
    cr_assert(scratch_holds(target, "new"));
    cr_assert_eq(lstat(link_path, &status), 0);
    cr_assert(S_ISLNK(status.st_mode));
}

Test(files, a_file_beyond_the_size_limit_leaves_the_old_one) {
    const char *path = scratch_path(&scratch, "file");
    scratch_write(path, "old", 3);
    signal(SIGXFSZ, SIG_IGN);
    const struct rlimit limit = {4096, 4096};
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    char *data = calloc(1, 100000);
    DlcaError error = {0};
    cr_assert_not(dlca_file_write(path, data, 100000, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert_not_null(strstr(error.message, "File too large"), "%s", error.message);
    cr_assert(scratch_holds(path, "old"));
    cr_assert_eq(scratch_count(&scratch), 1);
    free(data);
}

Test(files, a_full_device_is_reported_and_not_replaced) {
    DlcaError error = {0};
    struct stat status;
    assert_not_written("/dev/full", &error);
    cr_assert_not_null(strstr(error.message, "No space left"), "%s", error.message);
    cr_assert_eq(stat("/dev/full", &status), 0);
    cr_assert(S_ISCHR(status.st_mode));
    cr_assert(dlca_file_write("/dev/null", "new", 3, NULL));
}

Test(files, a_missing_folder_or_a_folder_as_file_fails) {
    DlcaError error = {0};
    assert_not_written(scratch_path(&scratch, "missing/file"), &error);
    cr_assert_not_null(strstr(error.message, "No such file"), "%s", error.message);
    assert_not_written(scratch.folder, &error);
    cr_assert_not_null(strstr(error.message, "folder"), "%s", error.message);
    assert_not_written("", &error);
    cr_assert_eq(scratch_count(&scratch), 0);
}

Test(files, too_long_a_name_fails) {
    char name[6000];
    DlcaError error = {0};
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    cr_assert_not(dlca_file_write(name, "new", 3, &error));
    name[300] = '\0';
    cr_assert_not(dlca_file_write(scratch_path(&scratch, name), "new", 3, &error));
    cr_assert_eq(scratch_count(&scratch), 0);
}

/* Root may write anywhere, so these become an ordinary user first. */
static bool become_nobody(void) {
    return geteuid() != 0 || (chown(scratch.folder, 65534, 65534) == 0 && setegid(65534) == 0 && seteuid(65534) == 0);
}

Test(files, a_read_only_folder_or_file_fails) {
    DlcaError error = {0};
    cr_assert(become_nobody());
    const char *path = scratch_path(&scratch, "file");
    scratch_write(path, "old", 3);
    cr_assert_eq(chmod(path, 0444), 0);
    assert_not_written(path, &error);
    cr_assert_eq(chmod(path, 0644), 0);
    cr_assert_eq(chmod(scratch.folder, 0500), 0);
    assert_not_written(path, &error);
    cr_assert_eq(chmod(scratch.folder, 0700), 0);
    cr_assert(scratch_holds(path, "old"));
    cr_assert_eq(scratch_count(&scratch), 1);
}

Test(files, a_leftover_temporary_is_in_nobodys_way) {
    const char *path = scratch_path(&scratch, "file");
    char leftover[600];
    snprintf(leftover, sizeof leftover, "%s.tmp-%ld-0", path, (long)getpid());
    scratch_write(leftover, "torn", 4);
    cr_assert(dlca_file_write(path, "new", 3, NULL));
    cr_assert(scratch_holds(path, "new"));
    cr_assert(scratch_holds(leftover, "torn"));
}

Test(files, folders_are_made_with_those_above) {
    char deep[600];
    bool empty = false;
    DlcaError error = {0};
    snprintf(deep, sizeof deep, "%s", scratch_path(&scratch, "a/b//c/"));
    cr_assert(dlca_folder_create(deep, &error), "%s", error.message);
    cr_assert(dlca_folder_create(deep, &error), "%s", error.message);
    cr_assert(dlca_folder_is_empty(deep, &empty, &error));
    cr_assert(empty);
    cr_assert(dlca_folder_is_empty(scratch.folder, &empty, &error));
    cr_assert_not(empty);
    const char *path = scratch_path(&scratch, "file");
    scratch_write(path, "", 0);
    cr_assert_not(dlca_folder_create(path, &error));
    cr_assert_not(dlca_folder_create(scratch_path(&scratch, "file/below"), &error));
    cr_assert_not(dlca_folder_create("", &error));
    cr_assert_not(dlca_folder_is_empty(scratch_path(&scratch, "file"), &empty, &error));
}

Test(files, paths_join_with_one_slash) {
    char path[16];
    cr_assert(dlca_path_join(path, sizeof path, "a", "b", NULL));
    cr_assert_str_eq(path, "a/b");
    cr_assert(dlca_path_join(path, sizeof path, "a/", "b", NULL));
    cr_assert_str_eq(path, "a/b");
    cr_assert_not(dlca_path_join(path, sizeof path, "0123456789", "012345", NULL));
}
