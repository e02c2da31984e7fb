#include "chain/key_file.h"

#include <errno.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/digits.h"
#include "base/file.h"
#include "json/tree.h"
#include "json/write.h"

#define CBOR_MAX_BYTES 1024 /* inside an envelope; the largest is a KES key's, 611 */
#define CERTIFICATE_TYPE "NodeOperationalCertificate"
#define COUNTER_TYPE "NodeOperationalCertificateIssueCounter"

static const struct kind {
    const char *type, *description;
    size_t bytes;
} kinds[] = {
#define X(name, type, description, bytes) [KEY_##name] = { type, description, bytes },
    KEY_FILE_KINDS(X)
#undef X
};

/* As their types say it. */
static bool is_secret(const struct kind *kind)
{
    return strstr(kind->type, "SigningKey") != NULL;
}

/* Releases what may hold a secret. */
static void forget(struct buffer *text)
{
    if (text->at)
        sodium_memzero(text->at, text->len);
    buffer_release(text);
}

/* ---- envelopes ---- */

struct envelope {
    uint8_t cbor[CBOR_MAX_BYTES];
    size_t count;
};

static struct cbor open_envelope(const struct envelope *e)
{
    return cbor_open((struct bytes){ e->cbor, e->count });
}

static enum ou_status decode_hex(const json_t *hex, const char *name, struct envelope *ret,
                                 struct ou_error *err)
{
    if (!json_is_string(hex))
        return ou_fail(err, OU_INVALID, "%s: member \"cborHex\" is missing or is no text", name);
    if (json_string_length(hex) > 2 * (size_t)CBOR_MAX_BYTES)
        return ou_fail(err, OU_TOO_LARGE, "%s: \"cborHex\" is longer than that of any key", name);
    if (sodium_hex2bin(ret->cbor, sizeof(ret->cbor), json_string_value(hex),
                       json_string_length(hex), NULL, &ret->count, NULL) != 0)
        return ou_fail(err, OU_INVALID, "%s: \"cborHex\" is not pairs of hexadecimal digits", name);
    return OU_OK;
}

static enum ou_status envelope_of_tree(const json_t *root, const char *name, const char *type,
                                       struct envelope *ret, struct ou_error *err)
{
    const json_t *got = json_object_get(root, "type");

    if (!json_is_string(got))
        return ou_fail(err, OU_INVALID,
                       "%s: this is no key file: it has no member \"type\"; a %s was expected",
                       name, type);
    if (strcmp(json_string_value(got), type) != 0)
        return ou_fail(err, OU_INVALID, "%s: holds a %.64s where a %s was expected", name,
                       json_string_value(got), type);
    return decode_hex(json_object_get(root, "cborHex"), name, ret, err);
}

static enum ou_status envelope_read(struct span text, const char *name, const char *type,
                                    struct envelope *ret, struct ou_error *err)
{
    json_t *root;
    enum ou_status status = json_tree_parse(text, name, &root, err);

    if (status)
        return status;
    status = envelope_of_tree(root, name, type, ret, err);
    json_decref(root);
    return status;
}

static void put_hex(struct buffer *b, struct bytes value)
{
    char *room = buffer_room(b, 2 * value.count);

    if (room)
        buffer_added(b, digits_hex(value.at, 2 * value.count, room));
}

/* cardano-cli indents by 4; nobody minds. */
static void put_envelope(struct buffer *out, const char *type, const char *description,
                         struct bytes cbor)
{
    struct json_writer w;
    struct buffer hex;

    buffer_init(&hex, allocator_libc(), 2 * (size_t)CBOR_MAX_BYTES);
    put_hex(&hex, cbor);
    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "type");
    json_cstring(&w, type);
    json_key(&w, "description");
    json_cstring(&w, description);
    json_key(&w, "cborHex");
    json_cstring(&w, buffer_string(&hex));
    json_end(&w);
    buffer_char(out, '\n');
    if (!out->status)
        out->status = buffer_status(&hex);
    forget(&hex);
}

/* A file that only its owner may read is so from its birth: nobody opens it in between. */
static enum ou_status write_text(const char *path, bool secret, const struct buffer *text,
                                 struct ou_error *err)
{
    struct out_file file;
    enum ou_status status = out_open(&file, path, err);

    if (status)
        return status;
    if (secret && fchmod(file.fd, S_IRUSR | S_IWUSR) < 0) {
        status = ou_fail(err, OU_IO, "write %s: make it secret: %s", path, strerror(errno));
    } else {
        out_write(&file, text->at, text->len);
        status = out_commit(&file, err);
    }
    out_release(&file);
    return status;
}

static enum ou_status envelope_write(const char *path, const char *type, const char *description,
                                     bool secret, const struct buffer *cbor, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = buffer_status(cbor);

    buffer_init(&text, allocator_libc(), KEY_FILE_MAX_BYTES);
    if (!status) {
        put_envelope(&text, type, description, bytes_of(cbor));
        status = buffer_status(&text);
    }
    if (status)
        ou_fail(err, status, "write %s: %s", path, ou_status_name(status));
    else
        status = write_text(path, secret, &text, err);
    forget(&text);
    return status;
}

/* ---- keys ---- */

enum ou_status key_file_check_owner(const char *path, struct ou_error *err)
{
    struct stat st;

    if (stat(path, &st) < 0)
        return OU_OK; /* whoever reads it says so */
    if (st.st_mode & (S_IRWXG | S_IRWXO))
        return ou_fail(err, OU_INVALID,
                       "%s: a secret key that others than its owner may use (mode %03o); "
                       "chmod 600 makes it one",
                       path, (unsigned)(st.st_mode & 0777));
    return OU_OK;
}

static enum ou_status read_text(const char *path, struct buffer *ret, struct ou_error *err)
{
    buffer_init(ret, allocator_libc(), KEY_FILE_MAX_BYTES);
    return file_read(path, ret, err);
}

enum ou_status key_text_read(struct span text, const char *name, enum key_file_kind kind,
                             uint8_t *ret, struct ou_error *err)
{
    const struct kind *k = &kinds[kind];
    struct envelope envelope;
    struct bytes key;
    struct cbor c;
    enum ou_status status = envelope_read(text, name, k->type, &envelope, err);

    if (status)
        return status;
    c = open_envelope(&envelope);
    key = cbor_bytes(&c);
    if (!cbor_at_end(&c))
        return ou_fail(err, OU_INVALID, "%s: \"cborHex\" is not one CBOR byte string", name);
    if (key.count != k->bytes)
        return ou_fail(err, OU_INVALID, "%s: a %s of %zu bytes where it has %zu", name, k->type,
                       key.count, k->bytes);
    memcpy(ret, key.at, key.count);
    return OU_OK;
}

enum ou_status key_file_read(const char *path, enum key_file_kind kind, uint8_t *ret,
                             struct ou_error *err)
{
    struct buffer text = { 0 };
    enum ou_status status = is_secret(&kinds[kind]) ? key_file_check_owner(path, err) : OU_OK;

    if (!status)
        status = read_text(path, &text, err);
    if (!status)
        status = key_text_read((struct span){ text.at, text.len }, path, kind, ret, err);
    forget(&text);
    return status;
}

enum ou_status key_file_write(const char *path, enum key_file_kind kind, const uint8_t *key,
                              struct ou_error *err)
{
    const struct kind *k = &kinds[kind];
    struct buffer cbor;
    enum ou_status status;

    buffer_init(&cbor, allocator_libc(), CBOR_MAX_BYTES);
    cbor_put_bytes(&cbor, (struct bytes){ key, k->bytes });
    status = envelope_write(path, k->type, k->description, is_secret(k), &cbor, err);
    forget(&cbor);
    return status;
}

static enum ou_status kes_key_of(const uint8_t packed[KES_PACKED_BYTES], const char *name,
                                 struct kes_key *ret, struct ou_error *err)
{
    int period = kes_key_unpack(packed, ret);

    if (period < 0)
        return ou_fail(err, OU_INVALID, "%s: a damaged KES key: its seeds and keys do not match",
                       name);
    if (period > 0)
        return ou_fail(err, OU_INVALID,
                       "%s: a KES key that was evolved to period %d; only one that never was "
                       "(period 0) can be used: make a new key and certificate",
                       name, period);
    return OU_OK;
}

enum ou_status kes_key_text_read(struct span text, const char *name, struct kes_key *ret,
                                 struct ou_error *err)
{
    uint8_t packed[KES_PACKED_BYTES];
    enum ou_status status = key_text_read(text, name, KEY_kes_signing, packed, err);

    if (!status)
        status = kes_key_of(packed, name, ret, err);
    sodium_memzero(packed, sizeof(packed));
    return status;
}

enum ou_status kes_key_file_read(const char *path, struct kes_key *ret, struct ou_error *err)
{
    uint8_t packed[KES_PACKED_BYTES];
    enum ou_status status = key_file_read(path, KEY_kes_signing, packed, err);

    if (!status)
        status = kes_key_of(packed, path, ret, err);
    sodium_memzero(packed, sizeof(packed));
    return status;
}

enum ou_status kes_key_file_write(const char *path, const struct kes_key *key, struct ou_error *err)
{
    uint8_t packed[KES_PACKED_BYTES];
    enum ou_status status;

    kes_key_pack(key, packed);
    status = key_file_write(path, KEY_kes_signing, packed, err);
    sodium_memzero(packed, sizeof(packed));
    return status;
}

/* ---- certificates ---- */

enum ou_status certificate_text_read(struct span text, const char *name, struct certificate *ret,
                                     uint8_t ret_cold[32], struct ou_error *err)
{
    struct envelope envelope;
    struct certificate got;
    uint8_t cold[32];
    struct cbor c;
    enum ou_status status = envelope_read(text, name, CERTIFICATE_TYPE, &envelope, err);

    if (status)
        return status;
    c = open_envelope(&envelope);
    cbor_list_of(&c, 2);
    certificate_read(&c, &got);
    cbor_fixed(&c, sizeof(cold), cold);
    if (!cbor_at_end(&c))
        return ou_fail(err, OU_INVALID,
                       "%s: not an operational certificate and a cold key in CBOR: %s", name,
                       c.why ? c.why : "bytes behind them");
    *ret = got;
    memcpy(ret_cold, cold, sizeof(cold));
    return OU_OK;
}

enum ou_status certificate_file_read(const char *path, struct certificate *ret,
                                     uint8_t ret_cold[32], struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = read_text(path, &text, err);

    if (!status)
        status =
            certificate_text_read((struct span){ text.at, text.len }, path, ret, ret_cold, err);
    buffer_release(&text);
    return status;
}

enum ou_status certificate_file_write(const char *path, const struct certificate *c,
                                      const uint8_t cold_key[32], struct ou_error *err)
{
    struct buffer cbor;
    enum ou_status status;

    buffer_init(&cbor, allocator_libc(), CBOR_MAX_BYTES);
    cbor_put_list(&cbor, 2);
    certificate_write(&cbor, c);
    cbor_put_bytes(&cbor, (struct bytes){ cold_key, 32 });
    status = envelope_write(path, CERTIFICATE_TYPE, "", false, &cbor, err);
    buffer_release(&cbor);
    return status;
}

enum ou_status counter_file_write(const char *path, uint64_t next, const uint8_t cold_key[32],
                                  struct ou_error *err)
{
    struct buffer cbor;
    char description[64];
    enum ou_status status;

    buffer_init(&cbor, allocator_libc(), CBOR_MAX_BYTES);
    cbor_put_list(&cbor, 2);
    cbor_put_uint(&cbor, next);
    cbor_put_bytes(&cbor, (struct bytes){ cold_key, 32 });
    snprintf(description, sizeof description, "Next certificate issue number: %" PRIu64, next);
    status = envelope_write(path, COUNTER_TYPE, description, false, &cbor, err);
    buffer_release(&cbor);
    return status;
}
