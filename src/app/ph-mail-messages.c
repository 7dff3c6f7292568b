#include "ph-mail-messages.h"

#include "ph-mail-row.h"
#include "ph-row-factory.h"

#include <glib/gi18n.h>

struct _PhMailMessages
{
  AdwBin parent_instance;

  GtkWidget      *back_button;
  AdwWindowTitle *title;
  GtkSearchEntry *search_entry;
  GtkWidget      *menu_button;
  GtkStack       *stack;
  AdwStatusPage  *error_page;
  GtkListView    *view;

  PhMailList        *list;      /* NULL for none */
  char              *query;     /* what it was last asked for */
  GtkMultiSelection *selection; /* over it */
  guint              next;      /* where the only one that was chosen was, or GTK_INVALID_LIST_POSITION */
};

G_DEFINE_FINAL_TYPE (PhMailMessages, ph_mail_messages, ADW_TYPE_BIN)

static guint chosen_signal, activated_signal;

static guint
count (PhMailMessages *self)
{
  return self->list != NULL ? g_list_model_get_n_items (G_LIST_MODEL (self->list)) : 0;
}

static GtkBitset *
dup_positions (PhMailMessages *self)
{
  return self->selection != NULL ? gtk_selection_model_get_selection (GTK_SELECTION_MODEL (self->selection)) : gtk_bitset_new_empty ();
}

static gboolean
is_searching (PhMailMessages *self)
{
  gboolean searching;

  g_object_get (self->list, "searching", &searching, NULL);

  return searching;
}

static void
update (PhMailMessages *self)
{
  guint            n_total;
  gboolean         has_query = *gtk_editable_get_text (GTK_EDITABLE (self->search_entry)) != '\0';
  g_autofree char *subtitle = NULL;
  const char      *page;

  if (self->list == NULL)
    return;

  g_object_get (self->list, "n-total", &n_total, NULL);
  if (has_query && !is_searching (self))
    /* Translators: how many messages a search found, and how many the folder has */
    subtitle = g_strdup_printf (ngettext ("%u of %u message", "%u of %u messages", n_total), count (self), n_total);
  else
    /* Translators: a number of messages in a folder */
    subtitle = g_strdup_printf (ngettext ("%u message", "%u messages", n_total), n_total);
  adw_window_title_set_subtitle (self->title, subtitle);

  if (count (self) > 0)
    page = "list";
  else if (n_total == 0)
    page = "empty";
  else
    page = is_searching (self) ? "searching" : "none-found";
  gtk_stack_set_visible_child_name (self->stack, page);
}

/* What is chosen */

static void
remember_next (PhMailMessages *self)
{
  g_autoptr (GtkBitset) positions = dup_positions (self);

  if (!gtk_bitset_is_empty (positions))
    self->next = gtk_bitset_get_size (positions) == 1 ? gtk_bitset_get_minimum (positions) : GTK_INVALID_LIST_POSITION;
}

static void
selection_changed_cb (PhMailMessages *self)
{
  remember_next (self);
  g_signal_emit (self, chosen_signal, 0);
}

/* Connected after the selection's own handler, so that it is up to date. */
static void
items_changed_cb (PhMailMessages *self)
{
  g_autoptr (GtkBitset) positions = dup_positions (self);

  update (self);
  if (gtk_bitset_is_empty (positions) && self->next != GTK_INVALID_LIST_POSITION && count (self) > 0)
    gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), MIN (self->next, count (self) - 1), TRUE);
  else
    selection_changed_cb (self);
}

static void
activated_cb (PhMailMessages *self,
              guint           position)
{
  gtk_selection_model_select_item (GTK_SELECTION_MODEL (self->selection), position, TRUE);
  g_signal_emit (self, activated_signal, 0);
}

GArray *
ph_mail_messages_dup_chosen (PhMailMessages *self)
{
  GArray *uids = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_autoptr (GtkBitset) positions = dup_positions (self);
  GtkBitsetIter iter;
  guint         position;
  gboolean      more;

  /* The store wants them in their order, the list shows the newest first. */
  for (more = gtk_bitset_iter_init_last (&iter, positions, &position); more; more = gtk_bitset_iter_previous (&iter, &position))
    {
      guint32 uid = ph_mail_list_get_uid (self->list, position);

      g_array_append_val (uids, uid);
    }

  return uids;
}

gboolean
ph_mail_messages_all_have (PhMailMessages *self,
                           PhMailFlags     flag)
{
  g_autoptr (GtkBitset) positions = dup_positions (self);
  GtkBitsetIter iter;
  guint         position;
  gboolean      more;

  for (more = gtk_bitset_iter_init_first (&iter, positions, &position); more; more = gtk_bitset_iter_next (&iter, &position))
    if ((ph_mail_list_get_flags (self->list, position) & flag) == 0)
      return FALSE;

  return TRUE;
}

/* Search */

static void
search_changed_cb (PhMailMessages *self)
{
  const char *query = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  /* The entry tells late, and also of the text that set_list() put into it: by then a person may have chosen. */
  if (self->list == NULL || g_strcmp0 (query, self->query) == 0)
    return;

  g_free (self->query);
  self->query = g_strdup (query);

  /* What was chosen is not to be replaced by something that was found. */
  self->next = GTK_INVALID_LIST_POSITION;
  gtk_selection_model_unselect_all (GTK_SELECTION_MODEL (self->selection));
  ph_mail_list_set_query (self->list, query);
  update (self);
}

static void
stop_search_cb (PhMailMessages *self)
{
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  search_changed_cb (self);
  gtk_widget_grab_focus (GTK_WIDGET (self->view));
}

void
ph_mail_messages_search (PhMailMessages *self)
{
  g_return_if_fail (PH_IS_MAIL_MESSAGES (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

/* Which list */

static void
drop_list (PhMailMessages *self)
{
  if (self->view != NULL)
    gtk_list_view_set_model (self->view, NULL);
  if (self->selection != NULL)
    g_signal_handlers_disconnect_by_data (self->selection, self);
  if (self->list != NULL)
    g_signal_handlers_disconnect_by_data (self->list, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->list);
  self->next = GTK_INVALID_LIST_POSITION;
}

void
ph_mail_messages_set_list (PhMailMessages *self,
                           PhMailList     *list,
                           const char     *title,
                           const char     *error)
{
  g_return_if_fail (PH_IS_MAIL_MESSAGES (self));

  drop_list (self);
  adw_window_title_set_title (self->title, title != NULL ? title : _ ("Messages"));
  adw_window_title_set_subtitle (self->title, "");
  gtk_editable_set_text (GTK_EDITABLE (self->search_entry), "");
  g_free (self->query);
  self->query = g_strdup ("");
  gtk_widget_set_sensitive (GTK_WIDGET (self->search_entry), list != NULL);
  gtk_widget_set_visible (self->menu_button, list != NULL);
  if (list != NULL)
    {
      self->list = g_object_ref (list);
      self->selection = gtk_multi_selection_new (g_object_ref (G_LIST_MODEL (list)));
      g_signal_connect_object (self->selection, "selection-changed", G_CALLBACK (selection_changed_cb), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (self->selection, "items-changed", G_CALLBACK (items_changed_cb), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
      g_signal_connect_object (list, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      gtk_list_view_set_model (self->view, GTK_SELECTION_MODEL (self->selection));
      update (self);
    }
  else
    {
      g_autofree char *escaped = error != NULL ? g_markup_escape_text (error, -1) : NULL;

      adw_status_page_set_description (self->error_page, escaped);
      gtk_stack_set_visible_child_name (self->stack, error != NULL ? "error" : "no-folder");
    }
  g_signal_emit (self, chosen_signal, 0);
}

PhMailList *
ph_mail_messages_get_list (PhMailMessages *self)
{
  g_return_val_if_fail (PH_IS_MAIL_MESSAGES (self), NULL);

  return self->list;
}

void
ph_mail_messages_set_folded (PhMailMessages *self,
                             gboolean        folders_folded,
                             gboolean        message_folded)
{
  g_return_if_fail (PH_IS_MAIL_MESSAGES (self));

  gtk_widget_set_visible (self->back_button, folders_folded);
  gtk_list_view_set_single_click_activate (self->view, message_folded);
}

/* The object */

static void
ph_mail_messages_dispose (GObject *object)
{
  drop_list (PH_MAIL_MESSAGES (object));
  g_clear_pointer (&PH_MAIL_MESSAGES (object)->query, g_free);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_MESSAGES);

  G_OBJECT_CLASS (ph_mail_messages_parent_class)->dispose (object);
}

static void
ph_mail_messages_class_init (PhMailMessagesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_messages_dispose;
  chosen_signal = g_signal_new ("chosen", PH_TYPE_MAIL_MESSAGES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  activated_signal = g_signal_new ("activated", PH_TYPE_MAIL_MESSAGES, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-messages.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, back_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, title);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, stack);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, error_page);
  gtk_widget_class_bind_template_child (widget_class, PhMailMessages, view);
  gtk_widget_class_bind_template_callback (widget_class, activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
}

static void
ph_mail_messages_init (PhMailMessages *self)
{
  g_autoptr (GtkListItemFactory) factory = ph_row_factory_new (PH_TYPE_MAIL_ROW, "item");

  self->next = GTK_INVALID_LIST_POSITION;
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_list_view_set_factory (self->view, factory);
  ph_mail_messages_set_list (self, NULL, NULL, NULL);
}
