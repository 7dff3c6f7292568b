#include "ph-incoming.h"

#include "ph-address.h"
#include "ph-auth-result.h"
#include "ph-buffer.h"
#include "ph-date.h"
#include "ph-header.h"
#include "ph-store-error.h"
#include "ph-trace.h"

#include <string.h>

/* Lines come one by one; they are written in pieces of this size. */
#define PH_INCOMING_PIECE (16 * 1024)

struct _PhIncoming
{
  GObject parent_instance;

  PhSpool       *spool;
  PhBuffer       header; /* what has come, until the header is whole */
  gboolean       header_done;
  gboolean       lacks_date;
  gboolean       lacks_message_id;
  PhBuffer       pending; /* passed, not yet written */
  char          *id;
  char          *sender;
  char          *received;
  char          *delivered_to; /* or NULL */
  GHashTable    *was_at;       /* keys of the addresses in its Delivered-To fields */
  char          *authserv;     /* ours, in Authentication-Results; NULL: unknown */
  char          *host;         /* NULL: not submitted */
  char          *author;
  gint64         time;
  PhSmtpReply   *refusal;
  PhSenderCheck *check;           /* or NULL: then the header is not kept */
  GBytes        *original_header; /* as it came */
  guint64        body_offset;     /* in the spool */
  guint64        digest;
  guint64        size;
};

G_DEFINE_FINAL_TYPE (PhIncoming, ph_incoming, G_TYPE_OBJECT)

static void
ph_incoming_finalize (GObject *object)
{
  PhIncoming *self = PH_INCOMING (object);

  g_clear_object (&self->spool);
  ph_buffer_clear (&self->header);
  ph_buffer_clear (&self->pending);
  g_free (self->id);
  g_free (self->sender);
  g_free (self->received);
  g_free (self->delivered_to);
  g_hash_table_unref (self->was_at);
  g_free (self->authserv);
  g_free (self->host);
  g_free (self->author);
  g_clear_pointer (&self->refusal, ph_smtp_reply_free);
  g_clear_pointer (&self->original_header, g_bytes_unref);
  if (self->check != NULL)
    ph_sender_check_cancel (self->check);
  g_clear_object (&self->check);

  G_OBJECT_CLASS (ph_incoming_parent_class)->finalize (object);
}

static void
ph_incoming_class_init (PhIncomingClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_incoming_finalize;
}

static void
ph_incoming_init (PhIncoming *self)
{
  self->was_at = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

PhIncoming *
ph_incoming_new (PhSpool               *spool,
                 const PhIncomingTrace *trace)
{
  PhIncoming *self = g_object_new (PH_TYPE_INCOMING, NULL);

  self->spool = g_object_ref (spool);
  self->id = g_strdup (trace->id);
  self->sender = g_strdup (trace->sender);
  self->received = g_strdup (trace->received);
  self->delivered_to = g_strdup (trace->delivered_to);
  self->authserv = g_strdup (trace->authserv);
  self->host = g_strdup (trace->host);
  self->author = g_strdup (trace->author);
  self->time = trace->time;

  return self;
}

const char *
ph_incoming_get_id (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), NULL);

  return self->id;
}

void
ph_incoming_take_check (PhIncoming    *self,
                        PhSenderCheck *check)
{
  g_return_if_fail (PH_IS_INCOMING (self) && self->check == NULL);

  self->check = check;
}

PhSenderCheck *
ph_incoming_get_check (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), NULL);

  return self->check;
}

GBytes *
ph_incoming_get_header (PhIncoming *self,
                        guint64    *body_offset)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), NULL);

  *body_offset = self->body_offset;

  return self->original_header;
}

void
ph_incoming_refuse (PhIncoming  *self,
                    PhSmtpReply *refusal)
{
  g_return_if_fail (PH_IS_INCOMING (self));

  g_clear_pointer (&self->refusal, ph_smtp_reply_free);
  self->refusal = refusal;
}

PhSpool *
ph_incoming_get_spool (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), NULL);

  return self->spool;
}

static const struct
{
  PhStoreError code;
  guint        reply;
  const char  *enhanced;
  const char  *text;
} store_replies[] = {
  { PH_STORE_ERROR_NO_SPACE, 452, "4.3.1", "The disk is full; try again later" },
  { PH_STORE_ERROR_OVER_QUOTA, 552, "5.2.2", "The mailbox is full" },
  { PH_STORE_ERROR_READ_ONLY, 451, "4.3.0", "Mail can't be stored now; try again later" },
};

PhSmtpReply *
ph_incoming_reply_for_error (const GError *error)
{
  for (guint i = 0; i < G_N_ELEMENTS (store_replies); i++)
    if (g_error_matches (error, PH_STORE_ERROR, (int)store_replies[i].code))
      return ph_smtp_reply_new (store_replies[i].reply, store_replies[i].enhanced, "%s", store_replies[i].text);

  return ph_smtp_reply_new (451, "4.3.0", "Mail can't be stored now; try again later");
}

static gboolean
flush (PhIncoming *self)
{
  g_autoptr (GError) error = NULL;
  gsize length = ph_buffer_get_length (&self->pending);

  if (length == 0)
    return TRUE;

  if (!ph_spool_write (self->spool, ph_buffer_get_data (&self->pending), length, &error))
    self->refusal = ph_incoming_reply_for_error (error);
  ph_buffer_consume (&self->pending, length);

  return self->refusal == NULL;
}

static gboolean
write_spool (PhIncoming *self,
             const void *data,
             gsize       length)
{
  ph_buffer_append (&self->pending, data, length);

  return ph_buffer_get_length (&self->pending) < PH_INCOMING_PIECE || flush (self);
}

/* Authentication-Results that says it is from us, but was there before (RFC 8601 section 5, S29). */
static gboolean
is_forged (PhIncoming          *self,
           const PhHeader      *header,
           const PhHeaderField *field)
{
  g_autofree char *value = NULL;

  if (self->authserv == NULL || !ph_header_field_has_name (header, field, "Authentication-Results"))
    return FALSE;

  value = ph_header_dup_field_value (header, field);

  return ph_auth_result_is_by (value, self->authserv);
}

/* Fields that the sender has no say in: Return-Path is ours to write; Bcc of a submitted message, and of one that is
 * sent on (RFC 5322 section 3.6.6), is not for others to see (RFC 6409 section 8, S12). */
static gboolean
is_removed (PhIncoming          *self,
            const PhHeader      *header,
            const PhHeaderField *field)
{
  if (ph_header_field_has_name (header, field, "Return-Path") || is_forged (self, header, field))
    return TRUE;

  return self->host != NULL && (ph_header_field_has_name (header, field, "Bcc") || ph_header_field_has_name (header, field, "Resent-Bcc"));
}

/* Everything else stays byte for byte. */
static gboolean
write_fields (PhIncoming     *self,
              const PhHeader *header,
              gsize           length)
{
  const guint8 *data = ph_buffer_get_data (&self->header);
  gsize         written = 0;

  if (length == 0)
    return TRUE;

  for (guint i = 0; i < header->n_fields; i++)
    {
      const PhHeaderField *field = &header->fields[i];

      if (!is_removed (self, header, field))
        continue;
      if (!write_spool (self, data + written, field->offset - written))
        return FALSE;
      written = field->offset + field->length;
    }

  return write_spool (self, data + written, length - written);
}

/* RFC 6409 section 8: what a mail program may have left out. */
static void
append_missing (PhIncoming     *self,
                const PhHeader *header,
                PhBuffer       *out)
{
  if (self->lacks_date)
    {
      PhDate           date = ph_date_from_local (self->time);
      g_autofree char *text = ph_date_format (&date);

      ph_buffer_append_printf (out, "Date: %s\r\n", text);
    }
  if (self->lacks_message_id)
    {
      g_autofree char *id = ph_trace_new_message_id (self->host);

      ph_buffer_append_printf (out, "Message-ID: %s\r\n", id);
    }
  if (ph_header_find (header, "From", NULL) == NULL && self->author != NULL)
    ph_buffer_append_printf (out, "From: <%s>\r\n", self->author);
}

static gboolean
check_header (PhIncoming     *self,
              const PhHeader *header)
{
  if (header->truncated)
    self->refusal = ph_smtp_reply_new (552, "5.3.4", "The header is larger than %d KiB or has more than %d fields",
                                       PH_HEADER_SIZE_MAX / 1024, PH_HEADER_FIELDS_MAX);
  else if (ph_trace_count_received (ph_buffer_get_data (&self->header), ph_buffer_get_length (&self->header)) >= PH_TRACE_HOPS_MAX)
    self->refusal = ph_smtp_reply_new (554, "5.4.6", "Too many hops: this message goes in circles");

  return self->refusal == NULL;
}

/* Some write the address in brackets. */
static void
note_deliveries (PhIncoming     *self,
                 const PhHeader *header)
{
  for (const PhHeaderField *field = NULL; (field = ph_header_find (header, "Delivered-To", field)) != NULL;)
    {
      g_autofree char *value = g_strstrip (ph_header_dup_field_value (header, field));
      gsize            length = strlen (value);
      gboolean         in_brackets = length > 2 && value[0] == '<' && value[length - 1] == '>';
      g_autofree char *address = in_brackets ? g_strndup (value + 1, length - 2) : g_strdup (value);
      char            *key = ph_address_make_key (address);

      if (key != NULL)
        g_hash_table_add (self->was_at, key);
    }
}

gboolean
ph_incoming_was_delivered_to (PhIncoming *self,
                              const char *address)
{
  g_autofree char *key = NULL;

  g_return_val_if_fail (PH_IS_INCOMING (self), FALSE);

  key = ph_address_make_key (address);

  return key != NULL && g_hash_table_contains (self->was_at, key);
}

gboolean
ph_incoming_lacks_date (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), FALSE);

  return self->lacks_date;
}

gboolean
ph_incoming_lacks_message_id (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), FALSE);

  return self->lacks_message_id;
}

/* Signatures are of the header as it came, before anything was removed from it. */
static void
keep_header (PhIncoming     *self,
             const PhHeader *header,
             gsize           length)
{
  self->original_header = g_bytes_new (header->data, header->body_offset);
  self->body_offset = ph_spool_get_size (self->spool) + ph_buffer_get_length (&self->pending) - (length - header->body_offset);
}

static gboolean
pass_header (PhIncoming *self)
{
  gsize length = ph_buffer_get_length (&self->header);
  g_autoptr (PhHeader) header = ph_header_parse (ph_buffer_get_data (&self->header), length);
  g_auto (PhBuffer) prefix = { 0 };
  gboolean passed;

  self->header_done = TRUE;
  if (!check_header (self, header))
    return FALSE;

  self->lacks_date = ph_header_find (header, "Date", NULL) == NULL;
  self->lacks_message_id = ph_header_find (header, "Message-ID", NULL) == NULL;
  note_deliveries (self, header);
  ph_trace_append_return_path (self->sender, &prefix);
  if (self->delivered_to != NULL)
    ph_trace_append_delivered_to (self->delivered_to, &prefix);
  ph_buffer_append_string (&prefix, self->received);
  if (self->host != NULL)
    append_missing (self, header, &prefix);

  passed = write_spool (self, ph_buffer_get_data (&prefix), ph_buffer_get_length (&prefix)) && write_fields (self, header, length);
  if (self->check != NULL)
    keep_header (self, header, length);
  ph_buffer_clear (&self->header);

  return passed;
}

/* TRUE once all of the header is in the buffer, or all that is looked at. */
static gboolean
is_header_whole (PhIncoming *self,
                 gsize       new_bytes)
{
  const guint8 *data = ph_buffer_get_data (&self->header);
  gsize         length = ph_buffer_get_length (&self->header);
  gsize         from = length - new_bytes;

  /* The blank line may have begun in what was there before. */
  from -= MIN (from, 3);

  return (length >= 2 && data[0] == '\r' && data[1] == '\n') || memmem (data + from, length - from, "\r\n\r\n", 4) != NULL || length > PH_HEADER_SIZE_MAX;
}

/* FNV-1a, begun with a secret, so that nobody makes two messages of one digest. */
static void
digest (PhIncoming   *self,
        const guint8 *data,
        gsize         length)
{
  static guint64 basis;

  if (basis == 0)
    basis = ((guint64)g_random_int () << 32 | g_random_int ()) | 1;
  if (self->size == 0)
    self->digest = basis;

  for (gsize i = 0; i < length; i++)
    self->digest = (self->digest ^ data[i]) * G_GUINT64_CONSTANT (1099511628211);
  self->size += length;
}

guint64
ph_incoming_get_digest (PhIncoming *self,
                        guint64    *size)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), 0);

  *size = self->size;

  return self->digest;
}

gboolean
ph_incoming_write (PhIncoming   *self,
                   const guint8 *data,
                   gsize         length)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), FALSE);

  digest (self, data, length);

  if (self->refusal != NULL)
    return FALSE;
  if (self->header_done)
    return write_spool (self, data, length);

  ph_buffer_append (&self->header, data, length);

  return !is_header_whole (self, length) || pass_header (self);
}

PhSmtpReply *
ph_incoming_finish (PhIncoming *self)
{
  g_return_val_if_fail (PH_IS_INCOMING (self), NULL);

  if (self->refusal == NULL && !self->header_done)
    pass_header (self);
  if (self->refusal == NULL)
    flush (self);

  return self->refusal != NULL ? ph_smtp_reply_copy (self->refusal) : NULL;
}
