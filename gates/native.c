/* native.c - memory for machine code, and running it. */
#include "native.h"

#include "native_code.h"
#include "word_kernels.h"

#include <stdlib.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)

#include <sys/mman.h>
#include <unistd.h>

struct DlcaNative {
    bool wide;
    DlcaPlan plan;
    DlcaWriterMemory memory;
    int32_t values_room;
    uint8_t *writable;      /* [code_room] the code's pages, to write */
    const void *executable; /* the same pages, to run */
    size_t code_room;
    uint64_t *scratch; /* [scratch_room] bytes, aligned to registers */
    size_t scratch_room;
};

typedef void NativeFunction(const uint64_t *in, uint64_t *out, uint64_t *scratch, const uint64_t *mask, int64_t blocks);

static void unmap(DlcaNative *native) {
    if (native->code_room > 0) {
        munmap(native->writable, native->code_room);
        munmap((void *)(uintptr_t)native->executable, native->code_room);
        native->code_room = 0;
    }
}

/* One memory, mapped twice. */
static bool map(DlcaNative *native, size_t bytes) {
    const int file = memfd_create("dlca-native", MFD_CLOEXEC);
    if (file < 0) {
        return false;
    }
    void *writable = MAP_FAILED, *executable = MAP_FAILED;
    if (ftruncate(file, (off_t)bytes) == 0) {
        writable = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
        executable = mmap(NULL, bytes, PROT_READ | PROT_EXEC, MAP_SHARED, file, 0);
    }
    close(file);
    if (writable != MAP_FAILED && executable != MAP_FAILED) {
        native->writable = writable;
        native->executable = executable;
        native->code_room = bytes;
        return true;
    }
    if (writable != MAP_FAILED) {
        munmap(writable, bytes);
    }
    if (executable != MAP_FAILED) {
        munmap(executable, bytes);
    }
    return false;
}

enum { FIRST_CODE_BYTES = 64 * 1024 };

DlcaNative *dlca_native_create(DlcaNativeSet set) {
    DlcaNative *native = calloc(1, sizeof *native);
    if (native && !map(native, FIRST_CODE_BYTES)) {
        free(native);
        return NULL;
    }
    if (native) {
        native->wide = set == DLCA_NATIVE_AVX512;
    }
    return native;
}

static void free_memory(DlcaNative *native) {
    free(native->memory.reg);
    free(native->memory.slot);
    free(native->memory.next);
    free(native->memory.spare_slot);
    native->memory = (DlcaWriterMemory){0};
    native->values_room = 0;
}

void dlca_native_free(DlcaNative *native) {
    if (native) {
        unmap(native);
        free_memory(native);
        dlca_plan_free(&native->plan);
        free(native->scratch);
        free(native);
    }
}

static bool reserve_values(DlcaNative *native, int32_t values) {
    if (values > native->values_room) {
        const size_t bytes = (size_t)values * sizeof(int32_t);
        free_memory(native);
        native->memory = (DlcaWriterMemory){malloc(bytes), malloc(bytes), malloc(bytes), malloc(bytes)};
        native->values_room = values;
    }
    return native->memory.reg && native->memory.slot && native->memory.next && native->memory.spare_slot;
}

static bool reserve_code(DlcaNative *native, const DlcaPlan *plan) {
    const size_t instructions =
        (size_t)plan->gates * DLCA_MOST_PER_GATE + (size_t)plan->outputs * DLCA_MOST_PER_OUTPUT + DLCA_MOST_AROUND;
    size_t bytes = native->code_room > 0 ? native->code_room : FIRST_CODE_BYTES;
    while (bytes < instructions * DLCA_INSTRUCTION_BYTES) {
        bytes *= 2;
    }
    if (bytes > native->code_room) {
        unmap(native);
        return map(native, bytes);
    }
    return true;
}

static bool reserve_scratch(DlcaNative *native, int32_t slots) {
    const size_t bytes = (size_t)slots * 64;
    if (bytes > native->scratch_room) {
        free(native->scratch);
        native->scratch = aligned_alloc(64, bytes);
        native->scratch_room = native->scratch ? bytes : 0;
    }
    return bytes <= native->scratch_room;
}

static bool within_reach(const int64_t *offset, int32_t count) {
    const int64_t most = INT32_MAX / 8;
    for (int32_t i = 0; i < count; i++) {
        if (offset[i] > most || offset[i] < -most) {
            return false;
        }
    }
    return true;
}

bool dlca_native_build(DlcaNative *native, const DlcaProgram *program, const DlcaNativeLayout *layout) {
    if (!within_reach(layout->input_offset, program->used_inputs) ||
        !within_reach(layout->output_offset, program->outputs) || (layout->input_turn && !native->wide) ||
        (layout->old_offset && !within_reach(layout->old_offset, program->outputs)) ||
        !dlca_plan_make(&native->plan, program, native->wide, NULL) ||
        !reserve_values(native, dlca_plan_values(&native->plan)) || !reserve_code(native, &native->plan)) {
        return false;
    }
    DlcaCode code = {native->writable, 0, native->wide};
    return reserve_scratch(native, dlca_native_write(&code, &native->plan, layout, native->memory));
}

void dlca_native_run(DlcaNative *native, const uint64_t *in, uint64_t *out, const uint64_t *mask, int64_t words) {
    NativeFunction *function;
    memcpy(&function, &native->executable, sizeof function); /* ISO C has no cast from data to code */
    function(in, out, native->scratch, mask, words / (native->wide ? 8 : 4));
}

#else

DlcaNative *dlca_native_create(DlcaNativeSet set) {
    (void)set;
    return NULL;
}

void dlca_native_free(DlcaNative *native) {
    (void)native;
}

bool dlca_native_build(DlcaNative *native, const DlcaProgram *program, const DlcaNativeLayout *layout) {
    (void)native, (void)program, (void)layout;
    return false;
}

void dlca_native_run(DlcaNative *native, const uint64_t *in, uint64_t *out, const uint64_t *mask, int64_t words) {
    (void)native, (void)in, (void)out, (void)mask, (void)words;
}

#endif
