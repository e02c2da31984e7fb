/* Any text as a key file of a kind that its first byte says. What is accepted is of one kind only;
 * every refusal says why and names the file. */
#include <stdlib.h>
#include <string.h>

#include "chain/hash.h"
#include "chain/key_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
#define X(name, type, description, bytes) COUNT_##name,
    KEY_FILE_KINDS(X)
#undef X
        KINDS,
};

static void check(bool holds)
{
    if (!holds)
        abort();
}

static bool refused(enum ou_status status, const struct ou_error *err)
{
    if (status)
        check(strncmp(err->text, "fuzz", 4) == 0);
    return status != OU_OK;
}

static void read_certificate(struct span text)
{
    struct ou_error err = { { 0 } };
    struct certificate c;
    uint8_t cold[32];

    if (!refused(certificate_text_read(text, "fuzz", &c, cold, &err), &err))
        certificate_verify(&c, cold);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ou_error err = { { 0 } };
    uint8_t key[KEY_MAX_BYTES];
    struct span text;
    struct kes_key kes;
    unsigned kind;

    if (size < 1 || chain_crypto_start(NULL))
        return 0;
    text = (struct span){ (const char *)data + 1, size - 1 };
    kind = data[0] % (KINDS + 1);
    if (kind == KINDS) {
        read_certificate(text);
        return 0;
    }
    if (refused(key_text_read(text, "fuzz", (enum key_file_kind)kind, key, &err), &err))
        return 0;
    if (kind == KEY_kes_signing)
        check(kes_key_unpack(key, &kes) < KES_PERIODS);
    check(key_text_read(text, "fuzz", (enum key_file_kind)((kind + 1) % KINDS), key, &err) !=
          OU_OK);
    return 0;
}
