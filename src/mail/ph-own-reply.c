#include "ph-own-reply.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* All that the relay says in the place of a server; tests/data/words.py holds them against what it says. */
static const char *const formats[] = {
  N_ ("Delivered here"),
  N_ ("Given up by hand"),
  N_ ("It could not be delivered here"),
  N_ ("No smarthost is set"),
  N_ ("Posthouse was stopped"),
  N_ ("That is no address"),
  N_ ("The disk is full"),
  N_ ("The mail can only be read at the moment"),
  N_ ("The mailbox is full"),
  N_ ("The message could not be read from the queue"),
  N_ ("The sender is no address"),
  N_ ("There is no recipient"),
  /* Translators: a number */
  N_ ("The message is larger than %d MiB"),
  /* Translators: an address */
  N_ ("There is nobody named %s here"),
  /* Translators: a mail server, its address with a port, and why */
  N_ ("No connection to %s (%s): %s"),
  /* Translators: a domain, and why */
  N_ ("Looking up %s failed: %s"),
  /* Translators: a mail server, and what it said */
  N_ ("%s refused the login: %s"),
  /* Translators: a mail server, and what it said */
  N_ ("%s refuses TLS, which is required: %s"),
  /* Translators: a mail server, and a domain */
  N_ ("Nothing proves that %s is a mail server of %s, as the sender requires"),
  /* Translators: a domain */
  N_ ("%s takes no mail at all (null MX)"),
  /* Translators: a domain */
  N_ ("Mail for %s would come back to this server"),
  /* Translators: a domain */
  N_ ("The domain %s does not exist"),
  /* Translators: a domain */
  N_ ("The addresses of %s's mail servers could not be looked up"),
  /* Translators: a domain */
  N_ ("The MTA-STS policy of %s has none of its mail servers"),
  /* Translators: a domain */
  N_ ("The mail servers of %s can't be reached from this computer's network"),
  /* Translators: a domain */
  N_ ("The mail servers of %s have no address"),
  /* Translators: a domain */
  N_ ("There is no DNS to look up %s"),
  /* Translators: a mail server, and a number */
  N_ ("%s takes %u recipients at a time"),
  /* Translators: a mail server, and a number */
  N_ ("%s takes at most %s bytes"),
  /* Translators: a mail server */
  N_ ("%s takes no international mail"),
  /* Translators: a mail server */
  N_ ("%s takes no 8-bit mail"),
  /* Translators: a mail server */
  N_ ("%s does not promise TLS all the way"),
  /* Translators: a mail server */
  N_ ("%s asks for a login that is not safe, or none at all"),
  /* Translators: a mail server */
  N_ ("%s does not know the password that it asks for"),
  /* Translators: a mail server */
  N_ ("The password for %s is not sent without TLS"),
  /* Translators: a mail server */
  N_ ("%s offers no way to log in that is known here"),
  /* Translators: a mail server */
  N_ ("%s offers no TLS, which is required"),
  /* Translators: a mail server */
  N_ ("%s answers what was not asked"),
  /* Translators: a mail server */
  N_ ("%s answers before it has the message"),
  /* Translators: a mail server */
  N_ ("%s answers what is no SMTP"),
  /* Translators: a mail server */
  N_ ("%s sent more in clear after its answer to STARTTLS"),
  /* Translators: a mail server */
  N_ ("%s did not answer in time"),
  /* Translators: a mail server */
  N_ ("%s has no TLS that can be used or trusted"),
  /* Translators: a mail server */
  N_ ("%s closed the connection"),
};

/* Where `text` is of the format, what stands in it for its placeholders: each time as little as will do. */
static GPtrArray *
match (const char *format,
       const char *text)
{
  g_autoptr (GPtrArray) arguments = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *copy = g_strdup (format);
  g_auto (GStrv) pieces = NULL;

  for (char *c = strchr (copy, '%'); c != NULL; c = strchr (c + 1, '%'))
    c[1] = 's';
  pieces = g_strsplit (copy, "%s", -1);
  if (!g_str_has_prefix (text, pieces[0]))
    return NULL;

  text += strlen (pieces[0]);
  for (guint i = 1; pieces[i] != NULL; i++)
    {
      const char *end = pieces[i + 1] != NULL ? strstr (text, pieces[i]) : g_str_has_suffix (text, pieces[i]) ? text + strlen (text) - strlen (pieces[i])
                                                                                                              : NULL;

      if (end == NULL)
        return NULL;
      g_ptr_array_add (arguments, g_strndup (text, (gsize)(end - text)));
      text = end + strlen (pieces[i]);
    }

  return *text == '\0' ? g_steal_pointer (&arguments) : NULL;
}

/* The translation with the arguments, which it may have in another order ("%2$s"); one that is words of ours, too, is translated. */
static void
append_filled (GString    *out,
               const char *format,
               GPtrArray  *arguments)
{
  guint next = 0;

  for (; *format != '\0'; format++)
    if (*format != '%')
      {
        g_string_append_c (out, *format);
      }
    else
      {
        gboolean    is_numbered = g_ascii_isdigit (format[1]) && format[2] == '$';
        guint       which = is_numbered ? (guint)(format[1] - '1') : next++;
        const char *argument = which < arguments->len ? arguments->pdata[which] : "";

        g_string_append (out, *argument != '\0' ? _ (argument) : "");
        format += is_numbered ? 3 : 1;
      }
}

static gboolean
has_code (const char *text)
{
  return strspn (text, G_CSET_DIGITS) == 3 && text[3] == ' ';
}

/* After "bob@example.org: 550 5.1.1 ", of which any part may be missing. */
static const char *
skip_codes (const char *reply)
{
  const char *colon = strstr (reply, ": ");
  gsize       length;

  if (!has_code (reply) && colon != NULL && has_code (colon + 2))
    reply = colon + 2;
  if (!has_code (reply))
    return reply;

  reply += 4;
  length = strspn (reply, G_CSET_DIGITS ".");

  return length >= strlen ("5.0.0") && reply[length] == ' ' ? reply + length + 1 : reply;
}

char *
ph_own_reply_translate (const char *reply)
{
  const char *words = skip_codes (reply);

  for (guint i = 0; i < G_N_ELEMENTS (formats); i++)
    {
      g_autoptr (GPtrArray) arguments = match (formats[i], words);
      GString *out;

      if (arguments == NULL)
        continue;
      out = g_string_new_len (reply, words - reply);
      append_filled (out, _ (formats[i]), arguments);
      return g_string_free (out, FALSE);
    }

  return g_strdup (reply);
}
