/* domain check */

#include "ph-command-private.h"

#include <string.h>

/* Wrong is what is missing, too; what DNS did not say is no success either. */
static gboolean
is_fine (const char *state)
{
  return strcmp (state, "right") == 0 || strcmp (state, "unwanted") == 0;
}

static int
check (PhCommand *self)
{
  g_autoptr (GVariant) answer = ph_command_call (self, "CheckDomain", g_variant_new ("(s)", self->arguments[0]));
  g_autoptr (GVariantIter) iter = NULL;
  const char *fields[7];
  gboolean    fine = TRUE;

  if (answer == NULL)
    return PH_COMMAND_FAILED;

  g_variant_get (answer, "(a(sssssss))", &iter);
  while (g_variant_iter_next (iter, "(&s&s&s&s&s&s&s)", &fields[0], &fields[1], &fields[2], &fields[3], &fields[4], &fields[5], &fields[6]))
    {
      for (guint i = 0; i < G_N_ELEMENTS (fields); i++)
        ph_command_print_field (fields[i], i == G_N_ELEMENTS (fields) - 1);
      fine &= is_fine (fields[0]);
    }

  return fine ? PH_COMMAND_DONE : PH_COMMAND_FAILED;
}

const PhCommandRow ph_command_domain_rows[] = {
  { "domain check", "DOMAIN", "What it is to publish in DNS, and does: state, kind, name, type, value, found, remark", 1, 1, TRUE, check, NULL },
  { NULL },
};
