/* Accounts: who is here, and their passwords. */

#include "ph-control-private.h"

static void
list_accounts (PhControl             *self,
               GVariant              *parameters,
               GDBusMethodInvocation *invocation)
{
  GListModel     *accounts = G_LIST_MODEL (ph_server_get_accounts (ph_control_get_server (self)));
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssb)"));

  for (guint i = 0; i < g_list_model_get_n_items (accounts); i++)
    {
      g_autoptr (PhAccount) account = g_list_model_get_item (accounts, i);

      g_variant_builder_add (&builder, "(@s@sb)", ph_control_new_string (ph_account_get_address (account)),
                             ph_control_new_string (ph_account_get_display_name (account)), ph_account_get_enabled (account));
    }
  ph_control_succeed (invocation, g_variant_new ("(a(ssb))", &builder));
}

PhAccount *
ph_control_find_account (PhControl             *self,
                         const char            *address,
                         GDBusMethodInvocation *invocation)
{
  PhAccount       *account = ph_accounts_find (ph_server_get_accounts (ph_control_get_server (self)), address);
  g_autofree char *message = g_strdup_printf ("There is no account %s", address);

  if (account == NULL)
    ph_control_refuse (invocation, message);

  return account;
}

void
ph_control_account_done_cb (GObject      *source,
                            GAsyncResult *result,
                            gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  gboolean done = ph_server_account_finish (PH_SERVER (source), result, &error);

  ph_control_answer (user_data, done, error);
}

static void
add_account (PhControl             *self,
             GVariant              *parameters,
             GDBusMethodInvocation *invocation)
{
  const char *address, *display_name, *password;

  g_variant_get (parameters, "(&s&s&s)", &address, &display_name, &password);
  ph_server_add_account_async (ph_control_get_server (self), address, display_name, password, NULL, ph_control_account_done_cb, invocation);
}

static void
set_password (PhControl             *self,
              GVariant              *parameters,
              GDBusMethodInvocation *invocation)
{
  const char *address, *password;

  g_variant_get (parameters, "(&s&s)", &address, &password);
  ph_server_set_password_async (ph_control_get_server (self), address, password, NULL, ph_control_account_done_cb, invocation);
}

static void
set_old_programs (PhControl             *self,
                  GVariant              *parameters,
                  GDBusMethodInvocation *invocation)
{
  const char *address, *password;

  g_variant_get (parameters, "(&s&s)", &address, &password);
  ph_server_set_old_programs_async (ph_control_get_server (self), address, *password != '\0' ? password : NULL, NULL, ph_control_account_done_cb, invocation);
}

static void
set_search_index (PhControl             *self,
                  GVariant              *parameters,
                  GDBusMethodInvocation *invocation)
{
  const char *address;
  gboolean    wanted;

  g_variant_get (parameters, "(&sb)", &address, &wanted);
  ph_server_set_account_async (ph_control_get_server (self), address, NULL, ph_control_account_done_cb, invocation, "search-index", wanted, NULL);
}

static void
get_protocols (PhControl             *self,
               GVariant              *parameters,
               GDBusMethodInvocation *invocation)
{
  g_auto (GStrv) names = NULL;
  const char *address;
  PhAccount  *account;

  g_variant_get (parameters, "(&s)", &address);
  account = ph_control_find_account (self, address, invocation);
  if (account == NULL)
    return;

  names = ph_protocols_format (ph_account_get_protocols (account));
  ph_control_succeed (invocation, g_variant_new ("(^as)", names));
}

static void
set_protocols (PhControl             *self,
               GVariant              *parameters,
               GDBusMethodInvocation *invocation)
{
  g_autofree const char **names = NULL;
  g_autofree char        *message = NULL;
  const char             *address, *unknown;
  PhProtocols             protocols;

  g_variant_get (parameters, "(&s^a&s)", &address, &names);
  if (ph_protocols_parse (names, &protocols, &unknown))
    {
      ph_server_set_account_async (ph_control_get_server (self), address, NULL, ph_control_account_done_cb, invocation, "protocols", (guint)protocols, NULL);
      return;
    }

  message = g_strdup_printf ("“%s” is no protocol: imap, pop3, submission", unknown);
  ph_control_refuse (invocation, message);
}

static void
delete_account (PhControl             *self,
                GVariant              *parameters,
                GDBusMethodInvocation *invocation)
{
  const char *address;
  gboolean    keep_mail;

  g_variant_get (parameters, "(&sb)", &address, &keep_mail);
  ph_server_remove_account_async (ph_control_get_server (self), address, keep_mail, NULL, ph_control_account_done_cb, invocation);
}

const PhControlMethod ph_control_accounts_methods[] = {
  { "ListAccounts", list_accounts },
  { "AddAccount", add_account },
  { "SetPassword", set_password },
  { "SetOldPrograms", set_old_programs },
  { "SetSearchIndex", set_search_index },
  { "GetProtocols", get_protocols },
  { "SetProtocols", set_protocols },
  { "DeleteAccount", delete_account },
  { NULL, NULL },
};
