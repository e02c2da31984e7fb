#include "cluster/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "json/write.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

enum ou_status journal_open(struct journal *j, const char *path, struct ou_error *err)
{
    j->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (j->fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", path, strerror(errno));
    pthread_mutex_init(&j->mutex, NULL);
    return OU_OK;
}

void journal_close(struct journal *j)
{
    if (j->fd < 0)
        return;
    close(j->fd);
    pthread_mutex_destroy(&j->mutex);
    j->fd = -1;
}

static void write_line(struct buffer *line, const char *from, const char *host, const char *what)
{
    struct json_writer w;
    char at[TIME_ISO_ROOM];

    time_format_iso(time_wall_ns(), at);
    json_writer_init(&w, line, false);
    json_begin_object(&w);
    json_key(&w, "at");
    json_cstring(&w, at);
    json_key(&w, "from");
    json_cstring(&w, from);
    json_key(&w, "host");
    json_cstring(&w, host);
    json_key(&w, "what");
    json_cstring(&w, what);
    json_end(&w);
    buffer_char(line, '\n');
}

void journal_add(struct journal *j, const char *from, const char *host, const char *what)
{
    struct buffer line;

    if (j->fd < 0)
        return;
    buffer_init(&line, allocator_libc(), LINE_MAX_BYTES);
    write_line(&line, from, host, what);
    pthread_mutex_lock(&j->mutex);
    if (!buffer_status(&line))
        fd_write_all(j->fd, line.at, line.len, NULL);
    pthread_mutex_unlock(&j->mutex);
    buffer_release(&line);
}
