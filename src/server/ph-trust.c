#include "ph-trust.h"

#include <glib/gi18n.h>
#include <string.h>

/* Characters of base64 in a line (RFC 7468 section 2). */
#define PEM_LINE 64

/* The window translates them. */
static const PhTrustSteps steps[] = {
  { N_ ("Thunderbird"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("Open Settings, Privacy & Security, Certificates, Manage Certificates. On the tab Authorities choose Import, take %s, and tick "
                                                                                "“Trust this CA to identify websites” (it stands for mail servers, too).") },
  { N_ ("Evolution and GNOME"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("Evolution asks at the first connection: compare the fingerprint and choose Accept Permanently. For all programs of the computer, do as for "
                                                                                        "Debian and Ubuntu below. In Evolution alone: Edit, Preferences, Certificates, Authorities, Import, and take %s.") },
  { N_ ("Firefox"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("Open Settings, Privacy & Security, Certificates, View Certificates. On the tab Authorities choose Import, take %s, and tick “Trust this CA to "
                                                                            "identify websites”.") },
  { N_ ("Chromium"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("Open Settings, Privacy and security, Security, Manage certificates, Authorities. Choose Import, take %s, and tick “Trust this certificate for "
                                                                             "identifying websites”.") },
  { N_ ("iPhone and iPad"), PH_TRUST_PROFILE, /* Translators: the path of a file */ N_ ("Send %s to the device (AirDrop, or a message to yourself) and open it. In Settings choose Profile Downloaded and Install. Then, in General, About, "
                                                                                        "Certificate Trust Settings, switch the new certificate on.") },
  { N_ ("macOS"), PH_TRUST_PROFILE, /* Translators: the path of a file */ N_ ("Open %s, then in System Settings, Privacy & Security, Profiles, install it.") },
  { N_ ("Android"), PH_TRUST_DER, /* Translators: the path of a file */ N_ ("Copy %s to the device. In Settings, Security, More, Encryption & credentials, choose Install a certificate, CA certificate, Install anyway, and take "
                                                                            "the file.") },
  { N_ ("Windows"), PH_TRUST_DER, /* Translators: the path of a file */ N_ ("Open %s, choose Install Certificate, Local Machine, Place all certificates in the following store, Trusted Root Certification Authorities.") },
  { N_ ("Debian and Ubuntu (all programs)"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("In a terminal: sudo cp %s /usr/local/share/ca-certificates/ && sudo update-ca-certificates") },
  { N_ ("Fedora (all programs)"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("In a terminal: sudo cp %s /etc/pki/ca-trust/source/anchors/ && sudo update-ca-trust") },
  { N_ ("curl, mbsync, msmtp, mpop"), PH_TRUST_PEM, /* Translators: the path of a file */ N_ ("Name the file: curl --cacert %s; in mbsync CertificateFile, in msmtp and mpop tls_trust_file.") },
};

const PhTrustSteps *
ph_trust_get_steps (guint *n)
{
  *n = G_N_ELEMENTS (steps);

  return steps;
}

static const char *const file_names[] = {
  [PH_TRUST_PEM] = "posthouse-authority.crt",
  [PH_TRUST_DER] = "posthouse-authority.cer",
  [PH_TRUST_PROFILE] = "posthouse-authority.mobileconfig",
};

const char *
ph_trust_get_file_name (PhTrustFormat format)
{
  g_return_val_if_fail (format < G_N_ELEMENTS (file_names), NULL);

  return file_names[format];
}

PhTrustFormat
ph_trust_guess_format (const char *file_name)
{
  static const struct
  {
    const char   *suffix;
    PhTrustFormat format;
  } suffixes[] = { { ".der", PH_TRUST_DER }, { ".cer", PH_TRUST_DER }, { ".mobileconfig", PH_TRUST_PROFILE } };

  for (guint i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (file_name, suffixes[i].suffix))
      return suffixes[i].format;

  return PH_TRUST_PEM;
}

static void
append_lines (GString    *text,
              const char *base64,
              const char *indent)
{
  for (gsize length = strlen (base64); length > 0;)
    {
      gsize n = MIN (length, PEM_LINE);

      g_string_append_printf (text, "%s%.*s\n", indent, (int)n, base64);
      base64 += n;
      length -= n;
    }
}

static char *
format_pem (const char *base64)
{
  GString *text = g_string_new ("-----BEGIN CERTIFICATE-----\n");

  append_lines (text, base64, "");
  g_string_append (text, "-----END CERTIFICATE-----\n");

  return g_string_free (text, FALSE);
}

/* The same for the same certificate, so that a profile replaces the one before. */
static char *
make_uuid (GBytes     *authority,
           const char *purpose)
{
  g_autoptr (GChecksum) checksum = g_checksum_new (G_CHECKSUM_SHA256);
  const char *hex;

  g_checksum_update (checksum, g_bytes_get_data (authority, NULL), (gssize)g_bytes_get_size (authority));
  g_checksum_update (checksum, (const guchar *)purpose, -1);
  hex = g_checksum_get_string (checksum);

  return g_strdup_printf ("%.8s-%.4s-4%.3s-a%.3s-%.12s", hex, hex + 8, hex + 12, hex + 15, hex + 18);
}

/* A property list with one payload, com.apple.security.root. */
static char *
format_profile (GBytes     *authority,
                const char *base64,
                const char *host_name)
{
  g_autofree char *inner = make_uuid (authority, "certificate");
  g_autofree char *outer = make_uuid (authority, "profile");
  g_autofree char *name = g_markup_escape_text (host_name, -1);
  GString         *text = g_string_new ("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                                                "<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
                                                "<plist version=\"1.0\">\n<dict>\n"
                                                "  <key>PayloadContent</key>\n  <array>\n    <dict>\n"
                                                "      <key>PayloadCertificateFileName</key>\n      <string>posthouse-authority.cer</string>\n"
                                                "      <key>PayloadContent</key>\n      <data>\n");

  append_lines (text, base64, "      ");
  g_string_append_printf (text,
                          "      </data>\n"
                          "      <key>PayloadDisplayName</key>\n      <string>Posthouse on %s</string>\n"
                          "      <key>PayloadIdentifier</key>\n      <string>org.posthouse.authority.%s</string>\n"
                          "      <key>PayloadType</key>\n      <string>com.apple.security.root</string>\n"
                          "      <key>PayloadUUID</key>\n      <string>%s</string>\n"
                          "      <key>PayloadVersion</key>\n      <integer>1</integer>\n"
                          "    </dict>\n  </array>\n",
                          name, inner, inner);
  g_string_append_printf (text,
                          "  <key>PayloadDescription</key>\n  <string>Lets this device trust the mail server %s</string>\n"
                          "  <key>PayloadDisplayName</key>\n  <string>Mail server %s</string>\n"
                          "  <key>PayloadIdentifier</key>\n  <string>org.posthouse.trust.%s</string>\n"
                          "  <key>PayloadType</key>\n  <string>Configuration</string>\n"
                          "  <key>PayloadUUID</key>\n  <string>%s</string>\n"
                          "  <key>PayloadVersion</key>\n  <integer>1</integer>\n"
                          "</dict>\n</plist>\n",
                          name, name, outer, outer);

  return g_string_free (text, FALSE);
}

GBytes *
ph_trust_format (GBytes       *authority,
                 PhTrustFormat format,
                 const char   *host_name)
{
  g_autofree char *base64 = g_base64_encode (g_bytes_get_data (authority, NULL), g_bytes_get_size (authority));
  char            *text;

  if (format == PH_TRUST_DER)
    return g_bytes_ref (authority);

  text = format == PH_TRUST_PEM ? format_pem (base64) : format_profile (authority, base64, host_name);

  return g_bytes_new_take (text, strlen (text));
}
