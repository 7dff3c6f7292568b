#include "ph-tls-notes.h"

#include <glib/gi18n-lib.h>
#include <gnutls/x509.h>
#include <string.h>

/* Names of a certificate that are told; some have hundreds. */
#define MAX_NAMES 5

/* Octets of one. */
#define MAX_NAME 256

char *
ph_tls_notes_format_fingerprint (const gnutls_datum_t *der)
{
  guint8 digest[32];
  size_t length = sizeof digest;
  g_autoptr (GString) text = g_string_new (NULL);

  gnutls_fingerprint (GNUTLS_DIG_SHA256, der, digest, &length);
  for (size_t i = 0; i < length; i++)
    g_string_append_printf (text, i == 0 ? "%02X" : ":%02X", digest[i]);

  return g_string_free (g_steal_pointer (&text), FALSE);
}

/* Of hosts; NULL where it has none. */
static char *
dup_names (gnutls_x509_crt_t certificate)
{
  g_autoptr (GString) text = g_string_new (NULL);
  guint n = 0;

  for (guint i = 0; n <= MAX_NAMES; i++)
    {
      char   name[MAX_NAME];
      size_t length = sizeof name - 1;
      int    type = gnutls_x509_crt_get_subject_alt_name (certificate, i, name, &length, NULL);

      if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
        break;
      if (type != GNUTLS_SAN_DNSNAME)
        continue;
      name[length] = '\0';
      g_string_append_printf (text, "%s%s", n > 0 ? ", " : "", n < MAX_NAMES ? name : "…");
      n++;
    }

  return n > 0 ? g_string_free (g_steal_pointer (&text), FALSE) : NULL;
}

static char *
dup_dn (gnutls_x509_crt_t certificate,
        int (*get) (gnutls_x509_crt_t,
                    gnutls_datum_t *,
                    unsigned))
{
  gnutls_datum_t dn = { 0 };
  char          *text = get (certificate, &dn, 0) == GNUTLS_E_SUCCESS ? g_strdup_printf ("“%.*s”", (int)dn.size, dn.data) : g_strdup ("?");

  gnutls_free (dn.data);

  return text;
}

static char *
format_parsed (gnutls_x509_crt_t certificate,
               const char       *fingerprint)
{
  g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc ((gint64)gnutls_x509_crt_get_expiration_time (certificate));
  g_autofree char *date = end != NULL ? g_date_time_format (end, "%Y-%m-%d") : g_strdup ("?");
  g_autofree char *subject = dup_dn (certificate, gnutls_x509_crt_get_dn3);
  g_autofree char *issuer = dup_dn (certificate, gnutls_x509_crt_get_issuer_dn3);
  g_autofree char *names = dup_names (certificate);

  if (names == NULL)
    /* Translators: of a certificate: its name, that of who signed it, a date, and a long number */
    return g_strdup_printf (_ ("%s, signed by %s, until %s, SHA-256 %s"), subject, issuer, date, fingerprint);

  /* Translators: of a certificate: its name, the hosts that it is for, the name of who signed it, a date, and a long number */
  return g_strdup_printf (_ ("%s for %s, signed by %s, until %s, SHA-256 %s"), subject, names, issuer, date, fingerprint);
}

char *
ph_tls_notes_format_certificate (const gnutls_datum_t *der)
{
  g_autofree char  *fingerprint = ph_tls_notes_format_fingerprint (der);
  gnutls_x509_crt_t certificate;
  char             *text;

  gnutls_x509_crt_init (&certificate);
  text = gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS ? format_parsed (certificate, fingerprint)
                                                                                            : g_strdup_printf ("SHA-256 %s", fingerprint);
  gnutls_x509_crt_deinit (certificate);

  return text;
}

/* A line of the block, marked with N_(). */
G_GNUC_PRINTF (2, 3)
static void
add_line (GPtrArray  *lines,
          const char *format,
          ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (lines, g_strdup_vprintf (_ (format), args));
  va_end (args);
}

static void
add_name (GPtrArray  *lines,
          const char *name)
{
  /* Translators: the name of a host */
  add_line (lines, N_ ("Name asked for (SNI): %s"), name != NULL ? name : _ ("none"));
}

static void
add_certificates (GPtrArray       *lines,
                  gnutls_session_t tls)
{
  unsigned int          n = 0;
  const gnutls_datum_t *ours = gnutls_session_is_resumed (tls) ? NULL : gnutls_certificate_get_ours (tls);
  const gnutls_datum_t *theirs = gnutls_certificate_get_peers (tls, &n);
  g_autofree char      *our_text = ours != NULL ? ph_tls_notes_format_certificate (ours) : NULL;
  g_autofree char      *their_text = n > 0 ? ph_tls_notes_format_certificate (theirs) : NULL;

  if (our_text != NULL)
    /* Translators: what a certificate says */
    add_line (lines, N_ ("Our certificate: %s"), our_text);
  if (their_text != NULL)
    /* Translators: what a certificate says */
    add_line (lines, N_ ("Their certificate: %s"), their_text);
}

static void
write_block (GPtrArray        *lines,
             PhJournalSession *journal)
{
  for (guint i = 0; i < lines->len; i++)
    {
      const char *line = g_ptr_array_index (lines, i);

      ph_journal_session_add_part (journal, PH_JOURNAL_NOTE, line, strlen (line), i + 1 == lines->len);
    }
}

void
ph_tls_notes_write (gnutls_session_t  tls,
                    PhPeer           *peer,
                    PhJournalSession *journal)
{
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *description = NULL;
  gnutls_group_t   group = gnutls_group_get (tls);
  gnutls_datum_t   protocol;

  /* Formatting costs: not where nobody reads it. */
  if (journal == NULL)
    return;

  description = g_strdup_printf ("%s %s", peer->tls_version, peer->tls_cipher);
  ph_journal_session_set_tls (journal, description);

  lines = g_ptr_array_new_with_free_func (g_free);
  add_line (lines, N_ ("TLS begins"));
  /* Translators: a version of TLS and a cipher */
  add_line (lines, N_ ("Version and cipher: %s"), description);
  if (group != GNUTLS_GROUP_INVALID)
    /* Translators: the name of an elliptic curve, or the like */
    add_line (lines, N_ ("Key exchange: %s"), gnutls_group_get_name (group));
  if (gnutls_session_is_resumed (tls))
    add_line (lines, N_ ("It goes on from an earlier connection (resumed)"));
  add_name (lines, peer->tls_sni);
  if (gnutls_alpn_get_selected_protocol (tls, &protocol) == GNUTLS_E_SUCCESS)
    /* Translators: the name of a protocol */
    add_line (lines, N_ ("Protocol (ALPN): %.*s"), (int)protocol.size, protocol.data);
  add_certificates (lines, tls);
  write_block (lines, journal);
}

void
ph_tls_notes_write_failure (PhTransport      *transport,
                            const char       *why,
                            PhJournalSession *journal)
{
  g_autoptr (GPtrArray) lines = NULL;
  g_autofree char *name = NULL;

  if (journal == NULL)
    return;

  name = ph_transport_dup_asked_name (transport);
  lines = g_ptr_array_new_with_free_func (g_free);
  add_line (lines, N_ ("TLS failed"));
  add_line (lines, "%s", why);
  if (transport->alert >= 0)
    /* Translators: the number of an alert of TLS, and its name */
    add_line (lines, N_ ("Alert sent: %d, %s"), transport->alert, gnutls_alert_get_name ((gnutls_alert_description_t)transport->alert));
  add_name (lines, name);
  add_certificates (lines, transport->tls);
  write_block (lines, journal);
}
