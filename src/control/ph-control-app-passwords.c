/* App passwords: further secrets of an account, each for one device or program. */

#include "ph-control-private.h"

#include "ph-password.h"

static void
list_app_passwords (PhControl             *self,
                    GVariant              *parameters,
                    GDBusMethodInvocation *invocation)
{
  GVariantBuilder builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(ssxx)"));
  const char     *address;
  PhAccount      *account;
  GListModel     *model;

  g_variant_get (parameters, "(&s)", &address);
  account = ph_control_find_account (self, address, invocation);
  if (account == NULL)
    {
      g_variant_builder_clear (&builder);
      return;
    }

  model = ph_account_get_app_passwords (account);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PhAppPassword) password = g_list_model_get_item (model, i);

      g_variant_builder_add (&builder, "(@s@sxx)", ph_control_new_string (ph_app_password_get_id (password)),
                             ph_control_new_string (ph_app_password_get_name (password)), ph_app_password_get_created (password) / G_USEC_PER_SEC,
                             ph_app_password_get_last_used (password) / G_USEC_PER_SEC);
    }
  ph_control_succeed (invocation, g_variant_new ("(a(ssxx))", &builder));
}

static void
added_cb (GObject      *source,
          GAsyncResult *result,
          gpointer      user_data)
{
  g_autoptr (GError) error = NULL;
  char *password = ph_server_add_app_password_finish (PH_SERVER (source), result, &error);

  if (password != NULL)
    ph_control_succeed (user_data, g_variant_new ("(s)", password));
  else
    ph_control_refuse (user_data, error->message);
  ph_password_free (password);
}

static void
add_app_password (PhControl             *self,
                  GVariant              *parameters,
                  GDBusMethodInvocation *invocation)
{
  const char *address, *name;

  g_variant_get (parameters, "(&s&s)", &address, &name);
  ph_server_add_app_password_async (ph_control_get_server (self), address, name, NULL, added_cb, invocation);
}

static void
revoke_app_password (PhControl             *self,
                     GVariant              *parameters,
                     GDBusMethodInvocation *invocation)
{
  const char *address, *id;

  g_variant_get (parameters, "(&s&s)", &address, &id);
  ph_server_remove_app_password_async (ph_control_get_server (self), address, id, NULL, ph_control_account_done_cb, invocation);
}

const PhControlMethod ph_control_app_passwords_methods[] = {
  { "ListAppPasswords", list_app_passwords },
  { "AddAppPassword", add_app_password },
  { "RevokeAppPassword", revoke_app_password },
  { NULL, NULL },
};
