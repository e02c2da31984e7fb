/* Computed answers that are kept in the database. */
#include "api/comparing.h"
#include "base/time.h"
#include "http/server.h"
#include "store/judgements.h"

#define USED_AGAIN_NS (NS_PER_SECOND * 3600) /* so often is it noted that an answer is used */

void kept_name(struct kept_answer *kept)
{
    record_id((const char *const[]){ "kept answer", OUROSCOPE_VERSION, kept->kind, kept->type,
                                     kept->request, kept->beside },
              6, kept->id);
}

void kept_open(const struct kept_answer *kept, struct buffer *out)
{
    buffer_printf(out, "{\"id\":\"%s\",\"request\":", kept->id);
    buffer_text(out, kept->request);
    buffer_text(out, ",\"result\":");
}

void kept_close(struct buffer *out)
{
    if (!buffer_status(out) && out->len && out->at[out->len - 1] == '\n')
        buffer_drop(out, 1);
    buffer_text(out, "}\n");
}

static void finish(struct api_request *r, const struct kept_answer *kept)
{
    r->answer->status = 200;
    r->answer->type = kept->type;
    http_answer_header(r->answer, "Vary", "Accept");
    api_conditional(r, kept->id, kept->immutable);
}

/* ---- writes beside the answer ---- */

struct keeping {
    struct api_request *r;
    const struct kept_answer *kept;
    struct span body;
};

static enum ou_status put(struct sql *db, void *context, struct ou_error *err)
{
    const struct keeping *k = context;

    return cached_put(db, k->kept->id, k->kept->kind, k->kept->request, k->body, k->r->now_ns, err);
}

static enum ou_status note_use(struct sql *db, void *context, struct ou_error *err)
{
    const struct keeping *k = context;

    return cached_used(db, k->kept->id, k->r->now_ns, err);
}

bool kept_serve(struct api_request *r, const struct kept_answer *kept)
{
    struct keeping k = { r, kept, { 0 } };
    struct ou_error err = { 0 };
    int64_t used_ns = 0;

    if (cached_find(r->db, kept->id, kept->kind, &r->answer->body, &used_ns, &err)) {
        buffer_clear(&r->answer->body);
        return false;
    }
    if (r->now_ns - used_ns > USED_AGAIN_NS)
        sql_write(r->db, note_use, &k, &err);
    finish(r, kept);
    return true;
}

void kept_put(struct api_request *r, const struct kept_answer *kept, struct span body)
{
    struct keeping k = { r, kept, body };
    struct ou_error err = { 0 };

    sql_write(r->db, put, &k, &err);
    buffer_append(&r->answer->body, body.at, body.len);
    finish(r, kept);
}

bool api_wants_csv(const struct api_request *r)
{
    return http_quality(r->call, "text/csv", NULL) >
           http_quality(r->call, "application/json", NULL);
}
