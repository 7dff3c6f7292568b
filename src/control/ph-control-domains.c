/* Domains: what they publish in DNS. */

#include "ph-control-private.h"

static void
checked_cb (GObject      *source,
            GAsyncResult *result,
            gpointer      user_data)
{
  GDBusMethodInvocation *invocation = user_data;
  GVariantBuilder        builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a(sssssss)"));
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) records = ph_server_check_domain_finish (PH_SERVER (source), result, &error);

  if (records == NULL)
    {
      g_variant_builder_clear (&builder);
      ph_control_refuse (invocation, error->message);
      return;
    }

  for (guint i = 0; i < records->len; i++)
    {
      const PhDomainRecord *record = records->pdata[i];

      g_variant_builder_add (&builder, "(ss@sss@s@s)", ph_record_state_get_name (record->state), record->kind, ph_control_new_string (record->name), record->type,
                             record->value, ph_control_new_string (record->found), ph_control_new_string (record->remark.english != NULL ? record->remark.english : ""));
    }
  ph_control_succeed (invocation, g_variant_new ("(a(sssssss))", &builder));
}

static void
check_domain (PhControl             *self,
              GVariant              *parameters,
              GDBusMethodInvocation *invocation)
{
  const char *domain;

  g_variant_get (parameters, "(&s)", &domain);
  ph_server_check_domain_async (ph_control_get_server (self), domain, NULL, checked_cb, invocation);
}

const PhControlMethod ph_control_domains_methods[] = {
  { "CheckDomain", check_domain },
  { NULL, NULL },
};
