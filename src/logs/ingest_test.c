#include "logs/ingest.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/time.h"
#include "logs/chunk.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct log_inputs inputs;
static struct ingest_result result;
static struct ou_error err;

/* --- A sink that writes down what it is given, and what is against the rules ------ */

#define HOSTS_MAX 16

struct recorded_host {
    char name[64];
    struct buffer events; /* a line for each */
    atomic_bool busy;     /* one call at a time */
    bool closed;
};

static struct recording {
    pthread_mutex_t lock;
    struct recorded_host hosts[HOSTS_MAX];
    int host_count;
    int refused;                                 /* the host that finds no memory; -1: none */
    void (*on_event)(const struct event *event); /* may be NULL */
    atomic_int broken_rules;
} record = { .lock = PTHREAD_MUTEX_INITIALIZER };

static void *open_host(void *context, const char *name)
{
    struct recorded_host *host = NULL;

    if (context != &record)
        atomic_fetch_add(&record.broken_rules, 1);
    pthread_mutex_lock(&record.lock);
    for (int i = 0; i < record.host_count; i++)
        if (strcmp(record.hosts[i].name, name) == 0)
            atomic_fetch_add(&record.broken_rules, 1); /* opened already */
    if (record.host_count != record.refused && record.host_count < HOSTS_MAX) {
        host = &record.hosts[record.host_count++];
        snprintf(host->name, sizeof host->name, "%s", name);
        buffer_init(&host->events, allocator_libc(), 256u << 20);
    }
    pthread_mutex_unlock(&record.lock);
    return host;
}

static void take_event(void *context, const struct event *event)
{
    struct recorded_host *host = context;

    if (atomic_exchange(&host->busy, true) || host->closed)
        atomic_fetch_add(&record.broken_rules, 1);
    buffer_printf(&host->events, "%lld %d %lld %.*s\n", (long long)event->at_ns, (int)event->kind,
                  (long long)event->slot, (int)event->hash.len, event->hash.at);
    if (record.on_event)
        record.on_event(event);
    atomic_store(&host->busy, false);
}

static void close_host(void *context, void *context_host)
{
    struct recorded_host *host = context_host;

    if (context != &record || host->closed || atomic_load(&host->busy))
        atomic_fetch_add(&record.broken_rules, 1);
    host->closed = true;
}

static const struct event_sink sink = { &record, open_host, take_event, close_host };

static void forget(void)
{
    for (int i = 0; i < record.host_count; i++) {
        buffer_release(&record.hosts[i].events);
        record.hosts[i] = (struct recorded_host){ 0 };
    }
    record.host_count = 0;
    record.refused = -1;
    record.on_event = NULL;
    record.broken_rules = 0;
}

static const char *events_of(const char *name)
{
    for (int i = 0; i < record.host_count; i++)
        if (strcmp(record.hosts[i].name, name) == 0)
            return buffer_string(&record.hosts[i].events);
    return NULL;
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    inputs = (struct log_inputs){ 0 };
    result = (struct ingest_result){ 0 };
    forget();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    forget();
    ingest_release(&result);
    log_inputs_release(&inputs);
    temp_dir_remove(&dir);
    return 0;
}

/* --- Logs ------------------------------------------------------------------------------ */

/* Numbers that are the same in every run. */
static uint64_t dice_state;

static uint64_t dice(uint64_t below)
{
    dice_state = dice_state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice_state >> 33) % below;
}

/* A log being written. */
struct log {
    FILE *file;
    const char *path;
    int64_t now_ms, last_ms; /* of the next event, and of the last one */
    int slot;
};

static struct log log_begin(const char *name, int64_t now_ms)
{
    struct log log = { .path = temp_path(&dir, name), .now_ms = now_ms };
    char folder[512];

    snprintf(folder, sizeof folder, "%s", log.path);
    *strrchr(folder, '/') = '\0';
    assert_int_equal(file_make_directory(folder, &err), OU_OK);
    log.file = fopen(log.path, "w");
    assert_non_null(log.file);
    return log;
}

static int64_t instant(int64_t ms)
{
    return INT64_C(1772633700000000000) + ms * 1000000; /* from 2026-03-04T14:15:00Z on */
}

static void stamp(const struct log *log, char out[TIME_ISO_ROOM])
{
    time_format_iso(instant(log->now_ms), out);
}

/* An event; its slot counts them, so that their order can be seen. */
static void put_event(struct log *log, const char *host)
{
    char at[TIME_ISO_ROOM];

    stamp(log, at);
    log->last_ms = log->now_ms;
    log->now_ms += (int64_t)dice(20);
    fprintf(
        log->file,
        "{\"at\":\"%s\",\"ns\":\"Forge.Loop.NodeIsLeader\",\"data\":{\"kind\":"
        "\"TraceNodeIsLeader\",\"slot\":%d},\"sev\":\"Info\",\"thread\":\"31\",\"host\":\"%s\"}\n",
        at, ++log->slot, host);
}

static void put_other(struct log *log, const char *host)
{
    char at[TIME_ISO_ROOM];

    stamp(log, at);
    fprintf(log->file,
            "{\"at\":\"%s\",\"ns\":\"Net.Peer.%d\",\"data\":{\"x\":[%d]},\"host\":\"%s\"}\n", at,
            (int)dice(50), (int)dice(1000), host);
}

/* Something of everything, in proportions as logs have them and worse. */
static void put_lines(struct log *log, const char *host, int count)
{
    for (int i = 0; i < count; i++) {
        switch (dice(60)) {
        case 0: fputs("garbage\n", log->file); break;
        case 1: fputs("\n", log->file); break;
        case 2: fputs("{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"X\",\"da\n", log->file); break;
        case 3:
            fputs("{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"X\",\"data\":{}}\n", log->file);
            break;
        case 4: log->now_ms -= 3; break;
        default:
            if (dice(3))
                put_other(log, host);
            else
                put_event(log, host);
        }
    }
}

static const char *log_end(struct log *log)
{
    assert_int_equal(fclose(log->file), 0);
    return log->path;
}

static void add(const char *host, const char *path)
{
    char argument[1024];

    snprintf(argument, sizeof argument, "%s%s%s", host ? host : "", host ? "=" : "", path);
    assert_int_equal(log_inputs_add(&inputs, argument, &err), OU_OK);
}

/* --- Reading them ------------------------------------------------------------------------ */

static void read_with(int threads)
{
    struct ingest_options options = { .threads = threads };

    log_inputs_sort(&inputs);
    if (ingest(&inputs, &options, &sink, &result, &err) != OU_OK)
        fail_msg("%s", err.text);
    assert_int_equal(record.broken_rules, 0);
    for (int i = 0; i < record.host_count; i++)
        assert_true(record.hosts[i].closed);
    assert_int_equal(record.host_count, result.host_count);
}

static void put_tally(struct buffer *out, const struct host_tally *t)
{
    const uint64_t counts[] = { t->lines,          t->bytes,           t->objects,
                                t->not_understood, t->duplicate_lines, t->out_of_order,
                                t->fine_stamps };
    const int64_t times[] = { t->worst_backstep_ns, t->first_ns,        t->last_ns,
                              t->first_in_file_ns,  t->last_in_file_ns, t->longest_gap_ns,
                              t->gap_at_ns };

    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        buffer_printf(out, " %llu", (unsigned long long)counts[i]);
    for (size_t i = 0; i < sizeof times / sizeof *times; i++)
        buffer_printf(out, " %lld", (long long)times[i]);
}

/* All that was found out, as text. */
static void put_result(struct buffer *out)
{
    buffer_printf(out, "%llu lines %llu bytes\n", (unsigned long long)result.lines,
                  (unsigned long long)result.bytes);
    for (size_t i = 0; i < result.file_count; i++) {
        const struct ingested_file *f = &result.files[i];

        buffer_printf(out, "%s %s %llu %llu %s %lld %lld %d \"%s\"\n", f->input->path,
                      f->compression, (unsigned long long)f->lines, (unsigned long long)f->bytes,
                      f->checksum, (long long)f->first_ns, (long long)f->last_ns, f->shrank,
                      f->problem);
    }
    for (uint32_t i = 0; i < result.host_count; i++) {
        buffer_printf(out, "%s", result.hosts[i].name);
        put_tally(out, &result.hosts[i].tally);
        buffer_printf(out, "\n%s", events_of(result.hosts[i].name));
    }
    for (size_t i = 0; i < result.name_count; i++)
        buffer_printf(out, "%s %d %llu\n", result.names[i].name, result.names[i].event,
                      (unsigned long long)result.names[i].lines);
    for (int i = 0; i < REJECTS; i++)
        buffer_printf(out, "%llu %u %llu\n", (unsigned long long)result.rejects[i].lines,
                      result.rejects[i].first_input,
                      (unsigned long long)result.rejects[i].first_line);
}

/* Whatever the number of threads, the result is the same. The last one stays. */
static void assert_same_with_any_number_of_threads(void)
{
    static const int threads[] = { 1, 2, 5 };
    struct buffer first, here;

    buffer_init(&first, allocator_libc(), 512u << 20);
    buffer_init(&here, allocator_libc(), 512u << 20);
    for (size_t i = 0; i < 3; i++) {
        forget();
        ingest_release(&result);
        read_with(threads[i]);
        buffer_clear(&here);
        put_result(i ? &here : &first);
        assert_int_equal(buffer_status(i ? &here : &first), OU_OK);
        if (i && strcmp(buffer_string(&first), buffer_string(&here)) != 0)
            fail_msg("another result with %d threads", threads[i]);
    }
    buffer_release(&first);
    buffer_release(&here);
}

/* The slots of a host's events ascend from 1, without a hole, `times` times. */
static void assert_in_order(const char *host, int last, int times)
{
    const char *at = events_of(host);
    long expected = 0;
    int rounds = 0;

    assert_non_null(at);
    while (*at) {
        char *end;
        long slot;

        strtoll(at, &end, 10);
        strtol(end, &end, 10);
        slot = strtol(end, &end, 10);
        if (slot == 1)
            expected = 0;
        assert_int_equal(slot, ++expected);
        rounds += slot == last;
        at = strchr(end, '\n') + 1;
    }
    assert_int_equal(rounds, times);
    assert_int_equal(expected, last);
}

static const struct ingested_host *host_of(const char *name)
{
    for (uint32_t i = 0; i < result.host_count; i++)
        if (strcmp(result.hosts[i].name, name) == 0)
            return &result.hosts[i];
    fail_msg("no host %s", name);
    return NULL;
}

/* --- Tests --------------------------------------------------------------------------------- */

static void test_hosts_of_their_own_are_read_alike_by_any_number_of_threads(void **state)
{
    int slots[4];
    char name[64];

    (void)state;
    for (int h = 0; h < 4; h++) {
        struct log log;

        snprintf(name, sizeof name, "logs/node-%d/node.json", h);
        log = log_begin(name, 1000 * h);
        put_lines(&log, "not-this", 3000 + 3000 * h);
        slots[h] = log.slot;
        log_end(&log);
    }
    add(NULL, temp_path(&dir, "logs"));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.host_count, 4);
    assert_in_order("node-0", slots[0], 1);
    assert_in_order("node-3", slots[3], 1);
    assert_int_equal(host_of("node-3")->tally.objects, slots[3]);
    assert_ptr_equal(result.files[3].input, &inputs.items[3]);
}

static void test_one_large_file_is_read_in_order_by_all_threads(void **state)
{
    struct log log = log_begin("node.json", 0);

    (void)state;
    put_lines(&log, "a", 40000); /* some six megabytes: a dozen chunks */
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_in_order("a", log.slot, 1);
}

static void test_the_files_of_a_host_are_read_one_after_the_other(void **state)
{
    int64_t last_ms = 0;
    char name[32];
    int last = 0;

    (void)state;
    for (int i = 0; i < 12; i++) {
        struct log log;

        snprintf(name, sizeof name, "%d.json", (i * 7) % 12); /* names in another order */
        log = log_begin(name, 10000000 * i);
        while (log.slot < 700)
            put_event(&log, "a");
        last = log.slot;
        last_ms = log.last_ms;
        add("a", log_end(&log));
    }
    assert_same_with_any_number_of_threads();
    assert_in_order("a", last, 12);
    assert_int_equal(host_of("a")->tally.out_of_order, 0);
    assert_int_equal(result.file_count, 12);
    assert_string_equal(strrchr(result.files[1].input->path, '/'), "/7.json");
    assert_int_equal(result.files[1].first_ns, instant(10000000));
    assert_int_equal(result.files[11].last_ns, instant(last_ms));
    assert_int_equal(host_of("a")->tally.first_ns, instant(0));
    assert_int_equal(host_of("a")->tally.last_ns, instant(last_ms));
}

static void test_lines_of_several_hosts_in_one_file_go_to_their_hosts(void **state)
{
    struct log logs[3];
    struct log all = log_begin("all.json", 0);

    (void)state;
    for (int h = 0; h < 3; h++)
        logs[h] = (struct log){ .file = all.file, .now_ms = h };
    for (int i = 0; i < 20000; i++) {
        int h = (int)dice(3);
        char name[2] = { (char)('a' + h), '\0' };

        put_event(&logs[h], name);
    }
    fputs("garbage\n{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"X\",\"da\n", all.file);
    add(NULL, log_end(&all));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.host_count, 3);
    for (int h = 0; h < 3; h++)
        assert_in_order((char[2]){ (char)('a' + h), '\0' }, logs[h].slot, 1);
    assert_int_equal(result.rejects[REJECT_NOT_JSON].lines, 1);
    assert_int_equal(result.rejects[REJECT_CUT_LINE].first_line, 20002);
}

static void test_a_host_may_be_named_by_lines_and_by_an_option(void **state)
{
    struct log log = log_begin("lines.json", 0);
    int slots;

    (void)state;
    put_event(&log, "a");
    put_event(&log, "b");
    add(NULL, log_end(&log));
    log = log_begin("option.json", 100000);
    put_lines(&log, "x", 5000);
    slots = log.slot;
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.host_count, 2);
    assert_int_equal(host_of("a")->tally.objects, slots + 1);
    assert_int_equal(host_of("b")->tally.objects, 1);
}

/* What is known of host "a", and of the text of the only file. */
static void put_only_host(struct buffer *out)
{
    buffer_text(out, events_of("a"));
    put_tally(out, &host_of("a")->tally);
    buffer_text(out, result.files[0].checksum);
    assert_int_equal(buffer_status(out), OU_OK);
}

static void test_compressed_files_give_the_same_events(void **state)
{
    struct log log = log_begin("a.json", 0);
    struct buffer plain, packed;
    char command[512];

    (void)state;
    buffer_init(&plain, allocator_libc(), 256u << 20);
    buffer_init(&packed, allocator_libc(), 256u << 20);
    put_lines(&log, "a", 20000);
    add("a", log_end(&log));
    read_with(2);
    put_only_host(&plain);
    snprintf(command, sizeof command, "gzip -q '%s'", log.path);
    assert_int_equal(system(command), 0);
    log_inputs_release(&inputs);
    add("a", temp_path(&dir, "a.json.gz"));
    assert_same_with_any_number_of_threads();
    put_only_host(&packed);
    assert_string_equal(result.files[0].compression, "gzip");
    assert_string_equal(buffer_string(&packed), buffer_string(&plain));
    buffer_release(&plain);
    buffer_release(&packed);
}

static void put_long_line(FILE *file, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        putc('x', file);
}

static void test_an_overlong_line_is_counted_once_and_left_out(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    put_event(&log, "a");
    put_event(&log, "a");
    put_long_line(log.file, 5u << 20);
    putc('\n', log.file);
    put_event(&log, "a");
    put_long_line(log.file, 17u << 20);
    putc('\n', log.file);
    put_event(&log, "a");
    fputs("garbage\n", log.file);
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_in_order("a", 4, 1);
    assert_int_equal(result.files[0].lines, 7);
    assert_int_equal(result.files[0].bytes, result.bytes);
    assert_int_equal(result.rejects[REJECT_TOO_LONG].lines, 2);
    assert_int_equal(result.rejects[REJECT_TOO_LONG].first_line, 3);
    assert_int_equal(result.rejects[REJECT_NOT_JSON].first_line, 7);
}

static void test_an_overlong_line_may_end_the_file(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    put_event(&log, "a");
    put_long_line(log.file, 9u << 20);
    add("a", log_end(&log));
    log = log_begin("b.json", 0);
    put_event(&log, "b");
    add("b", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.files[0].lines, 2);
    assert_int_equal(result.rejects[REJECT_TOO_LONG].lines, 1);
    assert_in_order("b", 1, 1);
}

static void test_a_line_of_almost_four_mebibytes_is_not_too_long(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    put_event(&log, "a");
    fputs("{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"Forge.Loop.NodeIsLeader\",\"data\":{\"x\":\"",
          log.file);
    put_long_line(log.file, (4u << 20) - 200);
    fprintf(log.file, "\",\"slot\":%d}}\n", ++log.slot);
    put_event(&log, "a");
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_in_order("a", 3, 1);
    assert_int_equal(result.rejects[REJECT_TOO_LONG].lines, 0);
}

/* Although with several threads the second file's is met much earlier. */
static void test_the_first_faulty_line_is_that_of_the_first_file(void **state)
{
    struct log log = log_begin("first.json", 0);

    (void)state;
    for (int i = 0; i < 20000; i++)
        put_event(&log, "a");
    fputs("garbage\n", log.file);
    add("host-0", log_end(&log));
    log = log_begin("second.json", 0);
    fputs("garbage\n", log.file);
    add("host-1", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.rejects[REJECT_NOT_JSON].lines, 2);
    assert_int_equal(result.rejects[REJECT_NOT_JSON].first_input, 0);
    assert_int_equal(result.rejects[REJECT_NOT_JSON].first_line, 20001);
}

static void test_a_file_that_vanished_is_a_problem_of_its_own(void **state)
{
    struct log log = log_begin("a.json", 0);
    const char *gone;

    (void)state;
    put_event(&log, "a");
    add("a", log_end(&log));
    log = log_begin("b.json", 1000);
    put_event(&log, "a");
    gone = log_end(&log);
    add("a", gone);
    log = log_begin("c.json", 2000);
    log.slot = 1;
    put_event(&log, "a");
    add("a", log_end(&log));
    log_inputs_sort(&inputs);
    assert_int_equal(unlink(gone), 0);
    assert_same_with_any_number_of_threads();
    for (size_t i = 0; i < 3; i++) {
        bool is_gone = strcmp(result.files[i].input->path, gone) == 0;

        assert_int_equal(result.files[i].problem[0] != '\0', is_gone);
        assert_int_equal(result.files[i].lines, !is_gone);
        assert_int_equal(strlen(result.files[i].checksum), is_gone ? 0 : 32);
    }
    assert_in_order("a", 2, 1);
}

static char *path_to_cut;

static void cut_the_file(const struct event *event)
{
    if (event->slot == 1)
        assert_int_equal(truncate(path_to_cut, 4096), 0);
}

static void test_a_file_that_shrinks_meanwhile_is_told(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    for (int i = 0; i < 30000; i++)
        put_event(&log, "a");
    path_to_cut = (char *)log_end(&log);
    add("a", path_to_cut);
    record.on_event = cut_the_file;
    read_with(1);
    assert_true(result.files[0].shrank);
    assert_true(result.files[0].lines < 30000);
}

static void test_the_checksum_is_that_of_xxhsum(void **state)
{
    struct log log = log_begin("a.json", 0);
    char command[512], wanted[64] = "";
    FILE *program;

    (void)state;
    if (system("command -v xxhsum >/dev/null") != 0) {
        print_message("# skipped: there is no xxhsum\n");
        skip();
    }
    put_lines(&log, "a", 20000);
    fputs("no newline at the end", log.file);
    add("a", log_end(&log));
    add("b", temp_file(&dir, "empty.json", ""));
    snprintf(command, sizeof command, "xxhsum -H2 <'%s'", log.path);
    program = popen(command, "r");
    assert_non_null(program);
    assert_int_equal(fscanf(program, "%63s", wanted), 1);
    pclose(program);
    assert_same_with_any_number_of_threads();
    assert_string_equal(result.files[0].checksum, wanted);
    assert_string_equal(result.files[1].checksum, "99aa06d3014798d86001c324468d497f");
}

static void test_duplicates_are_seen_across_chunks_but_not_across_files(void **state)
{
    enum { LINES = 9000 };

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct log log = log_begin(i ? "b.json" : "a.json", 0);

        for (int k = 0; k < LINES; k++)
            fputs("{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"X\",\"data\":{\"filling\":"
                  "\"................................................................\"}}\n",
                  log.file);
        add("a", log_end(&log));
    }
    assert_same_with_any_number_of_threads();
    assert_true(result.bytes > 2 * CHUNK_TARGET_BYTES);
    assert_int_equal(host_of("a")->tally.duplicate_lines, 2 * (LINES - 1));
}

static void test_names_are_sorted_by_their_lines(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    put_lines(&log, "a", 10000);
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_string_equal(result.names[0].name, "Forge.Loop.NodeIsLeader");
    assert_int_equal(result.names[0].event, EVENT_NODE_IS_LEADER);
    assert_int_equal(result.names[0].lines, log.slot);
    for (size_t i = 1; i < result.name_count; i++)
        assert_true(result.names[i - 1].lines >= result.names[i].lines);
    assert_int_equal(result.name_count, 52);
}

static void test_a_name_with_several_kinds_is_told_alike(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    for (int i = 0; i < 20000; i++)
        fprintf(log.file,
                "{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"Odd\",\"data\":{\"kind\":\"%s\","
                "\"slot\":%d,\"filling\":\"........................................\"}}\n",
                i % 3 == 0   ? "TraceNodeNotLeader"
                : i % 3 == 1 ? "TraceLedgerView"
                             : "Else",
                i);
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.name_count, 1);
    assert_int_equal(result.names[0].event, EVENT_LEDGER_VIEW);
}

static void test_too_many_names_are_lost_alike(void **state)
{
    struct log log = log_begin("a.json", 0);

    (void)state;
    for (int i = 0; i < 250000; i++)
        fprintf(log.file, "{\"at\":\"2026-03-04T14:15:00Z\",\"ns\":\"Odd.%d\",\"data\":{}}\n", i);
    put_event(&log, "a");
    add("a", log_end(&log));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.names_lost, 250000);
    assert_int_equal(result.name_count, 1); /* the name of the event */
}

static void *open_any(void *context, const char *name)
{
    (void)name;
    return context;
}

static void ignore(void *context, const struct event *event)
{
    (void)context;
    (void)event;
}

static void close_any(void *context, void *host)
{
    (void)context;
    (void)host;
}

static void test_too_many_hosts_end_the_reading_with_that_reason(void **state)
{
    static const int threads[] = { 1, 5 };
    struct log log = log_begin("a.json", 0);
    char host[16];

    (void)state;
    for (int i = 0; i < 30000; i++) {
        snprintf(host, sizeof host, "host-%d", i);
        put_event(&log, host);
    }
    add(NULL, log_end(&log));
    for (int i = 0; i < 2; i++) {
        const struct event_sink any = { &record, open_any, ignore, close_any };
        const struct ingest_options options = { .threads = threads[i] };

        assert_int_equal(ingest(&inputs, &options, &any, &result, &err), OU_TOO_LARGE);
        assert_non_null(strstr(err.text, "more than 10000 hosts"));
    }
}

static void test_nothing_to_read_is_nothing(void **state)
{
    (void)state;
    read_with(2);
    assert_int_equal(result.file_count + result.host_count + result.name_count, 0);
    add("a", temp_file(&dir, "empty", ""));
    assert_same_with_any_number_of_threads();
    assert_int_equal(result.host_count, 1);
    assert_int_equal(host_of("a")->tally.lines, 0);
    assert_int_equal(result.files[0].first_ns, TIME_NONE);
}

static struct ingest_progress last_progress;

static void take_progress(void *context, const struct ingest_progress *progress)
{
    assert_ptr_equal(context, &last_progress);
    assert_true(progress->bytes_done >= last_progress.bytes_done);
    last_progress = *progress;
}

static void test_progress_ends_with_all_bytes(void **state)
{
    struct ingest_options options = { 2, take_progress, &last_progress };
    struct log log = log_begin("a.json", 0);

    (void)state;
    put_lines(&log, "a", 10000);
    add("a", log_end(&log));
    last_progress = (struct ingest_progress){ 0 };
    assert_int_equal(ingest(&inputs, &options, &sink, &result, &err), OU_OK);
    assert_int_equal(last_progress.bytes_done, result.bytes);
    assert_int_equal(last_progress.bytes_total, result.bytes);
    assert_int_equal(last_progress.lines, result.lines);
}

static void test_a_host_without_memory_ends_the_reading(void **state)
{
    struct ingest_options options = { .threads = 3 };

    (void)state;
    for (int i = 0; i < 3; i++) {
        char name[32];
        struct log log;

        snprintf(name, sizeof name, "logs/h%d/a.json", i);
        log = log_begin(name, 0);
        put_lines(&log, "a", 5000);
        log_end(&log);
    }
    add(NULL, temp_path(&dir, "logs"));
    record.refused = 2;
    assert_int_equal(ingest(&inputs, &options, &sink, &result, &err), OU_NO_MEMORY);
    assert_non_null(strstr(err.text, "no memory"));
    assert_int_equal(result.file_count, 0);
    assert_int_equal(record.broken_rules, 0);
}

static void interrupt_at_100(const struct event *event)
{
    if (event->slot == 100)
        raise(SIGINT);
}

/* In a child: what is pending stays so. */
static void test_an_interruption_ends_the_reading(void **state)
{
    struct log log = log_begin("a.json", 0);
    int status;
    pid_t child;

    (void)state;
    put_lines(&log, "a", 100000);
    add("a", log_end(&log));
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct ingest_options options = { .threads = 2 };
        bool right;

        interrupt_install();
        record.on_event = interrupt_at_100;
        right = ingest(&inputs, &options, &sink, &result, &err) == OU_INTERRUPTED &&
                result.file_count == 0 && !record.hosts[0].closed && record.broken_rules == 0;
        _exit(right ? 0 : 1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_hosts_of_their_own_are_read_alike_by_any_number_of_threads),
        TEST(test_one_large_file_is_read_in_order_by_all_threads),
        TEST(test_the_files_of_a_host_are_read_one_after_the_other),
        TEST(test_lines_of_several_hosts_in_one_file_go_to_their_hosts),
        TEST(test_a_host_may_be_named_by_lines_and_by_an_option),
        TEST(test_compressed_files_give_the_same_events),
        TEST(test_an_overlong_line_is_counted_once_and_left_out),
        TEST(test_an_overlong_line_may_end_the_file),
        TEST(test_a_line_of_almost_four_mebibytes_is_not_too_long),
        TEST(test_the_first_faulty_line_is_that_of_the_first_file),
        TEST(test_a_file_that_vanished_is_a_problem_of_its_own),
        TEST(test_a_file_that_shrinks_meanwhile_is_told),
        TEST(test_the_checksum_is_that_of_xxhsum),
        TEST(test_duplicates_are_seen_across_chunks_but_not_across_files),
        TEST(test_names_are_sorted_by_their_lines),
        TEST(test_a_name_with_several_kinds_is_told_alike),
        TEST(test_too_many_names_are_lost_alike),
        TEST(test_too_many_hosts_end_the_reading_with_that_reason),
        TEST(test_nothing_to_read_is_nothing),
        TEST(test_progress_ends_with_all_bytes),
        TEST(test_a_host_without_memory_ends_the_reading),
        TEST(test_an_interruption_ends_the_reading),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
