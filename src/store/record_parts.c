/* What belongs to one run alone: its hosts, what was measured, its blocks and files. */
#include "store/record_bulk.h"
#include "store/record_doubles.h"
#include "store/record_inside.h"

#define BLOB_MAX ((size_t)256 << 20)
enum { QUANTILES_MAX = 64, HOST_NUMBERS = 3 };

static enum ou_status put_hosts(struct sql *db, int64_t run_no, const struct run_record *run,
                                struct ou_error *err)
{
    struct bulk bulk = {
        .db = db, .head = "INSERT INTO hosts (run_no, place, name)", .columns = 3, .err = err
    };

    for (size_t i = 0; i < run->host_name_count; i++)
        bulk_add(&bulk, (const struct sql_value[]){ sql_int(run_no), sql_int((int64_t)i),
                                                    sql_text(run->hosts[i]) });
    return bulk_end(&bulk);
}

/* --- Numbers of metrics ----------------------------------------------------------------------- */

/* Doubles of a metric, packed. */
struct numbers {
    struct buffer plain, packed;
};

static void numbers_init(struct numbers *n)
{
    buffer_init(&n->plain, allocator_libc(), BLOB_MAX);
    buffer_init(&n->packed, allocator_libc(), BLOB_MAX);
}

static void numbers_release(struct numbers *n)
{
    buffer_release(&n->plain);
    buffer_release(&n->packed);
}

static enum ou_status numbers_pack(struct numbers *n, const double *values, size_t count,
                                   struct ou_error *err)
{
    char *into;

    buffer_clear(&n->plain);
    buffer_clear(&n->packed);
    into = buffer_room(&n->plain, count * RECORD_DOUBLE_BYTES);
    if (!into)
        return ou_fail(err, buffer_status(&n->plain), "no room for %zu values", count);
    record_doubles_put(into, values, count);
    buffer_added(&n->plain, count * RECORD_DOUBLE_BYTES);
    return record_pack((struct span){ n->plain.at, n->plain.len }, &n->packed, err);
}

static struct sql_value packed_blob(const struct numbers *n)
{
    return sql_blob((struct span){ n->packed.at, n->packed.len });
}

static enum ou_status put_host_values(struct sql *db, int64_t run_no, int64_t metric_no,
                                      const struct summary_record *s, size_t hosts,
                                      struct numbers *n, struct ou_error *err)
{
    enum ou_status status = numbers_pack(n, s->host_values, HOST_NUMBERS * hosts, err);

    return status
               ? status
               : sql_run(db,
                         "INSERT INTO host_values (run_no, metric_no, data) VALUES ($1, $2, $3)",
                         SQL_ARGS(sql_int(run_no), sql_int(metric_no), packed_blob(n)), NULL, err);
}

static enum ou_status put_samples(struct sql *db, int64_t run_no, int64_t metric_no,
                                  const struct summary_record *s, size_t blocks, struct numbers *n,
                                  struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t first = 0; !status && first < blocks; first += SAMPLES_PER_CHUNK) {
        size_t count = blocks - first < SAMPLES_PER_CHUNK ? blocks - first : SAMPLES_PER_CHUNK;

        status = numbers_pack(n, s->samples + first, count, err);
        if (!status)
            status = sql_run(db,
                             "INSERT INTO samples (run_no, metric_no, chunk, count, data) "
                             "VALUES ($1, $2, $3, $4, $5)",
                             SQL_ARGS(sql_int(run_no), sql_int(metric_no),
                                      sql_int((int64_t)(first / SAMPLES_PER_CHUNK)),
                                      sql_int((int64_t)count), packed_blob(n)),
                             NULL, err);
    }
    return status;
}

/* --- Summaries -------------------------------------------------------------------------------- */

/* A row's quantiles must stay until it is in the table. */
struct summaries {
    struct bulk bulk;
    char quantiles[BULK_ROWS][QUANTILES_MAX * RECORD_DOUBLE_BYTES];
    size_t added;
};

static struct sql_value quantiles_blob(struct summaries *to, const struct summary_record *s)
{
    char *room = to->quantiles[to->added % BULK_ROWS];

    if (!s->quantiles || s->quantile_count > QUANTILES_MAX)
        return sql_none();
    record_doubles_put(room, s->quantiles, s->quantile_count);
    return sql_blob((struct span){ room, s->quantile_count * RECORD_DOUBLE_BYTES });
}

static void add_summary(struct summaries *to, int64_t run_no, int64_t metric_no,
                        const struct summary_record *s)
{
    const struct sql_value row[] = {
        sql_int(run_no),     sql_int(metric_no),  sql_real(s->n),        sql_real(s->mean),
        sql_real(s->median), sql_real(s->sd),     sql_real(s->low),      sql_real(s->high),
        sql_text(s->text),   sql_text(s->reason), quantiles_blob(to, s),
    };

    bulk_add(&to->bulk, row);
    to->added++;
}

static enum ou_status put_summary(struct summaries *to, int64_t run_no,
                                  const struct run_record *run, const struct summary_record *s,
                                  struct numbers *n)
{
    struct sql *db = to->bulk.db;
    struct ou_error *err = to->bulk.err;
    int64_t metric_no;
    enum ou_status status = record_metric_no(db, &s->metric, &metric_no, err);

    if (!status)
        add_summary(to, run_no, metric_no, s);
    if (!status && s->host_values && run->host_name_count > 0)
        status = put_host_values(db, run_no, metric_no, s, run->host_name_count, n, err);
    if (!status && s->samples)
        status = put_samples(db, run_no, metric_no, s, run->block_record_count, n, err);
    return status;
}

static enum ou_status put_summaries(struct sql *db, int64_t run_no, const struct run_record *run,
                                    struct ou_error *err)
{
    struct summaries to = {
        .bulk = { .db = db,
                  .head = "INSERT INTO summaries (run_no, metric_no, n, mean, median, sd, low, "
                          "high, text, reason, quantiles)",
                  .columns = 11,
                  .err = err },
    };
    struct numbers numbers;
    enum ou_status status = OU_OK;

    numbers_init(&numbers);
    for (size_t i = 0; !status && i < run->summary_count; i++)
        status = put_summary(&to, run_no, run, &run->summaries[i], &numbers);
    numbers_release(&numbers);
    return status ? status : bulk_end(&to.bulk);
}

/* --- Blocks and files ------------------------------------------------------------------------- */

static enum ou_status put_blocks(struct sql *db, int64_t run_no, const struct run_record *run,
                                 struct ou_error *err)
{
    struct bulk bulk = {
        .db = db,
        .head = "INSERT INTO blocks (run_no, place, number, slot, forger, slot_start_s)",
        .columns = 6,
        .err = err,
    };

    for (size_t i = 0; i < run->block_record_count; i++) {
        const struct block_record *b = &run->blocks[i];

        bulk_add(&bulk, (const struct sql_value[]){
                            sql_int(run_no), sql_int((int64_t)i), sql_int(b->number),
                            sql_int(b->slot), sql_text(b->forger), sql_real(b->slot_start_s) });
    }
    return bulk_end(&bulk);
}

static enum ou_status put_artifact(struct sql *db, int64_t run_no, const struct artifact_record *a,
                                   struct ou_error *err)
{
    char sha256[RECORD_HASH_ROOM];
    struct buffer packed;
    enum ou_status status;

    record_hash(a->bytes, sha256);
    buffer_init(&packed, allocator_libc(), BLOB_MAX);
    status = record_pack(a->bytes, &packed, err);
    if (!status)
        status = sql_run(db,
                         "INSERT INTO artifacts (run_no, name, type, sha256, bytes, data) "
                         "VALUES ($1, $2, $3, $4, $5, $6)",
                         SQL_ARGS(sql_int(run_no), sql_text(a->name), sql_text(a->type),
                                  sql_text(sha256), sql_int((int64_t)a->bytes.len),
                                  sql_blob((struct span){ packed.at, packed.len })),
                         NULL, err);
    buffer_release(&packed);
    return status;
}

enum ou_status record_put_parts(struct sql *db, int64_t run_no, const struct run_record *run,
                                struct ou_error *err)
{
    enum ou_status status = put_hosts(db, run_no, run, err);

    if (!status)
        status = put_summaries(db, run_no, run, err);
    if (!status)
        status = put_blocks(db, run_no, run, err);
    for (size_t i = 0; !status && i < run->artifact_count; i++)
        status = put_artifact(db, run_no, &run->artifacts[i], err);
    return status;
}
