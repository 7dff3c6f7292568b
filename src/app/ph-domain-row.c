#include "ph-domain-row.h"

#include "ph-domain-alias-row.h"
#include "ph-format.h"
#include "ph-row-name.h"

#include <glib/gi18n.h>
#include <string.h>

struct _PhDomainRow
{
  AdwExpanderRow parent_instance;

  GtkSwitch        *sign_switch;
  PhDomainAliasRow *alias_row;
  GtkButton        *check_button;
  GtkWidget        *remove_button;

  PhServer     *server;
  char         *domain;
  GPtrArray    *records;     /* of rows, borrowed */
  GCancellable *cancellable; /* of what DNS is asked, NULL before the first time */
};

G_DEFINE_FINAL_TYPE (PhDomainRow, ph_domain_row, ADW_TYPE_EXPANDER_ROW)

static const struct
{
  const char *icon_name;
  const char *label;
  const char *style;
} looks[] = {
  /* in the order of PhRecordState */
  { "emblem-ok-symbolic", N_ ("Published"), "success" },
  { "dialog-warning-symbolic", N_ ("Not published"), "warning" },
  { "dialog-warning-symbolic", N_ ("Published differently"), "warning" },
  { "dialog-question-symbolic", N_ ("DNS gave no answer"), "dim-label" },
  { "emblem-ok-symbolic", N_ ("Not needed"), "dim-label" },
};
G_STATIC_ASSERT (G_N_ELEMENTS (looks) == PH_RECORD_UNWANTED + 1);

/* Records */

static void
copy_cb (GtkWidget  *widget,
         const char *action,
         GVariant   *parameter)
{
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), g_variant_get_string (parameter, NULL));
  gtk_widget_activate_action (widget, "win.toast", "s", _ ("Copied the record"));
}

/* What is found is shown only where it is not what it should be. */
static char *
describe (const PhDomainRecord *record)
{
  GString *text = g_string_new (_ (looks[record->state].label));

  if (record->remark.local != NULL)
    /* Translators: how it is, and why */
    g_string_printf (text, _ ("%s: %s"), _ (looks[record->state].label), record->remark.local);
  if (*record->value != '\0')
    g_string_append_printf (text, "\n%s %s", record->type, record->value);
  if (record->state == PH_RECORD_WRONG && *record->found != '\0')
    /* Translators: a record of DNS */
    g_string_append_printf (text, _ ("\nFound: %s"), record->found);

  return g_string_free (text, FALSE);
}

static void
add_record (PhDomainRow          *self,
            const PhDomainRecord *record)
{
  g_autofree char *title = g_strdup_printf ("%s · %s", record->kind, record->name);
  g_autofree char *subtitle = describe (record);
  /* Translators: a kind of DNS record, such as MX */
  g_autofree char *label = g_strdup_printf (_ ("Copy the %s record"), record->kind);
  GtkWidget       *row = g_object_new (ADW_TYPE_ACTION_ROW, "use-markup", FALSE, "title", title, "subtitle", subtitle, "subtitle-lines", 0, NULL);
  GtkWidget       *image = gtk_image_new_from_icon_name (looks[record->state].icon_name);
  GtkWidget       *button;

  gtk_widget_add_css_class (image, looks[record->state].style);
  adw_action_row_add_prefix (ADW_ACTION_ROW (row), image);
  adw_expander_row_add_row (ADW_EXPANDER_ROW (self), row);
  g_ptr_array_add (self->records, row);
  if (*record->value == '\0')
    return;

  button = gtk_button_new_from_icon_name ("edit-copy-symbolic");
  gtk_widget_set_valign (button, GTK_ALIGN_CENTER);
  gtk_widget_set_tooltip_text (button, label);
  gtk_widget_add_css_class (button, "flat");
  gtk_actionable_set_action_name (GTK_ACTIONABLE (button), "domain.copy");
  gtk_actionable_set_action_target (GTK_ACTIONABLE (button), "s", record->value);
  adw_action_row_add_suffix (ADW_ACTION_ROW (row), button);
  ph_row_name_control (button, label);
}

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  g_autoptr (PhDomainRow) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = ph_server_check_domain_finish (PH_SERVER (source), result, &error);

  if (self->check_button == NULL || g_cancellable_is_cancelled (g_task_get_cancellable (G_TASK (result))))
    return;

  gtk_widget_set_sensitive (GTK_WIDGET (self->check_button), TRUE);
  gtk_button_set_label (self->check_button, _ ("Check _Again"));
  for (guint i = 0; i < self->records->len; i++)
    adw_expander_row_remove (ADW_EXPANDER_ROW (self), g_ptr_array_index (self->records, i));
  g_ptr_array_set_size (self->records, 0);
  for (guint i = 0; records != NULL && i < records->len; i++)
    add_record (self, g_ptr_array_index (records, i));
  if (error != NULL)
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (error->message));
}

static void
check (PhDomainRow *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  self->cancellable = g_cancellable_new ();
  gtk_widget_set_sensitive (GTK_WIDGET (self->check_button), FALSE);
  gtk_button_set_label (self->check_button, _ ("Asking DNS…"));
  ph_server_check_domain_async (self->server, self->domain, self->cancellable, checked_cb, g_object_ref (self));
}

static void
expanded_cb (PhDomainRow *self)
{
  if (self->cancellable == NULL && self->server != NULL && adw_expander_row_get_expanded (ADW_EXPANDER_ROW (self)))
    check (self);
}

/* Signing: the domain is one of the words of a setting, or not. */

static gboolean
is_same (const char *word,
         const char *domain)
{
  return g_ascii_strcasecmp (word, domain) == 0;
}

static gboolean
is_signed (PhDomainRow *self)
{
  g_auto (GStrv) words = g_strsplit_set (ph_settings_get_string (ph_server_get_settings (self->server), "dkim-domains"), "; ,", -1);

  for (guint i = 0; words[i] != NULL; i++)
    if (is_same (words[i], self->domain))
      return TRUE;

  return FALSE;
}

static void
sign_cb (PhDomainRow *self)
{
  PhSettings *settings = ph_server_get_settings (self->server);
  g_auto (GStrv) words = g_strsplit_set (ph_settings_get_string (settings, "dkim-domains"), "; ,", -1);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean wanted = gtk_switch_get_active (self->sign_switch);

  if (wanted == is_signed (self))
    return;

  for (guint i = 0; words[i] != NULL; i++)
    if (*words[i] != '\0' && !is_same (words[i], self->domain))
      g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", words[i]);
  if (wanted)
    g_string_append_printf (text, "%s%s", text->len > 0 ? ", " : "", self->domain);
  g_object_set (settings, "dkim-domains", text->str, NULL);
  if (self->cancellable != NULL)
    check (self);
}

/* What it is */

static guint
count_accounts (PhDomainRow *self)
{
  GListModel *accounts = G_LIST_MODEL (ph_server_get_accounts (self->server));
  guint       n = 0;

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);
      const char *at = strrchr (ph_account_get_address (account), '@');

      n += at != NULL && is_same (at + 1, self->domain);
    }

  return n;
}

/* The domain that it is another name of, or who gets what is nobody's; NULL for neither. */
static const char *
find_target (PhDomainRow *self)
{
  g_autofree char   *alias = g_strconcat ("@", self->domain, NULL);
  const char *const *targets = g_hash_table_lookup (ph_accounts_get_aliases (ph_server_get_accounts (self->server)), alias);

  return targets != NULL ? targets[0] : NULL;
}

static void
update (PhDomainRow *self)
{
  guint       n_accounts = count_accounts (self);
  const char *target = find_target (self);
  /* Translators: how many accounts a domain has */
  g_autofree char *accounts = g_strdup_printf (ngettext ("%u account", "%u accounts", n_accounts), n_accounts);
  g_autofree char *text = NULL;

  if (target != NULL && *target == '@')
    /* Translators: a domain */
    text = g_strdup_printf (_ ("Another name of %s"), target + 1);
  else if (target != NULL)
    /* Translators: first "3 accounts", then an address */
    text = g_strdup_printf (_ ("%s · what is nobody’s goes to %s"), accounts, target);
  adw_expander_row_set_subtitle (ADW_EXPANDER_ROW (self), text != NULL ? text : accounts);
  gtk_widget_set_visible (self->remove_button, n_accounts == 0);
  /* A domain with people in it, or one that somebody has all mail of, is not to become another by one press. */
  gtk_widget_set_visible (GTK_WIDGET (self->alias_row), target != NULL ? *target == '@' : n_accounts == 0);
  gtk_switch_set_active (self->sign_switch, is_signed (self));
}

static void
ph_domain_row_dispose (GObject *object)
{
  PhDomainRow *self = PH_DOMAIN_ROW (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->server);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_DOMAIN_ROW);

  G_OBJECT_CLASS (ph_domain_row_parent_class)->dispose (object);
}

static void
ph_domain_row_finalize (GObject *object)
{
  g_ptr_array_unref (PH_DOMAIN_ROW (object)->records);
  g_free (PH_DOMAIN_ROW (object)->domain);

  G_OBJECT_CLASS (ph_domain_row_parent_class)->finalize (object);
}

static void
ph_domain_row_class_init (PhDomainRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_domain_row_dispose;
  G_OBJECT_CLASS (klass)->finalize = ph_domain_row_finalize;

  gtk_widget_class_install_action (widget_class, "domain.copy", "s", copy_cb);
  g_type_ensure (PH_TYPE_DOMAIN_ALIAS_ROW);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-domain-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhDomainRow, sign_switch);
  gtk_widget_class_bind_template_child (widget_class, PhDomainRow, alias_row);
  gtk_widget_class_bind_template_child (widget_class, PhDomainRow, check_button);
  gtk_widget_class_bind_template_child (widget_class, PhDomainRow, remove_button);
  gtk_widget_class_bind_template_callback (widget_class, expanded_cb);
  gtk_widget_class_bind_template_callback (widget_class, sign_cb);
  gtk_widget_class_bind_template_callback (widget_class, check);
}

static void
ph_domain_row_init (PhDomainRow *self)
{
  self->records = g_ptr_array_new ();
  gtk_widget_init_template (GTK_WIDGET (self));
  ph_row_wrap_buttons (GTK_WIDGET (self));
  ph_row_keep_name (GTK_WIDGET (self->check_button));
}

GtkWidget *
ph_domain_row_new (PhServer   *server,
                   const char *domain)
{
  PhDomainRow *self = g_object_new (PH_TYPE_DOMAIN_ROW, NULL);
  /* Translators: a domain; what a switch does, for screen readers */
  g_autofree char *sign = g_strdup_printf (_ ("Sign mail of %s"), domain);
  /* Translators: an address, or a domain */
  g_autofree char *take_away = g_strdup_printf (_ ("Remove %s"), domain);

  self->server = g_object_ref (server);
  self->domain = g_strdup (domain);
  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), domain);
  ph_row_name_control (GTK_WIDGET (self->sign_switch), sign);
  ph_domain_alias_row_set_domain (self->alias_row, ph_server_get_accounts (server), domain);
  gtk_widget_set_tooltip_text (self->remove_button, take_away);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->remove_button), GTK_ACCESSIBLE_PROPERTY_LABEL, take_away, -1);
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->remove_button), "s", domain);
  g_signal_connect_object (ph_server_get_accounts (server), "changed", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  update (self);

  return GTK_WIDGET (self);
}
