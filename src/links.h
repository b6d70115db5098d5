/* links.h - folders that others filled: what is written there has to stay there. Leaves alone: file.h's single files,
 * whose links are followed, because their user named them. */
#ifndef DLCA_LINKS_H
#define DLCA_LINKS_H

#include "../gates/error.h"

#include <stdbool.h>

/* Refuses a folder in which an entry of this name, for each of the list (its last NULL), or any entry where `names` is
 * NULL, is a symbolic link: a file written over it would be written elsewhere. A folder that is not there is fine. */
bool dlca_refuse_links(const char *folder, const char *const *names, DlcaError *error);

#endif
