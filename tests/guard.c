/* guard.c - see guard.h. */
#include "guard.h"

#include <criterion/criterion.h>
#include <sys/mman.h>
#include <unistd.h>

GuardedFloats guarded_floats(size_t count, GuardSide side) {
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), bytes = count * sizeof(float);
    const size_t inside = (bytes + page - 1) / page * page;
    GuardedFloats buffer = {.bytes = inside + 2 * page};
    buffer.memory = mmap(NULL, buffer.bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert(buffer.memory != MAP_FAILED);
    char *first = (char *)buffer.memory + page;
    cr_assert_eq(mprotect(buffer.memory, page, PROT_NONE), 0);
    cr_assert_eq(mprotect(first + inside, page, PROT_NONE), 0);
    buffer.values = (float *)(void *)(side == GUARD_BEFORE ? first : first + inside - bytes);
    return buffer;
}

void guarded_free(GuardedFloats *buffer) {
    munmap(buffer->memory, buffer->bytes);
    *buffer = (GuardedFloats){0};
}
