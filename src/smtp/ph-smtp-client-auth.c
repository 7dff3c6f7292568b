/* Logging in (RFC 4954), in the way that shows the server least. */

#include "ph-smtp-client-private.h"

#include "ph-worker-pool.h"

#include <glib/gi18n-lib.h>
#include <string.h>

/* A wrong password is the user's to mend: mail waits for it. */
static void
fail_login (PhSmtpClient      *self,
            const PhSmtpReply *reply)
{
  g_autofree char *text = ph_smtp_reply_format (reply);

  /* Translators: a mail server, and what it said */
  ph_smtp_client_fail (self, "4.7.8", N_ ("%s refused the login: %s"), self->server_name, text);
}

static void
send_secret (PhSmtpClient     *self,
             PhSmtpExpectation expectation,
             const char       *secret)
{
  g_autofree char *text = g_base64_encode ((const guchar *)secret, strlen (secret));

  ph_smtp_client_send (self, expectation, strlen (text), "%s", text);
  explicit_bzero (text, strlen (text));
}

static void
send_plain (PhSmtpClient *self)
{
  gsize            user = strlen (self->user), password = strlen (self->password), length = user + password + 2;
  g_autofree char *plain = g_malloc0 (length + 1); /* "\0user\0password" (RFC 4616) */
  g_autofree char *text = NULL;

  memcpy (plain + 1, self->user, user);
  memcpy (plain + 2 + user, self->password, password);
  text = g_base64_encode ((const guchar *)plain, length);
  ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_PLAIN, strlen (text), "AUTH PLAIN %s", text);
  explicit_bzero (text, strlen (text));
  explicit_bzero (plain, length);
}

/* Google's and Microsoft's way to show an access token. */
static void
send_token (PhSmtpClient *self)
{
  g_autofree char *plain = g_strdup_printf ("user=%s\001auth=Bearer %s\001\001", self->user, self->password);
  g_autofree char *text = g_base64_encode ((const guchar *)plain, strlen (plain));

  ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_TOKEN, strlen (text), "AUTH XOAUTH2 %s", text);
  explicit_bzero (text, strlen (text));
  explicit_bzero (plain, strlen (plain));
}

/* A refusal comes as a challenge, which is answered with nothing. */
void
ph_smtp_client_on_auth_token (PhSmtpClient      *self,
                              const PhSmtpReply *reply)
{
  if (reply->code == 334)
    ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_PASSWORD, 0, "%s", "");
  else
    ph_smtp_client_on_auth_end (self, reply);
}

static void
begin_scram (PhSmtpClient *self)
{
  g_autofree char *first = NULL;
  g_autofree char *text = NULL;

  g_clear_pointer (&self->scram, ph_scram_client_free);
  self->scram = ph_scram_client_new (self->user, self->password);
  first = ph_scram_client_begin (self->scram);
  text = g_base64_encode ((const guchar *)first, strlen (first));
  ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_CHALLENGE, strlen (text), "AUTH SCRAM-SHA-256 %s", text);
}

/* What a 334 carries, as text. */
static char *
decode (const PhSmtpReply *reply)
{
  gsize              length = 0;
  g_autofree guchar *bytes = g_base64_decode (reply->text, &length);

  return g_strndup ((const char *)bytes, length);
}

static void
hash_in_thread (GTask        *task,
                gpointer      source,
                gpointer      data,
                GCancellable *cancellable)
{
  g_task_return_pointer (task, ph_scram_client_answer (PH_SMTP_CLIENT (source)->scram, data), g_free);
}

static void
hashed_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  PhSmtpClient    *self = PH_SMTP_CLIENT (source);
  g_autofree char *answer = g_task_propagate_pointer (G_TASK (result), NULL);

  self->hashing = FALSE;
  if (self->finished || self->gone)
    return;

  if (answer != NULL)
    send_secret (self, PH_SMTP_EXPECT_AUTH_FINAL, answer);
  else
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.7.0", N_ ("%s asks for a login that is not safe, or none at all"), self->server_name);
  ph_session_changed (PH_SESSION (self));
}

/* Hashing takes as long as the server wants it to: not here. */
void
ph_smtp_client_on_auth_challenge (PhSmtpClient      *self,
                                  const PhSmtpReply *reply)
{
  g_autoptr (GTask) task = NULL;
  g_autoptr (PhWorkerPool) worker = NULL;

  if (reply->code != 334)
    {
      fail_login (self, reply);
      return;
    }

  self->hashing = TRUE;
  task = g_task_new (self, NULL, hashed_cb, NULL);
  g_task_set_task_data (task, decode (reply), g_free);
  worker = ph_worker_pool_new ("smtp-login", 1);
  ph_worker_pool_run (worker, task, hash_in_thread);
}

/* RFC 5802 section 5: no mail for a server that does not know the keys either. */
void
ph_smtp_client_on_auth_final (PhSmtpClient      *self,
                              const PhSmtpReply *reply)
{
  g_autofree char *text = decode (reply);

  if (reply->code / 100 != 3 && reply->code / 100 != 2)
    fail_login (self, reply);
  else if (reply->code != 334 || !ph_scram_client_check (self->scram, text))
    /* Translators: a mail server */
    ph_smtp_client_fail (self, "4.7.0", N_ ("%s does not know the password that it asks for"), self->server_name);
  else
    ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_PASSWORD, 0, "%s", "");
}

static void
send_login (PhSmtpClient *self)
{
  ph_smtp_client_send (self, PH_SMTP_EXPECT_AUTH_LOGIN, 0, "AUTH LOGIN");
}

/* The best first. */
static const struct
{
  PhSmtpOffers offer;
  gboolean     for_token;
  void (*begin) (PhSmtpClient *self);
} ways[] = {
  { PH_SMTP_OFFERS_AUTH_XOAUTH2, TRUE, send_token },
  { PH_SMTP_OFFERS_AUTH_SCRAM, FALSE, begin_scram },
  { PH_SMTP_OFFERS_AUTH_PLAIN, FALSE, send_plain },
  { PH_SMTP_OFFERS_AUTH_LOGIN, FALSE, send_login },
};

void
ph_smtp_client_log_in (PhSmtpClient *self)
{
  PhPeer *peer = ph_session_get_peer (PH_SESSION (self));

  if (!peer->is_tls && !peer->is_loopback)
    {
      /* Translators: a mail server */
      ph_smtp_client_fail (self, "4.7.0", N_ ("The password for %s is not sent without TLS"), self->server_name);
      return;
    }

  for (guint i = 0; i < G_N_ELEMENTS (ways); i++)
    if ((self->offers & ways[i].offer) && self->has_token == ways[i].for_token)
      {
        ways[i].begin (self);
        return;
      }

  /* Translators: a mail server */
  ph_smtp_client_fail (self, "4.7.0", N_ ("%s offers no way to log in that is known here"), self->server_name);
}

void
ph_smtp_client_on_auth_login (PhSmtpClient      *self,
                              const PhSmtpReply *reply)
{
  if (reply->code == 334)
    send_secret (self, PH_SMTP_EXPECT_AUTH_USER, self->user);
  else
    fail_login (self, reply);
}

void
ph_smtp_client_on_auth_user (PhSmtpClient      *self,
                             const PhSmtpReply *reply)
{
  if (reply->code == 334)
    send_secret (self, PH_SMTP_EXPECT_AUTH_PASSWORD, self->password);
  else
    fail_login (self, reply);
}

void
ph_smtp_client_on_auth_end (PhSmtpClient      *self,
                            const PhSmtpReply *reply)
{
  if (reply->code / 100 == 2)
    ph_smtp_client_begin_mail (self);
  else
    fail_login (self, reply);
}
