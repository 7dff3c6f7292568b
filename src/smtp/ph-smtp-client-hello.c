/* From the greeting to the moment when mail can be sent: EHLO, STARTTLS; AUTH is in ph-smtp-client-auth.c. */

#include "ph-smtp-client-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

static void
fail_host (PhSmtpClient      *self,
           const PhSmtpReply *reply)
{
  self->try_next_host = TRUE;
  ph_smtp_client_end (self, ph_smtp_client_classify_failure (reply), ph_smtp_reply_copy (reply));
}

void
ph_smtp_client_say_hello (PhSmtpClient *self)
{
  self->offers = 0;
  self->size_max = 0;
  self->recipients_max = self->domains_max = self->mails_max = 0;
  ph_smtp_client_send (self, PH_SMTP_EXPECT_EHLO, 0, "EHLO %s", self->host_name);
}

void
ph_smtp_client_on_greeting (PhSmtpClient      *self,
                            const PhSmtpReply *reply)
{
  if (reply->code / 100 == 2)
    ph_smtp_client_say_hello (self);
  else
    fail_host (self, reply);
}

static const struct
{
  const char  *keyword;
  PhSmtpOffers offer;
} keywords[] = {
  { "STARTTLS", PH_SMTP_OFFERS_STARTTLS },
  { "PIPELINING", PH_SMTP_OFFERS_PIPELINING },
  { "8BITMIME", PH_SMTP_OFFERS_8BITMIME },
  { "SMTPUTF8", PH_SMTP_OFFERS_SMTPUTF8 },
  { "DSN", PH_SMTP_OFFERS_DSN },
  { "SIZE", PH_SMTP_OFFERS_SIZE },
  { "LIMITS", PH_SMTP_OFFERS_LIMITS },
  { "REQUIRETLS", PH_SMTP_OFFERS_REQUIRETLS },
  { "CHUNKING", PH_SMTP_OFFERS_CHUNKING },
};

static void
read_auth (PhSmtpClient *self,
           char        **words)
{
  static const struct
  {
    const char  *name;
    PhSmtpOffers offer;
  } mechanisms[] = {
    { "PLAIN", PH_SMTP_OFFERS_AUTH_PLAIN },
    { "LOGIN", PH_SMTP_OFFERS_AUTH_LOGIN },
    { "SCRAM-SHA-256", PH_SMTP_OFFERS_AUTH_SCRAM },
    { "XOAUTH2", PH_SMTP_OFFERS_AUTH_XOAUTH2 },
  };

  for (guint i = 1; words[i] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (mechanisms); j++)
      if (g_ascii_strcasecmp (words[i], mechanisms[j].name) == 0)
        self->offers |= mechanisms[j].offer;
}

/* "LIMITS RCPTMAX=100 MAILMAX=5" (RFC 9422). */
static void
read_limits (PhSmtpClient *self,
             char        **words)
{
  const struct
  {
    const char *name;
    guint64    *limit;
  } limits[] = {
    { "RCPTMAX", &self->recipients_max },
    { "RCPTDOMAINMAX", &self->domains_max },
    { "MAILMAX", &self->mails_max },
  };

  for (guint i = 1; words[i] != NULL && words[i + 1] != NULL; i++)
    for (guint j = 0; j < G_N_ELEMENTS (limits); j++)
      if (g_ascii_strcasecmp (words[i], limits[j].name) == 0)
        g_ascii_string_to_unsigned (words[i + 1], 10, 1, G_MAXUINT64, limits[j].limit, NULL);
}

/* The first line is the server's name; "AUTH=PLAIN" is an old way to say "AUTH PLAIN". */
static void
read_offers (PhSmtpClient      *self,
             const PhSmtpReply *reply)
{
  g_auto (GStrv) lines = g_strsplit (reply->text, "\n", -1);

  for (guint i = 1; lines[0] != NULL && lines[i] != NULL; i++)
    {
      g_auto (GStrv) words = g_strsplit_set (g_strstrip (lines[i]), " =", -1);

      if (words[0] == NULL)
        continue;
      for (guint j = 0; j < G_N_ELEMENTS (keywords); j++)
        if (g_ascii_strcasecmp (words[0], keywords[j].keyword) == 0)
          self->offers |= keywords[j].offer;
      if (g_ascii_strcasecmp (words[0], "SIZE") == 0 && words[1] != NULL)
        g_ascii_string_to_unsigned (words[1], 10, 0, G_MAXUINT64, &self->size_max, NULL);
      if (g_ascii_strcasecmp (words[0], "AUTH") == 0)
        read_auth (self, words);
      if (g_ascii_strcasecmp (words[0], "LIMITS") == 0)
        read_limits (self, words);
    }
}

void
ph_smtp_client_lack_tls (PhSmtpClient *self,
                         const char   *enhanced,
                         const char   *format,
                         ...)
{
  va_list args;

  va_start (args, format);
  if (ph_smtp_client_must_have_tls (self))
    ph_smtp_client_fail_valist (self, PH_SMTP_RESULT_PERMANENT, 550, "5.7.10", format, args);
  else
    ph_smtp_client_fail_valist (self, PH_SMTP_RESULT_TEMPORARY, 451, enhanced, format, args);
  va_end (args);
}

static void
continue_after_hello (PhSmtpClient *self)
{
  gboolean is_tls = ph_session_get_peer (PH_SESSION (self))->is_tls;

  if (!is_tls && self->tls != PH_SMTP_TLS_NEVER && (self->offers & PH_SMTP_OFFERS_STARTTLS))
    ph_smtp_client_send (self, PH_SMTP_EXPECT_STARTTLS, 0, "STARTTLS");
  else if (!is_tls && self->tls == PH_SMTP_TLS_REQUIRED)
    {
      self->try_next_host = TRUE;
      /* Translators: a mail server */
      ph_smtp_client_lack_tls (self, "4.7.4", N_ ("%s offers no TLS, which is required"), self->server_name);
    }
  else if (self->user != NULL)
    ph_smtp_client_log_in (self);
  else
    ph_smtp_client_begin_mail (self);
}

void
ph_smtp_client_on_ehlo (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (reply->code / 100 == 2)
    {
      read_offers (self, reply);
      continue_after_hello (self);
    }
  else if (reply->code / 100 == 5)
    ph_smtp_client_send (self, PH_SMTP_EXPECT_HELO, 0, "HELO %s", self->host_name); /* S19 */
  else
    fail_host (self, reply);
}

void
ph_smtp_client_on_helo (PhSmtpClient      *self,
                        const PhSmtpReply *reply)
{
  if (reply->code / 100 == 2)
    continue_after_hello (self);
  else
    fail_host (self, reply);
}

void
ph_smtp_client_on_starttls (PhSmtpClient      *self,
                            const PhSmtpReply *reply)
{
  if (reply->code / 100 == 2)
    ph_session_start_tls (PH_SESSION (self));
  else if (self->tls == PH_SMTP_TLS_REQUIRED)
    {
      g_autofree char *said = ph_smtp_reply_format (reply);

      /* Mail waits, whatever the code: it is the server's to mend, not the message's; unless its sender requires TLS. */
      self->try_next_host = TRUE;
      /* Translators: a mail server, and what it said */
      ph_smtp_client_lack_tls (self, "4.7.4", N_ ("%s refuses TLS, which is required: %s"), self->server_name, said);
    }
  else
    {
      /* Offered, then refused: go on in clear, as without the offer. */
      self->offers &= ~(guint)PH_SMTP_OFFERS_STARTTLS;
      continue_after_hello (self);
    }
}
