#include "ph-tls-notes.h"

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

static void
append_names (GString          *text,
              gnutls_x509_crt_t certificate)
{
  guint n = 0;

  for (guint i = 0;; i++)
    {
      char   name[MAX_NAME];
      size_t length = sizeof name - 1;
      int    type = gnutls_x509_crt_get_subject_alt_name (certificate, i, name, &length, NULL);

      if (type < 0 && type != GNUTLS_E_SHORT_MEMORY_BUFFER)
        return;
      if (type != GNUTLS_SAN_DNSNAME)
        continue;
      if (n++ == MAX_NAMES)
        {
          g_string_append (text, ", …");
          return;
        }
      name[length] = '\0';
      g_string_append_printf (text, "%s%s", n == 1 ? " for " : ", ", name);
    }
}

static void
append_dn (GString          *text,
           const char       *before,
           gnutls_x509_crt_t certificate,
           int (*get) (gnutls_x509_crt_t,
                       gnutls_datum_t *,
                       unsigned))
{
  gnutls_datum_t dn = { 0 };

  if (get (certificate, &dn, 0) == GNUTLS_E_SUCCESS)
    g_string_append_printf (text, "%s“%.*s”", before, (int)dn.size, dn.data);
  gnutls_free (dn.data);
}

char *
ph_tls_notes_format_certificate (const gnutls_datum_t *der)
{
  g_autofree char  *fingerprint = ph_tls_notes_format_fingerprint (der);
  GString          *text = g_string_new (NULL);
  gnutls_x509_crt_t certificate;

  gnutls_x509_crt_init (&certificate);
  if (gnutls_x509_crt_import (certificate, der, GNUTLS_X509_FMT_DER) == GNUTLS_E_SUCCESS)
    {
      g_autoptr (GDateTime) end = g_date_time_new_from_unix_utc ((gint64)gnutls_x509_crt_get_expiration_time (certificate));
      g_autofree char *date = end != NULL ? g_date_time_format (end, "%Y-%m-%d") : g_strdup ("?");

      append_dn (text, "", certificate, gnutls_x509_crt_get_dn3);
      append_names (text, certificate);
      append_dn (text, ", signed by ", certificate, gnutls_x509_crt_get_issuer_dn3);
      g_string_append_printf (text, ", until %s, ", date);
    }
  gnutls_x509_crt_deinit (certificate);
  g_string_append_printf (text, "SHA-256 %s", fingerprint);

  return g_string_free (text, FALSE);
}

/* A line of the block. */
G_GNUC_PRINTF (2, 3)
static void
add_line (GPtrArray  *lines,
          const char *format,
          ...)
{
  va_list args;

  va_start (args, format);
  g_ptr_array_add (lines, g_strdup_vprintf (format, args));
  va_end (args);
}

static void
add_name (GPtrArray  *lines,
          const char *name)
{
  add_line (lines, "Name asked for (SNI): %s", name != NULL ? name : "none");
}

static void
add_certificate (GPtrArray            *lines,
                 const char           *whose,
                 const gnutls_datum_t *der)
{
  g_autofree char *text = der != NULL ? ph_tls_notes_format_certificate (der) : NULL;

  if (text != NULL)
    add_line (lines, "%s: %s", whose, text);
}

static void
add_certificates (GPtrArray       *lines,
                  gnutls_session_t tls)
{
  unsigned int          n = 0;
  const gnutls_datum_t *theirs = gnutls_certificate_get_peers (tls, &n);

  add_certificate (lines, "Our certificate", gnutls_session_is_resumed (tls) ? NULL : gnutls_certificate_get_ours (tls));
  add_certificate (lines, "Their certificate", n > 0 ? theirs : NULL);
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
  add_line (lines, "TLS begins");
  add_line (lines, "Version and cipher: %s%s%s%s", description, group != GNUTLS_GROUP_INVALID ? ", key exchange " : "",
            group != GNUTLS_GROUP_INVALID ? gnutls_group_get_name (group) : "", gnutls_session_is_resumed (tls) ? ", resumed" : "");
  add_name (lines, peer->tls_sni);
  if (gnutls_alpn_get_selected_protocol (tls, &protocol) == GNUTLS_E_SUCCESS)
    add_line (lines, "Protocol (ALPN): %.*s", (int)protocol.size, protocol.data);
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
  add_line (lines, "TLS failed");
  add_line (lines, "%s", why);
  if (transport->alert >= 0)
    add_line (lines, "Alert sent: %d, %s", transport->alert, gnutls_alert_get_name ((gnutls_alert_description_t)transport->alert));
  add_name (lines, name);
  add_certificates (lines, transport->tls);
  write_block (lines, journal);
}
