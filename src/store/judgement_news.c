#include "store/judgement_news.h"

#include <stdio.h>

#include "json/write.h"

#define DATA_MAX ((size_t)16 << 10)

static void write_data(const struct judgement_news *news, struct buffer *out)
{
    char name[256];
    struct json_writer w;

    snprintf(name, sizeof name, "%s/%s", news->section, news->metric);
    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "id");
    json_cstring(&w, news->id);
    json_key(&w, "project");
    json_cstring(&w, news->project);
    json_key(&w, "name");
    json_cstring(&w, name);
    if (news->state) {
        json_key(&w, "state");
        json_cstring(&w, news->state);
    }
    json_end(&w);
}

enum ou_status judgement_tell(struct sql *db, const struct judgement_news *news, int64_t now_ns,
                              struct ou_error *err)
{
    struct buffer data;
    enum ou_status status;

    buffer_init(&data, allocator_libc(), DATA_MAX);
    write_data(news, &data);
    status = buffer_status(&data);
    if (status)
        ou_fail(err, status, "no memory for news");
    else
        status = news_put(db,
                          &(struct news){ .at_ns = now_ns,
                                          .kind = news->kind,
                                          .project = news->project,
                                          .subject = news->id,
                                          .data = buffer_string(&data) },
                          err);
    buffer_release(&data);
    return status;
}
