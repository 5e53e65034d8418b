/* Loaded before libc (LD_PRELOAD): lets the n-th call of some kinds that regards a folder fail, or ends the process
 * there. Nothing happens until a process arms it. The count is the process's, over all its threads.
 *
 * The method is SQLite's (sqlite.org/testing.html, "I/O error testing"), taken to the edge of libc so that what is
 * written in Rust and C is met as well as what is written in Python.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, NAME = 4, OPEN = 8, SIZE = 16, READ = 32, MAP = 64 };
enum { DIE = -1, TEAR = -2 };

static char under[PATH_MAX];
static size_t length;
static int action, kinds, lasting;
static long due_at;
static atomic_long counted;

/* Let the `nth` call of `which` kinds that regards `folder` do `what`: an errno, DIE or TEAR (half is written, and the
 * process ends); with `lasting` every later one as well. */
void fault_arm(const char *folder, long nth, int what, int which, int forever) {
    strncpy(under, folder, sizeof under - 1);
    length = strlen(under);
    due_at = nth;
    kinds = which;
    lasting = forever;
    atomic_store(&counted, 0);
    action = what;
}

long fault_counted(void) { return atomic_load(&counted); }

void fault_disarm(void) { action = 0; }

static int due(int kind, const char *path) {
    if (!action || !(kind & kinds) || !path || strncmp(path, under, length)) return 0;
    long now = atomic_fetch_add(&counted, 1) + 1;
    if (now != due_at && !(lasting && now > due_at)) return 0;
    if (action == DIE || (action == TEAR && kind != WRITE)) raise(SIGKILL);
    if (action > 0) errno = action;
    return 1;
}

static int due_fd(int kind, int fd) {
    if (!action || !(kind & kinds)) return 0;
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    if (n < 0) return 0;
    path[n] = 0;
    return due(kind, path);
}

static int due_at_folder(int kind, int fd, const char *path) {
    return path && (path[0] == '/' || fd == AT_FDCWD) ? due(kind, path) : due_fd(kind, fd);
}

#define REAL(type, name, ...) \
    static type (*real)(__VA_ARGS__); \
    if (!real) real = (type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name)

#define TORN(half) do { if (action == TEAR) { half; raise(SIGKILL); } } while (0)

ssize_t write(int fd, const void *data, size_t n) {
    REAL(ssize_t, write, int, const void *, size_t);
    if (due_fd(WRITE, fd)) { TORN(real(fd, data, n / 2)); return -1; }
    return real(fd, data, n);
}

ssize_t pwrite64(int fd, const void *data, size_t n, off64_t at) {
    REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t);
    if (due_fd(WRITE, fd)) { TORN(real(fd, data, n / 2, at)); return -1; }
    return real(fd, data, n, at);
}

ssize_t pwrite(int fd, const void *data, size_t n, off_t at) { return pwrite64(fd, data, n, at); }

ssize_t writev(int fd, const struct iovec *parts, int n) {
    REAL(ssize_t, writev, int, const struct iovec *, int);
    if (due_fd(WRITE, fd)) { TORN(real(fd, parts, n / 2)); return -1; }
    return real(fd, parts, n);
}

size_t fwrite(const void *data, size_t size, size_t n, FILE *file) {
    REAL(size_t, fwrite, const void *, size_t, size_t, FILE *);
    if (due_fd(WRITE, fileno(file))) { TORN(real(data, size, n / 2, file); fflush(file)); return 0; }
    return real(data, size, n, file);
}

ssize_t sendfile64(int to, int from, off64_t *at, size_t n) {
    REAL(ssize_t, sendfile64, int, int, off64_t *, size_t);
    if (due_fd(WRITE, to)) { TORN(real(to, from, at, n / 2)); return -1; }
    return real(to, from, at, n);
}

ssize_t sendfile(int to, int from, off_t *at, size_t n) { return sendfile64(to, from, at, n); }

ssize_t copy_file_range(int from, off64_t *at, int to, off64_t *there, size_t n, unsigned flags) {
    REAL(ssize_t, copy_file_range, int, off64_t *, int, off64_t *, size_t, unsigned);
    if (due_fd(WRITE, to)) { TORN(real(from, at, to, there, n / 2, flags)); return -1; }
    return real(from, at, to, there, n, flags);
}

ssize_t read(int fd, void *data, size_t n) {
    REAL(ssize_t, read, int, void *, size_t);
    return due_fd(READ, fd) ? -1 : real(fd, data, n);
}

ssize_t pread64(int fd, void *data, size_t n, off64_t at) {
    REAL(ssize_t, pread64, int, void *, size_t, off64_t);
    return due_fd(READ, fd) ? -1 : real(fd, data, n, at);
}

ssize_t pread(int fd, void *data, size_t n, off_t at) { return pread64(fd, data, n, at); }

#define OF_FD(kind, name) \
    int name(int fd) { REAL(int, name, int); return due_fd(kind, fd) ? -1 : real(fd); }
OF_FD(SYNC, fsync)
OF_FD(SYNC, fdatasync)

int ftruncate64(int fd, off64_t size) {
    REAL(int, ftruncate64, int, off64_t);
    return due_fd(SIZE, fd) ? -1 : real(fd, size);
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int fallocate64(int fd, int mode, off64_t at, off64_t size) {
    REAL(int, fallocate64, int, int, off64_t, off64_t);
    return due_fd(SIZE, fd) ? -1 : real(fd, mode, at, size);
}

int fallocate(int fd, int mode, off_t at, off_t size) { return fallocate64(fd, mode, at, size); }

#define OF_PATH(kind, name) \
    int name(const char *path) { REAL(int, name, const char *); return due(kind, path) ? -1 : real(path); }
OF_PATH(NAME, unlink)
OF_PATH(NAME, rmdir)

int unlinkat(int fd, const char *path, int flags) {
    REAL(int, unlinkat, int, const char *, int);
    return due_at_folder(NAME, fd, path) ? -1 : real(fd, path, flags);
}

int mkdir(const char *path, mode_t mode) {
    REAL(int, mkdir, const char *, mode_t);
    return due(NAME, path) ? -1 : real(path, mode);
}

#define OF_TWO(name) \
    int name(const char *one, const char *other) { \
        REAL(int, name, const char *, const char *); \
        return due(NAME, other) ? -1 : real(one, other); \
    }
OF_TWO(rename)
OF_TWO(link)
OF_TWO(symlink)

#define OPENED(name) \
    int name(const char *path, int flags, ...) { \
        REAL(int, name, const char *, int, ...); \
        va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
        return due(OPEN, path) ? -1 : real(path, flags, mode); \
    }
OPENED(open)
OPENED(open64)

#define OPENED_AT(name) \
    int name(int fd, const char *path, int flags, ...) { \
        REAL(int, name, int, const char *, int, ...); \
        va_list more; va_start(more, flags); mode_t mode = va_arg(more, mode_t); va_end(more); \
        return due_at_folder(OPEN, fd, path) ? -1 : real(fd, path, flags, mode); \
    }
OPENED_AT(openat)
OPENED_AT(openat64)

void *mmap64(void *at, size_t n, int protection, int flags, int fd, off64_t offset) {
    REAL(void *, mmap64, void *, size_t, int, int, int, off64_t);
    if (fd >= 0 && due_fd(MAP, fd)) return MAP_FAILED;
    return real(at, n, protection, flags, fd, offset);
}

void *mmap(void *at, size_t n, int protection, int flags, int fd, off_t offset) {
    return mmap64(at, n, protection, flags, fd, offset);
}
