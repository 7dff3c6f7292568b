/* send */

#include "ph-command-private.h"

#include "ph-encoded-word.h"
#include "ph-header-address.h"
#include "ph-header.h"

#include <gio/gio.h>
#include <string.h>
#include <unistd.h>

/* D-Bus carries 128 MiB in one message; the server's own limit is lower. */
#define PH_COMMAND_MESSAGE_MAX (100 * 1024 * 1024)

GByteArray *
ph_command_read_input (PhCommand *self)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  guint8  piece[65536];
  ssize_t length;

  while ((length = read (STDIN_FILENO, piece, sizeof piece)) > 0 && bytes->len <= PH_COMMAND_MESSAGE_MAX)
    g_byte_array_append (bytes, piece, (guint)length);
  if (length != 0)
    {
      ph_command_fail (self, length > 0 ? "Standard input is too long" : "Standard input can’t be read");
      return NULL;
    }

  return g_steal_pointer (&bytes);
}

/* A message of --subject and --body, or with the body that `bytes` has. */
static GByteArray *
compose (PhCommand  *self,
         GByteArray *bytes)
{
  static const char type[] = "\nMIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n";
  const char       *subject = ph_command_options.subject != NULL ? ph_command_options.subject : "";
  g_autofree char  *to = g_strjoinv (", ", self->arguments);
  g_autofree char  *encoded = ph_encoded_word_encode_text (subject, sizeof "Subject:");
  g_autofree char  *header = g_strdup_printf ("To: %s\nSubject: %s%s", to, encoded, type);

  g_byte_array_prepend (bytes, (const guint8 *)header, (guint)strlen (header));
  if (ph_command_options.body != NULL)
    {
      g_byte_array_append (bytes, (const guint8 *)ph_command_options.body, (guint)strlen (ph_command_options.body));
      g_byte_array_append (bytes, (const guint8 *)"\n", 1);
    }

  return bytes;
}

/* --from, or the first mailbox of the message's From. */
static char *
choose_sender (GByteArray *message)
{
  g_autoptr (PhHeader) header = NULL;
  const PhHeaderField *from;
  g_autoptr (GPtrArray) addresses = NULL;
  char *sender = NULL;

  if (ph_command_options.from != NULL)
    return g_strdup (ph_command_options.from);

  header = ph_header_parse (message->data, message->len);
  from = ph_header_find (header, "From", NULL);
  if (from == NULL)
    return NULL;

  addresses = ph_header_address_list_parse (message->data + from->value_offset, from->value_length);
  for (guint i = 0; i < addresses->len && sender == NULL; i++)
    sender = ph_header_address_dup_addr_spec (addresses->pdata[i]);

  return sender;
}

static int
send_message (PhCommand *self)
{
  gboolean composes = ph_command_options.subject != NULL || ph_command_options.body != NULL;
  g_autoptr (GByteArray) message = ph_command_options.body != NULL ? g_byte_array_new () : ph_command_read_input (self);
  g_autofree char *sender = NULL;
  g_autoptr (GVariant) answer = NULL;
  GVariant   *bytes;
  const char *summary;

  if (message == NULL)
    return PH_COMMAND_FAILED;

  if (composes)
    compose (self, message);
  sender = choose_sender (message);
  if (sender == NULL)
    return ph_command_fail (self, "The message has no From: say who sends it with --from ADDRESS");

  bytes = g_variant_new_fixed_array (G_VARIANT_TYPE_BYTE, message->data, message->len, 1);
  answer = ph_command_call (self, "Send", g_variant_new ("(s^as@ay)", sender, self->arguments, bytes));
  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(&s)", &summary);
  g_print ("%s\n", summary);

  return PH_COMMAND_DONE;
}

static const GOptionEntry options[] = {
  { "from", 'f', 0, G_OPTION_ARG_STRING, &ph_command_options.from, "Who sends it; else the message’s own From", "ADDRESS" },
  { "subject", 's', 0, G_OPTION_ARG_STRING, &ph_command_options.subject, "Make a message with this subject; standard input is its text", "TEXT" },
  { "body", 'b', 0, G_OPTION_ARG_STRING, &ph_command_options.body, "Make a message with this text, and read no standard input", "TEXT" },
  G_OPTION_ENTRY_NULL
};

const PhCommandRow ph_command_send_rows[] = {
  { "send", "RECIPIENT…", "Deliver or queue a message that standard input has", 1, G_MAXUINT, FALSE, send_message, options },
  { NULL },
};
