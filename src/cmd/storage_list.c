/* ouroscope storage list: what runs left in a bucket. */
#include <stdio.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/columns.h"
#include "cmd/run_folder.h"
#include "cmd/storage.h"
#include "cmd/terminal.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)

enum { COLUMN_RUN, COLUMN_OBJECTS, COLUMN_SIZE, COLUMN_AGE, COLUMN_COUNT };

static enum ou_status write_table(const struct storage_runs *list, struct buffer *out,
                                  struct ou_error *err)
{
    static const char *const heads[] = { "RUN", "OBJECTS", "SIZE", "SINCE" };
    const int64_t now_ns = time_wall_ns();
    struct columns c;
    enum ou_status status;

    columns_init(&c, COLUMN_COUNT, 1U << COLUMN_OBJECTS | 1U << COLUMN_SIZE | 1U << COLUMN_AGE,
                 isatty(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        columns_add(&c, heads[i]);
    for (size_t i = 0; i < list->count; i++) {
        const struct storage_run *run = &list->runs[i];
        char age[RUN_AGE_ROOM], bytes[RUN_BYTES_ROOM];

        run_age_text(run->changed_ns, now_ns, age);
        run_bytes_text(run->bytes, bytes);
        columns_add(&c, run->name);
        columns_printf(&c, "%llu", (unsigned long long)run->objects);
        columns_add(&c, bytes);
        columns_add(&c, age);
    }
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static enum ou_status write_json(const struct storage_asked *asked, const struct storage_runs *list,
                                 struct buffer *out, struct ou_error *err)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++) {
        json_begin_object(&w);
        json_key(&w, "run");
        json_cstring(&w, list->runs[i].name);
        json_key(&w, "prefix");
        json_cstring(&w, asked->prefix);
        json_key(&w, "objects");
        json_uint(&w, list->runs[i].objects);
        json_key(&w, "bytes");
        json_uint(&w, list->runs[i].bytes);
        json_key(&w, "changed");
        json_instant(&w, list->runs[i].changed_ns);
        json_end(&w);
    }
    json_end(&w);
    buffer_char(out, '\n');
    return buffer_status(out) ? ou_fail(err, buffer_status(out), "the list is too long") : OU_OK;
}

enum exit_code cmd_storage_list(const struct parsed_options *options)
{
    struct storage_runs list = { 0 };
    struct storage_asked asked;
    struct ou_error err = { 0 };
    struct buffer out;
    enum ou_status status = storage_open(options, &asked, &err);
    enum exit_code code = EXIT_DONE;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = storage_runs_read(&asked, &list, &err);
    if (!status)
        status = option_given(options, STORAGE_LIST_JSON) ? write_json(&asked, &list, &out, &err)
                                                          : write_table(&list, &out, &err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    if (status)
        code = storage_failed(options, status, &err);
    buffer_release(&out);
    storage_runs_release(&list);
    storage_close(&asked);
    return code;
}
