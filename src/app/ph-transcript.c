#include "ph-transcript.h"

#include "ph-follow-model.h"
#include "ph-line-detail.h"
#include "ph-lines-text.h"
#include "ph-save-file.h"
#include "ph-transcript-row.h"

#include <glib/gi18n.h>

/* Nearer than this to the end is at the end, in pixels. */
#define END_SLACK 4.0

/* Narrower than this rows are compact, in digits; and so much later where they say their session. */
#define COMPACT_DIGITS 62
#define SESSION_DIGITS 16

struct _PhTranscript
{
  GtkWidget parent_instance;

  GtkStack          *stack;
  GtkListView       *list;
  GtkScrolledWindow *scroller;
  GtkRevealer       *follow_revealer;
  GtkButton         *follow_button;
  GtkLabel          *follow_label;
  GtkRevealer       *detail_revealer;
  PhLineDetail      *detail;

  GListModel        *lines; /* what is shown, or NULL */
  gboolean           show_session;
  gboolean           compact;
  gboolean           show_elapsed;
  PhFollowModel     *model;
  GtkSelectionModel *selection;
  GCancellable      *cancellable; /* of copying and saving */
  char              *file_name;   /* to suggest */
  double             last_value;
  guint              follow_idle;
  guint              settle_idle;
  guint              compact_idle;
};

G_DEFINE_FINAL_TYPE (PhTranscript, ph_transcript, GTK_TYPE_WIDGET)

static void
setup_row_cb (PhTranscript *self,
              GtkListItem  *item)
{
  gtk_list_item_set_child (item, g_object_new (PH_TYPE_TRANSCRIPT_ROW, "show-session", self->show_session, "show-elapsed", self->show_elapsed, "compact", self->compact, NULL));
}

static void
bind_row_cb (PhTranscript *self,
             GtkListItem  *item)
{
  g_object_set (gtk_list_item_get_child (item), "line", gtk_list_item_get_item (item), NULL);
}

static void
unbind_row_cb (PhTranscript *self,
               GtkListItem  *item)
{
  g_object_set (gtk_list_item_get_child (item), "line", NULL, NULL);
}

/* Rows are made anew where the kind of row changes. */
static void
make_rows (PhTranscript *self)
{
  g_autoptr (GtkListItemFactory) factory = gtk_signal_list_item_factory_new ();

  g_signal_connect_object (factory, "setup", G_CALLBACK (setup_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "bind", G_CALLBACK (bind_row_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (factory, "unbind", G_CALLBACK (unbind_row_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_factory (self->list, factory);
}

void
ph_transcript_set_show_elapsed (PhTranscript *self,
                                gboolean      show_elapsed)
{
  g_return_if_fail (PH_IS_TRANSCRIPT (self));

  self->show_elapsed = show_elapsed;
  make_rows (self);
}

/* Text of twice the size needs twice the room. */
static gboolean
is_narrow (PhTranscript *self,
           int           width)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (GTK_WIDGET (self)), NULL, NULL);
  int               digit = pango_font_metrics_get_approximate_digit_width (metrics);

  pango_font_metrics_unref (metrics);

  return width < PANGO_PIXELS (digit * (COMPACT_DIGITS + (self->show_session ? SESSION_DIGITS : 0)));
}

static gboolean
compact_idle_cb (gpointer data)
{
  PhTranscript *self = data;
  gboolean      compact = is_narrow (self, gtk_widget_get_width (GTK_WIDGET (self)));

  self->compact_idle = 0;
  if (compact != self->compact)
    {
      self->compact = compact;
      make_rows (self);
    }

  return G_SOURCE_REMOVE;
}

/* Following */

static void
scroll_to_end (PhTranscript *self)
{
  guint n_items = g_list_model_get_n_items (G_LIST_MODEL (self->model));

  if (n_items > 0)
    gtk_widget_activate_action (GTK_WIDGET (self->list), "list.scroll-to-item", "u", n_items - 1);
}

static void
update_follow_button (PhTranscript *self)
{
  guint            n_new = ph_follow_model_get_n_new (self->model);
  g_autofree char *text = NULL;

  if (n_new > 0)
    /* Translators: a number of lines below those that are seen */
    text = g_strdup_printf (ngettext ("%'u new line", "%'u new lines", n_new), n_new);
  else
    text = g_strdup (_ ("Follow"));
  gtk_label_set_label (self->follow_label, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->follow_button), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
  gtk_revealer_set_reveal_child (self->follow_revealer, !ph_follow_model_get_following (self->model));
}

static void
model_changed_cb (PhTranscript *self)
{
  gboolean is_empty = g_list_model_get_n_items (G_LIST_MODEL (self->model)) == 0;

  gtk_stack_set_visible_child_name (self->stack, is_empty ? "empty" : "lines");
  if (ph_follow_model_get_following (self->model))
    scroll_to_end (self);
}

static gboolean
is_at_end (GtkAdjustment *adjustment)
{
  return gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment) >= gtk_adjustment_get_upper (adjustment) - END_SLACK;
}

static gboolean
follow_idle_cb (gpointer data)
{
  PhTranscript *self = data;

  self->follow_idle = 0;
  ph_transcript_follow (self);

  return G_SOURCE_REMOVE;
}

static gboolean
settle_idle_cb (gpointer data)
{
  PhTranscript  *self = data;
  GtkAdjustment *adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);

  self->settle_idle = 0;
  if (ph_follow_model_get_following (self->model))
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));

  return G_SOURCE_REMOVE;
}

/* The list scrolls by heights that it guesses, and may learn only then that the last
 * row ends further down. */
static void
size_changed_cb (PhTranscript  *self,
                 GtkAdjustment *adjustment)
{
  if (self->settle_idle == 0 && ph_follow_model_get_following (self->model) && !is_at_end (adjustment))
    self->settle_idle = g_idle_add (settle_idle_cb, self);
}

/* Only somebody who scrolls moves away from the end: the list itself stays there. */
static void
value_changed_cb (PhTranscript  *self,
                  GtkAdjustment *adjustment)
{
  double   value = gtk_adjustment_get_value (adjustment);
  gboolean went_up = value < self->last_value;

  self->last_value = value;
  if (ph_follow_model_get_following (self->model))
    {
      if (went_up && !is_at_end (adjustment))
        ph_follow_model_set_following (self->model, FALSE);
    }
  else if (!went_up && is_at_end (adjustment) && self->follow_idle == 0)
    self->follow_idle = g_idle_add (follow_idle_cb, self);
}

void
ph_transcript_follow (PhTranscript *self)
{
  g_return_if_fail (PH_IS_TRANSCRIPT (self));

  ph_follow_model_set_following (self->model, TRUE);
  scroll_to_end (self);
}

gboolean
ph_transcript_get_following (PhTranscript *self)
{
  g_return_val_if_fail (PH_IS_TRANSCRIPT (self), FALSE);

  return ph_follow_model_get_following (self->model);
}

/* Where one line is chosen. */
static void
selection_changed_cb (PhTranscript *self)
{
  g_autoptr (GtkBitset) chosen = gtk_selection_model_get_selection (self->selection);
  gboolean is_one = gtk_bitset_get_size (chosen) == 1;

  if (is_one)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (G_LIST_MODEL (self->model), gtk_bitset_get_minimum (chosen));

      if (line != NULL)
        ph_line_detail_set_line (self->detail, line);
    }
  gtk_revealer_set_reveal_child (self->detail_revealer, is_one);
}

/* Copying and saving */

static void
copied_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhTranscript) self = user_data;
  g_autofree char *text = ph_lines_text_finish (G_LIST_MODEL (source), result, NULL);

  if (text == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), text);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Copied the lines"));
}

void
ph_transcript_copy (PhTranscript *self)
{
  g_autoptr (GtkBitset) chosen = NULL;

  g_return_if_fail (PH_IS_TRANSCRIPT (self));

  chosen = gtk_selection_model_get_selection (self->selection);
  ph_lines_text_async (G_LIST_MODEL (self->model), gtk_bitset_is_empty (chosen) ? NULL : chosen, self->show_session,
                       self->cancellable, copied_cb, g_object_ref (self));
}

static void
text_to_save_cb (GObject      *source,
                 GAsyncResult *result,
                 gpointer      user_data)
{
  g_autoptr (PhTranscript) self = user_data;
  char *text = ph_lines_text_finish (G_LIST_MODEL (source), result, NULL);

  if (text != NULL)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_take (text, strlen (text));

      ph_save_file (GTK_WIDGET (self), _ ("Save the transcript"), self->file_name, bytes, self->cancellable);
    }
}

void
ph_transcript_save (PhTranscript *self,
                    const char   *suggested_name)
{
  g_return_if_fail (PH_IS_TRANSCRIPT (self));

  g_free (self->file_name);
  self->file_name = g_strdup (suggested_name);
  if (self->lines != NULL)
    ph_lines_text_async (self->lines, NULL, self->show_session, self->cancellable, text_to_save_cb, g_object_ref (self));
}

static void
copy_action_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  ph_transcript_copy (PH_TRANSCRIPT (widget));
}

static void
follow_action_cb (GtkWidget  *widget,
                  const char *action,
                  GVariant   *parameter)
{
  ph_transcript_follow (PH_TRANSCRIPT (widget));
}

/* What comes while another view is shown does not move the list: it goes to the end now. */
static void
ph_transcript_map (GtkWidget *widget)
{
  PhTranscript *self = PH_TRANSCRIPT (widget);

  GTK_WIDGET_CLASS (ph_transcript_parent_class)->map (widget);
  if (ph_follow_model_get_following (self->model) && self->follow_idle == 0)
    self->follow_idle = g_idle_add (follow_idle_cb, self);
}

static void
ph_transcript_size_allocate (GtkWidget *widget,
                             int        width,
                             int        height,
                             int        baseline)
{
  PhTranscript *self = PH_TRANSCRIPT (widget);

  gtk_widget_allocate (GTK_WIDGET (self->stack), width, height, baseline, NULL);
  /* Rows can't be made while they are laid out. */
  if (is_narrow (self, width) != self->compact && self->compact_idle == 0)
    self->compact_idle = g_idle_add_full (GTK_PRIORITY_RESIZE - 1, compact_idle_cb, self, NULL);
}

static void
ph_transcript_measure (GtkWidget     *widget,
                       GtkOrientation orientation,
                       int            for_size,
                       int           *minimum,
                       int           *natural,
                       int           *minimum_baseline,
                       int           *natural_baseline)
{
  gtk_widget_measure (GTK_WIDGET (PH_TRANSCRIPT (widget)->stack), orientation, for_size, minimum, natural, minimum_baseline, natural_baseline);
}

static void
ph_transcript_dispose (GObject *object)
{
  PhTranscript *self = PH_TRANSCRIPT (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->follow_idle, g_source_remove);
  g_clear_handle_id (&self->settle_idle, g_source_remove);
  g_clear_handle_id (&self->compact_idle, g_source_remove);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->model);
  g_clear_object (&self->lines);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_TRANSCRIPT);

  G_OBJECT_CLASS (ph_transcript_parent_class)->dispose (object);
}

static void
ph_transcript_finalize (GObject *object)
{
  g_object_unref (PH_TRANSCRIPT (object)->cancellable);
  g_free (PH_TRANSCRIPT (object)->file_name);

  G_OBJECT_CLASS (ph_transcript_parent_class)->finalize (object);
}

static void
ph_transcript_class_init (PhTranscriptClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = ph_transcript_dispose;
  object_class->finalize = ph_transcript_finalize;
  widget_class->map = ph_transcript_map;
  widget_class->measure = ph_transcript_measure;
  widget_class->size_allocate = ph_transcript_size_allocate;

  g_type_ensure (PH_TYPE_LINE_DETAIL);
  gtk_widget_class_install_action (widget_class, "transcript.copy", NULL, copy_action_cb);
  gtk_widget_class_install_action (widget_class, "transcript.follow", NULL, follow_action_cb);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "transcript.copy", NULL);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-transcript.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, stack);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, list);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, scroller);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, follow_revealer);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, follow_button);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, follow_label);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, detail_revealer);
  gtk_widget_class_bind_template_child (widget_class, PhTranscript, detail);
}

static void
ph_transcript_init (PhTranscript *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));

  self->cancellable = g_cancellable_new ();
  self->model = ph_follow_model_new ();
  self->selection = GTK_SELECTION_MODEL (gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (self->model))));
  make_rows (self);
  gtk_list_view_set_model (self->list, self->selection);

  /* After the list, which has to know of new rows before it can scroll to them. */
  g_signal_connect_object (self->model, "items-changed", G_CALLBACK (model_changed_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->model, "notify", G_CALLBACK (update_follow_button), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "value-changed",
                           G_CALLBACK (value_changed_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_scrolled_window_get_vadjustment (self->scroller), "changed",
                           G_CALLBACK (size_changed_cb), self, G_CONNECT_SWAPPED);
  model_changed_cb (self);
}

void
ph_transcript_set_lines (PhTranscript *self,
                         GListModel   *lines,
                         gboolean      show_session)
{
  g_return_if_fail (PH_IS_TRANSCRIPT (self));

  if (lines == self->lines)
    return;

  ph_follow_model_set_model (self->model, NULL);
  if (show_session != self->show_session)
    {
      self->show_session = show_session;
      self->compact = is_narrow (self, gtk_widget_get_width (GTK_WIDGET (self)));
      make_rows (self);
    }
  g_set_object (&self->lines, lines);
  ph_follow_model_set_following (self->model, TRUE);
  ph_follow_model_set_model (self->model, lines);
  gtk_revealer_set_reveal_child (self->detail_revealer, FALSE);
}
