#include "ph-lines-text.h"

#include "ph-transcript-row.h"

/* µs of work in one dispatch. */
#define SLICE (4 * 1000)

typedef struct
{
  GListModel *lines;
  GtkBitset  *positions; /* still to do, moved along with the model */
  gboolean    show_session;
  GString    *text;
  gulong      handler;
} PhLinesText;

static void
ph_lines_text_free (gpointer data)
{
  PhLinesText *self = data;

  g_signal_handler_disconnect (self->lines, self->handler);
  g_object_unref (self->lines);
  gtk_bitset_unref (self->positions);
  g_string_free (self->text, TRUE);
  g_free (self);
}

static void
items_changed_cb (PhLinesText *self,
                  guint        position,
                  guint        removed,
                  guint        added)
{
  gtk_bitset_splice (self->positions, position, removed, added);
}

static gboolean
slice_cb (gpointer data)
{
  GTask       *task = data;
  PhLinesText *self = g_task_get_task_data (task);
  gint64       end = g_get_monotonic_time () + SLICE;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;

  while (!gtk_bitset_is_empty (self->positions))
    {
      guint position = gtk_bitset_get_minimum (self->positions);
      g_autoptr (PhJournalLine) line = g_list_model_get_item (self->lines, position);

      gtk_bitset_remove (self->positions, position);
      if (line != NULL)
        {
          ph_transcript_row_append_text (self->text, line, self->show_session);
          g_string_append_c (self->text, '\n');
        }
      if (g_get_monotonic_time () > end)
        return G_SOURCE_CONTINUE;
    }

  g_task_return_pointer (task, g_string_free (self->text, FALSE), g_free);
  self->text = g_string_new (NULL);

  return G_SOURCE_REMOVE;
}

void
ph_lines_text_async (GListModel         *lines,
                     const GtkBitset    *positions,
                     gboolean            show_session,
                     GCancellable       *cancellable,
                     GAsyncReadyCallback callback,
                     gpointer            user_data)
{
  PhLinesText *self = g_new0 (PhLinesText, 1);
  GTask       *task = g_task_new (lines, cancellable, callback, user_data);

  self->lines = g_object_ref (lines);
  self->positions = positions != NULL ? gtk_bitset_copy (positions) : gtk_bitset_new_range (0, g_list_model_get_n_items (lines));
  self->show_session = show_session;
  self->text = g_string_new (NULL);
  self->handler = g_signal_connect_swapped (lines, "items-changed", G_CALLBACK (items_changed_cb), self);
  g_task_set_task_data (task, self, ph_lines_text_free);
  g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, slice_cb, task, g_object_unref);
}

char *
ph_lines_text_finish (GListModel   *lines,
                      GAsyncResult *result,
                      GError      **error)
{
  g_return_val_if_fail (g_task_is_valid (result, lines), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
