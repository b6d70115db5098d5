/* links.c - looks for symbolic links in a folder. */
#include "links.h"

#include "file.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

static bool refuse_link(const char *folder, const char *name, DlcaError *error) {
    char path[PATH_MAX];
    struct stat status;
    if (!dlca_path_join(path, sizeof path, folder, name, error)) {
        return false;
    }
    return lstat(path, &status) != 0 || !S_ISLNK(status.st_mode) ||
           dlca_fail(error, DLCA_BAD_INPUT,
                     "%s: is a symbolic link; accepted: files and folders, so that nothing outside is written", path);
}

bool dlca_refuse_links(const char *folder, const char *const *names, DlcaError *error) {
    bool good = true;
    for (int i = 0; good && names && names[i]; i++) {
        good = refuse_link(folder, names[i], error);
    }
    if (names) {
        return good;
    }
    DIR *listing = opendir(folder);
    if (!listing) {
        return errno == ENOENT ||
               dlca_fail(error, DLCA_FAILED, "%s: cannot be read as a folder: %s", folder, strerror(errno));
    }
    for (const struct dirent *entry; good && (entry = readdir(listing));) {
        good = refuse_link(folder, entry->d_name, error);
    }
    closedir(listing);
    return good;
}
