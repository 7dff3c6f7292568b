#include "ph-mail-text-view.h"

#include "ph-column-layout.h"

#include <glib/gi18n.h>

struct _PhMailTextView
{
  AdwBin parent_instance;

  GtkTextView *view;
  GtkWidget   *truncated_label;
  GtkPopover  *popover;
  GtkLabel    *link_label;

  GtkTextTag *tags[PH_MAIL_STYLES];
  GtkTextTag *link_tag;
  GPtrArray  *links; /* of char * */
  GArray     *spans; /* of PhLinkSpan, in order */
  const char *link;  /* the one in the popover */
  guint       fit;   /* an idle source; 0: none */
};

/* Where a link is, in characters. */
typedef struct
{
  int begin;
  int end;
  int link;
} PhLinkSpan;

G_DEFINE_FINAL_TYPE (PhMailTextView, ph_mail_text_view, ADW_TYPE_BIN)

/* Tags; their colours are those of the theme, which may change */

static void
make_tags (PhMailTextView *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);

  self->tags[0] = gtk_text_buffer_create_tag (buffer, NULL, "weight", PANGO_WEIGHT_BOLD, NULL);
  self->tags[1] = gtk_text_buffer_create_tag (buffer, NULL, "style", PANGO_STYLE_ITALIC, NULL);
  self->tags[2] = gtk_text_buffer_create_tag (buffer, NULL, "underline", PANGO_UNDERLINE_SINGLE, NULL);
  self->tags[3] = gtk_text_buffer_create_tag (buffer, NULL, "strikethrough", TRUE, NULL);
  self->tags[4] = gtk_text_buffer_create_tag (buffer, NULL, "family", "monospace", NULL);
  self->tags[5] = gtk_text_buffer_create_tag (buffer, NULL, "weight", PANGO_WEIGHT_BOLD, "scale", PANGO_SCALE_LARGE, NULL);
  self->tags[6] = gtk_text_buffer_create_tag (buffer, NULL, "left-margin", 24, NULL);
  self->tags[7] = gtk_text_buffer_create_tag (buffer, NULL, "style", PANGO_STYLE_ITALIC, NULL);
  self->link_tag = gtk_text_buffer_create_tag (buffer, NULL, "underline", PANGO_UNDERLINE_SINGLE, NULL);
}

static void
ph_mail_text_view_css_changed (GtkWidget         *widget,
                               GtkCssStyleChange *change)
{
  PhMailTextView  *self = PH_MAIL_TEXT_VIEW (widget);
  GtkStyleContext *context = gtk_widget_get_style_context (widget);
  GdkRGBA          accent, faint;

  GTK_WIDGET_CLASS (ph_mail_text_view_parent_class)->css_changed (widget, change);

  if (self->link_tag == NULL)
    return;

  gtk_style_context_get_color (context, &faint);
  faint.alpha *= 0.65f;
  g_object_set (self->tags[6], "foreground-rgba", &faint, NULL);
  g_object_set (self->tags[7], "foreground-rgba", &faint, NULL);
  if (gtk_style_context_lookup_color (context, "accent_color", &accent))
    g_object_set (self->link_tag, "foreground-rgba", &accent, NULL);
}

static void
insert_span (PhMailTextView   *self,
             GtkTextIter      *at,
             const char       *text,
             gsize             length,
             const PhMailSpan *span)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  PhLinkSpan     where = { .begin = gtk_text_iter_get_offset (at), .link = span->link };
  GtkTextIter    start;

  gtk_text_buffer_insert (buffer, at, text, (int)length);
  where.end = gtk_text_iter_get_offset (at);
  gtk_text_buffer_get_iter_at_offset (buffer, &start, where.begin);
  for (guint i = 0; i < PH_MAIL_STYLES; i++)
    if ((span->style & (1u << i)) != 0)
      gtk_text_buffer_apply_tag (buffer, self->tags[i], &start, at);
  if (span->link >= 0)
    {
      gtk_text_buffer_apply_tag (buffer, self->link_tag, &start, at);
      g_array_append_val (self->spans, where);
    }
}

void
ph_mail_text_view_set_text (PhMailTextView   *self,
                            const PhMailText *text)
{
  GtkTextBuffer *buffer;
  GtkTextIter    at;
  gsize          begin = 0;

  g_return_if_fail (PH_IS_MAIL_TEXT_VIEW (self));

  buffer = gtk_text_view_get_buffer (self->view);
  gtk_popover_popdown (self->popover);
  self->link = NULL;
  g_ptr_array_set_size (self->links, 0);
  g_array_set_size (self->spans, 0);
  gtk_text_buffer_set_text (buffer, "", 0);
  gtk_widget_set_visible (self->truncated_label, text != NULL && text->truncated);
  if (text == NULL)
    return;

  for (guint i = 0; i < text->links->len; i++)
    g_ptr_array_add (self->links, g_strdup (text->links->pdata[i]));
  gtk_text_buffer_get_start_iter (buffer, &at);
  for (guint i = 0; i < text->spans->len; i++)
    {
      const PhMailSpan *span = &g_array_index (text->spans, PhMailSpan, i);

      insert_span (self, &at, text->text->str + begin, span->end - begin, span);
      begin = span->end;
    }
  gtk_text_buffer_get_start_iter (buffer, &at);
  gtk_text_buffer_place_cursor (buffer, &at);
}

void
ph_mail_text_view_set_label (PhMailTextView *self,
                             const char     *label)
{
  g_return_if_fail (PH_IS_MAIL_TEXT_VIEW (self));

  gtk_accessible_update_property (GTK_ACCESSIBLE (self->view), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

/* Links */

static const char *
find_link (PhMailTextView    *self,
           const GtkTextIter *at)
{
  int offset = gtk_text_iter_get_offset (at);

  for (guint i = 0; i < self->spans->len; i++)
    {
      const PhLinkSpan *span = &g_array_index (self->spans, PhLinkSpan, i);

      if (offset >= span->begin && offset < span->end)
        return g_ptr_array_index (self->links, (guint)span->link);
    }

  return NULL;
}

static gboolean
show_link (PhMailTextView    *self,
           const GtkTextIter *at)
{
  const char  *link = find_link (self, at);
  GdkRectangle where;
  int          x, y;

  if (link == NULL)
    return FALSE;

  self->link = link;
  gtk_label_set_text (self->link_label, link);
  gtk_text_view_get_iter_location (self->view, at, &where);
  gtk_text_view_buffer_to_window_coords (self->view, GTK_TEXT_WINDOW_WIDGET, where.x, where.y, &x, &y);
  where.x = x;
  where.y = y;
  gtk_popover_set_pointing_to (self->popover, &where);
  gtk_popover_popup (self->popover);

  return TRUE;
}

static void
released_cb (PhMailTextView *self,
             int             n_presses,
             double          x,
             double          y)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter    at;
  int            buffer_x, buffer_y;

  if (n_presses != 1 || gtk_text_buffer_get_has_selection (buffer))
    return;
  gtk_text_view_window_to_buffer_coords (self->view, GTK_TEXT_WINDOW_WIDGET, (int)x, (int)y, &buffer_x, &buffer_y);
  if (gtk_text_view_get_iter_at_location (self->view, &at, buffer_x, buffer_y))
    show_link (self, &at);
}

static gboolean
key_pressed_cb (PhMailTextView *self,
                guint           key,
                guint           code,
                GdkModifierType modifiers)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->view);
  GtkTextIter    at;

  if (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter)
    return GDK_EVENT_PROPAGATE;

  gtk_text_buffer_get_iter_at_mark (buffer, &at, gtk_text_buffer_get_insert (buffer));

  return show_link (self, &at);
}

static void
open_clicked_cb (PhMailTextView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  gtk_popover_popdown (self->popover);
  if (self->link != NULL)
    gtk_show_uri (GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL, self->link, GDK_CURRENT_TIME);
}

static void
copy_clicked_cb (PhMailTextView *self)
{
  gtk_popover_popdown (self->popover);
  if (self->link == NULL)
    return;

  gdk_clipboard_set_text (gtk_widget_get_clipboard (GTK_WIDGET (self)), self->link);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Address copied"));
}

/* Later, as a text view that gets its size can't be given another margin. */
static gboolean
fit_cb (gpointer user_data)
{
  PhMailTextView *self = user_data;
  GtkWidget      *view = GTK_WIDGET (self->view);
  int             margin = MAX (PH_COLUMN_LAYOUT_MARGIN, gtk_widget_get_width (view) - PH_COLUMN_LAYOUT_MARGIN - ph_column_layout_get_width (view));

  if (gtk_widget_get_direction (view) == GTK_TEXT_DIR_RTL)
    gtk_text_view_set_left_margin (self->view, margin);
  else
    gtk_text_view_set_right_margin (self->view, margin);
  self->fit = 0;

  return G_SOURCE_REMOVE;
}

static void
width_changed_cb (PhMailTextView *self)
{
  if (self->fit == 0)
    self->fit = g_idle_add_full (G_PRIORITY_HIGH_IDLE, fit_cb, self, NULL);
}

static void
ph_mail_text_view_dispose (GObject *object)
{
  PhMailTextView *self = PH_MAIL_TEXT_VIEW (object);

  g_clear_handle_id (&self->fit, g_source_remove);

  if (self->popover != NULL)
    gtk_widget_unparent (GTK_WIDGET (self->popover));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_TEXT_VIEW);

  G_OBJECT_CLASS (ph_mail_text_view_parent_class)->dispose (object);
}

static void
ph_mail_text_view_finalize (GObject *object)
{
  PhMailTextView *self = PH_MAIL_TEXT_VIEW (object);

  g_ptr_array_unref (self->links);
  g_array_unref (self->spans);

  G_OBJECT_CLASS (ph_mail_text_view_parent_class)->finalize (object);
}

static void
ph_mail_text_view_class_init (PhMailTextViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_text_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_mail_text_view_finalize;
  widget_class->css_changed = ph_mail_text_view_css_changed;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-text-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailTextView, view);
  gtk_widget_class_bind_template_child (widget_class, PhMailTextView, truncated_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailTextView, popover);
  gtk_widget_class_bind_template_child (widget_class, PhMailTextView, link_label);
  gtk_widget_class_bind_template_callback (widget_class, copy_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, key_pressed_cb);
  gtk_widget_class_bind_template_callback (widget_class, open_clicked_cb);
  gtk_widget_class_bind_template_callback (widget_class, released_cb);
}

static void
ph_mail_text_view_init (PhMailTextView *self)
{
  self->links = g_ptr_array_new_with_free_func (g_free);
  self->spans = g_array_new (FALSE, FALSE, sizeof (PhLinkSpan));
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_widget_set_parent (GTK_WIDGET (self->popover), GTK_WIDGET (self->view));
  make_tags (self);
  g_signal_connect_object (gtk_scrollable_get_hadjustment (GTK_SCROLLABLE (self->view)), "notify::page-size", G_CALLBACK (width_changed_cb), self, G_CONNECT_SWAPPED);
}
