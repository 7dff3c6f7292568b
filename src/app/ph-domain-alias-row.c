#include "ph-domain-alias-row.h"

#include <glib/gi18n.h>

struct _PhDomainAliasRow
{
  AdwComboRow parent_instance;

  PhAccounts *accounts;
  char       *domain;
  GStrv       choices; /* after the one that is none */
};

G_DEFINE_FINAL_TYPE (PhDomainAliasRow, ph_domain_alias_row, ADW_TYPE_COMBO_ROW)

static GStrv
dup_choices (PhDomainAliasRow *self)
{
  const char *const *domains = ph_accounts_get_domains (self->accounts);
  const char        *target = ph_accounts_get_alias_domain (self->accounts, self->domain);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();

  for (guint i = 0; domains[i] != NULL; i++)
    if (g_ascii_strcasecmp (domains[i], self->domain) != 0 && ph_accounts_get_alias_domain (self->accounts, domains[i]) == NULL)
      g_strv_builder_add (builder, domains[i]);
  /* What the file names may be an other name itself, or of another server. */
  if (target != NULL && (!g_strv_contains (domains, target) || ph_accounts_get_alias_domain (self->accounts, target) != NULL))
    g_strv_builder_add (builder, target);

  return g_strv_builder_end (builder);
}

/* It stays one of this server's in any case. */
static void
selected_cb (PhDomainAliasRow *self)
{
  const char *const *domains = ph_accounts_get_domains (self->accounts);
  guint              selected = adw_combo_row_get_selected (ADW_COMBO_ROW (self));
  g_autofree char   *alias = g_strconcat ("@", self->domain, NULL);
  g_autofree char   *target = NULL;

  if (selected > 0 && selected <= g_strv_length (self->choices))
    target = g_strconcat ("@", self->choices[selected - 1], NULL);
  if (!g_strv_contains (domains, self->domain))
    {
      g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
      g_auto (GStrv) wanted = NULL;

      g_strv_builder_addv (builder, (const char **)domains);
      g_strv_builder_add (builder, self->domain);
      wanted = g_strv_builder_end (builder);
      ph_accounts_set_domains (self->accounts, (const char *const *)wanted);
    }
  ph_accounts_set_alias (self->accounts, alias, target != NULL ? (const char *const[]){ target, NULL } : NULL);
}

static void
update (PhDomainAliasRow *self)
{
  const char *target = ph_accounts_get_alias_domain (self->accounts, self->domain);
  g_auto (GStrv) choices = dup_choices (self);
  guint selected = 0;

  for (guint i = 0; target != NULL && choices[i] != NULL; i++)
    if (g_ascii_strcasecmp (choices[i], target) == 0)
      selected = i + 1;

  g_signal_handlers_block_by_func (self, selected_cb, NULL);
  if (self->choices == NULL || !g_strv_equal ((const char *const *)self->choices, (const char *const *)choices))
    {
      g_autoptr (GtkStringList) model = gtk_string_list_new ((const char *const[]){ _ ("No other domain"), NULL });

      gtk_string_list_splice (model, 1, 0, (const char *const *)choices);
      g_strfreev (self->choices);
      self->choices = g_steal_pointer (&choices);
      adw_combo_row_set_model (ADW_COMBO_ROW (self), G_LIST_MODEL (model));
    }
  adw_combo_row_set_selected (ADW_COMBO_ROW (self), selected);
  g_signal_handlers_unblock_by_func (self, selected_cb, NULL);
}

static void
ph_domain_alias_row_dispose (GObject *object)
{
  g_clear_object (&PH_DOMAIN_ALIAS_ROW (object)->accounts);

  G_OBJECT_CLASS (ph_domain_alias_row_parent_class)->dispose (object);
}

static void
ph_domain_alias_row_finalize (GObject *object)
{
  g_free (PH_DOMAIN_ALIAS_ROW (object)->domain);
  g_strfreev (PH_DOMAIN_ALIAS_ROW (object)->choices);

  G_OBJECT_CLASS (ph_domain_alias_row_parent_class)->finalize (object);
}

static void
ph_domain_alias_row_class_init (PhDomainAliasRowClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_domain_alias_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_domain_alias_row_finalize;
}

static void
ph_domain_alias_row_init (PhDomainAliasRow *self)
{
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), _ ("Another name of"));
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), _ ("Each address there is one here, too"));
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
}

void
ph_domain_alias_row_set_domain (PhDomainAliasRow *self,
                                PhAccounts       *accounts,
                                const char       *domain)
{
  g_return_if_fail (PH_IS_DOMAIN_ALIAS_ROW (self) && self->accounts == NULL);

  self->accounts = g_object_ref (accounts);
  self->domain = g_strdup (domain);
  g_signal_connect (self, "notify::selected", G_CALLBACK (selected_cb), NULL);
  g_signal_connect_object (accounts, "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
