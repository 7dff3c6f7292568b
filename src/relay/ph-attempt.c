#include "ph-attempt-private.h"

#include "ph-own-reply.h"
#include "ph-trail.h"

#include <string.h>

G_DEFINE_FINAL_TYPE (PhAttempt, ph_attempt, G_TYPE_OBJECT)

static void
ph_attempt_finalize (GObject *object)
{
  PhAttempt *self = PH_ATTEMPT (object);

  for (guint i = 0; i < self->envelope->recipients->len; i++)
    {
      ph_smtp_reply_free (self->results[i].reply);
      g_free (self->results[i].host);
      g_free (self->results[i].route);
    }
  g_free (self->results);
  ph_smtp_envelope_free (self->envelope);
  ph_smtp_envelope_free (self->asked);
  g_object_unref (self->forms);
  g_clear_pointer (&self->route, ph_route_unref);
  g_clear_object (&self->channel);
  g_clear_object (&self->journal);
  g_object_unref (self->cancellable);
  g_free (self->domain);
  g_free (self->destination);
  g_clear_pointer (&self->target, ph_relay_target_unref);
  g_free (self->id);

  G_OBJECT_CLASS (ph_attempt_parent_class)->finalize (object);
}

static void
ph_attempt_class_init (PhAttemptClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = ph_attempt_finalize;
}

static void
ph_attempt_init (PhAttempt *self)
{
  self->cancellable = g_cancellable_new ();
}

PhAttempt *
ph_attempt_new (const char     *id,
                const char     *domain,
                const char     *via,
                PhMessageForms *forms,
                PhSmtpEnvelope *envelope,
                PhAttemptFunc   done,
                gpointer        user_data)
{
  PhAttempt *self = g_object_new (PH_TYPE_ATTEMPT, NULL);

  self->id = g_strdup (id);
  self->domain = g_strdup (domain);
  self->target = via != NULL ? ph_relay_target_parse (via) : NULL;
  self->destination = g_strconcat (domain != NULL ? domain : "", self->target != NULL ? " " : "", self->target != NULL ? via : "", NULL);
  self->forms = g_object_ref (forms);
  self->form = ph_message_forms_choose (forms);
  self->envelope = envelope;
  self->results = g_new0 (PhAttemptResult, envelope->recipients->len + 1);
  self->done = done;
  self->done_data = user_data;

  return self;
}

/* Results */

/* A host that is of no use must not turn another's "later" into "never". */
void
ph_attempt_set_result (PhAttempt         *self,
                       guint              i,
                       PhSmtpResultKind   kind,
                       const PhSmtpReply *reply,
                       gboolean           of_host)
{
  PhAttemptResult *result = &self->results[i];

  if (of_host && kind == PH_SMTP_RESULT_PERMANENT && result->reply != NULL && result->kind == PH_SMTP_RESULT_TEMPORARY)
    return;

  result->kind = kind;
  result->of_host = of_host;
  ph_smtp_reply_free (result->reply);
  result->reply = ph_smtp_reply_copy (reply);
}

gboolean
ph_attempt_is_open (PhAttempt *self,
                    guint      i)
{
  return self->results[i].reply == NULL || self->results[i].kind == PH_SMTP_RESULT_TEMPORARY || self->results[i].of_host;
}

/* All that are not settled. */
void
ph_attempt_set_open_results (PhAttempt         *self,
                             PhSmtpResultKind   kind,
                             const PhSmtpReply *reply,
                             gboolean           of_host)
{
  for (guint i = 0; i < self->envelope->recipients->len; i++)
    if (ph_attempt_is_open (self, i))
      ph_attempt_set_result (self, i, kind, reply, of_host);
}

/* What came of it for each, in the life of the message. */
static void
trace (PhAttempt *self)
{
  static const PhTrailKind kinds[] = {
    [PH_SMTP_RESULT_DELIVERED] = PH_TRAIL_SENT,
    [PH_SMTP_RESULT_TEMPORARY] = PH_TRAIL_DEFERRED,
    [PH_SMTP_RESULT_PERMANENT] = PH_TRAIL_REFUSED,
  };

  for (guint i = 0; i < self->envelope->recipients->len; i++)
    {
      const PhAttemptResult *result = &self->results[i];
      const PhSmtpRecipient *recipient = self->envelope->recipients->pdata[i];
      g_autofree char       *detail = g_strdup_printf ("%s: %u %s", recipient->address, result->reply->code, result->reply->text);

      if (self->journal != NULL)
        ph_journal_session_trace (self->journal, kinds[result->kind], self->id, NULL, detail);
      else if (self->context != NULL)
        ph_journal_trace (self->context->journal, kinds[result->kind], self->id, NULL, detail);
    }
}

void
ph_attempt_tell_done (PhAttempt *self)
{
  g_autoptr (PhSmtpReply) stopped = NULL;

  if (self->is_done)
    return;

  self->is_done = TRUE;
  stopped = ph_smtp_reply_new (451, "4.3.2", "Posthouse was stopped");
  for (guint i = 0; i < self->envelope->recipients->len; i++)
    if (self->results[i].reply == NULL)
      ph_attempt_set_result (self, i, PH_SMTP_RESULT_TEMPORARY, stopped, FALSE);
  trace (self);
  self->done (self, self->done_data);
}

void
ph_attempt_finish (PhAttempt *self)
{
  ph_attempt_tell_done (self);
  if (self->journal != NULL)
    {
      g_autofree char *cause = ph_own_reply_translate (self->results[0].reply->text);

      ph_journal_session_end (self->journal, cause);
    }
  g_clear_object (&self->journal);
  self->gone (self, self->gone_data);
}

void
ph_attempt_fail (PhAttempt         *self,
                 const PhSmtpReply *reply)
{
  g_return_if_fail (PH_IS_ATTEMPT (self) && self->context == NULL);

  ph_attempt_set_open_results (self, PH_SMTP_RESULT_TEMPORARY, reply, FALSE);
  ph_attempt_tell_done (self);
}

void
ph_attempt_settle (PhAttempt *self)
{
  g_return_if_fail (PH_IS_ATTEMPT (self) && self->is_done);

  self->is_settled = TRUE;
  if (self->is_waiting)
    ph_attempt_leave (self);
}

void
ph_attempt_stop (PhAttempt *self)
{
  g_return_if_fail (PH_IS_ATTEMPT (self));

  self->stopped = TRUE;
  g_cancellable_cancel (self->cancellable);
  if (self->is_waiting)
    {
      ph_attempt_leave (self);
      return;
    }
  if (self->channel != NULL)
    ph_channel_close (self->channel);
}

const char *
ph_attempt_get_destination (PhAttempt *self)
{
  return self->destination;
}

const PhSmtpEnvelope *
ph_attempt_get_envelope (PhAttempt *self)
{
  return self->envelope;
}

const PhAttemptResult *
ph_attempt_get_results (PhAttempt *self)
{
  return self->results;
}

gboolean
ph_attempt_was_unreachable (PhAttempt *self)
{
  return self->n_hosts == 0 && !self->stopped;
}

gboolean
ph_attempt_was_stopped (PhAttempt *self)
{
  return self->stopped;
}
