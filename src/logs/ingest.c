#include "logs/ingest.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "base/time.h"
#include "json/scan.h"
#include "logs/checksum.h"
#include "logs/chunk.h"
#include "logs/merged_names.h"
#include "logs/source.h"

#define TEXT_MAX (64u << 20)
#define PROGRESS_PERIOD_NS (200 * 1000 * 1000)

/* What the threads share. Locks are taken in the order job.reading, job.folding,
 * pool.lock; never two of the same kind. */
struct pool {
    const struct event_sink *sink;
    struct ingest_result *result;
    struct log_input *inputs;

    pthread_mutex_t lock; /* guards jobs' states, hosts, threads_left, status */
    pthread_cond_t ended; /* a thread has ended */
    struct job *jobs;
    size_t job_count;
    struct intern host_names;
    struct ingested_host **hosts; /* by number in host_names; each owned */
    size_t host_cap;
    int threads_left;
    enum ou_status status; /* first failure of the whole */
    struct ou_error error;

    _Atomic(bool) stopping;
    _Atomic(uint64_t) bytes_done, lines; /* for progress: relaxed */
};

/* The files of one host, or all those whose lines tell their hosts. */
struct job {
    uint32_t first_input, end_input; /* its files: [first, end) */
    bool host_is_given;

    bool started, exhausted; /* under pool.lock */
    int workers;             /* under pool.lock */

    pthread_mutex_t reading; /* guards from here on */
    uint32_t input;
    struct source *source;
    uint64_t taken_before;
    struct checksum *checksum;
    char *carry; /* the begun line behind the last chunk; CHUNK_LINE_MAX bytes */
    size_t carry_len;
    bool in_overlong; /* within a line that was too long */
    uint64_t next_ticket;

    pthread_mutex_t folding; /* guards from here on */
    pthread_cond_t turn_ended;
    uint64_t turn;
    uint64_t file_lines; /* of the file being folded, so far */
    uint32_t folding_input;
    uint64_t last_line_hash;
};

static void fail(struct pool *pool, enum ou_status status, const char *text)
{
    pthread_mutex_lock(&pool->lock);
    if (!pool->status)
        pool->status = ou_fail(&pool->error, status, "%s", text);
    pthread_mutex_unlock(&pool->lock);
    atomic_store_explicit(&pool->stopping, true, memory_order_relaxed);
}

/* --- Reading ------------------------------------------------------------ */

static void tell_problem(struct ingested_file *file, const struct ou_error *err)
{
    snprintf(file->problem, sizeof(file->problem), "%s", err->text);
}

/* Opens the next file that can be opened; false when there is none left. */
static bool open_next(struct pool *pool, struct job *job)
{
    while (!job->source && job->input < job->end_input) {
        struct ingested_file *file = &pool->result->files[job->input];
        struct ou_error err = { "" };

        if (source_open(pool->inputs[job->input].path, &job->source, &err) != OU_OK) {
            tell_problem(file, &err);
            job->input++;
            continue;
        }
        file->compression = source_compression(job->source);
        checksum_reset(job->checksum);
        job->taken_before = 0;
        job->carry_len = 0;
        job->in_overlong = false;
    }
    return job->source != NULL;
}

static void close_current(struct pool *pool, struct job *job)
{
    struct ingested_file *file = &pool->result->files[job->input];

    checksum_hex(job->checksum, file->checksum);
    file->shrank =
        !file->problem[0] && source_taken_bytes(job->source) < source_size_bytes(job->source);
    source_close(job->source);
    job->source = NULL;
    job->input++;
}

/* Reads up to room bytes; *ret_len is 0 at the end of the file, of which a
 * failure is one kind. */
static size_t read_some(struct pool *pool, struct job *job, char *into, size_t room)
{
    struct ingested_file *file = &pool->result->files[job->input];
    struct ou_error err = { "" };
    size_t got = 0;
    uint64_t taken;

    if (source_read(job->source, into, room, &got, &err) != OU_OK) {
        tell_problem(file, &err);
        got = 0;
    }
    taken = source_taken_bytes(job->source);
    atomic_fetch_add_explicit(&pool->bytes_done, taken - job->taken_before, memory_order_relaxed);
    job->taken_before = taken;
    file->bytes += got;
    checksum_add(job->checksum, into, got);
    return got;
}

/* Drops what is left of a line that was too long. */
static void skip_overlong(struct job *job, struct chunk *chunk)
{
    char *newline = memchr(chunk->text, '\n', chunk->len);

    if (!newline) {
        chunk->len = 0;
        return;
    }
    job->in_overlong = false;
    chunk->len -= (size_t)(newline + 1 - chunk->text);
    memmove(chunk->text, newline + 1, chunk->len);
}

/* Cuts the text behind its last newline; what follows is carried over. */
static void carry_over(struct job *job, struct chunk *chunk)
{
    char *newline = memrchr(chunk->text, '\n', chunk->len);
    size_t whole = newline ? (size_t)(newline + 1 - chunk->text) : 0;

    job->carry_len = chunk->len - whole;
    if (job->carry_len)
        memcpy(job->carry, chunk->text + whole, job->carry_len);
    chunk->len = whole;
}

/* Fills the chunk with whole lines of the current file. Returns false when the
 * file has ended and the chunk is empty. */
static bool fill_from_file(struct pool *pool, struct job *job, struct chunk *chunk)
{
    bool has_newline = false, ended = false;

    if (job->carry_len)
        memcpy(chunk->text, job->carry, job->carry_len);
    chunk->len = job->carry_len;
    job->carry_len = 0;
    while (!ended && chunk->len < chunk->cap &&
           !(has_newline && chunk->len >= CHUNK_TARGET_BYTES)) {
        size_t room = chunk->cap - chunk->len, got;

        if (chunk->len < CHUNK_TARGET_BYTES && room > CHUNK_TARGET_BYTES)
            room = CHUNK_TARGET_BYTES;
        got = read_some(pool, job, chunk->text + chunk->len, room);
        ended = got == 0;
        has_newline = has_newline || memchr(chunk->text + chunk->len, '\n', got);
        chunk->len += got;
        if (job->in_overlong) {
            skip_overlong(job, chunk);
            has_newline = memchr(chunk->text, '\n', chunk->len);
        }
    }
    if (ended)
        return chunk->len > 0;
    carry_over(job, chunk);
    if (job->carry_len == chunk->cap) {
        job->carry_len = 0;
        job->in_overlong = chunk->overlong_line = true;
    }
    return true;
}

/* Fills the chunk with the next lines of the job and draws its ticket; false
 * when there are none left. */
static bool fill(struct pool *pool, struct job *job, struct chunk *chunk, uint64_t *ret_ticket)
{
    bool filled = false;

    pthread_mutex_lock(&job->reading);
    if (!job->carry)
        job->carry = malloc(CHUNK_LINE_MAX);
    if (!job->carry)
        fail(pool, OU_NO_MEMORY, "no memory to read logs");
    while (!filled && !atomic_load_explicit(&pool->stopping, memory_order_relaxed) &&
           !interrupt_pending() && open_next(pool, job)) {
        chunk->input = job->input;
        chunk->overlong_line = false;
        filled = fill_from_file(pool, job, chunk);
        if (!filled)
            close_current(pool, job);
    }
    if (filled)
        *ret_ticket = job->next_ticket++;
    pthread_mutex_unlock(&job->reading);
    return filled;
}

/* --- Folding ------------------------------------------------------------ */

/* The host of that name, opened when it is new; NULL when there is no memory. */
static struct ingested_host *find_host(struct pool *pool, struct span name)
{
    struct ingested_host *host = NULL;
    uint32_t id;
    bool new;

    pthread_mutex_lock(&pool->lock);
    if (intern_put(&pool->host_names, name, &id, &new) != OU_OK)
        goto out;
    if (new) {
        if (id >= pool->host_cap &&
            !array_reserve(allocator_libc(), (void **)&pool->hosts, &pool->host_cap, id + 1,
                           sizeof(struct ingested_host *), LOG_HOSTS_MAX))
            goto out;
        pool->hosts[id] = calloc(1, sizeof(*host));
        if (pool->hosts[id]) {
            pool->hosts[id]->name = intern_text(&pool->host_names, id).at;
            pool->hosts[id]->tally = host_tally_empty;
            pool->hosts[id]->state =
                pool->sink->open_host(pool->sink->context, pool->hosts[id]->name);
        }
    }
    host = pool->hosts[id];
out:
    pthread_mutex_unlock(&pool->lock);
    return host && host->state ? host : NULL;
}

static void fail_for_want_of_host(struct pool *pool)
{
    char text[80];
    bool full;

    pthread_mutex_lock(&pool->lock);
    full = pool->host_names.count == LOG_HOSTS_MAX;
    pthread_mutex_unlock(&pool->lock);
    snprintf(text, sizeof(text), "more than %d hosts: are these logs of nodes?", LOG_HOSTS_MAX);
    fail(pool, full ? OU_TOO_LARGE : OU_NO_MEMORY, full ? text : "no memory for another host");
}

static void fold_rejects(struct pool *pool, struct job *job, const struct chunk *chunk)
{
    pthread_mutex_lock(&pool->lock);
    for (int i = 0; i < REJECTS; i++) {
        struct reject_tally *all = &pool->result->rejects[i];
        const struct reject_tally *here = &chunk->rejects[i];

        if (here->lines && (all->lines == 0 || chunk->input < all->first_input)) {
            all->first_input = chunk->input;
            all->first_line = job->file_lines + here->first_line;
        }
        all->lines += here->lines;
    }
    pthread_mutex_unlock(&pool->lock);
}

static void fold_stamps(struct ingested_file *file, const struct host_tally *t)
{
    if (t->first_ns == TIME_NONE)
        return;
    if (file->first_ns == TIME_NONE || t->first_ns < file->first_ns)
        file->first_ns = t->first_ns;
    if (t->last_ns > file->last_ns)
        file->last_ns = t->last_ns;
}

static void fold_hosts(struct pool *pool, struct job *job, struct chunk *chunk)
{
    struct ingested_file *file = &pool->result->files[chunk->input];

    for (size_t i = 0; i < chunk->touched_count; i++) {
        uint32_t id = chunk->touched_hosts[i];
        struct chunk_host *here = &chunk->host_items[id];
        struct ingested_host *host = here->resolved;

        if (!host)
            host = here->resolved = find_host(pool, intern_text(&chunk->hosts, id));
        if (!host) {
            fail_for_want_of_host(pool);
            return;
        }
        if (i == 0 && job->file_lines && chunk->first_line_hash &&
            chunk->first_line_hash == job->last_line_hash)
            here->tally.duplicate_lines++;
        host_tally_append(&host->tally, &here->tally);
        fold_stamps(file, &here->tally);
    }
}

/* Hands on what a chunk holds. Only the thread whose turn it is comes here. */
static void fold(struct pool *pool, struct job *job, struct chunk *chunk)
{
    struct ingested_file *file = &pool->result->files[chunk->input];

    if (job->folding_input != chunk->input) {
        job->folding_input = chunk->input;
        job->file_lines = 0;
        job->last_line_hash = 0;
    }
    fold_rejects(pool, job, chunk);
    fold_hosts(pool, job, chunk);
    if (!atomic_load_explicit(&pool->stopping, memory_order_relaxed)) {
        for (size_t i = 0; i < chunk->event_count; i++) {
            struct ingested_host *host = chunk->host_items[chunk->events[i].host].resolved;

            pool->sink->event(host->state, &chunk->events[i]);
        }
    }
    job->file_lines += chunk->lines;
    job->last_line_hash = chunk->last_line_hash;
    file->lines += chunk->lines;
    atomic_fetch_add_explicit(&pool->lines, chunk->lines, memory_order_relaxed);
}

static void fold_in_turn(struct pool *pool, struct job *job, struct chunk *chunk, uint64_t ticket)
{
    pthread_mutex_lock(&job->folding);
    while (job->turn != ticket)
        pthread_cond_wait(&job->turn_ended, &job->folding);
    fold(pool, job, chunk);
    job->turn++;
    pthread_cond_broadcast(&job->turn_ended);
    pthread_mutex_unlock(&job->folding);
}

/* --- Threads ------------------------------------------------------------ */

/* A job nobody works on yet, else one that still has text; NULL when all are
 * done. The first job comes alone: its hosts may go on in later ones. */
static struct job *take_job(struct pool *pool)
{
    struct job *taken = NULL;

    pthread_mutex_lock(&pool->lock);
    for (size_t i = 0; i < pool->job_count && !(taken && !taken->started); i++) {
        struct job *job = &pool->jobs[i];

        if (!job->exhausted && (!taken || !job->started))
            taken = job;
    }
    if (taken) {
        taken->started = true;
        taken->workers++;
    }
    pthread_mutex_unlock(&pool->lock);
    return taken;
}

/* Returns true for the last one to leave a job that is done. */
static bool leave_job(struct pool *pool, struct job *job)
{
    bool last;

    pthread_mutex_lock(&pool->lock);
    job->exhausted = true;
    last = --job->workers == 0;
    pthread_mutex_unlock(&pool->lock);
    return last;
}

static void work_on(struct pool *pool, struct job *job, struct chunk *chunk)
{
    uint64_t ticket;

    while (fill(pool, job, chunk, &ticket)) {
        const struct log_input *input = &pool->inputs[chunk->input];

        chunk->host_is_given = job->host_is_given;
        chunk->default_host = input->host ? span_of(input->host) : log_input_stem(input->path);
        chunk_parse(chunk);
        fold_in_turn(pool, job, chunk, ticket);
    }
}

static void close_host_of(struct pool *pool, const struct job *job)
{
    struct ingested_host *host;

    if (!job->host_is_given || atomic_load_explicit(&pool->stopping, memory_order_relaxed) ||
        interrupt_pending())
        return;
    host = find_host(pool, span_of(pool->inputs[job->first_input].host));
    if (host)
        pool->sink->close_host(pool->sink->context, host->state);
    else
        fail_for_want_of_host(pool);
}

static void merge_names(struct ingest_result *result, struct merged_names *m,
                        const struct chunk *chunk)
{
    result->names_lost += chunk->names_lost;
    m->full |= chunk->names_full;
    for (uint32_t i = 0; i < chunk->names.count; i++) {
        const struct ingested_name more = { .event = chunk->name_events[i],
                                            .lines = chunk->name_lines[i] };

        if (!merged_names_add(m, intern_text(&chunk->names, i), &more))
            result->names_lost += more.lines;
    }
}

struct worker {
    struct pool *pool;
    struct chunk *chunk;
    pthread_t thread;
};

static void *worker_main(void *context)
{
    struct worker *worker = context;
    struct pool *pool = worker->pool;
    struct job *job;

    while ((job = take_job(pool))) {
        work_on(pool, job, worker->chunk);
        if (leave_job(pool, job))
            close_host_of(pool, job);
    }
    pthread_mutex_lock(&pool->lock);
    pool->threads_left--;
    pthread_cond_signal(&pool->ended);
    pthread_mutex_unlock(&pool->lock);
    return NULL;
}

static void report_progress(struct pool *pool, const struct ingest_options *options,
                            uint64_t bytes_total)
{
    struct ingest_progress progress = {
        .bytes_done = atomic_load_explicit(&pool->bytes_done, memory_order_relaxed),
        .bytes_total = bytes_total,
        .lines = atomic_load_explicit(&pool->lines, memory_order_relaxed),
    };

    if (options->progress)
        options->progress(options->progress_context, &progress);
}

/* Waits until all threads have ended, telling the progress meanwhile. */
static void wait_for_workers(struct pool *pool, const struct ingest_options *options,
                             uint64_t bytes_total)
{
    pthread_mutex_lock(&pool->lock);
    while (pool->threads_left > 0) {
        struct timespec until;

        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_nsec += PROGRESS_PERIOD_NS;
        until.tv_sec += until.tv_nsec / NS_PER_SECOND;
        until.tv_nsec %= NS_PER_SECOND;
        if (pthread_cond_timedwait(&pool->ended, &pool->lock, &until) == ETIMEDOUT) {
            pthread_mutex_unlock(&pool->lock);
            report_progress(pool, options, bytes_total);
            pthread_mutex_lock(&pool->lock);
        }
    }
    pthread_mutex_unlock(&pool->lock);
    report_progress(pool, options, bytes_total);
}

/* Runs jobs [first, end) on the workers. */
static void run_jobs(struct pool *pool, struct job *jobs, size_t count, struct worker *workers,
                     int threads, const struct ingest_options *options, uint64_t bytes_total)
{
    int started = 0;

    pool->jobs = jobs;
    pool->job_count = count;
    pool->threads_left = threads;
    while (started < threads &&
           pthread_create(&workers[started].thread, NULL, worker_main, &workers[started]) == 0)
        started++;
    pthread_mutex_lock(&pool->lock);
    pool->threads_left -= threads - started;
    pthread_mutex_unlock(&pool->lock);
    if (started == 0) /* no thread to be had: do it here */
        worker_main(&workers[0]);
    wait_for_workers(pool, options, bytes_total);
    for (int i = 0; i < started; i++)
        pthread_join(workers[i].thread, NULL);
}

/* --- Setting up and putting together ------------------------------------- */

static bool same_job(const struct log_input *a, const struct log_input *b)
{
    return !a->host ? !b->host : b->host && strcmp(a->host, b->host) == 0;
}

static bool job_init(struct job *job, const struct log_inputs *inputs, uint32_t first)
{
    uint32_t end = first + 1;

    while (end < inputs->count && same_job(&inputs->items[first], &inputs->items[end]))
        end++;
    *job = (struct job){ .first_input = first,
                         .end_input = end,
                         .input = first,
                         .folding_input = UINT32_MAX,
                         .host_is_given = inputs->items[first].host != NULL };
    pthread_mutex_init(&job->reading, NULL);
    pthread_mutex_init(&job->folding, NULL);
    pthread_cond_init(&job->turn_ended, NULL);
    job->checksum = checksum_new();
    return job->checksum != NULL;
}

static void job_release(struct job *job)
{
    source_close(job->source);
    checksum_free(job->checksum);
    free(job->carry);
    pthread_mutex_destroy(&job->reading);
    pthread_mutex_destroy(&job->folding);
    pthread_cond_destroy(&job->turn_ended);
}

static bool files_init(struct ingest_result *result, struct log_inputs *inputs)
{
    result->files = calloc(inputs->count ? inputs->count : 1, sizeof(*result->files));
    if (!result->files)
        return false;
    result->file_count = inputs->count;
    for (size_t i = 0; i < inputs->count; i++) {
        result->files[i].input = &inputs->items[i];
        result->files[i].compression = "none";
        result->files[i].first_ns = result->files[i].last_ns = TIME_NONE;
    }
    return true;
}

/* 0 when one of them is no regular file: then nobody knows. */
static uint64_t total_size(const struct log_inputs *inputs)
{
    uint64_t total = 0;
    struct stat st;

    for (size_t i = 0; i < inputs->count; i++) {
        if (stat(inputs->items[i].path, &st) != 0 || !S_ISREG(st.st_mode))
            return 0;
        total += (uint64_t)st.st_size;
    }
    return total;
}

static int by_host_name(const void *a, const void *b)
{
    return strcmp(((const struct ingested_host *)a)->name, ((const struct ingested_host *)b)->name);
}

/* Takes the hosts out of the pool and the names out of the chunks. */
static bool collect(struct pool *pool, struct worker *workers, int threads)
{
    struct ingest_result *result = pool->result;
    struct merged_names names = { 0 };
    bool ok;

    result->hosts = calloc(pool->host_names.count + 1, sizeof(*result->hosts));
    if (!result->hosts)
        return false;
    arena_init(&result->memory, allocator_libc(), TEXT_MAX);
    for (uint32_t i = 0; i < pool->host_names.count; i++) {
        struct ingested_host host = *pool->hosts[i];

        host.name = arena_copy(&result->memory, host.name, strlen(host.name));
        if (!host.name)
            return false;
        result->hosts[result->host_count++] = host;
    }
    if (result->host_count)
        qsort(result->hosts, result->host_count, sizeof(*result->hosts), by_host_name);

    merged_names_init(&names);
    for (int i = 0; i < threads; i++)
        merge_names(result, &names, workers[i].chunk);
    ok = merged_names_take(&names, result);
    merged_names_release(&names);
    for (size_t i = 0; i < result->file_count; i++) {
        result->lines += result->files[i].lines;
        result->bytes += result->files[i].bytes;
    }
    return ok;
}

/* Hosts whose lines named them have no job of their own that would close them. */
static void close_remaining(struct pool *pool, const struct log_inputs *inputs)
{
    for (uint32_t i = 0; i < pool->host_names.count; i++) {
        bool has_job = false;

        for (size_t k = 0; k < inputs->count && !has_job; k++)
            has_job =
                inputs->items[k].host && strcmp(inputs->items[k].host, pool->hosts[i]->name) == 0;
        if (!has_job)
            pool->sink->close_host(pool->sink->context, pool->hosts[i]->state);
    }
}

static int thread_count(const struct ingest_options *options)
{
    long threads = options->threads > 0 ? options->threads : sysconf(_SC_NPROCESSORS_ONLN);

    return threads < 1 ? 1 : threads > INGEST_THREADS_MAX ? INGEST_THREADS_MAX : (int)threads;
}

static size_t make_jobs(struct job *jobs, struct log_inputs *inputs, bool *ret_ok)
{
    size_t count = 0;

    for (uint32_t at = 0; at < inputs->count; at = jobs[count - 1].end_input)
        *ret_ok &= job_init(&jobs[count++], inputs, at);
    return count;
}

enum ou_status ingest(struct log_inputs *inputs, const struct ingest_options *options,
                      const struct event_sink *sink, struct ingest_result *ret,
                      struct ou_error *err)
{
    struct ingest_result result = { 0 };
    struct pool pool = { .sink = sink, .result = &result, .inputs = inputs->items };
    struct worker workers[INGEST_THREADS_MAX] = { 0 };
    int threads = thread_count(options);
    struct job *jobs = calloc(inputs->count + 1, sizeof(*jobs));
    bool ok = jobs && files_init(&result, inputs);
    size_t job_count = jobs ? make_jobs(jobs, inputs, &ok) : 0;
    size_t together = job_count && !jobs[0].host_is_given ? 1 : 0;
    uint64_t bytes_total = total_size(inputs);
    enum ou_status status;

    pthread_mutex_init(&pool.lock, NULL);
    pthread_cond_init(&pool.ended, NULL);
    intern_init(&pool.host_names, allocator_libc(), LOG_HOSTS_MAX, TEXT_MAX);
    for (int i = 0; i < threads; i++) {
        workers[i] = (struct worker){ .pool = &pool, .chunk = chunk_new() };
        ok &= workers[i].chunk != NULL;
    }
    if (ok) {
        run_jobs(&pool, jobs, together, workers, threads, options, bytes_total);
        run_jobs(&pool, jobs + together, job_count - together, workers, threads, options,
                 bytes_total);
    }
    if (ok && !pool.status && !interrupt_pending()) {
        close_remaining(&pool, inputs);
        ok = collect(&pool, workers, threads);
    }
    if (interrupt_pending())
        status = ou_fail(err, OU_INTERRUPTED, "interrupted");
    else if (pool.status)
        status = ou_fail(err, pool.status, "%s", pool.error.text);
    else if (!ok)
        status = ou_fail(err, OU_NO_MEMORY, "no memory to read logs");
    else
        status = OU_OK;
    if (status == OU_OK) {
        *ret = result;
        result = (struct ingest_result){ 0 };
    }

    ingest_release(&result);
    for (int i = 0; i < threads; i++)
        chunk_free(workers[i].chunk);
    for (size_t i = 0; i < job_count; i++)
        job_release(&jobs[i]);
    for (uint32_t i = 0; i < pool.host_names.count && i < pool.host_cap; i++)
        free(pool.hosts[i]);
    free(pool.hosts);
    free(jobs);
    intern_release(&pool.host_names);
    pthread_mutex_destroy(&pool.lock);
    pthread_cond_destroy(&pool.ended);
    return status;
}

void ingest_release(struct ingest_result *result)
{
    arena_release(&result->memory);
    free(result->files);
    free(result->hosts);
    free(result->names);
    *result = (struct ingest_result){ 0 };
}
