#include "ph-session-save.h"

#include "ph-save-file.h"

#include <glib/gi18n.h>

#include <string.h>

typedef struct
{
  GtkWidget *parent;
  char      *name;
} PhSessionSave;

static void
ph_session_save_free (PhSessionSave *self)
{
  g_object_unref (self->parent);
  g_free (self->name);
  g_free (self);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhSessionSave, ph_session_save_free)

static void
exported_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      user_data)
{
  g_autoptr (PhSessionSave) self = user_data;
  char *text = ph_journal_session_export_finish (PH_JOURNAL_SESSION (source), result, NULL);
  g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

  ph_save_file (self->parent, _ ("Save the transcript"), self->name, bytes, NULL);
}

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
  PhSessionSave *self = g_new0 (PhSessionSave, 1);

  self->parent = g_object_ref (parent);
  self->name = g_strdup_printf ("%s-%" G_GUINT64_FORMAT ".%s", ph_journal_session_get_service (session),
                                ph_journal_session_get_id (session), endings[format]);

  ph_journal_session_export_async (session, format, NULL, exported_cb, self);
}
