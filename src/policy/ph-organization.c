#include "ph-organization.h"

#include <libpsl.h>

const char *
ph_organization_find (const char *domain)
{
  static gsize            once;
  static const psl_ctx_t *list;
  const char             *registrable;

  /* The system's list where it is newer than what libpsl has built in: a file of 50 kB, read once. */
  if (g_once_init_enter (&once))
    {
      list = psl_latest (NULL);
      g_once_init_leave (&once, 1);
    }
  registrable = list != NULL ? psl_registrable_domain (list, domain) : NULL;

  return registrable != NULL ? registrable : domain;
}
