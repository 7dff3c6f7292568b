#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A certificate of the user's own in the ini file.  The first is a row of the table of
 * keys ([Certificate]); for others, which are chosen by the name that a client asks for:
 *
 *   [Certificate NAME]
 *   File=  Key=  Password=
 */
typedef struct
{
  char *certificate;
  char *key;      /* "" where it is in the file above */
  char *password; /* "" for none */
} PhCertificateFiles;

PhCertificateFiles *ph_certificate_files_new (const char *certificate,
                                              const char *key,
                                              const char *password);
void                ph_certificate_files_free (PhCertificateFiles *self); /* wipes the password */

/* Adds those of groups with a NAME to `list`, of PhCertificateFiles. */
void ph_settings_certificates_read (GKeyFile  *file,
                                    GPtrArray *list);

gboolean ph_settings_certificates_knows (const char *group,
                                         const char *key);

G_END_DECLS
