/* compiled_rule.c - starts the compiler and loads what it made. */
#include "compiled_rule.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_BYTES = 512, MOST_OPTIONS = 24, SLOW_TO_COMPILE = 3000 };

typedef struct Workshop {
    char folder[PATH_BYTES], source[PATH_BYTES + 16], library[PATH_BYTES + 16];
} Workshop;

void dlca_compiled_rule_free(DlcaCompiledRule *rule) {
    if (rule->library) {
        dlclose(rule->library);
    }
    *rule = (DlcaCompiledRule){0};
}

static bool open_workshop(Workshop *workshop, DlcaError *error) {
    const char *base = getenv("TMPDIR");
    base = base && base[0] == '/' ? base : "/tmp";
    if (snprintf(workshop->folder, sizeof workshop->folder, "%s/dlca-XXXXXX", base) >= (int)sizeof workshop->folder ||
        !mkdtemp(workshop->folder)) {
        return dlca_fail(error, DLCA_FAILED, "no temporary folder in %s: %s", base, strerror(errno));
    }
    snprintf(workshop->source, sizeof workshop->source, "%s/rule.c", workshop->folder);
    snprintf(workshop->library, sizeof workshop->library, "%s/rule.so", workshop->folder);
    return true;
}

static void close_workshop(const Workshop *workshop) {
    unlink(workshop->source);
    unlink(workshop->library);
    rmdir(workshop->folder);
}

static bool write_source(const Workshop *workshop, const DlcaText *text, DlcaError *error) {
    FILE *file = fopen(workshop->source, "wx");
    const bool written = file && fwrite(text->data, 1, text->size, file) == text->size;
    if ((file && fclose(file) != 0) || !written) {
        return dlca_fail(error, DLCA_FAILED, "%s: %s", workshop->source, strerror(errno));
    }
    return true;
}

static void add_isa_options(const char **option, int *options, DlcaIsa isa) {
    static const char *const avx512[] = {"-mavx512f", "-mavx512dq", "-mavx512bw", "-mavx512vl"};
    if (isa == DLCA_ISA_AVX512) {
        for (size_t i = 0; i < sizeof avx512 / sizeof *avx512; i++) {
            option[(*options)++] = avx512[i];
        }
        option[(*options)++] = "-mprefer-vector-width=512";
    } else if (isa == DLCA_ISA_AVX2) {
        option[(*options)++] = "-mavx2";
    }
}

/* 0: it compiled; -1: there is no such program; otherwise it failed. */
static int compile_with(const char *compiler, const Workshop *workshop, DlcaIsa isa, bool large) {
    const char *option[MOST_OPTIONS] = {compiler, large ? "-O1" : "-O2", "-std=c17", "-w", "-shared", "-fPIC"};
    int options = 6, status = 0;
    add_isa_options(option, &options, isa);
    option[options++] = workshop->source;
    option[options++] = "-o";
    option[options++] = workshop->library;
    option[options] = NULL;
    posix_spawn_file_actions_t actions;
    pid_t child;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        return 1;
    }
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    const int failed = posix_spawnp(&child, compiler, &actions, NULL, (char *const *)(uintptr_t)option, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) {
        return failed == ENOENT ? -1 : 1;
    }
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) && WEXITSTATUS(status) == 127 ? -1 : status;
}

static bool compile(const Workshop *workshop, DlcaIsa isa, bool large, DlcaError *error) {
    static const char *const compilers[] = {"cc", "gcc", "clang"};
    bool found = false;
    for (size_t i = 0; i < sizeof compilers / sizeof *compilers; i++) {
        const int result = compile_with(compilers[i], workshop, isa, large);
        if (result == 0) {
            return true;
        }
        found = found || result > 0;
    }
    return dlca_fail(error, DLCA_FAILED, found ? "the C compiler failed" : "no C compiler (cc, gcc, clang) was found");
}

static bool load(DlcaCompiledRule *rule, const Workshop *workshop, const DlcaPlanes *planes, DlcaError *error) {
    rule->library = dlopen(workshop->library, RTLD_NOW | RTLD_LOCAL);
    if (!rule->library) {
        return dlca_fail(error, DLCA_FAILED, "what the C compiler made cannot be loaded: %s", dlerror());
    }
    for (int32_t i = 0; i < DLCA_PLANES_CASES; i++) {
        char name[32];
        snprintf(name, sizeof name, "dlca_row_%d", i);
        void *function = dlsym(rule->library, name);
        if (dlca_planes_strides(planes, i).row != 0 && !function) {
            dlca_compiled_rule_free(rule);
            return dlca_fail(error, DLCA_FAILED, "what the C compiler made lacks %s", name);
        }
        memcpy(&rule->rows[i], &function, sizeof function); /* ISO C has no cast from data to code */
    }
    return true;
}

bool dlca_compiled_rule_create(DlcaCompiledRule *rule, const DlcaPlanes *planes, DlcaIsa isa, DlcaError *error) {
    Workshop workshop;
    DlcaText text = {0};
    *rule = (DlcaCompiledRule){0};
    dlca_compiled_rule_text(planes, isa, &text);
    if (!dlca_text_check(&text, "the C text of a rule", error) || !open_workshop(&workshop, error)) {
        dlca_text_free(&text);
        return false;
    }
    const bool good = write_source(&workshop, &text, error) &&
                      compile(&workshop, isa, dlca_planes_program(planes, 0)->instructions > SLOW_TO_COMPILE, error) &&
                      load(rule, &workshop, planes, error);
    close_workshop(&workshop);
    dlca_text_free(&text);
    return good;
}
