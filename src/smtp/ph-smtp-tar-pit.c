/* The tar-pit: who asks for one unknown recipient after the other is looking for those that are
 * known (V20).  The session has no clock: it waits for its own deadline. */

#include "ph-smtp-session-private.h"

#include <glib/gi18n-lib.h>

static gboolean
is_over (PhSmtpSession *self)
{
  if (self->n_refused_recipients < PH_SMTP_REFUSED_RECIPIENTS_MAX)
    return FALSE;

  ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client guesses at recipients: it is sent away"));
  ph_smtp_session_give_up (self, "4.7.1", "Too many refused recipients");

  return TRUE;
}

void
ph_smtp_tar_pit_refuse (PhSmtpSession     *self,
                        const PhSmtpReply *refusal)
{
  /* What may be different later is no answer to a guess. */
  if (refusal->code / 100 == 4 || ++self->n_refused_recipients <= PH_SMTP_REFUSED_AT_ONCE)
    {
      ph_smtp_session_refuse (self, refusal);
      return;
    }

  if (self->n_refused_recipients == PH_SMTP_REFUSED_AT_ONCE + 1)
    ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client guesses at recipients: it waits for each answer"));
  self->held_refusal = ph_smtp_reply_copy (refusal);
  self->input = PH_SMTP_INPUT_WAIT;
  ph_session_set_deadline (PH_SESSION (self), PH_SMTP_TAR_PIT_SECONDS);
}

gboolean
ph_smtp_tar_pit_release (PhSmtpSession *self)
{
  g_autoptr (PhSmtpReply) refusal = g_steal_pointer (&self->held_refusal);

  if (refusal == NULL)
    return FALSE;

  self->input = PH_SMTP_INPUT_COMMAND;
  ph_smtp_session_refuse (self, refusal);
  if (!ph_session_wants_close (PH_SESSION (self)) && !is_over (self))
    ph_smtp_session_resume (self);

  return TRUE;
}
