/* The three places that credentials come from. */
#ifndef OU_STORAGE_CREDENTIALS_PRIVATE_H
#define OU_STORAGE_CREDENTIALS_PRIVATE_H

#include "base/span.h"
#include "storage/credentials.h"

#define CREDENTIALS_REMARK_ROOM 256

/* Copies a value; OU_INVALID when it is too long, or has blanks or control characters, which no header can have. */
enum ou_status credentials_set(char *to, size_t room, struct span value, const char *what,
                               struct ou_error *err);

/* Of a file's text: keys of `profile`. OU_NOT_FOUND: no such profile, or a key is missing there. For its harness, too. */
enum ou_status credentials_read(struct span text, const char *name, const char *profile,
                                struct s3_credentials *ret, struct ou_error *err);
enum ou_status credentials_of_file(const struct credentials_options *options,
                                   struct s3_credentials *ret, char *ret_remark,
                                   struct ou_error *err);

enum ou_status credentials_of_instance(const struct credentials_options *options,
                                       struct s3_credentials *ret, struct ou_error *err);

#endif
