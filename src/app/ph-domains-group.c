#include "ph-domains-group.h"

#include "ph-address.h"
#include "ph-domain-row.h"
#include "ph-entry-row.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhDomainsGroup
{
  AdwPreferencesGroup parent_instance;

  AdwEntryRow *entry;

  PhServer  *server;
  GPtrArray *rows;  /* borrowed */
  GStrv      shown; /* whose rows they are */
};

G_DEFINE_FINAL_TYPE (PhDomainsGroup, ph_domains_group, ADW_TYPE_PREFERENCES_GROUP)

static PhAccounts *
get_accounts (PhDomainsGroup *self)
{
  return ph_server_get_accounts (self->server);
}

static int
compare_words (gconstpointer a,
               gconstpointer b)
{
  return strcmp (*(const char *const *)a, *(const char *const *)b);
}

/* Those that are named, then those that are only other names of one. */
static GStrv
dup_domains (PhDomainsGroup *self)
{
  const char *const *domains = ph_accounts_get_domains (get_accounts (self));
  GPtrArray         *all = g_ptr_array_new ();
  GHashTableIter     iter;
  gpointer           alias;

  g_hash_table_iter_init (&iter, ph_accounts_get_aliases (get_accounts (self)));
  while (g_hash_table_iter_next (&iter, &alias, NULL))
    {
      const char *domain = (const char *)alias + 1;

      if (*(const char *)alias == '@' && !g_strv_contains (domains, domain) && ph_accounts_get_alias_domain (get_accounts (self), domain) != NULL)
        g_ptr_array_add (all, g_strdup (domain));
    }
  g_ptr_array_sort (all, compare_words);
  for (guint i = 0; domains[i] != NULL; i++)
    g_ptr_array_insert (all, (gint)i, g_strdup (domains[i]));
  g_ptr_array_add (all, NULL);

  return (GStrv)g_ptr_array_free (all, FALSE);
}

/* Rows are made anew only for other domains: one may be open. */
static void
update (PhDomainsGroup *self)
{
  g_auto (GStrv) domains = dup_domains (self);

  if (self->shown != NULL && g_strv_equal ((const char *const *)self->shown, (const char *const *)domains))
    return;

  for (guint i = 0; i < self->rows->len; i++)
    adw_preferences_group_remove (ADW_PREFERENCES_GROUP (self), g_ptr_array_index (self->rows, i));
  g_ptr_array_set_size (self->rows, 0);
  g_strfreev (self->shown);
  self->shown = g_steal_pointer (&domains);
  for (guint i = 0; self->shown[i] != NULL; i++)
    {
      GtkWidget *row = ph_domain_row_new (self->server, self->shown[i]);

      adw_preferences_group_add (ADW_PREFERENCES_GROUP (self), row);
      g_ptr_array_add (self->rows, row);
    }
}

/* All but `without`, and then `with`; either may be NULL. */
static void
set_domains (PhDomainsGroup *self,
             const char     *without,
             const char     *with)
{
  const char *const *domains = ph_accounts_get_domains (get_accounts (self));
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_auto (GStrv) wanted = NULL;

  for (guint i = 0; domains[i] != NULL; i++)
    if (without == NULL || g_ascii_strcasecmp (domains[i], without) != 0)
      g_strv_builder_add (builder, domains[i]);
  if (with != NULL)
    g_strv_builder_add (builder, with);
  wanted = g_strv_builder_end (builder);
  ph_accounts_set_domains (get_accounts (self), (const char *const *)wanted);
}

static void
remove_cb (GtkWidget  *widget,
           const char *action,
           GVariant   *parameter)
{
  PhAccounts      *accounts = get_accounts (PH_DOMAINS_GROUP (widget));
  g_autofree char *domain = g_variant_dup_string (parameter, NULL);
  /* Translators: an address */
  g_autofree char *message = g_strdup_printf (_ ("Removed %s"), domain);

  gtk_widget_activate_action (widget, "win.toast", "s", message);
  if (ph_accounts_get_alias_domain (accounts, domain) != NULL)
    {
      g_autofree char *alias = g_strconcat ("@", domain, NULL);

      ph_accounts_set_alias (accounts, alias, NULL);
    }
  set_domains (PH_DOMAINS_GROUP (widget), domain, NULL);
}

/* One more */

static const char *
get_problem (PhDomainsGroup *self)
{
  g_autofree char *domain = ph_address_normalize_domain (gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  if (domain == NULL)
    return _ ("a domain, such as example.org");
  if (ph_accounts_is_local_domain (get_accounts (self), domain))
    return _ ("it is one of this server’s already");

  return NULL;
}

static void
changed_cb (PhDomainsGroup *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (self->entry));

  ph_entry_row_set_problem (self->entry, _ ("Add a domain"), self->server == NULL || *text == '\0' ? NULL : get_problem (self));
}

static void
apply_cb (PhDomainsGroup *self)
{
  g_autofree char *domain = ph_address_normalize_domain (gtk_editable_get_text (GTK_EDITABLE (self->entry)));

  if (get_problem (self) != NULL)
    return;

  gtk_editable_set_text (GTK_EDITABLE (self->entry), "");
  set_domains (self, NULL, domain);
}

static void
ph_domains_group_dispose (GObject *object)
{
  PhDomainsGroup *self = PH_DOMAINS_GROUP (object);

  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_DOMAINS_GROUP);

  G_OBJECT_CLASS (ph_domains_group_parent_class)->dispose (object);
}

static void
ph_domains_group_finalize (GObject *object)
{
  g_ptr_array_unref (PH_DOMAINS_GROUP (object)->rows);
  g_strfreev (PH_DOMAINS_GROUP (object)->shown);

  G_OBJECT_CLASS (ph_domains_group_parent_class)->finalize (object);
}

static void
ph_domains_group_class_init (PhDomainsGroupClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_domains_group_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_domains_group_finalize;

  gtk_widget_class_install_action (widget_class, "domains.remove", "s", remove_cb);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-domains-group.ui");
  gtk_widget_class_bind_template_child (widget_class, PhDomainsGroup, entry);
  gtk_widget_class_bind_template_callback (widget_class, changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, apply_cb);
}

static void
ph_domains_group_init (PhDomainsGroup *self)
{
  self->rows = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
ph_domains_group_set_server (PhDomainsGroup *self,
                             PhServer       *server)
{
  g_return_if_fail (PH_IS_DOMAINS_GROUP (self) && self->server == NULL);

  self->server = g_object_ref (server);
  g_signal_connect_object (get_accounts (self), "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);
}
