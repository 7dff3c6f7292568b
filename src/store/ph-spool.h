#pragma once

#include <glib-object.h>

#include "ph-folder.h"

G_BEGIN_DECLS

#define PH_TYPE_SPOOL (ph_spool_get_type ())
G_DECLARE_FINAL_TYPE (PhSpool, ph_spool, PH, SPOOL, GObject)

/**
 * PhSpool:
 *
 * A message on its way in: an unnamed file (O_TMPFILE) on the file system of the
 * mail, so that it can be linked into mailboxes and the relay directory without
 * being copied; it vanishes by itself if nobody does.  Written in the main
 * context (page cache only), synced by a worker of whoever links it.
 * Made by ph_store_open_spool().
 */

/* Appends.  After a first failure (PH_STORE_ERROR_NO_SPACE, _FAILED) every call fails. */
gboolean ph_spool_write (PhSpool    *self,
                         const void *data,
                         gsize       length,
                         GError    **error);

guint64 ph_spool_get_size (PhSpool *self);

/* Blocks: on a worker.  Writes all of `from` into `self`, which is empty, with one more header field (whole, with CRLF) in its
 * place among the trace fields of one line at the top: Return-Path, Delivered-To, any other. */
gboolean ph_spool_copy_with_field (PhSpool    *self,
                                   PhSpool    *from,
                                   const char *field,
                                   GError    **error);

/* TRUE where that field stands in its place. */
gboolean ph_spool_has_field (PhSpool    *self,
                             const char *field);

/* Which folder a delivery puts it into, in whatever mailbox: the one of that use, and INBOX where there is none, and
 * at first. Before it is delivered. */
void         ph_spool_set_place (PhSpool     *self,
                                 PhSpecialUse place);
PhSpecialUse ph_spool_get_place (PhSpool *self);

/* Borrowed. */
int ph_spool_get_fd (PhSpool *self);

/* Blocks: on a worker.  Once; later calls return what the first did (V43). */
gboolean ph_spool_sync (PhSpool *self,
                        GError **error);

/* Blocks: on a worker.  Links the file as `path` (linkat; copied where the file
 * system differs); the directory is not synced.  May be called several times. */
gboolean ph_spool_link (PhSpool    *self,
                        const char *path,
                        GError    **error);

G_END_DECLS
