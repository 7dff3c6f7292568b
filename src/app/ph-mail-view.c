#include "ph-mail-view.h"

#include "ph-fold.h"
#include "ph-format.h"
#include "ph-mail-composer.h"
#include "ph-mail-delete.h"
#include "ph-mail-folder-row.h"
#include "ph-mail-messages.h"
#include "ph-mail-move-menu.h"
#include "ph-mail-reader.h"
#include "ph-mail-transfer.h"
#include "ph-row-factory.h"

#include <glib/gi18n.h>

struct _PhMailView
{
  AdwBin parent_instance;

  GtkStack        *stack;
  AdwToastOverlay *toast_overlay;
  PhFold          *folders_fold;
  GtkListView     *folders_list;
  PhFold          *messages_fold;
  PhMailMessages  *messages;
  PhMailReader    *reader;

  PhServer           *server;
  PhMail             *mail;
  GtkTreeListModel   *tree;
  GtkSingleSelection *folder_selection;
  GMenu              *move_menu;

  PhMailAccount *account;     /* of the folder that is shown, or is being opened */
  char          *folder;      /* its name */
  GCancellable  *cancellable; /* of the folder that is being opened */
  guint32        shown_uid;   /* of the message in the reader, 0 for none */
  PhMailMove    *last_move;   /* what can be undone */
  PhMailAccount *last_account;
  gboolean       was_mapped;
  gboolean       chose_first;
};

G_DEFINE_FINAL_TYPE (PhMailView, ph_mail_view, ADW_TYPE_BIN)

static void
toast (PhMailView *self,
       const char *message)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", message);
}

/* The message that is read */

static void
update_actions (PhMailView *self,
                guint       n_chosen)
{
  static const char *const names[] = { "mail.toggle-read", "mail.toggle-flag", "mail.delete", "mail.move" };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    gtk_widget_action_set_enabled (GTK_WIDGET (self), names[i], n_chosen > 0);
}

static void
chosen_cb (PhMailView *self)
{
  g_autoptr (GArray) uids = ph_mail_messages_dup_chosen (self->messages);
  guint32 uid = uids->len == 1 ? g_array_index (uids, guint32, 0) : 0;

  update_actions (self, uids->len);
  ph_mail_reader_set_n_chosen (self->reader, uids->len);
  if (uid == self->shown_uid)
    return;

  self->shown_uid = uid;
  if (uid != 0)
    {
      g_autoptr (PhMailMessage) message = ph_mail_list_open_message (ph_mail_messages_get_list (self->messages), uid);

      ph_mail_reader_set_message (self->reader, message);
    }
  else
    {
      ph_mail_reader_set_message (self->reader, NULL);
      if (uids->len == 0)
        ph_fold_set_shows_content (self->messages_fold, FALSE);
    }
}

static void
message_activated_cb (PhMailView *self)
{
  ph_fold_set_shows_content (self->messages_fold, TRUE);
}

/* The folder */

static void
update_move_menu (PhMailView *self)
{
  ph_mail_move_menu_fill (self->move_menu, self->account, self->folder);
}

static void
show_list (PhMailView *self,
           PhMailList *list,
           const char *error)
{
  PhMailFolder *folder = self->account != NULL && self->folder != NULL ? ph_mail_account_find_folder (self->account, self->folder) : NULL;

  self->shown_uid = 0;
  ph_mail_reader_set_message (self->reader, NULL);
  ph_mail_messages_set_list (self->messages, list, folder != NULL ? ph_mail_folder_row_get_title (folder) : NULL, error);
  update_move_menu (self);
}

static void
close_folder (PhMailView *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_func (ph_mail_account_get_folders (self->account), update_move_menu, self);
  g_clear_object (&self->account);
  g_clear_pointer (&self->folder, g_free);
}

static void
list_opened_cb (GObject      *source,
                GAsyncResult *result,
                gpointer      user_data)
{
  g_autoptr (PhMailView) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (PhMailList) list = ph_mail_account_open_list_finish (PH_MAIL_ACCOUNT (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  show_list (self, list, error != NULL ? ph_format_words (error->message) : NULL);
}

static void
open_folder (PhMailView    *self,
             PhMailAccount *account,
             PhMailFolder  *folder)
{
  const char *name = ph_mail_folder_get_name (folder);

  if (account == self->account && g_strcmp0 (name, self->folder) == 0)
    return;

  close_folder (self);
  self->account = g_object_ref (account);
  self->folder = g_strdup (name);
  self->cancellable = g_cancellable_new ();
  g_signal_connect_object (ph_mail_account_get_folders (account), "items-changed", G_CALLBACK (update_move_menu), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  ph_mail_account_open_list_async (account, name, self->cancellable, list_opened_cb, g_object_ref (self));
}

static void
folder_selected_cb (PhMailView *self)
{
  GtkTreeListRow *row = gtk_single_selection_get_selected_item (self->folder_selection);
  g_autoptr (GObject) item = row != NULL ? gtk_tree_list_row_get_item (row) : NULL;
  g_autoptr (GtkTreeListRow) parent = NULL;
  g_autoptr (GObject) account = NULL;

  if (row == NULL)
    {
      close_folder (self);
      show_list (self, NULL, NULL);
      return;
    }
  if (!PH_IS_MAIL_FOLDER (item) || !ph_mail_folder_get_exists (PH_MAIL_FOLDER (item)))
    return;

  parent = gtk_tree_list_row_get_parent (row);
  account = gtk_tree_list_row_get_item (parent);
  open_folder (self, PH_MAIL_ACCOUNT (account), PH_MAIL_FOLDER (item));
}

static void
folder_activated_cb (PhMailView *self,
                     guint       position)
{
  g_autoptr (GtkTreeListRow) row = g_list_model_get_item (G_LIST_MODEL (self->tree), position);
  g_autoptr (GObject) item = gtk_tree_list_row_get_item (row);

  gtk_single_selection_set_selected (self->folder_selection, position);
  if (PH_IS_MAIL_ACCOUNT (item))
    gtk_tree_list_row_set_expanded (row, !gtk_tree_list_row_get_expanded (row));
  else
    ph_fold_set_shows_content (self->folders_fold, TRUE);
}

/* The first account's inbox is where most people want to look first. */
static void
choose_first (PhMailView *self)
{
  g_autoptr (GtkTreeListRow) account = g_list_model_get_item (G_LIST_MODEL (self->tree), 0);
  g_autoptr (GtkTreeListRow) inbox = g_list_model_get_item (G_LIST_MODEL (self->tree), 1);

  if (self->chose_first || !self->was_mapped || account == NULL)
    return;

  if (!gtk_tree_list_row_get_expanded (account))
    {
      g_autoptr (PhMailAccount) item = gtk_tree_list_row_get_item (account);

      ph_mail_account_load (item);
      gtk_tree_list_row_set_expanded (account, TRUE);
    }
  else if (inbox != NULL && gtk_tree_list_row_get_depth (inbox) == 1)
    {
      self->chose_first = TRUE;
      gtk_single_selection_set_selected (self->folder_selection, 1);
    }
}

/* Also where the one that was seen has gone, or is another now (V44). */
static void
accounts_changed_cb (PhMailView *self)
{
  if (self->account == NULL && self->chose_first)
    {
      self->chose_first = FALSE;
      choose_first (self);
    }
  gtk_stack_set_visible_child_name (self->stack, g_list_model_get_n_items (G_LIST_MODEL (self->mail)) > 0 ? "mail" : "empty");
}

/* Actions */

static void
flags_set_cb (GObject      *source,
              GAsyncResult *result,
              gpointer      user_data)
{
  g_autoptr (PhMailView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_mail_list_set_flags_finish (PH_MAIL_LIST (source), result, &error))
    toast (self, ph_format_words (error->message));
}

static void
toggle (PhMailView *self,
        PhMailFlags flag)
{
  g_autoptr (GArray) uids = ph_mail_messages_dup_chosen (self->messages);

  if (uids->len > 0)
    ph_mail_list_set_flags_async (ph_mail_messages_get_list (self->messages), (const guint32 *)(gpointer)uids->data, uids->len, flag,
                                  !ph_mail_messages_all_have (self->messages, flag), flags_set_cb, g_object_ref (self));
}

static void
toggle_read_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  toggle (PH_MAIL_VIEW (widget), PH_MAIL_SEEN);
}

static void
toggle_flag_cb (GtkWidget  *widget,
                const char *action,
                GVariant   *parameter)
{
  toggle (PH_MAIL_VIEW (widget), PH_MAIL_FLAGGED);
}

static void
forget_move (PhMailView *self)
{
  g_clear_pointer (&self->last_move, ph_mail_move_free);
  g_clear_object (&self->last_account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "mail.undo", FALSE);
}

static void
tell_moved (PhMailView *self)
{
  PhMailFolder *target = ph_mail_account_find_folder (self->last_account, self->last_move->to);
  guint         n = self->last_move->uids->len;
  /* Translators: a number of messages, and the name of a folder */
  g_autofree char *text = g_strdup_printf (ngettext ("%u message moved to %s", "%u messages moved to %s", n), n,
                                           target != NULL ? ph_mail_folder_row_get_title (target) : self->last_move->to);
  g_autofree char *escaped = g_markup_escape_text (text, -1);
  AdwToast        *message = adw_toast_new (escaped);

  adw_toast_set_button_label (message, _ ("_Undo"));
  adw_toast_set_action_name (message, "mail.undo");
  adw_toast_overlay_add_toast (self->toast_overlay, message);
}

static void
moved_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (PhMailView) self = user_data;
  g_autoptr (GError) error = NULL;
  PhMailMove *move = ph_mail_list_move_finish (PH_MAIL_LIST (source), result, &error);

  if (move == NULL)
    {
      toast (self, ph_format_words (error->message));
      return;
    }

  forget_move (self);
  self->last_move = move;
  self->last_account = self->mail != NULL ? ph_mail_find_account (self->mail, ph_mail_list_get_address (PH_MAIL_LIST (source))) : NULL;
  if (self->last_account == NULL)
    return;
  g_object_ref (self->last_account);
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "mail.undo", TRUE);
  tell_moved (self);
}

static void
move_to (PhMailView *self,
         const char *target)
{
  g_autoptr (GArray) uids = ph_mail_messages_dup_chosen (self->messages);

  if (uids->len > 0)
    ph_mail_list_move_async (ph_mail_messages_get_list (self->messages), (const guint32 *)(gpointer)uids->data, uids->len, target, moved_cb, g_object_ref (self));
}

static void
move_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  move_to (PH_MAIL_VIEW (widget), g_variant_get_string (parameter, NULL));
}

static void
undone_cb (GObject      *source,
           GAsyncResult *result,
           gpointer      user_data)
{
  g_autoptr (PhMailView) self = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_mail_account_undo_move_finish (PH_MAIL_ACCOUNT (source), result, &error))
    toast (self, ph_format_words (error->message));
}

static void
undo_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhMailView *self = PH_MAIL_VIEW (widget);

  if (self->last_move == NULL)
    return;

  ph_mail_account_undo_move_async (self->last_account, self->last_move, undone_cb, g_object_ref (self));
  forget_move (self);
}

/* Into the trash; for good only what is there already, and only after a question. */
static void
delete_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhMailView   *self = PH_MAIL_VIEW (widget);
  PhMailFolder *trash = self->account != NULL ? ph_mail_account_find_kind (self->account, PH_MAIL_FOLDER_TRASH) : NULL;
  PhMailList   *list = ph_mail_messages_get_list (self->messages);
  g_autoptr (GArray) uids = ph_mail_messages_dup_chosen (self->messages);

  if (list == NULL || uids->len == 0)
    return;
  if (trash != NULL && g_strcmp0 (ph_mail_folder_get_name (trash), ph_mail_list_get_folder (list)) != 0)
    {
      move_to (self, ph_mail_folder_get_name (trash));
      return;
    }

  ph_mail_delete_ask (widget, list, uids);
}

static void
back_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  ph_fold_set_shows_content (PH_MAIL_VIEW (widget)->messages_fold, FALSE);
}

static void
back_to_folders_cb (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  ph_fold_set_shows_content (PH_MAIL_VIEW (widget)->folders_fold, FALSE);
}

void
ph_mail_view_compose (PhMailView *self)
{
  GtkRoot *root;

  g_return_if_fail (PH_IS_MAIL_VIEW (self));

  root = gtk_widget_get_root (GTK_WIDGET (self));
  if (self->server != NULL)
    gtk_window_present (GTK_WINDOW (ph_mail_composer_new (self->server, self->account != NULL ? ph_mail_account_get_address (self->account) : NULL,
                                                          GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL)));
}

static void
compose_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  ph_mail_view_compose (PH_MAIL_VIEW (widget));
}

/* What the menu of the messages offers. */

static void
import_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhMailView *self = PH_MAIL_VIEW (widget);

  ph_mail_transfer_import (self->messages, self->server, g_str_has_suffix (action, "folder") ? PH_CHOOSE_FOLDER : PH_CHOOSE_OPEN);
}

static void
export_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhMailView *self = PH_MAIL_VIEW (widget);

  ph_mail_transfer_export (self->messages, self->server);
}

static void
folded_cb (PhMailView *self)
{
  if (self->messages == NULL || self->reader == NULL) /* while it is built */
    return;

  ph_mail_messages_set_folded (self->messages, ph_fold_get_folded (self->folders_fold), ph_fold_get_folded (self->messages_fold));
  ph_mail_reader_set_folded (self->reader, ph_fold_get_folded (self->messages_fold));
  gtk_list_view_set_single_click_activate (self->folders_list, ph_fold_get_folded (self->folders_fold));
}

/* The object */

static void
ph_mail_view_map (GtkWidget *widget)
{
  PhMailView *self = PH_MAIL_VIEW (widget);

  GTK_WIDGET_CLASS (ph_mail_view_parent_class)->map (widget);

  /* No mailbox is opened before somebody looks. */
  self->was_mapped = TRUE;
  if (self->tree != NULL)
    choose_first (self);
}

static void
ph_mail_view_dispose (GObject *object)
{
  PhMailView *self = PH_MAIL_VIEW (object);

  if (self->folders_list != NULL)
    gtk_list_view_set_model (self->folders_list, NULL);
  if (self->folder_selection != NULL)
    g_signal_handlers_disconnect_by_data (self->folder_selection, self);
  close_folder (self);
  g_clear_pointer (&self->last_move, ph_mail_move_free);
  g_clear_object (&self->last_account);
  g_clear_object (&self->folder_selection);
  g_clear_object (&self->tree);
  g_clear_object (&self->mail);
  g_clear_object (&self->server);
  g_clear_object (&self->move_menu);
  adw_bin_set_child (ADW_BIN (object), NULL); /* which dispose_template would take from it unseen */
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_VIEW);

  G_OBJECT_CLASS (ph_mail_view_parent_class)->dispose (object);
}

static void
install_actions (GtkWidgetClass *widget_class)
{
  gtk_widget_class_install_action (widget_class, "mail.back", NULL, back_cb);
  gtk_widget_class_install_action (widget_class, "mail.back-to-folders", NULL, back_to_folders_cb);
  gtk_widget_class_install_action (widget_class, "mail.compose", NULL, compose_cb);
  gtk_widget_class_install_action (widget_class, "mail.delete", NULL, delete_cb);
  gtk_widget_class_install_action (widget_class, "mail.move", "s", move_cb);
  gtk_widget_class_install_action (widget_class, "mail.toggle-flag", NULL, toggle_flag_cb);
  gtk_widget_class_install_action (widget_class, "mail.toggle-read", NULL, toggle_read_cb);
  gtk_widget_class_install_action (widget_class, "mail.undo", NULL, undo_cb);
  gtk_widget_class_install_action (widget_class, "folder.import-file", NULL, import_cb);
  gtk_widget_class_install_action (widget_class, "folder.import-folder", NULL, import_cb);
  gtk_widget_class_install_action (widget_class, "folder.export", NULL, export_cb);

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Delete, 0, "mail.delete", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_u, GDK_CONTROL_MASK, "mail.toggle-read", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_d, GDK_CONTROL_MASK, "mail.toggle-flag", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_z, GDK_CONTROL_MASK, "mail.undo", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Left, GDK_ALT_MASK, "mail.back", NULL);
}

static void
ph_mail_view_class_init (PhMailViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_mail_view_dispose;
  widget_class->map = ph_mail_view_map;

  g_type_ensure (PH_TYPE_FOLD);
  g_type_ensure (PH_TYPE_MAIL_MESSAGES);
  g_type_ensure (PH_TYPE_MAIL_READER);
  install_actions (widget_class);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailView, stack);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, folders_fold);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, folders_list);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, messages_fold);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, messages);
  gtk_widget_class_bind_template_child (widget_class, PhMailView, reader);
  gtk_widget_class_bind_template_callback (widget_class, chosen_cb);
  gtk_widget_class_bind_template_callback (widget_class, folded_cb);
  gtk_widget_class_bind_template_callback (widget_class, folder_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, message_activated_cb);
}

static void
ph_mail_view_init (PhMailView *self)
{
  g_autoptr (GtkListItemFactory) factory = ph_row_factory_new (PH_TYPE_MAIL_FOLDER_ROW, "row");

  gtk_widget_init_template (GTK_WIDGET (self));
  self->move_menu = g_menu_new ();
  gtk_list_view_set_factory (self->folders_list, factory);
  ph_mail_reader_set_move_menu (self->reader, G_MENU_MODEL (self->move_menu));
  gtk_widget_action_set_enabled (GTK_WIDGET (self), "mail.undo", FALSE);
  update_actions (self, 0);
  folded_cb (self);
}

static GListModel *
make_children (gpointer item,
               gpointer data)
{
  return PH_IS_MAIL_ACCOUNT (item) ? g_object_ref (ph_mail_account_get_folders (item)) : NULL;
}

void
ph_mail_view_set_server (PhMailView *self,
                         PhServer   *server)
{
  g_return_if_fail (PH_IS_MAIL_VIEW (self) && self->server == NULL);

  self->server = g_object_ref (server);
  self->mail = g_object_ref (ph_server_get_mail (server));
  self->tree = gtk_tree_list_model_new (g_object_ref (G_LIST_MODEL (self->mail)), FALSE, FALSE, make_children, NULL, NULL);
  self->folder_selection = gtk_single_selection_new (g_object_ref (G_LIST_MODEL (self->tree)));
  gtk_single_selection_set_autoselect (self->folder_selection, FALSE);
  gtk_single_selection_set_can_unselect (self->folder_selection, TRUE);
  gtk_single_selection_set_selected (self->folder_selection, GTK_INVALID_LIST_POSITION);
  g_signal_connect_object (self->folder_selection, "notify::selected-item", G_CALLBACK (folder_selected_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->tree, "items-changed", G_CALLBACK (choose_first), self, G_CONNECT_SWAPPED | G_CONNECT_AFTER);
  g_signal_connect_object (self->mail, "items-changed", G_CALLBACK (accounts_changed_cb), self, G_CONNECT_SWAPPED);
  gtk_list_view_set_model (self->folders_list, GTK_SELECTION_MODEL (self->folder_selection));
  ph_mail_transfer_accept_drops (self->messages, server);
  accounts_changed_cb (self);
}

void
ph_mail_view_search (PhMailView *self)
{
  g_return_if_fail (PH_IS_MAIL_VIEW (self));

  ph_fold_set_shows_content (self->folders_fold, TRUE);
  ph_fold_set_shows_content (self->messages_fold, FALSE);
  ph_mail_messages_search (self->messages);
}
