#include "support/hex.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "support/files.h"
#include "support/test.h"

/* All that was handed out, so that leak checkers see that it is kept on purpose. */
static void *volatile kept[4096]; /* nobody reads it: else no compiler would write it */
static size_t kept_count;

static void *keep(void *at)
{
    assert_non_null(at);
    assert_true(kept_count < sizeof(kept) / sizeof(*kept));
    kept[kept_count++] = at;
    return at;
}

static uint8_t digit_value(char digit)
{
    assert_true(isxdigit((unsigned char)digit));
    return (uint8_t)(digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10);
}

struct bytes from_hex(const char *hex)
{
    uint8_t *at = keep(malloc(strlen(hex) / 2 + 1));
    size_t digits = 0;

    for (; *hex; hex++) {
        if (*hex == ' ' || *hex == '\n')
            continue;
        at[digits / 2] = (uint8_t)((digits % 2 ? at[digits / 2] << 4 : 0) | digit_value(*hex));
        digits++;
    }
    assert_int_equal(digits % 2, 0);
    return (struct bytes){ at, digits / 2 };
}

struct bytes repeated(uint8_t byte, size_t count)
{
    uint8_t *at = keep(malloc(count + 1));

    memset(at, byte, count);
    return (struct bytes){ at, count };
}

/* The row's columns after the name: "HEX\tMEANING\tSOURCE\n". */
static char *row_of(const char *name)
{
    FILE *table = fopen(shared_data("real/c-protocol/n2n-vectors.tsv"), "r");
    size_t len = strlen(name), cap = 0;
    char *line = NULL, *row = NULL;

    assert_non_null(table);
    while (!row && getline(&line, &cap, table) > 0)
        if (strncmp(line, name, len) == 0 && line[len] == '\t')
            row = strdup(line + len + 1);
    free(line);
    fclose(table);
    if (!row)
        fail_msg("no vector \"%s\"", name);
    return keep(row);
}

struct bytes shared_vector(const char *name)
{
    char *row = row_of(name);

    row[strcspn(row, "\t")] = '\0';
    return from_hex(row);
}

const char *shared_vector_meaning(const char *name)
{
    char *meaning = strchr(row_of(name), '\t');

    assert_non_null(meaning);
    meaning++;
    meaning[strcspn(meaning, "\t")] = '\0';
    return meaning;
}

void assert_bytes(struct bytes got, struct bytes want)
{
    assert_int_equal(got.count, want.count);
    if (want.count)
        assert_memory_equal(got.at, want.at, want.count);
}
