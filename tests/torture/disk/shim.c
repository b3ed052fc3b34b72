/* A disk between a process and its files: LD_PRELOADed, it writes down every write and flush below one directory, so
 * that a model can say what would be on the platters if the power failed (model.py), and it fails writes and flushes
 * with the error that it is told (shim.py).
 *
 * TORTURE_DISK     the directory that it watches, with a slash at the end
 * TORTURE_JOURNAL  where it appends one record for each operation: struct record, the name, the data
 * TORTURE_ORDERS   a file of struct orders, mapped: the test sets errors there while the process runs
 *
 * One lock orders an operation and its record. Flushes are recorded, not done: the model's disk is the one that counts.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define MOST 4096

struct record {
    uint32_t operation, name_length;
    int64_t offset, length;
};
struct orders {
    volatile int32_t write_error, flush_error; /* errno values; 0: none */
    volatile int32_t writes_before, flushes_before, flushes_failing; /* -1: all that follow */
    volatile int32_t writes_failed, flushes_failed;
    volatile int32_t flush_us, die_of_failure;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char *names[MOST]; /* by file descriptor; a name without slash; "" for the directory itself */
static const char *watched;
static int journal = -1;
static struct orders *orders;

#define REAL(name) ((__typeof__(&name))real(#name))
static void *real(const char *name) { return dlsym(RTLD_NEXT, name); }

__attribute__((constructor)) static void begin(void) {
    watched = getenv("TORTURE_DISK");
    if (!watched) return;
    journal = REAL(open64)(getenv("TORTURE_JOURNAL"), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    int shared = REAL(open64)(getenv("TORTURE_ORDERS"), O_RDWR | O_CLOEXEC);
    orders = mmap(0, sizeof *orders, PROT_READ | PROT_WRITE, MAP_SHARED, shared, 0);
    if (journal < 0 || orders == MAP_FAILED) abort();
}

/* The name below the watched directory, or 0. The memory that SQLite shares between processes is no file of the disk. */
static const char *below(const char *path) {
    size_t length = watched ? strlen(watched) : 0;
    if (!length) return 0;
    if (!strncmp(path, watched, length - 1) && !path[length - 1]) return "";
    if (strncmp(path, watched, length)) return 0;
    const char *name = path + length, *end = strrchr(name, '-');
    return end && !strcmp(end, "-shm") ? 0 : name;
}

static void note(char operation, const char *name, int64_t offset, const void *data, int64_t length) {
    struct record record = {operation, strlen(name), offset, length};
    struct iovec parts[] = {
        {&record, sizeof record}, {(void *)name, record.name_length}, {(void *)data, data ? length : 0}};
    int kept = errno;
    if (REAL(writev)(journal, parts, 3) < 0) abort();
    errno = kept;
}

static const char *name_of(int fd) { return fd >= 0 && fd < MOST ? names[fd] : 0; }

static int opened(const char *path, int flags, mode_t mode) {
    const char *name = below(path);
    if (!name) return REAL(open64)(path, flags, mode);
    pthread_mutex_lock(&lock);
    int absent = access(path, F_OK);
    int fd = REAL(open64)(path, flags, mode);
    if (fd >= MOST) abort();
    if (fd >= 0) {
        free(names[fd]);
        names[fd] = strdup(name);
        if (absent) note('C', name, 0, 0, 0);
        else if (flags & O_TRUNC) note('T', name, 0, 0, 0);
    }
    pthread_mutex_unlock(&lock);
    return fd;
}

#define OPEN(called) \
    int called(const char *path, int flags, ...) { \
        va_list more; \
        va_start(more, flags); \
        mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0; \
        va_end(more); \
        return opened(path, flags, mode); \
    }
OPEN(open)
OPEN(open64)

int close(int fd) {
    pthread_mutex_lock(&lock);
    if (name_of(fd)) {
        free(names[fd]);
        names[fd] = 0;
    }
    int result = REAL(close)(fd);
    pthread_mutex_unlock(&lock);
    return result;
}

static int refuses_write(void) {
    if (!orders->write_error) return 0;
    if (orders->writes_before > 0) {
        orders->writes_before--;
        return 0;
    }
    orders->writes_failed++;
    errno = orders->write_error;
    return 1;
}

static ssize_t written(int fd, const void *data, size_t length, off64_t offset, int place) {
    const char *name = name_of(fd);
    if (!name) return place ? REAL(pwrite64)(fd, data, length, offset) : REAL(write)(fd, data, length);
    pthread_mutex_lock(&lock);
    ssize_t result = -1;
    if (!refuses_write()) {
        if (!place) offset = lseek64(fd, 0, SEEK_CUR);
        result = place ? REAL(pwrite64)(fd, data, length, offset) : REAL(write)(fd, data, length);
        if (result > 0) note('W', name, offset, data, result);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

ssize_t write(int fd, const void *data, size_t length) { return written(fd, data, length, 0, 0); }
ssize_t pwrite(int fd, const void *data, size_t length, off_t at) { return written(fd, data, length, at, 1); }
ssize_t pwrite64(int fd, const void *data, size_t length, off64_t at) { return written(fd, data, length, at, 1); }

static int resized(int fd, off64_t length) {
    const char *name = name_of(fd);
    if (!name) return REAL(ftruncate64)(fd, length);
    pthread_mutex_lock(&lock);
    int result = refuses_write() ? -1 : REAL(ftruncate64)(fd, length);
    if (!result) note('T', name, length, 0, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int ftruncate(int fd, off_t length) { return resized(fd, length); }
int ftruncate64(int fd, off64_t length) { return resized(fd, length); }

/* A flush that fails leaves its pages in memory, clean, and not on the disk: so does Linux. */
static int flushed(int fd, const char *called) {
    const char *name = name_of(fd);
    if (!name) return ((int (*)(int))real(called))(fd);
    usleep(orders->flush_us); /* before it counts: a power loss may come in between */
    pthread_mutex_lock(&lock);
    int result = 0;
    if (orders->flush_error && orders->flushes_failing && orders->flushes_before-- <= 0) {
        if (orders->flushes_failing > 0) orders->flushes_failing--;
        orders->flushes_failed++;
        note('E', name, 0, 0, 0);
        if (orders->die_of_failure) kill(getpid(), SIGKILL);
        errno = orders->flush_error;
        result = -1;
    } else {
        note('S', name, 0, 0, 0);
    }
    pthread_mutex_unlock(&lock);
    return result;
}

int fsync(int fd) { return flushed(fd, "fsync"); }
int fdatasync(int fd) { return flushed(fd, "fdatasync"); }

int unlink(const char *path) {
    const char *name = below(path);
    if (!name) return REAL(unlink)(path);
    pthread_mutex_lock(&lock);
    int result = REAL(unlink)(path);
    if (!result) note('U', name, 0, 0, 0);
    pthread_mutex_unlock(&lock);
    return result;
}

int rename(const char *from, const char *to) {
    const char *name = below(from), *target = below(to);
    if (!name || !target) return REAL(rename)(from, to);
    pthread_mutex_lock(&lock);
    int result = REAL(rename)(from, to);
    if (!result) note('R', name, 0, target, strlen(target));
    pthread_mutex_unlock(&lock);
    return result;
}
