/* ID.env: PhQueueEntry as a key file, for people and for programs that drop messages in. */

#include "ph-queue-entry-private.h"

#include "ph-address.h"
#include "ph-relay-error.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#define MESSAGE "Message"
#define VERSION 1

typedef struct
{
  const char *word;
  guint       value;
} Word;

static const Word bodies[] = { { "7bit", PH_SMTP_BODY_7BIT }, { "8bitmime", PH_SMTP_BODY_8BITMIME }, { "binarymime", PH_SMTP_BODY_BINARYMIME }, { 0 } };
static const Word returns[] = { { "default", PH_DSN_RET_DEFAULT }, { "full", PH_DSN_RET_FULL }, { "headers", PH_DSN_RET_HDRS }, { 0 } };
static const Word notifies[] = { { "never", PH_DSN_NOTIFY_NEVER }, { "success", PH_DSN_NOTIFY_SUCCESS }, { "failure", PH_DSN_NOTIFY_FAILURE }, { "delay", PH_DSN_NOTIFY_DELAY }, { 0 } };
static const Word reports[] = {
  { "none", PH_QUEUE_REPORT_NONE },
  { "failed", PH_QUEUE_REPORT_FAILED },
  { "delayed", PH_QUEUE_REPORT_DELAYED },
  { "delivered", PH_QUEUE_REPORT_DELIVERED },
  { "relayed", PH_QUEUE_REPORT_RELAYED },
  { 0 },
};

/* 0 for what is not known. */
static guint
read_word (GKeyFile   *file,
           const char *group,
           const char *key,
           const Word *words)
{
  g_autofree char *text = g_key_file_get_string (file, group, key, NULL);

  for (; text != NULL && words->word != NULL; words++)
    if (g_ascii_strcasecmp (words->word, text) == 0)
      return words->value;

  return 0;
}

static void
write_word (GKeyFile   *file,
            const char *group,
            const char *key,
            const Word *words,
            guint       value)
{
  for (; value != 0 && words->word != NULL; words++)
    if (words->value == value)
      g_key_file_set_string (file, group, key, words->word);
}

static guint
read_notify (GKeyFile   *file,
             const char *group)
{
  g_auto (GStrv) list = g_key_file_get_string_list (file, group, "Notify", NULL, NULL);
  guint notify = 0;

  for (guint i = 0; list != NULL && list[i] != NULL; i++)
    for (const Word *word = notifies; word->word != NULL; word++)
      if (g_ascii_strcasecmp (word->word, list[i]) == 0)
        notify |= word->value;

  return notify;
}

static void
write_notify (GKeyFile   *file,
              const char *group,
              guint       notify)
{
  const char *list[G_N_ELEMENTS (notifies)];
  gsize       n = 0;

  for (const Word *word = notifies; word->word != NULL; word++)
    if (notify & word->value)
      list[n++] = word->word;
  if (n > 0)
    g_key_file_set_string_list (file, group, "Notify", list, n);
}

/* "2026-11-26T14:17:45.123456Z"; 0 where there is none, or one before 1970. */
static gint64
read_time (GKeyFile   *file,
           const char *group,
           const char *key)
{
  g_autofree char *text = g_key_file_get_string (file, group, key, NULL);
  g_autoptr (GDateTime) time = NULL;
  gint64 number;

  if (text == NULL)
    return 0;
  if (g_ascii_string_to_signed (text, 10, 0, G_MAXINT64, &number, NULL))
    return number; /* µs, as the first version wrote them */

  time = g_date_time_new_from_iso8601 (text, NULL);

  return time != NULL && g_date_time_to_unix (time) >= 0 ? g_date_time_to_unix (time) * G_USEC_PER_SEC + g_date_time_get_microsecond (time) : 0;
}

static void
write_time (GKeyFile   *file,
            const char *group,
            const char *key,
            gint64      time)
{
  g_autoptr (GDateTime) moment = NULL;
  g_autofree char *seconds = NULL;
  g_autofree char *text = NULL;

  if (time == 0)
    return;

  moment = g_date_time_new_from_unix_utc (time / G_USEC_PER_SEC);
  if (moment == NULL)
    return;
  seconds = g_date_time_format (moment, "%Y-%m-%dT%H:%M:%S");
  text = g_strdup_printf ("%s.%06dZ", seconds, (int)(time % G_USEC_PER_SEC));
  g_key_file_set_string (file, group, key, text);
}

static void
write_string (GKeyFile   *file,
              const char *group,
              const char *key,
              const char *value)
{
  if (value != NULL)
    g_key_file_set_string (file, group, key, value);
}

static void
write_flag (GKeyFile   *file,
            const char *group,
            const char *key,
            gboolean    value)
{
  if (value)
    g_key_file_set_boolean (file, group, key, TRUE);
}

/* Reading */

/* For the window: valid, whatever stands in the file. */
G_GNUC_PRINTF (2, 3)
static gboolean
refuse (GError    **error,
        const char *format, /* marked with N_() */
        ...)
{
  g_autofree char *text = NULL;
  g_autofree char *valid = NULL;
  va_list          args;

  va_start (args, format);
  text = g_strdup_vprintf (_ (format), args);
  va_end (args);
  valid = g_utf8_make_valid (text, -1);
  g_set_error_literal (error, PH_RELAY_ERROR, PH_RELAY_ERROR_INVALID, valid);

  return FALSE;
}

static void
read_progress (GKeyFile         *file,
               const char       *group,
               PhQueueAddressee *addressee)
{
  g_autofree char *state = g_key_file_get_string (file, group, "State", NULL);

  addressee->notify = read_notify (file, group);
  addressee->orcpt = g_key_file_get_string (file, group, "OriginalRecipient", NULL);
  addressee->state = ph_queue_state_from_word (state);
  if (addressee->state == PH_QUEUE_TRYING || addressee->state == PH_QUEUE_HELD)
    addressee->state = PH_QUEUE_DUE;
  addressee->tries = (guint)CLAMP (g_key_file_get_integer (file, group, "Tries", NULL), 0, 100000);
  addressee->next_try = read_time (file, group, "NextTry");
  addressee->last_try = read_time (file, group, "LastTry");
  addressee->last_reply = g_key_file_get_string (file, group, "LastReply", NULL);
  addressee->status = g_key_file_get_string (file, group, "Status", NULL);
  addressee->host = g_key_file_get_string (file, group, "Host", NULL);
  addressee->route = g_key_file_get_string (file, group, "Route", NULL);
  addressee->delay_told = g_key_file_get_boolean (file, group, "DelayTold", NULL);
  addressee->report = (PhQueueReport)read_word (file, group, "Report", reports);
}

/* The groups of recipients follow the list, which alone says who they are: a person who
 * changes an address there must not have to number anything anew. */
static gboolean
read_addressees (PhQueueEntry *self,
                 GKeyFile     *file,
                 GError      **error)
{
  g_auto (GStrv) list = g_key_file_get_string_list (file, MESSAGE, "Recipients", NULL, NULL);
  guint n = list != NULL ? g_strv_length (list) : 0;

  if (n == 0)
    return refuse (error, N_ ("The envelope has no recipients"));
  if (n > PH_QUEUE_RECIPIENTS_MAX)
    return refuse (error, N_ ("The envelope has too many recipients"));

  for (guint i = 0; i < n; i++)
    {
      g_autofree char  *group = g_strdup_printf ("Recipient %u", i + 1);
      g_autofree char  *written = g_key_file_get_string (file, group, "Address", NULL);
      PhQueueAddressee *addressee = g_new0 (PhQueueAddressee, 1);

      ph_queue_entry_add (self, addressee);
      addressee->address = ph_address_canonicalize (g_strstrip (list[i]));
      if (addressee->address == NULL)
        /* Translators: what was written */
        return refuse (error, N_ ("“%s” is no address"), list[i]);
      if (g_strcmp0 (written, addressee->address) == 0)
        read_progress (file, group, addressee);
    }

  return TRUE;
}

static gboolean
read_sender (PhQueueEntry *self,
             GKeyFile     *file,
             GError      **error)
{
  g_autofree char *sender = g_key_file_get_string (file, MESSAGE, "Sender", NULL);

  if (sender == NULL)
    return refuse (error, N_ ("The envelope has no sender"));

  g_strstrip (sender);
  self->sender = *sender == '\0' || strcmp (sender, "<>") == 0 ? g_strdup ("") : ph_address_canonicalize (sender);
  if (self->sender == NULL)
    /* Translators: what was written */
    return refuse (error, N_ ("“%s” is no address"), sender);

  return TRUE;
}

static gboolean
read_message (PhQueueEntry *self,
              GKeyFile     *file,
              GError      **error)
{
  int              version = g_key_file_get_integer (file, MESSAGE, "Version", NULL);
  g_autofree char *state = g_key_file_get_string (file, MESSAGE, "State", NULL);

  if (version > VERSION)
    return refuse (error, N_ ("The envelope is of a newer version"));

  self->adopted = version == VERSION;
  self->held = ph_queue_state_from_word (state) == PH_QUEUE_HELD;
  self->arrived = read_time (file, MESSAGE, "Arrived");
  self->since = read_time (file, MESSAGE, "Since");
  if (self->since == 0)
    self->since = self->arrived;
  self->release = read_time (file, MESSAGE, "ReleaseAt");
  self->hold = g_key_file_get_string (file, MESSAGE, "Hold", NULL);
  self->size = g_key_file_get_uint64 (file, MESSAGE, "Size", NULL);
  self->body = (PhSmtpBody)read_word (file, MESSAGE, "Body", bodies);
  self->has_long_lines = g_key_file_get_boolean (file, MESSAGE, "LongLines", NULL);
  self->smtputf8 = g_key_file_get_boolean (file, MESSAGE, "SmtpUtf8", NULL);
  self->requiretls = g_key_file_get_boolean (file, MESSAGE, "RequireTls", NULL);
  self->via = g_key_file_get_string (file, MESSAGE, "Via", NULL);
  self->ret = (PhDsnRet)read_word (file, MESSAGE, "Return", returns);
  self->envid = g_key_file_get_string (file, MESSAGE, "EnvelopeId", NULL);
  self->from_here = g_key_file_get_boolean (file, MESSAGE, "FromHere", NULL);
  self->dropped_in = g_key_file_get_boolean (file, MESSAGE, "DroppedIn", NULL);
  self->reason = g_key_file_get_string (file, MESSAGE, "Reason", NULL);

  return read_sender (self, file, error) && read_addressees (self, file, error);
}

/* Which is no escape of anything, and of which GKeyFile warns as if we had made a mistake. */
static gboolean
has_line_with_open_escape (const char *text,
                           gsize       length)
{
  guint n_backslashes = 0; /* in a row, the last of this line but for spaces */

  for (gsize i = 0; i < length; i++)
    if ((text[i] == '\n' || text[i] == '\0') && n_backslashes % 2 == 1)
      return TRUE;
    else if (text[i] == '\\')
      n_backslashes = i > 0 && text[i - 1] == '\\' ? n_backslashes + 1 : 1;
    else if (!g_ascii_isspace (text[i]) || text[i] == '\n')
      n_backslashes = 0;

  return n_backslashes % 2 == 1;
}

PhQueueEntry *
ph_queue_entry_parse (const char *id,
                      const char *text,
                      gsize       length,
                      GError    **error)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();
  g_autoptr (GError) syntax = NULL;
  g_autoptr (PhQueueEntry) self = ph_queue_entry_new_empty (id);

  if (length > PH_QUEUE_ENV_MAX)
    {
      refuse (error, N_ ("The envelope is too large"));
      return NULL;
    }
  if (has_line_with_open_escape (text, length))
    {
      refuse (error, N_ ("The envelope has a line that ends in a backslash"));
      return NULL;
    }
  if (!g_key_file_load_from_data (file, text, length, G_KEY_FILE_NONE, &syntax))
    {
      /* Translators: why */
      refuse (error, N_ ("The envelope makes no sense: %s"), syntax->message);
      return NULL;
    }

  return read_message (self, file, error) ? g_steal_pointer (&self) : NULL;
}

/* Writing */

static void
write_addressee (GKeyFile               *file,
                 guint                   number,
                 const PhQueueAddressee *addressee)
{
  g_autofree char *group = g_strdup_printf ("Recipient %u", number);

  g_key_file_set_string (file, group, "Address", addressee->address);
  write_notify (file, group, addressee->notify);
  write_string (file, group, "OriginalRecipient", addressee->orcpt);
  g_key_file_set_string (file, group, "State", ph_queue_state_to_word (addressee->state));
  if (addressee->tries > 0)
    g_key_file_set_uint64 (file, group, "Tries", addressee->tries);
  write_time (file, group, "LastTry", addressee->last_try);
  write_time (file, group, "NextTry", addressee->next_try);
  write_string (file, group, "LastReply", addressee->last_reply);
  write_string (file, group, "Status", addressee->status);
  write_string (file, group, "Host", addressee->host);
  write_string (file, group, "Route", addressee->route);
  write_flag (file, group, "DelayTold", addressee->delay_told);
  write_word (file, group, "Report", reports, addressee->report);
}

static void
write_list (GKeyFile           *file,
            const PhQueueEntry *self)
{
  g_autoptr (GPtrArray) list = g_ptr_array_new ();

  for (guint i = 0; i < self->addressees->len; i++)
    g_ptr_array_add (list, ((PhQueueAddressee *)self->addressees->pdata[i])->address);
  g_key_file_set_string_list (file, MESSAGE, "Recipients", (const char *const *)list->pdata, list->len);
}

char *
ph_queue_entry_format (const PhQueueEntry *self)
{
  g_autoptr (GKeyFile) file = g_key_file_new ();

  g_key_file_set_integer (file, MESSAGE, "Version", VERSION);
  g_key_file_set_string (file, MESSAGE, "Sender", self->sender);
  write_list (file, self);
  g_key_file_set_string (file, MESSAGE, "State", ph_queue_state_to_word (ph_queue_entry_get_state (self)));
  write_string (file, MESSAGE, "Reason", self->reason);
  write_time (file, MESSAGE, "Arrived", self->arrived);
  if (self->since != self->arrived)
    write_time (file, MESSAGE, "Since", self->since);
  write_time (file, MESSAGE, "ReleaseAt", self->release);
  write_string (file, MESSAGE, "Hold", self->hold);
  g_key_file_set_uint64 (file, MESSAGE, "Size", self->size);
  write_word (file, MESSAGE, "Body", bodies, self->body);
  write_flag (file, MESSAGE, "LongLines", self->has_long_lines);
  write_flag (file, MESSAGE, "SmtpUtf8", self->smtputf8);
  write_flag (file, MESSAGE, "RequireTls", self->requiretls);
  write_string (file, MESSAGE, "Via", self->via);
  write_word (file, MESSAGE, "Return", returns, self->ret);
  write_string (file, MESSAGE, "EnvelopeId", self->envid);
  write_flag (file, MESSAGE, "FromHere", self->from_here);
  write_flag (file, MESSAGE, "DroppedIn", self->dropped_in);

  for (guint i = 0; i < self->addressees->len; i++)
    write_addressee (file, i + 1, self->addressees->pdata[i]);

  return g_key_file_to_data (file, NULL, NULL);
}
