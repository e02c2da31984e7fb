#include "base/suggest.h"

#include <stdint.h>
#include <string.h>

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Row i of the table of distances between the first i bytes of a and the first
 * j of b, from the two rows before it. */
static void next_row(struct span a, struct span b, size_t i, const size_t *before_last,
                     const size_t *last, size_t *row)
{
    row[0] = i;
    for (size_t j = 1; j <= b.len; j++) {
        size_t replaced = last[j - 1] + (a.at[i - 1] != b.at[j - 1]);

        row[j] = smaller(replaced, smaller(last[j], row[j - 1]) + 1);
        if (i > 1 && j > 1 && a.at[i - 1] == b.at[j - 2] && a.at[i - 2] == b.at[j - 1])
            row[j] = smaller(row[j], before_last[j - 2] + 1);
    }
}

size_t suggest_distance(struct span a, struct span b)
{
    size_t rows[3][SUGGEST_LENGTH_MAX + 1];

    if (a.len > SUGGEST_LENGTH_MAX || b.len > SUGGEST_LENGTH_MAX)
        return SIZE_MAX;
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++)
        next_row(a, b, i, rows[(i + 1) % 3], rows[(i + 2) % 3], rows[i % 3]);
    return rows[a.len % 3][b.len];
}

void suggest_for(struct suggestion *s, struct span given)
{
    *s = (struct suggestion){ .given = given, .distance = SIZE_MAX };
}

/* A third of the word may be wrong, but never all of it; the beginning of a
 * word counts as near, however much is missing. */
void suggest_consider(struct suggestion *s, const char *word)
{
    struct span candidate = span_of(word);
    size_t distance = suggest_distance(s->given, candidate);
    size_t allowed = (candidate.len + 2) / 3;
    bool begins = s->given.len >= 2 && s->given.len <= candidate.len &&
                  memcmp(s->given.at, word, s->given.len) == 0;

    if (distance < s->distance && distance < candidate.len && (distance <= allowed || begins)) {
        s->best = word;
        s->distance = distance;
    }
}
