#include "logs/gunzip.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>

#define ZLIB_CONST
#include <zlib.h>

#define INPUT_BYTES (256 * 1024)
#define GZIP_WINDOW (MAX_WBITS + 16) /* zlib's way to say: gzip, and nothing else */
#define FIRST_OF_MAGIC 0x1f

struct gunzip {
    gunzip_feed *feed;
    void *context;
    z_stream stream;
    bool in_member; /* or in front of the first one */
    bool ended;
    const char *problem;
    unsigned char input[INPUT_BYTES];
};

struct gunzip *gunzip_new(gunzip_feed *feed, void *context)
{
    struct gunzip *g = calloc(1, sizeof(*g));

    if (!g)
        return NULL;
    g->feed = feed;
    g->context = context;
    g->in_member = true;
    if (inflateInit2(&g->stream, GZIP_WINDOW) != Z_OK) {
        free(g);
        return NULL;
    }
    return g;
}

void gunzip_free(struct gunzip *g)
{
    if (!g)
        return;
    inflateEnd(&g->stream);
    free(g);
}

/* Makes sure that there is input, unless all of it has been taken: then the text
 * ends, which within a member it must not. */
static bool refill(struct gunzip *g)
{
    ssize_t got;

    if (g->stream.avail_in > 0)
        return true;
    got = g->feed(g->context, (char *)g->input, sizeof(g->input));
    if (got < 0)
        return false;
    g->stream.next_in = g->input;
    g->stream.avail_in = (uInt)got;
    g->ended = got == 0;
    if (g->ended && g->in_member)
        g->problem = "truncated gzip input";
    return !g->problem;
}

/* Between members: another one may follow, or zeros, which fill the last block
 * of some archives. */
static bool next_member(struct gunzip *g)
{
    while (g->stream.avail_in > 0 && *g->stream.next_in == 0) {
        g->stream.next_in++;
        g->stream.avail_in--;
    }
    if (g->stream.avail_in == 0)
        return true;
    if (*g->stream.next_in != FIRST_OF_MAGIC) {
        g->problem = "something else follows the compressed text";
        return false;
    }
    g->in_member = true;
    return inflateReset(&g->stream) == Z_OK;
}

static bool inflate_some(struct gunzip *g)
{
    int got = inflate(&g->stream, Z_NO_FLUSH);

    if (got == Z_STREAM_END)
        g->in_member = false;
    else if (got == Z_MEM_ERROR)
        g->problem = "no memory";
    else if (got != Z_OK && got != Z_BUF_ERROR)
        g->problem = g->stream.msg ? g->stream.msg : "damaged gzip input";
    return !g->problem;
}

ssize_t gunzip_read(struct gunzip *g, char *into, size_t room)
{
    uInt wanted = room < UINT_MAX ? (uInt)room : UINT_MAX;
    bool fine = !g->problem;

    g->stream.next_out = (Bytef *)into;
    g->stream.avail_out = wanted;
    while (fine && !g->ended && g->stream.avail_out == wanted) {
        fine = refill(g);
        if (fine && !g->ended)
            fine = g->in_member ? inflate_some(g) : next_member(g);
    }
    if (g->stream.avail_out < wanted) /* a failure is told the next time */
        return (ssize_t)(wanted - g->stream.avail_out);
    return fine ? 0 : -1;
}

const char *gunzip_problem(const struct gunzip *g)
{
    return g->problem;
}
