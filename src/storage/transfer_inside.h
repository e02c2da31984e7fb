/* What the files of transfers share. */
#ifndef OU_STORAGE_TRANSFER_INSIDE_H
#define OU_STORAGE_TRANSFER_INSIDE_H

#include "storage/s3.h"
#include "storage/transfer.h"

#define TRANSFER_SHOWN_ROOM 512

/* Says what a reply with a status of failure means: "GET http://host/key: 403 AccessDenied: the URL ...". OU_NOT_FOUND for 404, else
 * OU_IO. */
enum ou_status transfer_fail_reply(const char *method, const char *url,
                                   const struct http_reply *reply, struct ou_error *err);

#endif
