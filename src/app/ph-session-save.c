#include "ph-session-save.h"

#include "ph-save-file.h"

#include <string.h>

void
ph_session_save (GtkWidget        *parent,
                 PhJournalSession *session,
                 PhJournalExport   format)
{
  static const char *const endings[] = {
    [PH_JOURNAL_EXPORT_TEXT] = "txt",
    [PH_JOURNAL_EXPORT_JSON_LINES] = "jsonl",
    [PH_JOURNAL_EXPORT_MARKDOWN] = "md",
  };
  char *text = ph_journal_session_export (session, format);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));
  g_autofree char *name = g_strdup_printf ("%s-%" G_GUINT64_FORMAT ".%s", ph_journal_session_get_service (session),
                                           ph_journal_session_get_id (session), endings[format]);

  ph_save_file (parent, name, bytes, NULL);
}
