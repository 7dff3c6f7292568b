#include "ph-recent-mail.h"

#include <string.h>

typedef struct
{
  char  *name;
  gint64 time;
} PhRecentMessage;

struct _PhRecentMail
{
  GObject parent_instance;

  PhClock *clock;
  GQueue   messages; /* of PhRecentMessage, oldest first */
};

G_DEFINE_FINAL_TYPE (PhRecentMail, ph_recent_mail, G_TYPE_OBJECT)

static void
message_free (gpointer data)
{
  PhRecentMessage *self = data;

  g_free (self->name);
  g_free (self);
}

static void
ph_recent_mail_finalize (GObject *object)
{
  PhRecentMail *self = PH_RECENT_MAIL (object);

  g_queue_clear_full (&self->messages, message_free);
  g_object_unref (self->clock);

  G_OBJECT_CLASS (ph_recent_mail_parent_class)->finalize (object);
}

static void
ph_recent_mail_class_init (PhRecentMailClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_recent_mail_finalize;
}

static void
ph_recent_mail_init (PhRecentMail *self)
{
  g_queue_init (&self->messages);
}

PhRecentMail *
ph_recent_mail_new (PhClock *clock)
{
  PhRecentMail *self = g_object_new (PH_TYPE_RECENT_MAIL, NULL);

  self->clock = g_object_ref (clock);

  return self;
}

/* The whole envelope in one string, so that nothing else is taken for it. */
static char *
make_name (const PhSmtpEnvelope *envelope,
           guint64               digest,
           guint64               size)
{
  GString *name = g_string_new (NULL);

  g_string_printf (name, "%016" G_GINT64_MODIFIER "x %" G_GUINT64_FORMAT " %s", digest, size, envelope->sender);
  for (guint i = 0; i < envelope->recipients->len; i++)
    g_string_append_printf (name, "\n%s", ((const PhSmtpRecipient *)envelope->recipients->pdata[i])->address);

  return g_string_free (name, FALSE);
}

static void
forget_old (PhRecentMail *self)
{
  gint64 now = ph_clock_get_monotonic_time (self->clock);

  while (!g_queue_is_empty (&self->messages))
    {
      const PhRecentMessage *oldest = g_queue_peek_head (&self->messages);

      if (g_queue_get_length (&self->messages) < PH_RECENT_MAIL_MAX && now - oldest->time < PH_RECENT_MAIL_MEMORY)
        break;
      message_free (g_queue_pop_head (&self->messages));
    }
}

void
ph_recent_mail_add (PhRecentMail         *self,
                    const PhSmtpEnvelope *envelope,
                    guint64               digest,
                    guint64               size)
{
  PhRecentMessage *message;

  g_return_if_fail (PH_IS_RECENT_MAIL (self));

  forget_old (self);
  message = g_new0 (PhRecentMessage, 1);
  message->name = make_name (envelope, digest, size);
  message->time = ph_clock_get_monotonic_time (self->clock);
  g_queue_push_tail (&self->messages, message);
}

gboolean
ph_recent_mail_take (PhRecentMail         *self,
                     const PhSmtpEnvelope *envelope,
                     guint64               digest,
                     guint64               size)
{
  g_autofree char *name = NULL;

  g_return_val_if_fail (PH_IS_RECENT_MAIL (self), FALSE);

  if (g_queue_is_empty (&self->messages))
    return FALSE;

  forget_old (self);
  name = make_name (envelope, digest, size);
  for (GList *link = self->messages.head; link != NULL; link = link->next)
    if (strcmp (((PhRecentMessage *)link->data)->name, name) == 0)
      {
        message_free (link->data);
        g_queue_delete_link (&self->messages, link);
        return TRUE;
      }

  return FALSE;
}
