#include "ph-tls-notes.h"

#include <gnutls/x509.h>

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

static void
note_connection (gnutls_session_t  tls,
                 PhPeer           *peer,
                 PhJournalSession *journal)
{
  GString       *text = g_string_new (NULL);
  gnutls_group_t group = gnutls_group_get (tls);
  gnutls_datum_t protocol;

  g_string_append_printf (text, "%s %s", peer->tls_version, peer->tls_cipher);
  ph_journal_session_set_tls (journal, text->str);

  if (group != GNUTLS_GROUP_INVALID)
    g_string_append_printf (text, " %s", gnutls_group_get_name (group));
  if (peer->tls_sni != NULL)
    g_string_append_printf (text, " for “%s”", peer->tls_sni);
  if (gnutls_alpn_get_selected_protocol (tls, &protocol) == GNUTLS_E_SUCCESS)
    g_string_append_printf (text, ", ALPN %.*s", (int)protocol.size, protocol.data);
  if (gnutls_session_is_resumed (tls))
    g_string_append (text, ", resumed");

  ph_journal_session_note (journal, "%s", text->str);
  g_string_free (text, TRUE);
}

static void
note_certificate (PhJournalSession     *journal,
                  const char           *whose,
                  const gnutls_datum_t *der)
{
  g_autofree char *text = der != NULL ? ph_tls_notes_format_certificate (der) : NULL;

  if (text != NULL)
    ph_journal_session_note (journal, "%s: %s", whose, text);
}

void
ph_tls_notes_write (gnutls_session_t  tls,
                    PhPeer           *peer,
                    PhJournalSession *journal)
{
  unsigned int          n = 0;
  const gnutls_datum_t *theirs = gnutls_certificate_get_peers (tls, &n);

  /* Formatting costs: not where nobody reads it. */
  if (journal == NULL)
    return;

  note_connection (tls, peer, journal);
  note_certificate (journal, "Our certificate", gnutls_session_is_resumed (tls) ? NULL : gnutls_certificate_get_ours (tls));
  note_certificate (journal, "Their certificate", n > 0 ? theirs : NULL);
}
