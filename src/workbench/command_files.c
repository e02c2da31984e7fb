/* The folder of any program that a run starts as a node. */
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "deploy/program_path.h"
#include "profile/text_template.h"
#include "workbench/node_kinds.h"
#include "workbench/service_files.h"

#define TEXT_BYTES_MAX ((size_t)64 << 10)
#define FLAGS_WORD "%{rts}"

/* What words of the profile's texts stand for. */
#define WORDS_MAX 8
struct command_words {
    char index[16], port[16], directory[PATH_MAX], genesis[PATH_MAX];
    struct template_word list[WORDS_MAX];
    size_t count;
};

static void add_word(struct command_words *w, const char *name, const char *value)
{
    w->list[w->count++] = (struct template_word){ name, value };
}

static void fill_words(struct command_words *w, const struct service_files *f, size_t node,
                       uint16_t port, const struct site *site)
{
    w->count = 0;
    snprintf(w->index, sizeof w->index, "%zu", node);
    snprintf(w->port, sizeof w->port, "%u", (unsigned)port);
    /* Longer than its path here, which was refused before: what is left out is missed when it starts. */
    if (snprintf(w->directory, sizeof w->directory, "%s/nodes/%s", site->directory, f->name) >=
        PATH_MAX)
        w->directory[0] = '\0';
    if (snprintf(w->genesis, sizeof w->genesis, "%s/genesis", site->directory) >= PATH_MAX)
        w->genesis[0] = '\0';
    add_word(w, "name", f->name);
    add_word(w, "index", w->index);
    add_word(w, "port", w->port);
    add_word(w, "directory", w->directory);
    add_word(w, "run", site->directory);
    add_word(w, "genesis", w->genesis);
    add_word(w, "cores", f->cores);
}

/* A text of the profile with its words filled in, in the service's memory; "" after a failure. */
static const char *filled(struct service_files *f, const struct command_words *w, const char *what,
                          const char *text)
{
    struct ou_error why = { 0 };
    struct buffer out;
    const char *copy = NULL;

    if (f->status)
        return "";
    buffer_init(&out, allocator_libc(), TEXT_BYTES_MAX);
    f->status = text_template_fill(text, w->list, w->count, &out, &why);
    if (f->status)
        ou_fail(f->err, f->status, "%s: %s: %s", f->name, what, why.text);
    else if (!(copy = arena_copy(f->memory, buffer_string(&out), out.len)))
        f->status = ou_fail(f->err, OU_NO_MEMORY, "%s: no memory", f->name);
    buffer_release(&out);
    return copy ? copy : "";
}

/* Into the first word of the command. */
static void set_program(struct service_files *f, const struct profile *p,
                        const struct command_words *w, bool is_here)
{
    const char *name = *p->node_program ? p->node_program : p->command.argv[0];
    struct ou_error why = { 0 };
    char path[PATH_MAX];

    name = filled(f, w, "node.command.argv", name);
    if (f->status)
        return;
    if (!is_here) { /* looked for there */
        service_word(f, span_of(name));
        return;
    }
    f->status = program_path(name, path, &why);
    if (f->status) {
        ou_fail(f->err, f->status,
                "%s: %s; the program is node.program, or else the first of node.command.argv",
                f->name, why.text);
        return;
    }
    service_word(f, span_of(path));
}

static void set_arguments(struct service_files *f, const struct profile *p,
                          const struct command_words *w)
{
    bool has_flags = false;

    for (size_t i = 1; i < p->command.argc; i++) {
        const char *text = p->command.argv[i];

        if (strcmp(text, FLAGS_WORD) == 0) {
            service_rts_flags(f, p, "");
            has_flags = true;
        } else {
            service_word(f, span_of(filled(f, w, "node.command.argv", text)));
        }
    }
    if (!has_flags)
        service_rts_flags(f, p, "");
}

/* A port of the profile's own is the first host's; those of further ones follow it. */
static uint16_t port_of(const struct profile *p, size_t node, const struct site *sites)
{
    uint16_t own = p->command.ready.port;

    return own ? (uint16_t)(own + node) : sites[node].port;
}

enum ou_status command_files_write(const struct profile *p, size_t node, const struct site *sites,
                                   const char *run_directory, struct arena *memory,
                                   struct start_command *ret, struct ou_error *err)
{
    struct readiness ready = p->command.ready;
    struct command_words words;
    struct service_files f;
    enum ou_status status;

    if (p->command.argc == 0)
        return ou_fail(err, OU_INVALID, "node.kind is \"command\", and node.command.argv is empty");
    ready.port = port_of(p, node, sites);
    service_open_node(&f, p, node, &sites[node], run_directory, NULL, NULL, memory, err);
    fill_words(&words, &f, node, ready.port, &sites[node]);
    set_program(&f, p, &words, sites[node].is_here);
    set_arguments(&f, p, &words);
    for (size_t i = 0; i < p->variable_count; i++)
        service_variable(&f, p->environment[i].name,
                         filled(&f, &words, "node.environment", p->environment[i].value));
    if (ready.text)
        ready.text = filled(&f, &words, "node.command.ready.text", ready.text);
    service_log_folder(&f, NULL);
    status = service_finish(&f, ret);
    if (status)
        return status;
    ret->ready = ready;
    ret->sampled = true;
    ret->ends_by_itself = p->command.ends_by_itself;
    ret->stop_signal = p->command.stop_signal;
    return OU_OK;
}
