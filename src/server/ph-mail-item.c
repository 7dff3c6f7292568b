#include "ph-mail-item-private.h"

#include "ph-journal-escape.h"
#include "ph-mail-envelope.h"

#include <string.h>

/* How much of a BODYSTRUCTURE is looked through for attachments, in bytes. */
#define LOOK_MAX (64 * 1024)

/* Of the preview, in bytes. */
#define PREVIEW_MAX 800

struct _PhMailItem
{
  GObject parent_instance;

  guint32            uid;
  guint              flags;
  gint64             time;
  guint64            size;
  gboolean           is_loaded;
  gboolean           has_attachment;
  PhMailEnvelope     envelope;
  char              *preview;
  PhMailItemGoneFunc gone; /* NULL once disowned */
  gpointer           gone_data;
};

G_DEFINE_FINAL_TYPE (PhMailItem, ph_mail_item, G_TYPE_OBJECT)

static guint changed_signal;

G_STATIC_ASSERT ((int)PH_MAIL_SEEN == (int)PH_FLAG_SEEN && (int)PH_MAIL_ANSWERED == (int)PH_FLAG_ANSWERED);
G_STATIC_ASSERT ((int)PH_MAIL_FLAGGED == (int)PH_FLAG_FLAGGED && (int)PH_MAIL_DELETED == (int)PH_FLAG_DELETED && (int)PH_MAIL_DRAFT == (int)PH_FLAG_DRAFT);

static void
ph_mail_item_finalize (GObject *object)
{
  PhMailItem *self = PH_MAIL_ITEM (object);

  if (self->gone != NULL)
    self->gone (self->uid, self->gone_data);
  ph_mail_envelope_clear (&self->envelope);
  g_free (self->preview);

  G_OBJECT_CLASS (ph_mail_item_parent_class)->finalize (object);
}

static void
ph_mail_item_class_init (PhMailItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_mail_item_finalize;

  changed_signal = g_signal_new ("changed", PH_TYPE_MAIL_ITEM, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
ph_mail_item_init (PhMailItem *self)
{
}

PhMailItem *
ph_mail_item_new (const PhMessageInfo *info,
                  PhMailItemGoneFunc   gone,
                  gpointer             user_data)
{
  PhMailItem *self = g_object_new (PH_TYPE_MAIL_ITEM, NULL);

  self->uid = info->uid;
  self->flags = info->flags;
  self->time = info->internal_date * G_USEC_PER_SEC;
  self->size = info->size;
  self->gone = gone;
  self->gone_data = user_data;

  return self;
}

void
ph_mail_item_disown (PhMailItem *self)
{
  self->gone = NULL;
}

void
ph_mail_item_update (PhMailItem          *self,
                     const PhMessageInfo *info)
{
  if (self->flags == info->flags)
    return;

  self->flags = info->flags;
  g_signal_emit (self, changed_signal, 0);
}

static gboolean
mentions (GBytes     *bytes,
          const char *text)
{
  gsize       length;
  const char *data = g_bytes_get_data (bytes, &length);
  gsize       wanted = strlen (text);

  length = MIN (length, LOOK_MAX);
  for (gsize i = 0; i + wanted <= length; i++)
    if (g_ascii_strncasecmp (data + i, text, wanted) == 0)
      return TRUE;

  return FALSE;
}

void
ph_mail_item_take_summary (PhMailItem             *self,
                           const PhMessageSummary *summary)
{
  self->is_loaded = TRUE;
  if (summary != NULL)
    {
      ph_mail_envelope_clear (&self->envelope);
      ph_mail_envelope_parse (&self->envelope, summary->envelope);
      g_free (self->preview);
      self->preview = ph_journal_escape_dup (summary->preview, PREVIEW_MAX);
      /* A disposition in BODYSTRUCTURE; a description with these words is only a wrong clip. */
      self->has_attachment = mentions (summary->bodystructure, "(\"attachment\"");
    }
  g_signal_emit (self, changed_signal, 0);
}

guint32
ph_mail_item_get_uid (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), 0);

  return self->uid;
}

guint
ph_mail_item_get_flags (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), 0);

  return self->flags;
}

gint64
ph_mail_item_get_time (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), 0);

  return self->time;
}

guint64
ph_mail_item_get_size (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), 0);

  return self->size;
}

gboolean
ph_mail_item_is_loaded (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), FALSE);

  return self->is_loaded;
}

static const char *
or_empty (const char *text)
{
  return text != NULL ? text : "";
}

const char *
ph_mail_item_get_subject (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), NULL);

  return or_empty (self->envelope.subject);
}

const char *
ph_mail_item_get_from (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), NULL);

  return or_empty (self->envelope.from);
}

const char *
ph_mail_item_get_to (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), NULL);

  return or_empty (self->envelope.to);
}

const char *
ph_mail_item_get_preview (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), NULL);

  return or_empty (self->preview);
}

gboolean
ph_mail_item_has_attachment (PhMailItem *self)
{
  g_return_val_if_fail (PH_IS_MAIL_ITEM (self), FALSE);

  return self->has_attachment;
}
