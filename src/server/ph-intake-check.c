/* Who sent a message that a stranger brings: it is found out, noted on top of the message, and may be a reason to refuse it. */

#include "ph-intake-private.h"

#include "ph-smtp-session.h"
#include "ph-stamp.h"

#include <glib/gi18n-lib.h>

void
ph_intake_set_checks (PhIntake           *self,
                      const PhCheckRules *rules,
                      PhResolver         *resolver)
{
  g_return_if_fail (PH_IS_INTAKE (self));

  g_clear_pointer (&self->rules, ph_check_rules_free);
  self->rules = ph_check_rules_copy (rules);
  g_set_object (&self->resolver, resolver);
  if (self->checkers == NULL)
    self->checkers = ph_worker_pool_new ("checks", 1);
}

PhSenderCheck *
ph_intake_begin_check (PhIntake             *self,
                       PhSmtpSession        *session,
                       const PhSmtpEnvelope *envelope)
{
  PhPeer             *peer = ph_session_get_peer (PH_SESSION (session));
  PhSenderCheckConfig config = {
    .resolver = self->resolver,
    .clock = self->clock,
    .workers = self->checkers,
    .journal = ph_session_get_journal (PH_SESSION (session)),
    .address = peer->address,
    .helo = ph_smtp_session_get_helo (session),
    .sender = envelope->sender,
    .receiver = self->host_name,
  };

  /* Never on submission, nor of a mail server beside this one, which has done it. */
  if (self->rules == NULL || ph_smtp_session_get_config (session)->role != PH_SMTP_ROLE_RELAY || ph_smtp_session_get_account (session) != NULL)
    return NULL;

  return ph_check_rules_apply_to (self->rules, peer->address) ? ph_sender_check_new (&config) : NULL;
}

typedef struct
{
  PhIncoming       *incoming;
  PhJournalSession *journal;
  PhSpool          *stamped;
} Checking;

static void
checking_free (gpointer data)
{
  Checking *checking = data;

  g_object_unref (checking->incoming);
  g_object_unref (checking->journal);
  g_clear_object (&checking->stamped);
  g_free (checking);
}

static void
stamped_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  Checking *checking = g_task_get_task_data (task);
  GError   *error = NULL;

  if (ph_stamp_finish (result, &error))
    g_task_return_pointer (task, g_object_ref (checking->stamped), g_object_unref);
  else
    g_task_return_error (task, error);
}

/* A refusal is a value, and no error. */
static void
refuse (GTask       *task,
        PhSmtpReply *refusal) /* transfer full */
{
  Checking *checking = g_task_get_task_data (task);

  ph_incoming_refuse (checking->incoming, refusal);
  g_task_return_pointer (task, NULL, NULL);
}

/* What has been found out is in the journal; this is why it counts. */
static void
note_rules (PhJournalSession      *journal,
            const PhSenderVerdict *verdict,
            const PhSmtpReply     *refusal)
{
  gboolean is_spf = g_strcmp0 (refusal->enhanced, "5.7.23") == 0 || g_strcmp0 (refusal->enhanced, "4.7.24") == 0;

  if (is_spf)
    /* Translators: an address */
    ph_journal_session_note (journal, N_ ("[Checks] has Authentication=enforce and RefuseSpfFail=true, and %s is not in Trusted there"), verdict->client.text);
  else
    /* Translators: an address */
    ph_journal_session_note (journal, N_ ("[Checks] has Authentication=enforce, and %s is not in Trusted there"), verdict->client.text);
}

static void
judged_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (GTask) task = user_data;
  PhIntake              *self = g_task_get_source_object (task);
  Checking              *checking = g_task_get_task_data (task);
  const PhSenderVerdict *verdict = ph_sender_check_judge_finish (PH_SENDER_CHECK (source), result);
  PhSmtpReply           *refusal = ph_check_rules_judge (self->rules, verdict);
  g_autofree char       *field = NULL;
  GError                *error = NULL;

  if (refusal != NULL)
    {
      note_rules (checking->journal, verdict, refusal);
      refuse (task, refusal);
      return;
    }

  checking->stamped = ph_store_open_spool (self->store, &error);
  if (checking->stamped == NULL)
    {
      g_task_return_error (task, error);
      return;
    }
  if (ph_check_rules_is_suspect (self->rules, verdict))
    {
      /* Translators: a domain */
      ph_journal_session_note (checking->journal, N_ ("%s calls mail like this suspicious (DMARC): it goes into Junk"), verdict->dmarc.domain);
      ph_spool_set_place (checking->stamped, PH_SPECIAL_JUNK);
    }
  field = ph_sender_verdict_format_field (verdict, self->host_name);
  ph_stamp_async (ph_incoming_get_spool (checking->incoming), checking->stamped, field, self->checkers, stamped_cb, g_steal_pointer (&task));
}

void
ph_intake_check_async (PhIntake           *self,
                       PhIncoming         *incoming,
                       PhJournalSession   *journal,
                       GAsyncReadyCallback callback,
                       gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (self, NULL, callback, user_data);
  Checking      *checking = g_new0 (Checking, 1);
  PhSenderCheck *check = ph_incoming_get_check (incoming);
  PhSpool       *spool = ph_incoming_get_spool (incoming);
  GBytes        *header;
  guint64        body_offset;

  checking->incoming = g_object_ref (incoming);
  checking->journal = g_object_ref (journal);
  g_task_set_task_data (task, checking, checking_free);
  header = ph_incoming_get_header (incoming, &body_offset);
  ph_sender_check_judge_async (check, header, ph_spool_get_fd (spool), body_offset, G_OBJECT (spool), judged_cb, g_steal_pointer (&task));
}

PhSpool *
ph_intake_check_finish (PhIntake     *self,
                        GAsyncResult *result,
                        GError      **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
