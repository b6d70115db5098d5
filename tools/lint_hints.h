/* lint_hints.h - what clang-tidy cannot see from one file: included first in every file that it reads, never compiled.
 *
 * dlca_fail returns false, always; the analyzer would otherwise follow paths on which a failure was taken for success.
 */
#include "../gates/error.h"

#define dlca_fail(...) (dlca_fail(__VA_ARGS__), false)
