#include "ph-mail-folder-row.h"

#include "ph-mail-account.h"

#include <glib/gi18n.h>

/* How far a level below another is moved in, in pixels. */
#define INDENT 14

struct _PhMailFolderRow
{
  AdwBin parent_instance;

  GtkTreeExpander *expander;
  GtkImage        *image;
  GtkLabel        *title_label;
  GtkLabel        *count_label;

  GtkTreeListRow *row;
  GObject        *item; /* owned: a PhMailAccount or a PhMailFolder */
};

G_DEFINE_FINAL_TYPE (PhMailFolderRow, ph_mail_folder_row, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_ROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const struct
{
  const char *icon_name;
  const char *title; /* NULL: its own */
} looks[] = {
  [PH_MAIL_FOLDER_PLAIN] = { "folder-symbolic", NULL },
  [PH_MAIL_FOLDER_INBOX] = { "mail-unread-symbolic", N_ ("Inbox") },
  [PH_MAIL_FOLDER_ARCHIVE] = { "folder-documents-symbolic", NULL },
  [PH_MAIL_FOLDER_DRAFTS] = { "document-edit-symbolic", NULL },
  [PH_MAIL_FOLDER_JUNK] = { "action-unavailable-symbolic", NULL },
  [PH_MAIL_FOLDER_SENT] = { "mail-send-symbolic", NULL },
  [PH_MAIL_FOLDER_TRASH] = { "user-trash-symbolic", NULL },
};

const char *
ph_mail_folder_row_get_title (gpointer folder)
{
  guint kind = ph_mail_folder_get_kind (folder);

  /* Others keep the name that mail programs show, which may be in any language. */
  return looks[kind].title != NULL ? _ (looks[kind].title) : ph_mail_folder_get_title (folder);
}

static void
update_folder (PhMailFolderRow *self)
{
  PhMailFolder    *folder = PH_MAIL_FOLDER (self->item);
  guint            n_unread = ph_mail_folder_get_n_unread (folder);
  g_autofree char *count = NULL, *label = NULL, *tooltip = NULL;

  gtk_image_set_from_icon_name (self->image, looks[ph_mail_folder_get_kind (folder)].icon_name);
  gtk_label_set_label (self->title_label, ph_mail_folder_row_get_title (folder));
  gtk_widget_set_margin_start (GTK_WIDGET (self->image), (int)MIN (ph_mail_folder_get_depth (folder), 8u) * INDENT);
  gtk_widget_set_sensitive (GTK_WIDGET (self), ph_mail_folder_get_exists (folder));

  count = g_strdup_printf ("%u", n_unread);
  gtk_label_set_label (self->count_label, count);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), n_unread > 0);
  /* Translators: a number of messages in a folder */
  label = g_strdup_printf (ngettext ("%u unread", "%u unread", n_unread), n_unread);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->count_label), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
  /* Translators: a number of messages in a folder */
  tooltip = g_strdup_printf (ngettext ("%u message", "%u messages", ph_mail_folder_get_n_messages (folder)), ph_mail_folder_get_n_messages (folder));
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), tooltip);
}

static void
update_account (PhMailFolderRow *self)
{
  PhMailAccount   *account = PH_MAIL_ACCOUNT (self->item);
  g_autofree char *error = NULL;

  g_object_get (account, "error", &error, NULL);
  gtk_image_set_from_icon_name (self->image, error != NULL ? "dialog-error-symbolic" : "avatar-default-symbolic");
  gtk_label_set_label (self->title_label, ph_mail_account_get_address (account));
  gtk_widget_set_margin_start (GTK_WIDGET (self->image), 0);
  gtk_widget_set_sensitive (GTK_WIDGET (self), TRUE);
  gtk_widget_set_visible (GTK_WIDGET (self->count_label), FALSE);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self), error != NULL ? error : ph_mail_account_get_address (account));
}

static void
update (PhMailFolderRow *self)
{
  gboolean is_account = PH_IS_MAIL_ACCOUNT (self->item);

  if (is_account)
    update_account (self);
  else
    update_folder (self);
  if (is_account)
    gtk_widget_add_css_class (GTK_WIDGET (self->title_label), "heading");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->title_label), "heading");
}

/* An account is opened when its folders are wanted. */
static void
expanded_cb (PhMailFolderRow *self)
{
  if (PH_IS_MAIL_ACCOUNT (self->item) && gtk_tree_list_row_get_expanded (self->row))
    ph_mail_account_load (PH_MAIL_ACCOUNT (self->item));
}

static void
set_row (PhMailFolderRow *self,
         GtkTreeListRow  *row)
{
  if (row == self->row)
    return;

  if (self->item != NULL)
    g_signal_handlers_disconnect_by_data (self->item, self);
  if (self->row != NULL)
    g_signal_handlers_disconnect_by_data (self->row, self);
  g_clear_object (&self->item);
  g_set_object (&self->row, row);
  gtk_tree_expander_set_list_row (self->expander, row);
  if (row == NULL)
    return;

  self->item = gtk_tree_list_row_get_item (row);
  if (self->item == NULL) /* its parent is just going */
    return;
  g_signal_connect_object (self->item, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (row, "notify::expanded", G_CALLBACK (expanded_cb), self, G_CONNECT_SWAPPED);
  expanded_cb (self);
  update (self);
}

static void
ph_mail_folder_row_get_property (GObject    *object,
                                 guint       id,
                                 GValue     *value,
                                 GParamSpec *pspec)
{
  switch (id)
    {
    case PROP_ROW:
      g_value_set_object (value, PH_MAIL_FOLDER_ROW (object)->row);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_folder_row_set_property (GObject      *object,
                                 guint         id,
                                 const GValue *value,
                                 GParamSpec   *pspec)
{
  switch (id)
    {
    case PROP_ROW:
      set_row (PH_MAIL_FOLDER_ROW (object), g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_folder_row_dispose (GObject *object)
{
  PhMailFolderRow *self = PH_MAIL_FOLDER_ROW (object);

  if (self->expander != NULL)
    set_row (self, NULL);
  adw_bin_set_child (ADW_BIN (object), NULL); /* which dispose_template would take from it unseen */
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_MAIL_FOLDER_ROW);

  G_OBJECT_CLASS (ph_mail_folder_row_parent_class)->dispose (object);
}

static void
ph_mail_folder_row_class_init (PhMailFolderRowClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_mail_folder_row_get_property;
  object_class->set_property = ph_mail_folder_row_set_property;
  object_class->dispose = ph_mail_folder_row_dispose;

  properties[PROP_ROW] = g_param_spec_object ("row", NULL, NULL, GTK_TYPE_TREE_LIST_ROW, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-mail-folder-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhMailFolderRow, expander);
  gtk_widget_class_bind_template_child (widget_class, PhMailFolderRow, image);
  gtk_widget_class_bind_template_child (widget_class, PhMailFolderRow, title_label);
  gtk_widget_class_bind_template_child (widget_class, PhMailFolderRow, count_label);
}

static void
ph_mail_folder_row_init (PhMailFolderRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
