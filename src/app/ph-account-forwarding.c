#include "ph-account-forwarding.h"

#include "ph-address-row.h"
#include "ph-address.h"
#include "ph-entry-row.h"

#include <glib/gi18n.h>

struct _PhAccountForwarding
{
  AdwPreferencesGroup parent_instance;

  AdwEntryRow  *forward_entry;
  AdwActionRow *copy_row;
  GtkSwitch    *copy_switch;

  PhAccounts *accounts;
  PhAccount  *account;
  GPtrArray  *rows; /* borrowed from the group */
};

G_DEFINE_FINAL_TYPE (PhAccountForwarding, ph_account_forwarding, ADW_TYPE_PREFERENCES_GROUP)

static gboolean
is_own (PhAccountForwarding *self,
        const char          *address)
{
  return g_ascii_strcasecmp (address, ph_account_get_address (self->account)) == 0;
}

/* The addresses that it goes on to; *keeps_copy: whether it comes here, too. */
static GStrv
dup_targets (PhAccountForwarding *self,
             gboolean            *keeps_copy)
{
  const char *const *targets = g_hash_table_lookup (ph_accounts_get_aliases (self->accounts), ph_account_get_address (self->account));
  g_autoptr (GStrvBuilder) others = g_strv_builder_new ();

  *keeps_copy = targets == NULL;
  for (guint i = 0; targets != NULL && targets[i] != NULL; i++)
    if (is_own (self, targets[i]))
      *keeps_copy = TRUE;
    else
      g_strv_builder_add (others, targets[i]);

  return g_strv_builder_end (others);
}

static gboolean
contains (const char *const *addresses,
          const char        *address)
{
  for (; *addresses != NULL; addresses++)
    if (g_ascii_strcasecmp (*addresses, address) == 0)
      return TRUE;

  return FALSE;
}

/* Less `removed` and with `added`, unless NULL.  With no address left it all comes here. */
static void
set_targets (PhAccountForwarding *self,
             const char          *removed,
             const char          *added,
             gboolean             keeps_copy)
{
  gboolean kept_copy;
  g_auto (GStrv) before = dup_targets (self, &kept_copy);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) targets = NULL;
  guint n_others = 0;

  for (guint i = 0; before[i] != NULL; i++)
    if (removed == NULL || g_ascii_strcasecmp (before[i], removed) != 0)
      {
        g_strv_builder_add (builder, before[i]);
        n_others++;
      }
  if (added != NULL)
    {
      g_strv_builder_add (builder, added);
      n_others++;
    }
  if (keeps_copy)
    g_strv_builder_add (builder, ph_account_get_address (self->account));
  targets = g_strv_builder_end (builder);
  ph_accounts_set_alias (self->accounts, ph_account_get_address (self->account), n_others > 0 ? (const char *const *)targets : NULL);
}

static void
copy_cb (PhAccountForwarding *self)
{
  if (self->account != NULL)
    set_targets (self, NULL, NULL, gtk_switch_get_active (self->copy_switch));
}

static void
update (PhAccountForwarding *self)
{
  g_auto (GStrv) targets = NULL;
  gboolean keeps_copy;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  if (self->account == NULL)
    return;

  targets = dup_targets (self, &keeps_copy);
  for (guint i = 0; targets[i] != NULL; i++)
    {
      GtkWidget *row = ph_address_row_new (targets[i], "forwarding.remove");

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
      g_ptr_array_add (self->rows, row);
    }
  gtk_widget_set_visible (GTK_WIDGET (self->copy_row), self->rows->len > 0);
  g_signal_handlers_block_by_func (self->copy_switch, copy_cb, self);
  gtk_switch_set_active (self->copy_switch, keeps_copy);
  g_signal_handlers_unblock_by_func (self->copy_switch, copy_cb, self);
}

static void
remove_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhAccountForwarding *self = PH_ACCOUNT_FORWARDING (widget);
  const char          *address = g_variant_get_string (parameter, NULL);
  /* Translators: an address */
  g_autofree char *message = g_strdup_printf (_ ("Removed %s"), address);

  if (self->account == NULL)
    return;

  gtk_widget_activate_action (widget, "win.toast", "s", message);
  set_targets (self, address, NULL, gtk_switch_get_active (self->copy_switch));
}

/* One more */

/* Why mail can't go where is typed, in words; NULL if it can.  *normal: the address, transfer full. */
static const char *
get_problem (PhAccountForwarding *self,
             char               **normal)
{
  gboolean keeps_copy;
  g_auto (GStrv) targets = dup_targets (self, &keeps_copy);

  *normal = ph_address_normalize (gtk_editable_get_text (GTK_EDITABLE (self->forward_entry)));
  if (*normal == NULL)
    return _ ("a name, an @ and a domain");
  if (is_own (self, *normal))
    return _ ("this is the account itself");
  if (contains ((const char *const *)targets, *normal))
    return _ ("mail goes there already");

  return NULL;
}

static void
validate (PhAccountForwarding *self)
{
  g_autofree char *normal = NULL;
  gboolean         has_text = *gtk_editable_get_text (GTK_EDITABLE (self->forward_entry)) != '\0';

  ph_entry_row_set_problem (self->forward_entry, _ ("Forward to"), self->account != NULL && has_text ? get_problem (self, &normal) : NULL);
}

static void
apply_cb (PhAccountForwarding *self)
{
  g_autofree char *normal = NULL;

  if (self->account == NULL || get_problem (self, &normal) != NULL)
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->forward_entry), "");
  set_targets (self, NULL, normal, gtk_switch_get_active (self->copy_switch));
}

static void
forget (PhAccountForwarding *self)
{
  if (self->accounts != NULL)
    g_signal_handlers_disconnect_by_data (self->accounts, self);
  g_clear_object (&self->accounts);
  g_clear_object (&self->account);
}

static void
ph_account_forwarding_dispose (GObject *object)
{
  forget (PH_ACCOUNT_FORWARDING (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_FORWARDING);

  G_OBJECT_CLASS (ph_account_forwarding_parent_class)->dispose (object);
}

static void
ph_account_forwarding_finalize (GObject *object)
{
  g_ptr_array_unref (PH_ACCOUNT_FORWARDING (object)->rows);

  G_OBJECT_CLASS (ph_account_forwarding_parent_class)->finalize (object);
}

static void
ph_account_forwarding_class_init (PhAccountForwardingClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_forwarding_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_account_forwarding_finalize;

  gtk_widget_class_install_action (widget_class, "forwarding.remove", "s", remove_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-forwarding.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountForwarding, forward_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountForwarding, copy_row);
  gtk_widget_class_bind_template_child (widget_class, PhAccountForwarding, copy_switch);
  gtk_widget_class_bind_template_callback (widget_class, validate);
  gtk_widget_class_bind_template_callback (widget_class, apply_cb);
}

static void
ph_account_forwarding_init (PhAccountForwarding *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->copy_switch, "notify::active", G_CALLBACK (copy_cb), self, G_CONNECT_SWAPPED);
}

void
ph_account_forwarding_set_account (PhAccountForwarding *self,
                                   PhAccounts          *accounts,
                                   PhAccount           *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_FORWARDING (self));

  forget (self);
  if (account != NULL)
    {
      self->accounts = g_object_ref (accounts);
      self->account = g_object_ref (account);
      g_signal_connect_object (accounts, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      gtk_editable_set_text (GTK_EDITABLE (self->forward_entry), "");
    }
  update (self);
}
