#include "ph-accounts-view.h"

#include "ph-account-dialog.h"
#include "ph-account-page.h"
#include "ph-account-row.h"
#include "ph-confirm.h"
#include "ph-connect-dialog.h"
#include "ph-format.h"
#include "ph-password-dialog.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

#define TICK_SECONDS 2

/* How long a deletion can be taken back: twice what toasts stay, for who reaches the button by keyboard or by ear. */
#define UNDO_SECONDS 10

struct _PhAccountsView
{
  GtkWidget parent_instance;

  GtkStack       *stack;
  GtkStack       *list_stack;
  GtkSearchEntry *search_entry;
  GtkListBox     *list;
  PhAccountPage  *page;

  PhServer           *server;
  GtkCustomFilter    *filter;
  GtkFilterListModel *found;
  char               *text; /* case-folded */
  PhAccountFigures   *figures;
  GHashTable         *going; /* addresses that are deleted unless somebody takes it back */
  guint               ticker;
};

G_DEFINE_FINAL_TYPE (PhAccountsView, ph_accounts_view, GTK_TYPE_WIDGET)

static guint toast_signal;

static void
toast (PhAccountsView *self,
       const char     *message)
{
  gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", message);
}

static gboolean
has_text (const char *value,
          const char *text)
{
  g_autofree char *folded = value != NULL ? g_utf8_casefold (value, -1) : NULL;

  return folded != NULL && strstr (folded, text) != NULL;
}

static gboolean
is_wanted (gpointer item,
           gpointer data)
{
  PhAccountsView *self = data;

  if (g_hash_table_contains (self->going, ph_account_get_address (item)))
    return FALSE;

  return self->text == NULL || has_text (ph_account_get_address (item), self->text) || has_text (ph_account_get_display_name (item), self->text);
}

static GtkWidget *
make_row (gpointer item,
          gpointer data)
{
  return ph_account_row_new (item, PH_ACCOUNTS_VIEW (data)->figures);
}

/* One account's page, as long as there is that account */

static void
update_stack (PhAccountsView *self)
{
  PhAccounts *accounts = ph_server_get_accounts (self->server);
  guint       n_all = g_list_model_get_n_items (G_LIST_MODEL (accounts)), n_going = g_hash_table_size (self->going);
  guint       n_accounts = n_all > n_going ? n_all - n_going : 0;
  guint       n_found = g_list_model_get_n_items (G_LIST_MODEL (self->found));
  PhAccount  *account = ph_account_page_get_account (self->page);

  if (account != NULL && ph_accounts_find (accounts, ph_account_get_address (account)) != account)
    {
      ph_account_page_set_account (self->page, self->server, NULL);
      account = NULL;
    }
  gtk_stack_set_visible_child_name (self->stack, account != NULL ? "account" : n_accounts > 0 ? "accounts"
                                                                                              : "empty");
  gtk_stack_set_visible_child_name (self->list_stack, n_found > 0 ? "list" : "none-found");
}

static void
show_page (PhAccountsView *self,
           PhAccount      *account)
{
  ph_account_page_set_account (self->page, self->server, account);
  update_stack (self);
}

static void
open_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  PhAccountsView *self = PH_ACCOUNTS_VIEW (widget);

  show_page (self, ph_accounts_find (ph_server_get_accounts (self->server), g_variant_get_string (parameter, NULL)));
}

static void
back_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  show_page (PH_ACCOUNTS_VIEW (widget), NULL);
}

static void
search_changed_cb (PhAccountsView *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->search_entry));

  g_free (self->text);
  self->text = *text != '\0' ? g_utf8_casefold (text, -1) : NULL;
  if (self->filter != NULL)
    gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
}

static GtkWindow *
get_window (PhAccountsView *self)
{
  GtkRoot *root = gtk_widget_get_root (GTK_WIDGET (self));

  return GTK_IS_WINDOW (root) ? GTK_WINDOW (root) : NULL;
}

/* Adding and changing */

static void
show_connect (PhAccountsView *self,
              const char     *address)
{
  PhAccount *account = ph_accounts_find (ph_server_get_accounts (self->server), address);

  if (account != NULL)
    gtk_window_present (GTK_WINDOW (ph_connect_dialog_new (self->server, account, get_window (self))));
}

static void
connect_cb (GtkWidget  *widget,
            const char *action,
            GVariant   *parameter)
{
  show_connect (PH_ACCOUNTS_VIEW (widget), g_variant_get_string (parameter, NULL));
}

static void
added_cb (PhAccountsView *self,
          const char     *address)
{
  /* Translators: an account’s address */
  g_autofree char *message = g_strdup_printf (_ ("Added %s"), address);

  toast (self, message);
  /* Whoever has just begun wants to go on. */
  if (g_list_model_get_n_items (G_LIST_MODEL (ph_server_get_accounts (self->server))) == 1)
    show_connect (self, address);
}

void
ph_accounts_view_add (PhAccountsView *self)
{
  GtkWidget *dialog;

  g_return_if_fail (PH_IS_ACCOUNTS_VIEW (self));

  dialog = ph_account_dialog_new (self->server, get_window (self));
  g_signal_connect_object (dialog, "added", G_CALLBACK (added_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

static void
changed_cb (PhAccountsView *self,
            const char     *address)
{
  /* Translators: an account’s address */
  g_autofree char *message = g_strdup_printf (_ ("Changed the password of %s"), address);

  toast (self, message);
}

static void
change_password_cb (GtkWidget  *widget,
                    const char *action,
                    GVariant   *parameter)
{
  PhAccountsView *self = PH_ACCOUNTS_VIEW (widget);
  GtkWidget      *dialog = ph_password_dialog_new (self->server, g_variant_get_string (parameter, NULL), PH_PASSWORD_DIALOG_CHANGE, get_window (self));

  g_signal_connect_object (dialog, "changed", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  gtk_window_present (GTK_WINDOW (dialog));
}

/* Deleting */

/* It waits until nobody can take it back any more: a crash before that loses nothing. */
typedef struct
{
  PhAccountsView *view;
  PhServer       *server;
  char           *address;
  gboolean        keep_mail;
  gboolean        is_decided; /* taken back, or begun */
} PhDeletion;

static PhDeletion *
ph_deletion_new (PhAccountsView *view,
                 const char     *address)
{
  PhDeletion *self = g_new0 (PhDeletion, 1);

  self->view = g_object_ref (view);
  self->server = g_object_ref (view->server);
  self->address = g_strdup (address);

  return self;
}

static void
ph_deletion_free (gpointer data)
{
  PhDeletion *self = data;

  g_object_unref (self->view);
  g_object_unref (self->server);
  g_free (self->address);
  g_free (self);
}

static void
deleted_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  PhDeletion *deletion = user_data;
  g_autoptr (GError) error = NULL;

  if (!ph_server_account_finish (PH_SERVER (source), result, &error))
    {
      /* Translators: an account’s address, and why */
      g_autofree char *message = g_strdup_printf (_ ("%s could not be deleted whole: %s"), deletion->address, ph_format_words (error->message));

      toast (deletion->view, message);
    }
  ph_deletion_free (deletion);
}

/* Its row goes, or comes back. */
static void
set_going (PhAccountsView *self,
           const char     *address,
           gboolean        is_going)
{
  if (is_going)
    g_hash_table_add (self->going, g_strdup (address));
  else
    g_hash_table_remove (self->going, address);
  if (self->filter != NULL)
    gtk_filter_changed (GTK_FILTER (self->filter), is_going ? GTK_FILTER_CHANGE_MORE_STRICT : GTK_FILTER_CHANGE_LESS_STRICT);
}

static void
undo_cb (PhDeletion *deletion)
{
  deletion->is_decided = TRUE;
  set_going (deletion->view, deletion->address, FALSE);
}

static void
toast_dismissed_cb (PhDeletion *deletion)
{
  PhDeletion *begun;

  if (deletion->is_decided)
    return;

  deletion->is_decided = TRUE;
  begun = ph_deletion_new (deletion->view, deletion->address);
  ph_server_remove_account_async (deletion->server, deletion->address, deletion->keep_mail, NULL, deleted_cb, begun);
  set_going (deletion->view, deletion->address, FALSE);
}

static void
delete_confirmed_cb (gboolean keep_mail,
                     gpointer user_data)
{
  PhDeletion      *asked = user_data;
  PhDeletion      *deletion = ph_deletion_new (asked->view, asked->address);
  g_autofree char *escaped = g_markup_escape_text (asked->address, -1);
  /* Translators: an account’s address */
  g_autofree char *message = g_strdup_printf (_ ("Deleted %s"), escaped);
  g_autoptr (AdwToast) newest = adw_toast_new (message);

  deletion->keep_mail = keep_mail;
  adw_toast_set_button_label (newest, _ ("_Undo"));
  adw_toast_set_timeout (newest, UNDO_SECONDS);
  g_signal_connect_swapped (newest, "button-clicked", G_CALLBACK (undo_cb), deletion);
  g_signal_connect_swapped (newest, "dismissed", G_CALLBACK (toast_dismissed_cb), deletion);
  g_object_set_data_full (G_OBJECT (newest), "deletion", deletion, ph_deletion_free);
  set_going (asked->view, asked->address, TRUE);
  show_page (asked->view, NULL);
  g_signal_emit (asked->view, toast_signal, 0, newest);
}

static void
delete_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhDeletion      *deletion = ph_deletion_new (PH_ACCOUNTS_VIEW (widget), g_variant_get_string (parameter, NULL));
  g_autofree char *body = NULL;

  /* Translators: an account’s address */
  body = g_strdup_printf (_ ("Nobody can log in as %s any more, and mail for it is refused. Mail that is not kept is gone for good."), deletion->address);
  ph_confirm (widget, _ ("Delete This Account?"), body, _ ("_Delete"), _ ("_Keep its mail on the disk"), delete_confirmed_cb, deletion, ph_deletion_free);
}

static void
add_cb (GtkWidget  *widget,
        const char *action,
        GVariant   *parameter)
{
  ph_accounts_view_add (PH_ACCOUNTS_VIEW (widget));
}

/* While it is seen, its rows say how it is now. */

static gboolean
tick_cb (gpointer data)
{
  ph_account_figures_refresh (PH_ACCOUNTS_VIEW (data)->figures);

  return G_SOURCE_CONTINUE;
}

static void
ph_accounts_view_map (GtkWidget *widget)
{
  PhAccountsView *self = PH_ACCOUNTS_VIEW (widget);

  GTK_WIDGET_CLASS (ph_accounts_view_parent_class)->map (widget);
  if (self->server == NULL)
    return;
  self->ticker = g_timeout_add_seconds (TICK_SECONDS, tick_cb, self);
  tick_cb (self);
}

static void
ph_accounts_view_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&PH_ACCOUNTS_VIEW (widget)->ticker, g_source_remove);
  GTK_WIDGET_CLASS (ph_accounts_view_parent_class)->unmap (widget);
}

static void
ph_accounts_view_dispose (GObject *object)
{
  PhAccountsView *self = PH_ACCOUNTS_VIEW (object);

  g_clear_handle_id (&self->ticker, g_source_remove);
  if (self->filter != NULL)
    gtk_custom_filter_set_filter_func (self->filter, NULL, NULL, NULL);
  if (self->list != NULL)
    gtk_list_box_bind_model (self->list, NULL, NULL, NULL, NULL);
  g_clear_object (&self->found);
  g_clear_object (&self->filter);
  g_clear_object (&self->figures);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_ACCOUNTS_VIEW);

  G_OBJECT_CLASS (ph_accounts_view_parent_class)->dispose (object);
}

static void
ph_accounts_view_finalize (GObject *object)
{
  g_free (PH_ACCOUNTS_VIEW (object)->text);
  g_hash_table_unref (PH_ACCOUNTS_VIEW (object)->going);

  G_OBJECT_CLASS (ph_accounts_view_parent_class)->finalize (object);
}

static void
ph_accounts_view_class_init (PhAccountsViewClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_accounts_view_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_accounts_view_finalize;
  widget_class->map = ph_accounts_view_map;
  widget_class->unmap = ph_accounts_view_unmap;

  g_type_ensure (PH_TYPE_ACCOUNT_PAGE);
  toast_signal = g_signal_new ("toast", PH_TYPE_ACCOUNTS_VIEW, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, ADW_TYPE_TOAST);
  gtk_widget_class_install_action (widget_class, "accounts.add", NULL, add_cb);
  gtk_widget_class_install_action (widget_class, "accounts.open", "s", open_cb);
  gtk_widget_class_install_action (widget_class, "accounts.back", NULL, back_cb);
  gtk_widget_class_install_action (widget_class, "accounts.connect", "s", connect_cb);
  gtk_widget_class_install_action (widget_class, "accounts.change-password", "s", change_password_cb);
  gtk_widget_class_install_action (widget_class, "accounts.delete", "s", delete_cb);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-accounts-view.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountsView, stack);
  gtk_widget_class_bind_template_child (widget_class, PhAccountsView, list_stack);
  gtk_widget_class_bind_template_child (widget_class, PhAccountsView, search_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountsView, list);
  gtk_widget_class_bind_template_child (widget_class, PhAccountsView, page);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
}

static void
ph_accounts_view_init (PhAccountsView *self)
{
  self->going = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_accounts_view_set_server (PhAccountsView *self,
                             PhServer       *server)
{
  g_return_if_fail (PH_IS_ACCOUNTS_VIEW (self));
  g_return_if_fail (self->server == NULL);

  self->server = g_object_ref (server);
  self->figures = ph_account_figures_new (server);
  self->filter = gtk_custom_filter_new (is_wanted, self, NULL);
  self->found = gtk_filter_list_model_new (g_object_ref (G_LIST_MODEL (ph_server_get_accounts (server))), g_object_ref (GTK_FILTER (self->filter)));
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->found), make_row, self, NULL);
  g_signal_connect_object (self->found, "items-changed", G_CALLBACK (update_stack), self, G_CONNECT_SWAPPED);
  update_stack (self);
}

void
ph_accounts_view_search (PhAccountsView *self)
{
  g_return_if_fail (PH_IS_ACCOUNTS_VIEW (self));

  show_page (self, NULL);
  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}
