#include "ph-mail-parts.h"

#include "ph-format.h"
#include "ph-mail-save.h"
#include "ph-mail-text-view.h"

#include <glib/gi18n.h>

struct _PhMailParts
{
  AdwBin parent_instance;

  GtkListView     *list;
  GtkToggleButton *raw_button;
  GtkLabel        *about_label;
  PhMailTextView  *text_view;

  GtkSingleSelection *selection; /* NULL without a message */
  PhMailPart         *shown;
  GCancellable       *cancellable; /* of the text that is being read */
};

G_DEFINE_FINAL_TYPE (PhMailParts, ph_mail_parts, ADW_TYPE_BIN)

/* The chosen part */

static PhMailPartForm
get_form (PhMailParts *self)
{
  return gtk_toggle_button_get_active (self->raw_button) ? PH_MAIL_PART_RAW : PH_MAIL_PART_DECODED;
}

static void
text_loaded_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhMailParts) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailText) text = ph_mail_part_load_text_finish (PH_MAIL_PART (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (error->message));
  ph_mail_text_view_set_text (self->text_view, text);
}

static void
append_fact (GString    *text,
             const char *fact)
{
  if (fact == NULL || *fact == '\0')
    return;
  if (text->len > 0)
    g_string_append (text, " · ");
  g_string_append (text, fact);
}

static void
update_about (PhMailParts *self)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *size = self->shown != NULL ? g_format_size (ph_mail_part_get_size (self->shown)) : NULL;

  if (self->shown != NULL)
    {
      append_fact (text, ph_mail_part_get_charset (self->shown));
      append_fact (text, ph_mail_part_get_encoding (self->shown));
      append_fact (text, ph_mail_part_get_disposition (self->shown));
      append_fact (text, ph_mail_part_get_file_name (self->shown));
      append_fact (text, ph_mail_part_get_description (self->shown));
      append_fact (text, size);
    }
  gtk_label_set_label (self->about_label, text->str);
}

static void
update_text (PhMailParts *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  update_about (self);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "parts.save", self->shown != NULL);
  if (self->shown == NULL)
    {
      ph_mail_text_view_set_text (self->text_view, NULL);
      return;
    }

  self->cancellable = g_cancellable_new ();
  ph_mail_part_load_text_async (self->shown, get_form (self), self->cancellable, text_loaded_cb, g_object_ref (self));
}

static void
form_toggled_cb (PhMailParts *self)
{
  update_text (self);
}

static void
selected_cb (PhMailParts *self)
{
  GtkTreeListRow *row = self->selection != NULL ? gtk_single_selection_get_selected_item (self->selection) : NULL;
  g_autoptr (PhMailPart) part = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;

  if (g_set_object (&self->shown, part))
    update_text (self);
}

static void
save_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhMailParts     *self = PH_MAIL_PARTS (widget);
  PhMailPartForm   form = get_form (self);
  g_autofree char *name = g_strdup (ph_mail_part_get_file_name (self->shown));

  if (name == NULL)
    name = g_strdup_printf ("%s.%s", _ ("part"), form == PH_MAIL_PART_RAW ? "eml" : "txt");
  ph_mail_save (widget, self->shown, form, name);
}

/* The tree */

static GListModel *
make_children (gpointer item,
               gpointer data)
{
  return ph_mail_part_dup_children (item);
}

static void
setup_cb (GtkSignalListItemFactory *factory,
          GtkListItem              *item)
{
  GtkWidget *expander = gtk_tree_expander_new ();
  GtkWidget *label = gtk_label_new (NULL);

  gtk_label_set_ellipsize (GTK_LABEL (label), PANGO_ELLIPSIZE_END);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_tree_expander_set_child (GTK_TREE_EXPANDER (expander), label);
  gtk_list_item_set_child (item, expander);
}

static void
bind_cb (GtkSignalListItemFactory *factory,
         GtkListItem              *item)
{
  GtkTreeListRow  *row = gtk_list_item_get_item (item);
  GtkTreeExpander *expander = GTK_TREE_EXPANDER (gtk_list_item_get_child (item));
  g_autoptr (PhMailPart) part = gtk_tree_list_row_get_item (row);
  const char      *number = ph_mail_part_get_number (part);
  const char      *name = ph_mail_part_get_file_name (part);
  g_autofree char *text = g_strdup_printf ("%s%s%s%s%s", number, *number != '\0' ? "  " : "", ph_mail_part_get_content_type (part),
                                           name != NULL ? "  " : "", name != NULL ? name : "");

  gtk_tree_expander_set_list_row (expander, row);
  gtk_label_set_label (GTK_LABEL (gtk_tree_expander_get_child (expander)), text);
}

void
ph_mail_parts_set_root (PhMailParts *self,
                        PhMailPart  *root)
{
  GListStore *roots;

  g_return_if_fail (PH_IS_MAIL_PARTS (self));

  gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->selection);
  if (root != NULL)
    {
      roots = g_list_store_new (PH_TYPE_MAIL_PART);
      g_list_store_append (roots, root);
      /* Hostile mail has thousands of parts: what is deep is opened by hand. */
      self->selection = gtk_single_selection_new (G_LIST_MODEL (gtk_tree_list_model_new (G_LIST_MODEL (roots), FALSE, FALSE, make_children, NULL, NULL)));
      {
        g_autoptr (GtkTreeListRow) first = g_list_model_get_item (gtk_single_selection_get_model (self->selection), 0);

        gtk_tree_list_row_set_expanded (first, TRUE);
      }
      g_signal_connect_object (self->selection, "notify::selected-item", G_CALLBACK (selected_cb), self, G_CONNECT_SWAPPED);
      gtk_list_view_set_model (self->list, GTK_SELECTION_MODEL (self->selection));
    }
  selected_cb (self);
}

static void
ph_mail_parts_dispose (GObject *object)
{
  PhMailParts *self = PH_MAIL_PARTS (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->list != NULL)
    gtk_list_view_set_model (self->list, NULL);
  g_clear_object (&self->selection);
  g_clear_object (&self->shown);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_PARTS);

  G_OBJECT_CLASS (ph_mail_parts_parent_class)->dispose (object);
}

static void
ph_mail_parts_class_init (PhMailPartsClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_parts_dispose;

  g_type_ensure (PH_TYPE_MAIL_TEXT_VIEW);
  gtk_widget_class_install_action (widget_class, "parts.save", NULL, save_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-parts.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailParts, list);
  gtk_widget_class_bind_template_child (widget_class, PhMailParts, raw_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailParts, about_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailParts, text_view);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, form_toggled_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
}

static void
ph_mail_parts_init (PhMailParts *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_mail_text_view_set_label (self->text_view, _ ("Part"));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "parts.save", FALSE);
}
