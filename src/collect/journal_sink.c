#include "collect/journal_sink.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "base/digits.h"
#include "base/time.h"
#include "collect/log_writer.h"

#ifdef HAVE_JOURNAL
#define SD_JOURNAL_SUPPRESS_LOCATION
#include <systemd/sd-journal.h>
#endif

/* A record: its length in 4 bytes, then for each field its length in 4 bytes and KEY=value. */
enum { LENGTH_BYTES = 4, FIELDS = 6 };

static void put_length(char *at, size_t length)
{
    const uint32_t value = (uint32_t)length;

    memcpy(at, &value, LENGTH_BYTES);
}

static size_t get_length(const char *at)
{
    uint32_t value;

    memcpy(&value, at, LENGTH_BYTES);
    return value;
}

/* --- Making ----------------------------------------------------------------------------------- */

/* Room for a length; where it is. */
static size_t open_length(struct buffer *out)
{
    buffer_append(out, (char[LENGTH_BYTES]){ 0 }, LENGTH_BYTES);
    return out->len;
}

static void close_length(struct buffer *out, size_t start)
{
    if (buffer_status(out) == OU_OK)
        put_length(out->at + start - LENGTH_BYTES, out->len - start);
}

static void append_field(struct buffer *out, const char *key, struct span value)
{
    const size_t start = open_length(out);

    buffer_text(out, key);
    buffer_append(out, value.at, value.len);
    close_length(out, start);
}

/* 2026-03-22 06:24:52.123456789012Z, always with all its decimals. */
static void append_time(struct buffer *out, const struct trace_object *o)
{
    const int64_t second = trace_object_ns(o) / NS_PER_SECOND;
    const uint64_t ps = second == o->seconds ? o->picoseconds : 0;
    char text[TIME_ISO_ROOM] = "", decimals[12];
    const size_t start = open_length(out);

    time_format_iso(second * NS_PER_SECOND, text);
    text[10] = ' ';
    digits_fixed(ps, sizeof(decimals), decimals);
    buffer_text(out, "TIME=");
    buffer_append(out, text, strcspn(text, "Z"));
    buffer_char(out, '.');
    buffer_append(out, decimals, sizeof(decimals));
    buffer_char(out, 'Z');
    close_length(out, start);
}

void journal_record(const struct trace_object *o, struct span name, const char *node,
                    struct span message, struct buffer *out)
{
    const size_t start = open_length(out);
    const char priority = (char)('0' + 7 - o->severity); /* syslog counts the other way round */

    append_field(out, "SYSLOG_IDENTIFIER=", span_of(node));
    append_field(out, "MESSAGE=", message);
    append_field(out, "PRIORITY=", (struct span){ &priority, 1 });
    append_field(out, "NAMESPACE=", name);
    append_field(out, "THREAD=", trace_object_thread(o));
    append_time(out, o);
    close_length(out, start);
}

uint64_t journal_records(struct span records)
{
    uint64_t count = 0;

    for (size_t at = 0; at < records.len; at += LENGTH_BYTES + get_length(records.at + at))
        count++;
    return count;
}

/* --- Sending ---------------------------------------------------------------------------------- */

#ifdef HAVE_JOURNAL

bool log_journal_is_there(struct ou_error *err)
{
    static const char path[] = "/run/systemd/journal/socket";
    struct stat st;

    /* sd_journal_sendv() says that all is well where there is no journal. */
    if (stat(path, &st) == 0 && S_ISSOCK(st.st_mode))
        return true;
    ou_fail(err, OU_IO, "the journal is not there: %s: %s", path, strerror(errno));
    return false;
}

static int send_record(const char *at)
{
    const char *end = at + LENGTH_BYTES + get_length(at);
    struct iovec fields[FIELDS];
    int count = 0;

    for (at += LENGTH_BYTES; at < end && count < FIELDS; count++) {
        const size_t length = get_length(at);

        /* The interface was made without const; nothing is written through it. NOLINTNEXTLINE(performance-no-int-to-ptr) */
        fields[count] = (struct iovec){ (void *)(uintptr_t)(at + LENGTH_BYTES), length };
        at += LENGTH_BYTES + length;
    }
    return sd_journal_sendv(fields, count);
}

/* Not for now, but for what the record is. */
static bool is_refusal(int result)
{
    return result == -E2BIG || result == -EINVAL || result == -EBADMSG;
}

enum ou_status journal_send(struct span records, size_t *ret_done, uint64_t *ret_refused,
                            struct ou_error *err)
{
    *ret_done = 0;
    *ret_refused = 0;
    if (!log_journal_is_there(err))
        return OU_IO;
    while (*ret_done < records.len) {
        const char *at = records.at + *ret_done;
        const int result = send_record(at);

        if (result == -EINTR)
            continue;
        if (result < 0 && !is_refusal(result))
            return ou_fail(err, OU_IO, "send to the journal: %s", strerror(-result));
        if (result < 0)
            ++*ret_refused;
        *ret_done += LENGTH_BYTES + get_length(at);
    }
    return OU_OK;
}

#else

bool log_journal_is_there(struct ou_error *err)
{
    ou_fail(err, OU_IO, "the journal is not there: this build is without libsystemd");
    return false;
}

enum ou_status journal_send(struct span records, size_t *ret_done, uint64_t *ret_refused,
                            struct ou_error *err)
{
    (void)records;
    *ret_done = 0;
    *ret_refused = 0;
    log_journal_is_there(err);
    return OU_IO;
}

#endif
