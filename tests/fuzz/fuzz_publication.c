/* Any bytes as a publication. Every refusal says why. What is accepted keeps to what a database relies on: names and texts
 * without NUL and in UTF-8, numbers of things that fit each other, an id that the files alone decide. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "guarded.h"
#include "publish/publication.h"

#define MEMORY_MAX ((size_t)256 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must_be_text(const char *text)
{
    MUST(text && utf8_is_valid(span_of(text)));
}

static void may_be_text(const char *text)
{
    if (text)
        must_be_text(text);
}

static void check_names(const struct run_record *run)
{
    MUST(strlen(run->content_hash) == 64);
    MUST(publication_project_is_good(run->project));
    MUST(strcmp(run->state, "finished") == 0 || strcmp(run->state, "failed") == 0);
    MUST((run->failure != NULL) == (strcmp(run->state, "failed") == 0));
    must_be_text(run->natural_key);
    must_be_text(run->name);
    must_be_text(run->source);
    must_be_text(run->info);
    must_be_text(run->profile.name);
    must_be_text(run->profile.facts);
    must_be_text(run->environment.facts);
    must_be_text(run->version.name);
    must_be_text(run->series_title);
    may_be_text(run->ident);
    may_be_text(run->batch);
    may_be_text(run->version.commit);
    may_be_text(run->version.flags);
    may_be_text(run->environment.machine);
}

static void check_parts(const struct run_record *run)
{
    for (size_t i = 0; i < run->host_name_count; i++)
        must_be_text(run->hosts[i]);
    for (size_t i = 0; i < run->version.component_count; i++) {
        must_be_text(run->version.components[i].name);
        MUST(i == 0 ||
             strcmp(run->version.components[i - 1].name, run->version.components[i].name) < 0);
    }
    for (size_t i = 0; i < run->summary_count; i++) {
        double sum = 0;

        must_be_text(run->summaries[i].metric.id);
        may_be_text(run->summaries[i].text);
        may_be_text(run->summaries[i].reason);
        for (size_t k = 0; run->summaries[i].samples && k < run->block_record_count; k++)
            sum += run->summaries[i].samples[k];
        for (size_t k = 0; run->summaries[i].host_values && k < 3 * run->host_name_count; k++)
            sum += run->summaries[i].host_values[k];
        (void)sum; /* all of it can be read */
    }
    for (size_t i = 0; i < run->artifact_count; i++) {
        MUST(i == 0 || strcmp(run->artifacts[i - 1].name, run->artifacts[i].name) < 0);
        MUST(utf8_is_valid(run->artifacts[i].bytes));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guarded_room room;
    struct ou_error err = { { 0 } };
    struct run_record record;
    struct arena memory;
    struct run_set set;
    enum ou_status status;
    const char *text;

    if (size > GUARDED_MAX)
        return 0;
    if (!room.edge)
        room = guarded_room_new();
    text = guarded_place(room, data, size, '"');
    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    run_set_init(&set);
    status = publication_read((struct span){ text, size }, "fuzz", &memory, &set, &record, &err);
    if (status) {
        MUST(err.text[0]);
    } else {
        check_names(&record);
        check_parts(&record);
    }
    run_set_release(&set);
    arena_release(&memory);
    return 0;
}
