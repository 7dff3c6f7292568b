#pragma once

#include "ph-buffer.h"

G_BEGIN_DECLS

/* So much is inflated before the session takes it (V37). */
#define PH_IMAP_INFLATE_MAX (32 * 1024)

/**
 * PhImapDeflate:
 *
 * The layer of COMPRESS=DEFLATE (RFC 4978), both ways.  Inflates no more than fits into a
 * bounded buffer, whatever comes; what is deflated can be read by the peer at once.  Owned
 * by its session; about 80 KiB.
 */
typedef struct _PhImapDeflate PhImapDeflate;

PhImapDeflate *ph_imap_deflate_new (void);
void           ph_imap_deflate_free (PhImapDeflate *self);

/* Appends `data` deflated and flushed. */
void ph_imap_deflate_encode (const guint8 *data,
                             gsize         length,
                             PhBuffer     *out,
                             gpointer      self);

/* What is inflated and not yet taken. */
PhBuffer *ph_imap_deflate_get_plain (PhImapDeflate *self);

/* Inflates more if nothing waits; *taken: how much of `data` that used up.  FALSE for what is
 * no deflate stream, or its end. */
gboolean ph_imap_deflate_decode (PhImapDeflate *self,
                                 const guint8  *data,
                                 gsize          length,
                                 gsize         *taken);

/* TRUE if there is output without any more input. */
gboolean ph_imap_deflate_has_more (PhImapDeflate *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhImapDeflate, ph_imap_deflate_free)

G_END_DECLS
