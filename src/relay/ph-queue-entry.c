#include "ph-queue-entry-private.h"

#include "ph-report.h"

#include <glib/gi18n-lib.h>

static void
addressee_free (gpointer data)
{
  PhQueueAddressee *self = data;

  g_free (self->address);
  g_free (self->orcpt);
  g_free (self->last_reply);
  g_free (self->status);
  g_free (self->host);
  g_free (self->route);
  g_free (self);
}

static PhQueueEntry *
entry_new (const char *id)
{
  PhQueueEntry *self = g_new0 (PhQueueEntry, 1);

  self->id = g_strdup (id);
  self->addressees = g_ptr_array_new_with_free_func (addressee_free);

  return self;
}

/* What has a time waits for it as what was tried waits for its next try. */
static void
wait_for_release (const PhQueueEntry *self,
                  PhQueueAddressee   *addressee,
                  gint64              now)
{
  gboolean waits = self->release > now;

  addressee->state = waits ? PH_QUEUE_DEFERRED : PH_QUEUE_DUE;
  addressee->next_try = waits ? self->release : 0;
}

/* What is known before anybody tries. */
static void
fail (PhQueueAddressee *addressee,
      const char       *reply)
{
  g_auto (GStrv) words = g_strsplit (reply, " ", 3);

  addressee->state = PH_QUEUE_FAILED;
  addressee->last_reply = g_strdup (reply);
  addressee->status = g_strdup (words[1]);
  if (ph_report_is_wanted (addressee->notify, PH_QUEUE_REPORT_FAILED))
    addressee->report = PH_QUEUE_REPORT_FAILED;
}

PhQueueEntry *
ph_queue_entry_new (const char           *id,
                    const PhSmtpEnvelope *envelope,
                    guint64               size,
                    gint64                now)
{
  PhQueueEntry *self = entry_new (id);

  self->sender = g_strdup (envelope->sender);
  self->arrived = now;
  self->size = size;
  self->body = envelope->body;
  self->has_long_lines = envelope->has_long_lines;
  self->smtputf8 = envelope->smtputf8;
  self->requiretls = envelope->requiretls;
  self->from_here = envelope->from_here;
  self->ret = envelope->ret;
  self->envid = g_strdup (envelope->envid);
  self->release = envelope->release;
  self->hold = g_strdup (envelope->hold);
  self->since = MAX (now, self->release);
  self->adopted = TRUE;

  for (guint i = 0; i < envelope->recipients->len; i++)
    {
      const PhSmtpRecipient *recipient = envelope->recipients->pdata[i];
      PhQueueAddressee      *addressee = g_new0 (PhQueueAddressee, 1);

      addressee->address = g_strdup (recipient->address);
      addressee->notify = recipient->notify;
      addressee->orcpt = g_strdup (recipient->orcpt);
      wait_for_release (self, addressee, now);
      if (recipient->failure != NULL)
        fail (addressee, recipient->failure);
      g_ptr_array_add (self->addressees, addressee);
    }

  return self;
}

PhQueueEntry *
ph_queue_entry_new_empty (const char *id)
{
  return entry_new (id);
}

void
ph_queue_entry_add (PhQueueEntry     *self,
                    PhQueueAddressee *addressee)
{
  g_ptr_array_add (self->addressees, addressee);
}

void
ph_queue_entry_free (PhQueueEntry *self)
{
  if (self == NULL)
    return;

  g_free (self->id);
  g_free (self->sender);
  g_ptr_array_unref (self->addressees);
  g_free (self->envid);
  g_free (self->hold);
  g_free (self->via);
  g_free (self->reason);
  g_free (self);
}

gboolean
ph_queue_addressee_waits (const PhQueueAddressee *self)
{
  return self->state != PH_QUEUE_DONE && self->state != PH_QUEUE_FAILED;
}

PhQueueState
ph_queue_entry_get_state (const PhQueueEntry *self)
{
  PhQueueState state = PH_QUEUE_FAILED;
  gboolean     all_done = TRUE;

  for (guint i = 0; i < self->addressees->len; i++)
    {
      const PhQueueAddressee *addressee = self->addressees->pdata[i];

      all_done &= addressee->state == PH_QUEUE_DONE;
      if (addressee->state != PH_QUEUE_DONE)
        state = MIN (state, addressee->state);
    }

  if (all_done)
    return PH_QUEUE_DONE;

  return self->held && state != PH_QUEUE_FAILED ? PH_QUEUE_HELD : state;
}

gint64
ph_queue_entry_get_due (const PhQueueEntry *self,
                        guint               warn_after)
{
  gboolean is_over = TRUE;
  gint64   due = PH_QUEUE_NEVER;
  gint64   warn = self->since + (gint64)warn_after * G_USEC_PER_SEC;

  for (guint i = 0; i < self->addressees->len; i++)
    {
      const PhQueueAddressee *addressee = self->addressees->pdata[i];

      is_over &= !ph_queue_addressee_waits (addressee) && addressee->report == PH_QUEUE_REPORT_NONE;
      if (addressee->report != PH_QUEUE_REPORT_NONE)
        due = MIN (due, addressee->next_try);
      if (self->held || (addressee->state != PH_QUEUE_DUE && addressee->state != PH_QUEUE_DEFERRED))
        continue;
      due = MIN (due, addressee->next_try);
      if (!addressee->delay_told)
        due = MIN (due, warn);
    }

  /* What is over is still here: the program ended before it could clear it away. */
  return is_over ? 0 : due;
}

char *
ph_queue_entry_summarize (const PhQueueEntry *self)
{
  const PhQueueAddressee *first = self->addressees->pdata[0];

  /* Translators: the first of the addresses a message goes to, and how many more there are */
  return self->addressees->len > 1 ? g_strdup_printf (ngettext ("%s and %u more", "%s and %u more", self->addressees->len - 1), first->address, self->addressees->len - 1) : g_strdup (first->address);
}

void
ph_queue_entry_begin_anew (PhQueueEntry *self,
                           gint64        now)
{
  self->since = MAX (now, self->release);
  self->held = FALSE;
  g_clear_pointer (&self->reason, g_free);

  for (guint i = 0; i < self->addressees->len; i++)
    {
      PhQueueAddressee *addressee = self->addressees->pdata[i];

      if (addressee->state == PH_QUEUE_DONE)
        continue;
      wait_for_release (self, addressee, now);
      addressee->tries = 0;
      addressee->delay_told = FALSE;
      addressee->report = PH_QUEUE_REPORT_NONE;
    }
}

void
ph_queue_entry_readdress (PhQueueEntry *self,
                          const char   *address)
{
  PhQueueAddressee *addressee = g_new0 (PhQueueAddressee, 1);

  for (guint i = self->addressees->len; i > 0; i--)
    {
      const PhQueueAddressee *other = self->addressees->pdata[i - 1];

      if (other->state != PH_QUEUE_DONE)
        {
          addressee->notify = other->notify;
          g_ptr_array_remove_index (self->addressees, i - 1);
        }
    }
  addressee->address = g_strdup (address);
  g_ptr_array_add (self->addressees, addressee);
}
