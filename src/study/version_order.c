#include "study/version_order.h"

#include <ctype.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Digits without leading zeros: the longer is the greater, however long. */
static int compare_digits(const char **a, const char **b)
{
    size_t x = 0, y = 0;
    int order;

    while (**a == '0')
        ++*a;
    while (**b == '0')
        ++*b;
    while (is_digit((*a)[x]))
        x++;
    while (is_digit((*b)[y]))
        y++;
    order = x != y ? (x > y) - (x < y) : memcmp(*a, *b, x);
    *a += x;
    *b += y;
    return order;
}

/* Moves both behind their numbers. */
static int compare_numbers(const char **a, const char **b)
{
    for (;;) {
        int order = compare_digits(a, b);

        if (order)
            return order;
        if (!((*a)[0] == '.' && is_digit((*a)[1])) && !((*b)[0] == '.' && is_digit((*b)[1])))
            return 0;
        *a += (*a)[0] == '.' && is_digit((*a)[1]);
        *b += (*b)[0] == '.' && is_digit((*b)[1]);
    }
}

/* -1: what comes before a release; 0: none; 1: anything else. */
static int suffix_rank(const char *suffix)
{
    static const char *const before[] = { "pre", "rc", "alpha", "beta", "dev" };

    if (!*suffix)
        return 0;
    suffix += strspn(suffix, "-._~+ ");
    for (size_t i = 0; i < sizeof before / sizeof *before; i++)
        if (strncasecmp(suffix, before[i], strlen(before[i])) == 0)
            return -1;
    return 1;
}

static int compare_suffixes(const char *a, const char *b)
{
    while (*a || *b) {
        int order = is_digit(*a) && is_digit(*b)
                        ? compare_digits(&a, &b)
                        : tolower((unsigned char)*a) - tolower((unsigned char)*b);

        if (order)
            return order;
        if (*a && !is_digit(*a)) {
            a++;
            b++;
        }
    }
    return 0;
}

const char *version_number(const char *text)
{
    while (*text && !is_digit(*text))
        text++;
    return *text ? text : NULL;
}

int version_compare(const char *a, const char *b)
{
    int order;

    a = version_number(a) ? version_number(a) : a;
    b = version_number(b) ? version_number(b) : b;
    if (!is_digit(*a) || !is_digit(*b))
        return is_digit(*a) == is_digit(*b) ? compare_suffixes(a, b) : is_digit(*b) - is_digit(*a);
    order = compare_numbers(&a, &b);
    if (!order)
        order = suffix_rank(a) - suffix_rank(b);
    return order ? order : compare_suffixes(a, b);
}
