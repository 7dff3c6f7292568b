#include "ph-account-chip.h"

#include <glib/gi18n.h>

struct _PhAccountChip
{
  GtkWidget parent_instance;

  GtkMenuButton *button;
  GMenu         *menu;

  PhSessionList *list;
  char          *account; /* "" for any */
};

G_DEFINE_FINAL_TYPE (PhAccountChip, ph_account_chip, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_ACCOUNT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
append (GMenu      *menu,
        const char *label,
        const char *account)
{
  g_autoptr (GMenuItem) item = g_menu_item_new (label, NULL);

  g_menu_item_set_action_and_target (item, "chip.account", "s", account);
  g_menu_append_item (menu, item);
}

/* Whoever is there when it opens. */
static void
create_menu_cb (GtkMenuButton *button,
                gpointer       user_data)
{
  PhAccountChip *self = user_data;
  g_auto (GStrv) accounts = ph_session_list_dup_accounts (self->list);
  g_autoptr (GMenu) section = g_menu_new ();

  g_menu_remove_all (self->menu);
  append (self->menu, _ ("Any Account"), "");
  for (guint i = 0; accounts[i] != NULL; i++)
    {
      g_auto (GStrv) parts = g_strsplit (accounts[i], "_", -1); /* which would make a mnemonic */
      g_autofree char *label = g_strjoinv ("__", parts);

      append (section, label, accounts[i]);
    }
  g_menu_append_section (self->menu, NULL, G_MENU_MODEL (section));
}

static void
set_account (PhAccountChip *self,
             const char    *account)
{
  if (g_strcmp0 (account, self->account) == 0)
    return;

  g_free (self->account);
  self->account = g_strdup (account != NULL ? account : "");
  gtk_menu_button_set_label (self->button, *self->account != '\0' ? self->account : _ ("Account"));
  if (*self->account != '\0')
    gtk_widget_add_css_class (GTK_WIDGET (self->button), "chosen");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->button), "chosen");
  if (self->list != NULL)
    ph_session_list_set_account (self->list, self->account);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_ACCOUNT]);
}

static void
ph_account_chip_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  if (id == PROP_ACCOUNT)
    g_value_set_string (value, PH_ACCOUNT_CHIP (object)->account);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ph_account_chip_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  if (id == PROP_ACCOUNT)
    set_account (PH_ACCOUNT_CHIP (object), g_value_get_string (value));
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ph_account_chip_dispose (GObject *object)
{
  g_clear_object (&PH_ACCOUNT_CHIP (object)->list);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_CHIP);

  G_OBJECT_CLASS (ph_account_chip_parent_class)->dispose (object);
}

static void
ph_account_chip_finalize (GObject *object)
{
  g_object_unref (PH_ACCOUNT_CHIP (object)->menu);
  g_free (PH_ACCOUNT_CHIP (object)->account);

  G_OBJECT_CLASS (ph_account_chip_parent_class)->finalize (object);
}

static void
ph_account_chip_class_init (PhAccountChipClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_account_chip_get_property;
  object_class->set_property = ph_account_chip_set_property;
  object_class->dispose = ph_account_chip_dispose;
  object_class->finalize = ph_account_chip_finalize;

  properties[PROP_ACCOUNT] = g_param_spec_string ("account", NULL, NULL, "", G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS | G_PARAM_EXPLICIT_NOTIFY);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_install_property_action (widget_class, "chip.account", "account");

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-chip.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountChip, button);
}

static void
ph_account_chip_init (PhAccountChip *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  self->menu = g_menu_new ();
  gtk_menu_button_set_menu_model (self->button, G_MENU_MODEL (self->menu));
  set_account (self, "");
}

void
ph_account_chip_set_list (PhAccountChip *self,
                          PhSessionList *list)
{
  g_return_if_fail (PH_IS_ACCOUNT_CHIP (self) && self->list == NULL);

  self->list = g_object_ref (list);
  gtk_menu_button_set_create_popup_func (self->button, create_menu_cb, self, NULL);
}
