/* faults.c - makes the n-th call that can fail, fail: linked into a program with the linker's --wrap.
 *
 *   DLCA_FAULT=N       the N-th call fails (from 1; 0 or unset: none), with the error that such a call gives
 *   DLCA_FAULT_ON=yes  and all calls after it
 *   DLCA_FAULT_LOG=F   at the end F holds the number of calls, and the name of the first that was made to fail
 *
 * Counted are the calls of dlca, of stb (compiled into it), of giflib, zlib and the OpenMP run time (all linked
 * statically): memory, files, folders, threads, other programs, pictures. Left out are the C library's own calls, what
 * only prints (stdout, stderr), and C++'s `new` in the SAT solver, which ends the program by design when it fails. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <gif_lib.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

static atomic_long calls;
static _Atomic(const char *) failed;

static long number_of(const char *variable) {
    const char *text = getenv(variable);
    return text ? strtol(text, NULL, 10) : 0;
}

/* Counts a call; true when it is to fail, with errno set. */
static bool fails(const char *name, int reason) {
    static atomic_long first = -1;
    if (first < 0) {
        first = number_of("DLCA_FAULT");
    }
    const long number = atomic_fetch_add(&calls, 1) + 1;
    if (first == 0 || number < first || (number > first && !getenv("DLCA_FAULT_ON"))) {
        return false;
    }
    if (number == first) {
        failed = name;
    }
    errno = reason;
    return true;
}

__attribute__((destructor)) static void tell(void) {
    const char *path = getenv("DLCA_FAULT_LOG"), *name = failed;
    char text[128];
    if (path) {
        const int length = snprintf(text, sizeof text, "%ld %s\n", (long)calls, name ? name : "-");
        const int file = creat(path, 0666);
        if (file < 0 || dprintf(file, "%.*s", length, text) < 0) {
            abort();
        }
        close(file);
    }
}

/* ---- one wrapper for each function: its type, name, parameters, arguments, errno, and what it returns ---- */

#define FAULT(type, name, parameters, arguments, reason, value) \
    type __real_##name parameters;                              \
    type __wrap_##name parameters;                              \
    type __wrap_##name parameters {                             \
        if (fails(#name, reason)) {                             \
            return value;                                       \
        }                                                       \
        return __real_##name arguments;                         \
    }

FAULT(void *, malloc, (size_t size), (size), ENOMEM, NULL)
FAULT(void *, calloc, (size_t count, size_t size), (count, size), ENOMEM, NULL)
FAULT(void *, realloc, (void *memory, size_t size), (memory, size), ENOMEM, NULL)
FAULT(void *, aligned_alloc, (size_t alignment, size_t size), (alignment, size), ENOMEM, NULL)
FAULT(int, posix_memalign, (void **memory, size_t alignment, size_t size), (memory, alignment, size), ENOMEM, ENOMEM)
FAULT(char *, strdup, (const char *text), (text), ENOMEM, NULL)
FAULT(char *, realpath, (const char *path, char *resolved), (path, resolved), EIO, NULL)

FAULT(int, mkdir, (const char *path, mode_t mode), (path, mode), ENOSPC, -1)
FAULT(int, rename, (const char *from, const char *to), (from, to), EIO, -1)
FAULT(int, symlink, (const char *to, const char *path), (to, path), ENOSPC, -1)
FAULT(int, fsync, (int file), (file), EIO, -1)
FAULT(int, ftruncate, (int file, off_t size), (file, size), EIO, -1)
FAULT(int, flock, (int file, int operation), (file, operation), ENOLCK, -1)
FAULT(int, memfd_create, (const char *name, unsigned flags), (name, flags), EMFILE, -1)
FAULT(int, fchmod, (int file, mode_t mode), (file, mode), EPERM, -1)
FAULT(int, fstat, (int file, struct stat *status), (file, status), EIO, -1)
FAULT(ssize_t, read, (int file, void *data, size_t size), (file, data, size), EIO, -1)
/* As fortified sources call them. */
FAULT(char *, __realpath_chk, (const char *path, char *resolved, size_t room), (path, resolved, room), EIO, NULL)
FAULT(ssize_t, __read_chk, (int file, void *data, size_t size, size_t room), (file, data, size, room), EIO, -1)
FAULT(ssize_t, write, (int file, const void *data, size_t size), (file, data, size), ENOSPC, -1)
FAULT(void *, mmap, (void *at, size_t size, int protection, int flags, int file, off_t offset),
      (at, size, protection, flags, file, offset), ENOMEM, MAP_FAILED)
FAULT(DIR *, opendir, (const char *path), (path), EMFILE, NULL)
FAULT(char *, mkdtemp, (char *path), (path), ENOSPC, NULL)
FAULT(FILE *, fopen, (const char *path, const char *mode), (path, mode), EMFILE, NULL)
FAULT(FILE *, fdopen, (int file, const char *mode), (file, mode), ENOMEM, NULL)
FAULT(FILE *, tmpfile, (void), (), EMFILE, NULL)
FAULT(FILE *, open_memstream, (char **text, size_t *size), (text, size), ENOMEM, NULL)
FAULT(size_t, fread, (void *data, size_t size, size_t count, FILE *file), (data, size, count, file), EIO, 0)
FAULT(size_t, fwrite, (const void *data, size_t size, size_t count, FILE *file), (data, size, count, file), ENOSPC, 0)
FAULT(int, pthread_create,
      (pthread_t * thread, const pthread_attr_t *attributes, void *(*start)(void *), void *argument),
      (thread, attributes, start, argument), EAGAIN, EAGAIN)
FAULT(int, posix_spawnp,
      (pid_t * child, const char *program, const posix_spawn_file_actions_t *actions,
       const posix_spawnattr_t *attributes, char *const words[], char *const environment[]),
      (child, program, actions, attributes, words, environment), EAGAIN, EAGAIN)

FAULT(GifFileType *, EGifOpen, (void *user, OutputFunc put, int *reason), (user, put, reason), ENOMEM,
      (*reason = E_GIF_ERR_NOT_ENOUGH_MEM, NULL))
FAULT(ColorMapObject *, GifMakeMapObject, (int count, const GifColorType *colours), (count, colours), ENOMEM, NULL)
FAULT(int, EGifPutScreenDesc,
      (GifFileType * gif, int width, int height, int bits, int background, const ColorMapObject *colours),
      (gif, width, height, bits, background, colours), EIO, GIF_ERROR)
FAULT(int, EGifPutImageDesc,
      (GifFileType * gif, int left, int top, int width, int height, bool interlace, const ColorMapObject *colours),
      (gif, left, top, width, height, interlace, colours), EIO, GIF_ERROR)
FAULT(int, EGifPutLine, (GifFileType * gif, GifPixelType *line, int length), (gif, line, length), EIO, GIF_ERROR)
FAULT(int, EGifPutExtension, (GifFileType * gif, int code, int length, const void *bytes), (gif, code, length, bytes),
      EIO, GIF_ERROR)
FAULT(int, compress2, (Bytef * stream, uLongf *room, const Bytef *data, uLong size, int level),
      (stream, room, data, size, level), ENOMEM, Z_MEM_ERROR)
/* ---- those that are otherwise ---- */

/* What only prints is left out. */
static bool prints(const FILE *file) {
    return !file || file == stdout || file == stderr;
}

int __real_fflush(FILE *file);
int __wrap_fflush(FILE *file);
int __wrap_fflush(FILE *file) {
    return !prints(file) && fails("fflush", ENOSPC) ? EOF : __real_fflush(file);
}

/* Closed all the same, as the C library does. */
int __real_fclose(FILE *file);
int __wrap_fclose(FILE *file);
int __wrap_fclose(FILE *file) {
    const bool broken = fails("fclose", ENOSPC);
    const int result = __real_fclose(file);
    if (broken) {
        errno = ENOSPC;
    }
    return broken ? EOF : result;
}

int __real_close(int file);
int __wrap_close(int file);
int __wrap_close(int file) {
    const bool broken = fails("close", EIO);
    const int result = __real_close(file);
    if (broken) {
        errno = EIO;
    }
    return broken ? -1 : result;
}

int __real_EGifCloseFile(GifFileType *gif, int *reason);
int __wrap_EGifCloseFile(GifFileType *gif, int *reason);
int __wrap_EGifCloseFile(GifFileType *gif, int *reason) {
    const bool broken = fails("EGifCloseFile", EIO);
    const int result = __real_EGifCloseFile(gif, reason);
    if (broken && reason) {
        *reason = E_GIF_ERR_CLOSE_FAILED;
    }
    return broken ? GIF_ERROR : result;
}

/* Their last parameter is there only when a file may be created. */
int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return fails("open", EMFILE) ? -1 : __real_open(path, flags, mode);
}
