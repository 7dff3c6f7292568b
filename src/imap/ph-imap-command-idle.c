#include "ph-imap-context.h"
#include "ph-imap-watch.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define QUESTION_MAX 1000 /* octets; nobody polls with more */

/* IDLE (RFC 2177): news go out by themselves, gathered for a moment; every two
 * minutes a word, so that routers on the way keep the connection (I26). */

/* RFC 2177: polling is NOOP or CHECK, or STATUS or SELECT of the selected mailbox, or the same question once more
 * (below), PH_IMAP_POLLS_MAX times with no other work between and ten minutes from one to the next at most, by who
 * never said IDLE or NOTIFY.  A NOOP against the server's timeout (thirty minutes, RFC 9051 section 5.4) is none. */
void
ph_imap_session_note_poll (PhImapSession *self,
                           const char    *name)
{
  gint64 now = ph_clock_get_monotonic_time (self->clock);

  if (self->idled || self->watch != NULL || self->view == NULL || g_strcmp0 (ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)), name) != 0)
    return;

  if (now - self->last_poll > PH_IMAP_POLL_SECONDS * G_USEC_PER_SEC)
    self->n_polls = 0;
  self->last_poll = now;
  if (++self->n_polls == PH_IMAP_POLLS_MAX)
    ph_journal_session_add_finding (ph_session_get_journal (PH_SESSION (self)), N_ ("The client polls where it could use IDLE"));
}

/* Who searches for the same, or fetches up to the last message ("*"), asks what is new.  A message that is named may be fetched
 * as often as one likes; and who does not wait a second measures. */
void
ph_imap_session_note_question (PhImapSession *self,
                               const char    *text,
                               gsize          length)
{
  const char *name = self->view != NULL ? ph_mailbox_get_name (ph_imap_view_get_mailbox (self->view)) : NULL;
  gboolean    is_search = self->command->run == ph_imap_command_search;
  gboolean    is_fetch = self->command->run == ph_imap_command_fetch && memchr (text, '*', length) != NULL;
  gint64      now = ph_clock_get_monotonic_time (self->clock);
  g_autoptr (GBytes) question = NULL;

  if (name != NULL && length <= QUESTION_MAX && (is_search || is_fetch))
    {
      GString *asked = g_string_new (name);

      g_string_append_len (asked, text, (gssize)length);
      question = g_string_free_to_bytes (asked);
    }

  if (question == NULL || self->question == NULL || !g_bytes_equal (question, self->question))
    self->n_polls = 0;
  else if (now - self->last_poll >= G_USEC_PER_SEC)
    ph_imap_session_note_poll (self, name);

  self->last_poll = now;
  g_clear_pointer (&self->question, g_bytes_unref);
  self->question = g_steal_pointer (&question);
}

static void
tell_selected (PhImapSession *self)
{
  ph_imap_session_tell_view (self, TRUE);
  ph_imap_context_update (self);
}

static void
tell (gpointer user_data)
{
  PhImapSession *self = user_data;

  self->idle_timer = 0;
  if (self->input != PH_IMAP_INPUT_IDLE || self->view == NULL)
    return;

  if (ph_mailbox_get_deleted (ph_imap_view_get_mailbox (self->view)))
    ph_imap_session_bye (self, NULL, "The selected mailbox was deleted");
  else if (self->watch != NULL)
    ph_imap_watch_wake (self->watch);
  else if (ph_session_can_write (PH_SESSION (self)))
    tell_selected (self);

  ph_session_changed (PH_SESSION (self));
}

static void
keep_alive (gpointer user_data)
{
  PhImapSession *self = user_data;

  self->keep_alive_timer = 0;
  if (self->input != PH_IMAP_INPUT_IDLE)
    return;

  /* Not into the middle of a message (RFC 5465 5.2). */
  if (!self->busy)
    ph_imap_session_untagged (self, "OK Still here");
  self->keep_alive_timer = ph_clock_add_timer (self->clock, PH_IMAP_KEEP_ALIVE_SECONDS * G_USEC_PER_SEC,
                                               keep_alive, self);
  ph_session_changed (PH_SESSION (self));
}

/* The mailbox changed, or the peer read what waited. */
void
ph_imap_idle_notify (PhImapSession *self)
{
  if (self->input != PH_IMAP_INPUT_IDLE || self->ended || self->idle_timer != 0 || self->view == NULL)
    return;

  self->idle_timer = ph_clock_add_timer (self->clock, PH_IMAP_IDLE_BATCH_MILLISECONDS * 1000, tell, self);
}

void
ph_imap_command_idle (PhImapSession *self,
                      PhImapParser  *arguments)
{
  if (!ph_imap_session_end_arguments (self, arguments))
    return;

  self->idled = TRUE;
  ph_imap_session_send ("+ idling\r\n", 10, self);
  self->input = PH_IMAP_INPUT_IDLE;
  self->reader.raw = TRUE;
  if (self->watch != NULL)
    ph_imap_watch_wake (self->watch);
  else if (self->view != NULL)
    tell_selected (self);
  ph_clock_cancel_timer (self->clock, &self->keep_alive_timer);
  self->keep_alive_timer = ph_clock_add_timer (self->clock, PH_IMAP_KEEP_ALIVE_SECONDS * G_USEC_PER_SEC,
                                               keep_alive, self);
}

void
ph_imap_idle_line (PhImapSession *self,
                   const guint8  *line,
                   gsize          length)
{
  gboolean done = length == 4 && g_ascii_strncasecmp ((const char *)line, "DONE", 4) == 0;

  ph_journal_session_add (ph_session_get_journal (PH_SESSION (self)), PH_JOURNAL_CLIENT, line, length);
  ph_clock_cancel_timer (self->clock, &self->idle_timer);
  ph_clock_cancel_timer (self->clock, &self->keep_alive_timer);

  if (done)
    ph_imap_session_ok (self, NULL, "Idle no more");
  else
    ph_imap_session_bad (self, "Only DONE ends IDLE");
}
