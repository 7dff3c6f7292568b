#include "ph-imap-special-use.h"

static const char *const names[] = {
  [PH_SPECIAL_NONE] = NULL,
  [PH_SPECIAL_ARCHIVE] = "Archive",
  [PH_SPECIAL_DRAFTS] = "Drafts",
  [PH_SPECIAL_JUNK] = "Junk",
  [PH_SPECIAL_SENT] = "Sent",
  [PH_SPECIAL_TRASH] = "Trash",
};

const char *
ph_imap_special_use_get_name (PhSpecialUse use)
{
  return (guint)use < G_N_ELEMENTS (names) ? names[use] : NULL;
}

gboolean
ph_imap_special_use_parse (const char   *name,
                           PhSpecialUse *use)
{
  for (guint i = 1; i < G_N_ELEMENTS (names); i++)
    if (g_ascii_strcasecmp (name, names[i]) == 0)
      {
        *use = (PhSpecialUse)i;
        return TRUE;
      }

  return FALSE;
}
