/* Any bytes as a file of credentials. What is taken can stand in a header, and errors show none of it. */
#include <stdint.h>
#include <string.h>

#include "guarded.h"
#include "storage/credentials_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_value(const char *value, size_t room)
{
    MUST(memchr(value, '\0', room));
    for (; *value; value++)
        MUST(*value > 0x20 && *value < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const profiles[] = { "default", "two" };

    for (size_t i = 0; i < 2; i++) {
        struct s3_credentials c = { .source = NULL };
        struct ou_error err = { "" };
        enum ou_status status =
            credentials_read((struct span){ (const char *)data, size }, "f", profiles[i], &c, &err);

        MUST(status == OU_OK || status == OU_NOT_FOUND || status == OU_INVALID);
        check_value(c.access_key, sizeof c.access_key);
        check_value(c.secret_key, sizeof c.secret_key);
        check_value(c.session_token, sizeof c.session_token);
        MUST(status || (*c.access_key && *c.secret_key));
        MUST(!status == !*err.text);
        MUST(*err.text == '\0' || *err.text == 'f');
    }
    return 0;
}
