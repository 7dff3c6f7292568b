#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* How far an import, an export or a backup has come.  A plain struct. */
typedef struct
{
  guint64 n_messages; /* on disk where they were to go */
  guint64 n_bytes;    /* of these */
  guint64 n_rejected; /* could not be taken: kept apart, with the reason */
} PhTransferCounts;

typedef void (*PhTransferFunc) (const PhTransferCounts *counts,
                                gpointer                user_data);

G_END_DECLS
