#include "ph-imap-session-private.h"

#include "ph-imap-command.h"
#include "ph-imap-context.h"
#include "ph-imap-transcript.h"
#include "ph-imap-watch.h"

#include "ph-store-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define DEFAULT_APPEND_SIZE_MAX (64 * 1024 * 1024)

G_DEFINE_FINAL_TYPE (PhImapSession, ph_imap_session, PH_TYPE_SESSION)

gboolean
ph_imap_session_is_protected (PhImapSession *self)
{
  return ph_authenticator_protects (self->authenticator, ph_session_get_peer (PH_SESSION (self)));
}

gboolean
ph_imap_session_has_utf8 (PhImapSession *self)
{
  return (self->enabled & PH_IMAP_ENABLED_UTF8_NAMES) != 0;
}

/* Answers */

void
ph_imap_session_send (const char *line,
                      gsize       length,
                      gpointer    self)
{
  PhJournalSession *journal = ph_session_get_journal (self);

  if (journal != NULL)
    ph_journal_session_add (journal, PH_JOURNAL_SERVER, line, length - 2);
  ph_session_write (self, line, length);
}

void
ph_imap_session_untagged (PhImapSession *self,
                          const char    *format,
                          ...)
{
  g_autoptr (GString) line = g_string_new ("* ");
  va_list args;

  va_start (args, format);
  g_string_append_vprintf (line, format, args);
  va_end (args);
  g_string_append (line, "\r\n");
  ph_imap_session_send (line->str, line->len, self);
}

void
ph_imap_session_set_deadline (PhImapSession *self)
{
  if (self->state != PH_IMAP_NOT_AUTHENTICATED)
    ph_session_await_command (PH_SESSION (self), PH_IMAP_IDLE_SECONDS);
}

/* Forgets the command; the next one may come. */
static void
end_command (PhImapSession *self)
{
  gpointer       work = g_steal_pointer (&self->work);
  GDestroyNotify work_free = self->work_free;

  ph_clock_cancel_timer (self->clock, &self->progress_timer);
  g_clear_pointer (&self->tag, g_free);
  g_clear_object (&self->sasl);
  self->command = NULL;
  self->by_uid = FALSE;
  self->limited_at = 0;
  self->busy = FALSE;
  self->step = NULL;
  self->work_free = NULL;
  self->input = PH_IMAP_INPUT_COMMAND;
  self->reader.raw = FALSE;
  if (ph_imap_reader_is_idle (&self->reader))
    ph_imap_reader_reset (&self->reader);

  if (work != NULL && work_free != NULL)
    work_free (work);

  ph_imap_session_set_deadline (self);
  ph_imap_watch_wake (self->watch);
  ph_session_changed (PH_SESSION (self));
}

/* FALSE where there is nobody to be told. */
static gboolean
tell_news (PhImapSession *self)
{
  const PhImapNotify *wanted = ph_imap_watch_get_wanted (self->watch);
  gboolean            keep_numbers;

  if (self->view == NULL || self->command == NULL || (self->command->flags & PH_IMAP_COMMAND_QUIET) != 0)
    return FALSE;

  /* Who wants no events (RFC 5465) still has to know what the own command did. */
  if (wanted != NULL && wanted->selected == 0 && (self->command->flags & PH_IMAP_COMMAND_CHANGES) == 0)
    return FALSE;

  keep_numbers = (self->command->flags & PH_IMAP_COMMAND_KEEP_NUMBERS) != 0 && !self->by_uid;
  ph_imap_session_tell_view (self, !keep_numbers);

  return TRUE;
}

/* `last` as of before the command's news. */
static void
send_answer (PhImapSession *self,
             const GString *line,
             guint32        last)
{
  gboolean own_news = self->command != NULL && (self->command->flags & PH_IMAP_COMMAND_CHANGES) != 0;

  ph_imap_session_send (line->str, line->len, self);
  end_command (self);
  if (!own_news)
    ph_imap_session_tell_new (self, last);
}

static void
answer (PhImapSession *self,
        const char    *status,
        const char    *code,
        const char    *text)
{
  g_autoptr (GString) line = g_string_new (self->tag != NULL ? self->tag : "*");
  g_autofree char *limit = ph_imap_session_dup_limit_code (self);
  guint32          last = self->view != NULL ? ph_imap_view_get_last_uid (self->view) : 0;

  if (self->ended)
    return;

  /* The tagged line has room for one code only. */
  if (limit != NULL && code != NULL)
    ph_imap_session_untagged (self, "NO [%s] Not all of the messages", limit);
  g_string_append_printf (line, " %s ", status);
  if (code != NULL || limit != NULL)
    g_string_append_printf (line, "[%s] ", code != NULL ? code : limit);
  g_string_append_printf (line, "%s\r\n", text);
  if (tell_news (self) && ph_imap_context_update (self))
    {
      self->step = NULL;
      self->busy = TRUE;
      self->held_answer = g_steal_pointer (&line);
      self->held_last = last;
    }
  else
    {
      send_answer (self, line, last);
    }
}

void
ph_imap_session_release_answer (PhImapSession *self)
{
  g_autoptr (GString) line = g_steal_pointer (&self->held_answer);

  if (line != NULL)
    send_answer (self, line, self->held_last);
}

void
ph_imap_session_ok (PhImapSession *self,
                    const char    *code,
                    const char    *text)
{
  self->n_bad = 0;
  answer (self, "OK", code, text);
}

void
ph_imap_session_no (PhImapSession *self,
                    const char    *code,
                    const char    *text)
{
  self->n_bad = 0;
  answer (self, "NO", code, text);
}

void
ph_imap_session_bad (PhImapSession *self,
                     const char    *text)
{
  answer (self, "BAD", NULL, text);

  if (self->state == PH_IMAP_NOT_AUTHENTICATED && ++self->n_bad >= PH_IMAP_BAD_COMMANDS_MAX)
    ph_imap_session_bye (self, NULL, "Too many mistakes");
}

/* What is not there, or is there already, needs no reason. */
static void
note_reason (PhImapSession *self,
             const GError  *error)
{
  PhJournalSession *journal = ph_session_get_journal (PH_SESSION (self));

  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_NOT_FOUND) || g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_EXISTS))
    return;

  if (g_error_matches (error, PH_STORE_ERROR, PH_STORE_ERROR_OVER_QUOTA) && self->account != NULL && self->account_store != NULL)
    {
      g_autofree char *has = g_format_size_full (ph_account_store_get_used (self->account_store), G_FORMAT_SIZE_LONG_FORMAT);
      g_autofree char *may = g_format_size_full (ph_account_get_quota (self->account), G_FORMAT_SIZE_LONG_FORMAT);

      /* Translators: an address and two sizes */
      ph_journal_session_note (journal, N_ ("%s has %s of the %s that it may have (its quota)"), ph_account_get_address (self->account), has, may);
    }
  ph_journal_session_note (journal, "%s", _ (error->message));
}

void
ph_imap_session_fail (PhImapSession *self,
                      const GError  *error)
{
  static const struct
  {
    int         error;
    const char *code;
    const char *text;
  } errors[] = {
    { PH_STORE_ERROR_NOT_FOUND, "NONEXISTENT", "No such mailbox" },
    { PH_STORE_ERROR_EXISTS, "ALREADYEXISTS", "There is a mailbox of that name" },
    { PH_STORE_ERROR_INVALID, "CANNOT", "Not possible with this name or value" },
    { PH_STORE_ERROR_NOT_ALLOWED, "CANNOT", "Not allowed for this mailbox" },
    { PH_STORE_ERROR_NO_SPACE, "UNAVAILABLE", "No space left on the disk" },
    { PH_STORE_ERROR_OVER_QUOTA, "OVERQUOTA", "The mailbox is full" },
    { PH_STORE_ERROR_READ_ONLY, "UNAVAILABLE", "The store is read-only after an error" },
    { PH_STORE_ERROR_LOCKED, "INUSE", "In use by another program" },
    { PH_STORE_ERROR_DAMAGED, "UNAVAILABLE", "The index of this mailbox is damaged, and is made anew" },
  };

  note_reason (self, error);
  for (guint i = 0; i < G_N_ELEMENTS (errors); i++)
    if (g_error_matches (error, PH_STORE_ERROR, errors[i].error))
      {
        ph_imap_session_no (self, errors[i].code, errors[i].text);
        return;
      }

  ph_imap_session_no (self, "UNAVAILABLE", "Something failed here; see the log of the server");
}

gboolean
ph_imap_session_end_arguments (PhImapSession *self,
                               PhImapParser  *arguments)
{
  if (arguments->error == NULL && ph_imap_parser_take_end (arguments))
    return TRUE;

  ph_imap_session_bad (self, arguments->error);

  return FALSE;
}

static void
stop (PhImapSession *self)
{
  self->ended = TRUE;
  ph_clock_cancel_timer (self->clock, &self->progress_timer);
  ph_clock_cancel_timer (self->clock, &self->idle_timer);
  ph_clock_cancel_timer (self->clock, &self->keep_alive_timer);
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->sasl);
  g_clear_pointer (&self->watch, ph_imap_watch_free);
}

void
ph_imap_session_bye (PhImapSession *self,
                     const char    *code,
                     const char    *text)
{
  if (self->ended)
    return;

  if (code != NULL)
    ph_imap_session_untagged (self, "BYE [%s] %s", code, text);
  else
    ph_imap_session_untagged (self, "BYE %s", text);
  stop (self);
  ph_session_close (PH_SESSION (self));
}

/* RFC 9585: how far it is, nobody knows. */
static void
tell_progress (gpointer user_data)
{
  PhImapSession *self = user_data;

  self->progress_timer = ph_clock_add_timer (self->clock, PH_IMAP_PROGRESS_SECONDS * G_USEC_PER_SEC, tell_progress, self);
  ph_imap_session_set_deadline (self);
  if (ph_session_can_write (PH_SESSION (self)))
    ph_imap_session_untagged (self, "OK [INPROGRESS (\"%s\" NIL NIL)] Still at it", self->tag);
  ph_session_changed (PH_SESSION (self));
}

void
ph_imap_session_wait (PhImapSession *self,
                      gpointer       work,
                      GDestroyNotify free)
{
  self->busy = TRUE;
  if (self->progress_timer == 0 && self->command != NULL && (self->command->flags & PH_IMAP_COMMAND_LONG) != 0)
    self->progress_timer = ph_clock_add_timer (self->clock, PH_IMAP_PROGRESS_SECONDS * G_USEC_PER_SEC, tell_progress, self);
  if (work == self->work)
    return;

  g_assert (self->work == NULL);
  self->work = work;
  self->work_free = free;
}

gboolean
ph_imap_session_is_waiting (PhImapSession *self)
{
  return !self->ended;
}

/* The selected mailbox */

static void
on_mailbox_changed (PhMailbox     *mailbox,
                    PhImapSession *self)
{
  ph_imap_idle_notify (self);
  ph_imap_watch_wake (self->watch);
}

void
ph_imap_session_unselect (PhImapSession *self)
{
  if (self->view == NULL)
    return;

  g_signal_handler_disconnect (ph_imap_view_get_mailbox (self->view), self->changed_handler);
  self->changed_handler = 0;
  g_ptr_array_set_size (self->contexts, 0);
  g_clear_pointer (&self->view, ph_imap_view_free);
  self->state = PH_IMAP_AUTHENTICATED;
}

void
ph_imap_session_select (PhImapSession *self,
                        PhMailbox     *mailbox,
                        gboolean       read_only)
{
  ph_imap_session_unselect (self);
  self->view = ph_imap_view_new (mailbox, read_only, self->enabled);
  self->changed_handler = g_signal_connect (mailbox, "changed", G_CALLBACK (on_mailbox_changed), self);
  self->state = PH_IMAP_SELECTED;
}

/* The calls of the driver */

static void
ph_imap_session_start (PhSession *session)
{
  PhImapSession   *self = PH_IMAP_SESSION (session);
  g_autofree char *capabilities = ph_imap_session_format_capabilities (self);

  ph_session_set_deadline (session, PH_IMAP_PREAUTH_SECONDS);
  ph_imap_session_untagged (self, "OK [CAPABILITY %s] %s Posthouse ready", capabilities, self->host_name);
}

static void
take_line (PhImapSession *self)
{
  const guint8 *line = ph_buffer_get_data (&self->reader.text);
  gsize         length = ph_buffer_get_length (&self->reader.text);

  switch (self->input)
    {
    case PH_IMAP_INPUT_SASL:
      ph_imap_sasl_line (self, line, length);
      break;
    case PH_IMAP_INPUT_IDLE:
      ph_imap_idle_line (self, line, length);
      break;
    case PH_IMAP_INPUT_COMMAND:
    case PH_IMAP_INPUT_APPEND:
    default:
      ph_imap_command_run (self);
      break;
    }
}

static gsize
feed_reader (PhImapSession *self,
             const guint8  *data,
             gsize          length)
{
  PhImapReaderEvent event;
  gboolean          was_idle = ph_imap_reader_is_idle (&self->reader);
  gsize             taken = ph_imap_reader_feed (&self->reader, data, length, &event);

  if (was_idle && event != PH_IMAP_READER_LINE && self->state != PH_IMAP_NOT_AUTHENTICATED)
    ph_session_set_deadline (PH_SESSION (self), PH_IMAP_COMMAND_SECONDS);

  switch (event)
    {
    case PH_IMAP_READER_LINE:
      take_line (self);
      break;
    case PH_IMAP_READER_LITERAL:
      ph_imap_command_take_literal (self);
      break;
    case PH_IMAP_READER_TOO_LONG:
      ph_imap_command_refuse_long (self);
      break;
    case PH_IMAP_READER_MORE:
    default:
      break;
    }

  return taken;
}

/* More output than the peer reads holds up its commands. */
static gboolean
can_take (PhImapSession *self)
{
  return !self->busy && !self->ended && !ph_session_wants_close (PH_SESSION (self)) && !ph_session_wants_tls (PH_SESSION (self)) && ph_session_can_write (PH_SESSION (self));
}

gsize
ph_imap_session_feed_plain (PhImapSession *self,
                            const guint8  *data,
                            gsize          length)
{
  gboolean was_compressed = self->deflate != NULL;
  gsize    taken = 0;

  /* What follows COMPRESS is no longer plain. */
  while (taken < length && can_take (self) && (self->deflate != NULL) == was_compressed)
    {
      if (self->input == PH_IMAP_INPUT_APPEND)
        taken += ph_imap_append_feed (self, data + taken, length - taken);
      else
        taken += feed_reader (self, data + taken, length - taken);
    }

  return taken;
}

static gsize
ph_imap_session_feed (PhSession    *session,
                      const guint8 *data,
                      gsize         length)
{
  PhImapSession *self = PH_IMAP_SESSION (session);
  gsize          taken = self->deflate == NULL ? ph_imap_session_feed_plain (self, data, length) : 0;

  if (self->deflate != NULL && taken < length)
    taken += ph_imap_compressed_feed (self, data + taken, length - taken);

  return taken;
}

static void
ph_imap_session_drained (PhSession *session)
{
  PhImapSession *self = PH_IMAP_SESSION (session);

  if (self->ended)
    return;

  if (self->step != NULL)
    {
      ph_imap_session_set_deadline (self);
      self->step (self);
    }
  else if (self->input == PH_IMAP_INPUT_IDLE)
    {
      ph_imap_idle_notify (self);
    }
  ph_imap_watch_wake (self->watch);

  ph_session_changed (session);
}

/* RFC 3501 6.2.1: nothing of the time in clear counts. */
static void
ph_imap_session_secured (PhSession *session)
{
  PhImapSession *self = PH_IMAP_SESSION (session);

  ph_imap_reader_reset (&self->reader);
  g_clear_pointer (&self->tag, g_free);
  self->n_bad = 0;
  self->tried_login = FALSE;
  ph_session_set_deadline (session, PH_IMAP_PREAUTH_SECONDS);
}

static void
ph_imap_session_timed_out (PhSession *session)
{
  ph_imap_session_bye (PH_IMAP_SESSION (session), NULL, "Autologout; you were idle for too long");
}

static void
ph_imap_session_shut_down (PhSession  *session,
                           const char *reason)
{
  ph_imap_session_bye (PH_IMAP_SESSION (session), "UNAVAILABLE", reason);
}

static void
ph_imap_session_peer_closed (PhSession *session)
{
  stop (PH_IMAP_SESSION (session));
}

static void
ph_imap_session_dispose (GObject *object)
{
  PhImapSession *self = PH_IMAP_SESSION (object);

  if (self->clock != NULL)
    stop (self);
  ph_imap_session_unselect (self);
  if (self->work != NULL && self->work_free != NULL)
    self->work_free (g_steal_pointer (&self->work));
  g_clear_object (&self->account);
  g_clear_object (&self->account_store);
  g_clear_object (&self->authenticator);
  g_clear_object (&self->store);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (ph_imap_session_parent_class)->dispose (object);
}

static void
ph_imap_session_finalize (GObject *object)
{
  PhImapSession *self = PH_IMAP_SESSION (object);

  ph_imap_reader_clear (&self->reader);
  g_clear_pointer (&self->deflate, ph_imap_deflate_free);
  g_ptr_array_unref (self->contexts);
  if (self->held_answer != NULL)
    g_string_free (self->held_answer, TRUE);
  g_clear_pointer (&self->question, g_bytes_unref);
  g_object_unref (self->cancellable);
  g_free (self->host_name);
  g_free (self->tag);

  G_OBJECT_CLASS (ph_imap_session_parent_class)->finalize (object);
}

static void
ph_imap_session_class_init (PhImapSessionClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  PhSessionClass *session_class = PH_SESSION_CLASS (klass);

  object_class->dispose = ph_imap_session_dispose;
  object_class->finalize = ph_imap_session_finalize;

  session_class->start = ph_imap_session_start;
  session_class->feed = ph_imap_session_feed;
  session_class->drained = ph_imap_session_drained;
  session_class->secured = ph_imap_session_secured;
  session_class->timed_out = ph_imap_session_timed_out;
  session_class->shut_down = ph_imap_session_shut_down;
  session_class->peer_closed = ph_imap_session_peer_closed;
}

static void
ph_imap_session_init (PhImapSession *self)
{
  self->state = PH_IMAP_NOT_AUTHENTICATED;
  self->cancellable = g_cancellable_new ();
  self->contexts = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_imap_context_free);
  ph_imap_reader_init (&self->reader);
}

PhImapSession *
ph_imap_session_new (const PhImapConfig *config,
                     PhAuthenticator    *authenticator,
                     PhStore            *store)
{
  PhImapSession *self = g_object_new (PH_TYPE_IMAP_SESSION, NULL);

  self->host_name = g_strdup (config->host_name);
  self->offer_starttls = config->offer_starttls;
  self->message_limit = config->message_limit;
  self->append_size_max = config->append_size_max > 0 ? config->append_size_max : DEFAULT_APPEND_SIZE_MAX;
  self->clock = config->clock != NULL ? g_object_ref (config->clock) : ph_clock_new ();
  self->authenticator = authenticator != NULL ? g_object_ref (authenticator) : NULL;
  self->store = store != NULL ? g_object_ref (store) : NULL;

  return self;
}
