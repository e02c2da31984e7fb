/* Loaded before a program (LD_PRELOAD), it lets one of its calls fail: the first from the Nth place that calls.
 *
 * A place is a chain of callers within the program, found by frame pointers: the same function, reached in two ways, is two
 * places. What libraries call for the program counts as called by it. Places are numbered by their first call.
 *
 *   FAULTS_KIND    memory: malloc, calloc, realloc. files: open, read, write, fsync, rename, mkdir, ftruncate
 *   FAULTS_AT      the place that fails, from 1; 0 or nothing for none
 *   FAULTS_STAYS   if set, every later call from any place fails, too, as on a full disk; but for standard output and error
 *   FAULTS_REPORT  a file that gets the number of places and, if one failed, its callers as addresses in the program
 */
/* Open and open64 are two functions here, both are replaced, and headers have no bodies for them. */
#undef _FILE_OFFSET_BITS
#undef _FORTIFY_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FRAMES_MAX = 64, DEPTH = 6, SLOTS = 1 << 16 };

enum kind { MEMORY = 1, FILES = 2 };

/* What the C library's own allocator is called besides. */
void *__libc_malloc(size_t bytes);
void *__libc_calloc(size_t count, size_t bytes);
void *__libc_realloc(void *at, size_t bytes);

static struct {
    enum kind kind; /* 0 until the program begins */
    bool stays;
    unsigned fail_at;
    atomic_uint places, failed;
    uintptr_t text_begin, text_end; /* of the program */
    uintptr_t base, callers[DEPTH]; /* of the place that failed */
    const char *report;
    _Atomic uint64_t seen[SLOTS]; /* hashes of places; 0: empty */
} faults;

static int find_text(struct dl_phdr_info *object, size_t size, void *argument)
{
    (void)size;
    (void)argument;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];

        if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
            faults.base = object->dlpi_addr;
            faults.text_begin = object->dlpi_addr + part->p_vaddr;
            faults.text_end = faults.text_begin + part->p_memsz;
        }
    }
    return 1; /* the first object is the program */
}

__attribute__((constructor)) static void begin(void)
{
    const char *kind = getenv("FAULTS_KIND"), *at = getenv("FAULTS_AT");

    dl_iterate_phdr(find_text, NULL);
    faults.fail_at = at ? (unsigned)strtoul(at, NULL, 10) : 0;
    faults.stays = getenv("FAULTS_STAYS") != NULL;
    faults.report = getenv("FAULTS_REPORT");
    faults.kind = !kind ? 0 : strcmp(kind, "memory") == 0 ? MEMORY : FILES;
}

/* Written where a call fails, for a program that does not survive it, and at the end. */
static void report(void)
{
    static _Thread_local char text[64 + DEPTH * 20];
    int length = snprintf(text, sizeof text, "%u", atomic_load(&faults.places));
    long fd;

    for (int i = 0; i < DEPTH && faults.callers[i]; i++)
        length += snprintf(text + length, sizeof text - (size_t)length, " 0x%lx",
                           (unsigned long)faults.callers[i]);
    if (faults.report &&
        (fd = syscall(SYS_open, faults.report, O_WRONLY | O_CREAT | O_TRUNC, 0600)) >= 0) {
        (void)!syscall(SYS_write, fd, text, length);
        syscall(SYS_close, fd);
    }
}

__attribute__((destructor)) static void end(void)
{
    faults.kind = 0;
    report();
}

/* The end of this thread's stack, which frames lie below. */
static uintptr_t stack_end(void)
{
    static _Thread_local uintptr_t end_of_thread;
    static _Thread_local bool looking;
    pthread_attr_t attributes;
    void *lowest;
    size_t bytes;

    if (end_of_thread || looking)
        return end_of_thread;
    looking = true; /* the question takes memory */
    if (pthread_getattr_np(pthread_self(), &attributes) == 0) {
        pthread_attr_getstack(&attributes, &lowest, &bytes);
        pthread_attr_destroy(&attributes);
        end_of_thread = (uintptr_t)lowest + bytes;
    }
    looking = false;
    return end_of_thread;
}

/* The callers within the program, the inmost first, and as one number; 0 if there is none. */
static uint64_t place_of(const uintptr_t *frame, uintptr_t callers[DEPTH])
{
    uintptr_t limit = stack_end();
    uint64_t hash = 0;
    int depth = 0;

    for (int i = 0; i < FRAMES_MAX && depth < DEPTH; i++) {
        const uintptr_t *next;

        if ((uintptr_t)frame % sizeof *frame || (uintptr_t)frame + 2 * sizeof *frame > limit)
            break;
        if (frame[1] >= faults.text_begin && frame[1] < faults.text_end) {
            hash = (hash ^ (frame[1] - faults.text_begin + 1)) * 0x9e3779b97f4a7c15U;
            hash ^= hash >> 29;
            callers[depth++] = frame[1] - faults.base;
        }
        next = (const uintptr_t *)
            frame[0]; // NOLINT(performance-no-int-to-ptr): that is what a frame is
        if (next <= frame)
            break;
        frame = next;
    }
    return hash;
}

/* Whether the place is a new one. */
static bool remember(uint64_t place)
{
    for (size_t i = place % SLOTS, tries = 0; tries < SLOTS; i = (i + 1) % SLOTS, tries++) {
        uint64_t empty = 0;

        if (atomic_load(&faults.seen[i]) == place)
            return false;
        if (atomic_compare_exchange_strong(&faults.seen[i], &empty, place))
            return true;
        if (empty == place)
            return false;
    }
    return false;
}

/* Whether a call of this kind is to fail. frame is that of the function which stands in for it. */
static bool fails(enum kind kind, const void *frame)
{
    uintptr_t callers[DEPTH] = { 0 };
    uint64_t place;

    if (faults.kind != kind)
        return false;
    place = place_of(frame, callers);
    if (place == 0)
        return false;
    if (remember(place) && atomic_fetch_add(&faults.places, 1) + 1 == faults.fail_at) {
        memcpy(faults.callers, callers, sizeof callers);
        report();
        atomic_store(&faults.failed, 1);
        return true;
    }
    return faults.stays && atomic_load(&faults.failed);
}

#define FAILS(kind) fails(kind, __builtin_frame_address(0))

void *malloc(size_t bytes)
{
    if (FAILS(MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_malloc(bytes);
}

void *calloc(size_t count, size_t bytes)
{
    if (FAILS(MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_calloc(count, bytes);
}

void *realloc(void *at, size_t bytes)
{
    if (bytes > 0 && FAILS(MEMORY)) {
        errno = ENOMEM;
        return NULL;
    }
    return __libc_realloc(at, bytes);
}

static int fail_with(int error)
{
    errno = error;
    return -1;
}

/* The mode is passed on whether there is one or not: the system looks at it only when it makes a file. */
#define OPEN(name)                                               \
    int name(const char *path, int flags, ...)                   \
    {                                                            \
        unsigned mode;                                           \
        va_list more;                                            \
                                                                 \
        va_start(more, flags);                                   \
        mode = va_arg(more, unsigned);                           \
        va_end(more);                                            \
        if (FAILS(FILES))                                        \
            return fail_with(flags & O_CREAT ? ENOSPC : EMFILE); \
        return (int)syscall(SYS_open, path, flags, mode);        \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                \
    int name(int folder, const char *path, int flags, ...)          \
    {                                                               \
        unsigned mode;                                              \
        va_list more;                                               \
                                                                    \
        va_start(more, flags);                                      \
        mode = va_arg(more, unsigned);                              \
        va_end(more);                                               \
        if (FAILS(FILES))                                           \
            return fail_with(flags & O_CREAT ? ENOSPC : EMFILE);    \
        return (int)syscall(SYS_openat, folder, path, flags, mode); \
    }
OPENAT(openat)
OPENAT(openat64)

ssize_t read(int fd, void *into, size_t bytes)
{
    if (FAILS(FILES))
        return fail_with(EIO);
    return syscall(SYS_read, fd, into, bytes);
}

ssize_t pread64(int fd, void *into, size_t bytes, off64_t offset)
{
    if (FAILS(FILES))
        return fail_with(EIO);
    return syscall(SYS_pread64, fd, into, bytes, offset);
}

ssize_t write(int fd, const void *from, size_t bytes)
{
    if (fd != STDERR_FILENO && FAILS(FILES))
        return fail_with(ENOSPC);
    return syscall(SYS_write, fd, from, bytes);
}

ssize_t pwrite64(int fd, const void *from, size_t bytes, off64_t offset)
{
    if (FAILS(FILES))
        return fail_with(ENOSPC);
    return syscall(SYS_pwrite64, fd, from, bytes, offset);
}

int fsync(int fd)
{
    if (FAILS(FILES))
        return fail_with(EIO);
    return (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    if (FAILS(FILES))
        return fail_with(EACCES);
    return (int)syscall(SYS_rename, from, to);
}

int mkdir(const char *path, mode_t mode)
{
    if (FAILS(FILES))
        return fail_with(ENOSPC);
    return (int)syscall(SYS_mkdir, path, mode);
}

int ftruncate64(int fd, off64_t bytes)
{
    if (FAILS(FILES))
        return fail_with(EIO);
    return (int)syscall(SYS_ftruncate, fd, bytes);
}
