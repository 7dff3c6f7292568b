#include "ph-account-aliases.h"

#include "ph-address-row.h"
#include "ph-address.h"
#include "ph-entry-row.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhAccountAliases
{
  AdwPreferencesGroup parent_instance;

  AdwActionRow *plus_row;
  AdwEntryRow  *alias_entry;

  PhAccounts *accounts;
  PhAccount  *account;
  GPtrArray  *rows; /* borrowed from the group */
};

G_DEFINE_FINAL_TYPE (PhAccountAliases, ph_account_aliases, ADW_TYPE_PREFERENCES_GROUP)

/* Where its mail goes, in the table of aliases; borrowed, NULL where it is none. */
static const char *const *
find_targets (PhAccountAliases *self,
              const char       *alias)
{
  return g_hash_table_lookup (ph_accounts_get_aliases (self->accounts), alias);
}

static void
remove_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhAccountAliases  *self = PH_ACCOUNT_ALIASES (widget);
  const char        *alias = g_variant_get_string (parameter, NULL);
  const char        *address = ph_account_get_address (self->account);
  const char *const *targets = find_targets (self, alias);
  /* Translators: an address */
  g_autofree char *message = g_strdup_printf (_ ("Removed %s"), alias);
  g_autoptr (GStrvBuilder) others = g_strv_builder_new ();
  g_auto (GStrv) left = NULL;

  /* Others keep theirs. */
  for (guint i = 0; targets != NULL && targets[i] != NULL; i++)
    if (g_ascii_strcasecmp (targets[i], address) != 0)
      g_strv_builder_add (others, targets[i]);
  left = g_strv_builder_end (others);
  gtk_widget_activate_action (widget, "win.toast", "s", message);
  ph_accounts_set_alias (self->accounts, alias, (const char *const *)left);
}

static void
add_row (PhAccountAliases *self,
         const char       *alias)
{
  GtkWidget *row = ph_address_row_new (alias, "aliases.remove");

  if (*alias == '@')
    adw_action_row_set_subtitle (ADW_ACTION_ROW (row), _ ("All mail of this domain that is nobody else’s"));
  adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
  g_ptr_array_add (self->rows, row);
}

static int
compare (gconstpointer a,
         gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, borrowed from the table. */
static GPtrArray *
list_aliases (PhAccountAliases *self)
{
  GPtrArray     *aliases = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer       alias, targets;

  g_hash_table_iter_init (&iter, ph_accounts_get_aliases (self->accounts));
  while (g_hash_table_iter_next (&iter, &alias, &targets))
    if (g_strv_contains (targets, ph_account_get_address (self->account)) && !g_str_equal (alias, ph_account_get_address (self->account)))
      g_ptr_array_add (aliases, alias);
  g_ptr_array_sort (aliases, compare);

  return aliases;
}

static void
update (PhAccountAliases *self)
{
  g_autoptr (GPtrArray) aliases = NULL;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  if (self->account == NULL)
    return;

  aliases = list_aliases (self);
  for (guint i = 0; i < aliases->len; i++)
    add_row (self, g_ptr_array_index (aliases, i));
}

/* One more */

/* Why what is typed can be no alias, in words; NULL if it can. */
static const char *
get_problem (PhAccountAliases *self)
{
  const char      *text = gtk_editable_get_text (GTK_EDITABLE (self->alias_entry));
  g_autofree char *whole = *text == '@' ? g_strconcat ("x", text, NULL) : g_strdup (text);
  g_autofree char *normal = ph_address_normalize (whole);
  const char      *domain = normal != NULL ? strrchr (normal, '@') : NULL;

  if (domain == NULL)
    return _ ("an address, or @ and a domain for all of it");
  if (!ph_accounts_is_local_domain (self->accounts, domain + 1))
    return _ ("its domain must be one of this server’s");
  if (*text != '@' && ph_accounts_find (self->accounts, normal) != NULL)
    return _ ("there is an account of this address");
  if (find_targets (self, *text == '@' ? domain : normal) != NULL)
    return _ ("there is such an alias already");

  return NULL;
}

static void
validate (PhAccountAliases *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->alias_entry));

  ph_entry_row_set_problem (self->alias_entry, _ ("Add an alias"), self->account == NULL || *text == '\0' ? NULL : get_problem (self));
}

static void
apply_cb (PhAccountAliases *self)
{
  const char *const targets[] = { ph_account_get_address (self->account), NULL };
  g_autofree char  *alias = g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->alias_entry)));

  if (get_problem (self) != NULL)
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->alias_entry), "");
  ph_accounts_set_alias (self->accounts, alias, targets);
}

static void
forget (PhAccountAliases *self)
{
  if (self->accounts != NULL)
    g_signal_handlers_disconnect_by_data (self->accounts, self);
  g_clear_object (&self->accounts);
  g_clear_object (&self->account);
}

static void
ph_account_aliases_dispose (GObject *object)
{
  forget (PH_ACCOUNT_ALIASES (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_ALIASES);

  G_OBJECT_CLASS (ph_account_aliases_parent_class)->dispose (object);
}

static void
ph_account_aliases_finalize (GObject *object)
{
  g_ptr_array_unref (PH_ACCOUNT_ALIASES (object)->rows);

  G_OBJECT_CLASS (ph_account_aliases_parent_class)->finalize (object);
}

static void
ph_account_aliases_class_init (PhAccountAliasesClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_aliases_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_account_aliases_finalize;

  gtk_widget_class_install_action (widget_class, "aliases.remove", "s", remove_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-aliases.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountAliases, plus_row);
  gtk_widget_class_bind_template_child (widget_class, PhAccountAliases, alias_entry);
  gtk_widget_class_bind_template_callback (widget_class, validate);
  gtk_widget_class_bind_template_callback (widget_class, apply_cb);
}

static void
ph_account_aliases_init (PhAccountAliases *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_account_aliases_set_account (PhAccountAliases *self,
                                PhAccounts       *accounts,
                                PhAccount        *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_ALIASES (self));

  forget (self);
  g_set_object (&self->account, account);
  if (account != NULL)
    {
      const char      *at = strrchr (ph_account_get_address (account), '@');
      g_autofree char *name = g_strndup (ph_account_get_address (account), (gsize)(at - ph_account_get_address (account)));
      /* Translators: an example for the word after the + of an address, ann+anything@example.org: ASCII letters only */
      g_autofree char *plus = g_strdup_printf ("%s+%s%s", name, _ ("anything"), at);

      self->accounts = g_object_ref (accounts);
      g_signal_connect_object (accounts, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->plus_row), plus);
      gtk_editable_set_text (GTK_EDITABLE (self->alias_entry), "");
    }
  update (self);
}
