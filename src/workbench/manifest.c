#include "workbench/manifest.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/build.h"
#include "deploy/spawn.h"

#define ASK_LIMIT_MS 5000
#define PROGRAM_BYTES_MAX ((off_t)4 << 30)

static json_t *text_or_null(const char *text)
{
    return text[0] ? json_string(text) : json_null();
}

/* Takes `flags` over. */
static json_t *row_of(const char *name, const char *version, const char *commit,
                      const char *compiler, json_t *flags)
{
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "name", name, "version", text_or_null(version),
                     "commit", text_or_null(commit), "compiler", text_or_null(compiler), "flags",
                     flags);
}

/* ---- this program ---- */

static json_t *own_row(void)
{
    const struct build_facts *build = build_facts();
    json_t *flags = json_array();

    for (const char *const *flag = build->flags; *flag; flag++)
        json_array_append_new(flags, json_string(*flag));
    return row_of("ouroscope", build->version, build->commit, build->compiler, flags);
}

/* ---- cardano-node ---- */

/* Copies what stands behind `mark`, up to a blank or the end of the line; "" without the mark. */
static void word_behind(const char *text, const char *mark, char *ret, size_t room)
{
    const char *at = strstr(text, mark);
    size_t len;

    ret[0] = '\0';
    if (!at)
        return;
    at += strlen(mark);
    len = strcspn(at, " \t\r\n");
    if (len < room)
        snprintf(ret, room, "%.*s", (int)len, at);
}

json_t *manifest_of_cardano_node(const char *text)
{
    char version[64], commit[64], number[64], compiler[80] = "";

    if (strncmp(text, "cardano-node ", 13) != 0)
        return NULL;
    word_behind(text, "cardano-node ", version, sizeof version);
    word_behind(text, "git rev ", commit, sizeof commit);
    word_behind(text, " - ghc-", number, sizeof number);
    if (number[0])
        snprintf(compiler, sizeof compiler, "ghc %s", number);
    return row_of("cardano-node", version, commit, compiler, json_array());
}

/* ---- programs that GHC has made ---- */

/* The value of ("KEY", "VALUE"), without what a backslash guards in it: values that we want have none. */
static void value_of(const char *text, const char *key, char *ret, size_t room)
{
    char mark[80];
    const char *at;
    size_t len;

    ret[0] = '\0';
    snprintf(mark, sizeof mark, "(\"%s\", \"", key);
    at = strstr(text, mark);
    if (!at)
        return;
    at += strlen(mark);
    len = strcspn(at, "\"\\");
    if (len < room && at[len] == '"')
        snprintf(ret, room, "%.*s", (int)len, at);
}

bool manifest_add_ghc(json_t *row, const char *text)
{
    static const char *const keys[] = { "RTS way", "Flag -with-rtsopts" };
    json_t *flags = json_object_get(row, "flags");
    char value[256], compiler[270];

    value_of(text, "GHC version", value, sizeof value);
    if (!value[0])
        return false;
    snprintf(compiler, sizeof compiler, "ghc %s", value);
    json_object_set_new(row, "compiler", json_string(compiler));
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        value_of(text, keys[i], value, sizeof value);
        if (value[0])
            json_array_append_new(flags, json_string(value));
    }
    return true;
}

/* ---- bytes of a program ---- */

/* Its bytes, to be munmap()ed; NULL when they cannot be read. */
static char *map_program(const char *path, size_t *ret_len)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *at = MAP_FAILED;
    struct stat st;

    if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 &&
        st.st_size <= PROGRAM_BYTES_MAX) {
        *ret_len = (size_t)st.st_size;
        at = mmap(NULL, *ret_len, PROT_READ, MAP_PRIVATE, fd, 0);
    }
    if (fd >= 0)
        close(fd);
    return at == MAP_FAILED ? NULL : at;
}

/* Programs know the run-time system by name: linked into them, or as a library. Any other one is not asked, as it might take
 * the question for something to do. */
static bool is_of_ghc(const char *bytes, size_t len)
{
    return memmem(bytes, len, "GHC RTS", 7) || memmem(bytes, len, "libHSrts", 8);
}

static void sum_of(const char *bytes, size_t len, char ret[80])
{
    unsigned char sum[crypto_hash_sha256_BYTES];
    char digits[2 * sizeof sum + 1];

    crypto_hash_sha256(sum, (const unsigned char *)bytes, len);
    sodium_bin2hex(digits, sizeof digits, sum, sizeof sum);
    snprintf(ret, 80, "sha256:%s", digits);
}

/* ---- asking ---- */

/* What a program prints when it is asked; "" when it does not answer well. *out is released by the caller. */
static const char *ask(const char *const *argv, struct spawn_result *out)
{
    const struct spawn_options options = { .argv = argv, .limit_ms = ASK_LIMIT_MS };
    struct ou_error err;

    if (spawn_run(&options, out, &err) || out->status != 0)
        return "";
    return buffer_string(&out->out);
}

static json_t *cardano_row(const char *program)
{
    const char *const argv[] = { program, "--version", NULL };
    struct spawn_result out = { 0 };
    json_t *row = manifest_of_cardano_node(ask(argv, &out));

    spawn_release(&out);
    return row;
}

static void ask_ghc(json_t *row, const char *program)
{
    const char *const argv[] = { program, "+RTS", "--info", NULL };
    struct spawn_result out = { 0 };

    manifest_add_ghc(row, ask(argv, &out));
    spawn_release(&out);
}

static json_t *program_row(const char *program)
{
    const char *slash = strrchr(program, '/');
    char version[80] = "";
    size_t len = 0;
    char *bytes = map_program(program, &len);
    bool asked = bytes && is_of_ghc(bytes, len);
    json_t *row;

    if (bytes) {
        sum_of(bytes, len, version);
        munmap(bytes, len);
    }
    row = row_of(slash ? slash + 1 : program, version, "", "", json_array());
    if (row && asked)
        ask_ghc(row, program);
    return row;
}

static json_t *node_row(const struct profile *p, const char *program)
{
    json_t *row = p->node_kind == NODE_CARDANO ? cardano_row(program) : NULL;

    return row ? row : program_row(program);
}

json_t *manifest_components(const struct profile *p, const char *node_program)
{
    json_t *list = json_array();

    if (json_array_append_new(list, own_row()) < 0) {
        json_decref(list);
        return NULL;
    }
    if (node_program && p->node_kind != NODE_REFERENCE)
        json_array_append_new(list, node_row(p, node_program));
    return list;
}
