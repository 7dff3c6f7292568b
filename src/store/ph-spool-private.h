#pragma once

#include "ph-spool.h"
#include "ph-store-shared.h"

G_BEGIN_DECLS

/* A new empty one on the file system of the mail directory. */
PhSpool *ph_spool_new (PhStoreShared *shared,
                       GError       **error);

/* One that is on disk already; takes `fd`. */
PhSpool *ph_spool_new_for_fd (PhStoreShared *shared,
                              int            fd,
                              GError       **error);

/* The disk may begin with it: so that of many one sync is not waited for after the other. */
void ph_spool_begin_sync (PhSpool *self);

/* As ph_spool_link(), as `name` in an open directory. */
gboolean ph_spool_link_at (PhSpool    *self,
                           int         dir_fd,
                           const char *name,
                           GError    **error);

G_END_DECLS
