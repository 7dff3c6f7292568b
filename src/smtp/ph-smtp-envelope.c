#include "ph-smtp-envelope.h"

PhSmtpRecipient *
ph_smtp_recipient_new (const char *address)
{
  PhSmtpRecipient *self = g_new0 (PhSmtpRecipient, 1);

  self->address = g_strdup (address);

  return self;
}

void
ph_smtp_recipient_free (PhSmtpRecipient *self)
{
  if (self == NULL)
    return;

  if (self->handler_free != NULL)
    self->handler_free (self->handler_data);
  g_free (self->address);
  g_free (self->orcpt);
  g_free (self->failure);
  g_free (self);
}

PhSmtpEnvelope *
ph_smtp_envelope_new (const char *sender)
{
  PhSmtpEnvelope *self = g_new0 (PhSmtpEnvelope, 1);

  self->sender = g_strdup (sender);
  self->recipients = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_smtp_recipient_free);

  return self;
}

PhSmtpEnvelope *
ph_smtp_envelope_copy_options (const PhSmtpEnvelope *self)
{
  PhSmtpEnvelope *copy = ph_smtp_envelope_new (self->sender);

  copy->body = self->body;
  copy->has_long_lines = self->has_long_lines;
  copy->smtputf8 = self->smtputf8;
  copy->requiretls = self->requiretls;
  copy->tls_is_optional = self->tls_is_optional;
  copy->from_here = self->from_here;
  copy->ret = self->ret;
  copy->envid = g_strdup (self->envid);
  copy->declared_size = self->declared_size;
  copy->release = self->release;
  copy->hold = g_strdup (self->hold);

  return copy;
}

void
ph_smtp_envelope_free (PhSmtpEnvelope *self)
{
  if (self == NULL)
    return;

  g_free (self->sender);
  g_ptr_array_unref (self->recipients);
  g_free (self->envid);
  g_free (self->hold);
  g_free (self);
}

PhSmtpRecipient *
ph_smtp_envelope_add (PhSmtpEnvelope *self,
                      const char     *address)
{
  PhSmtpRecipient *recipient = ph_smtp_recipient_new (address);

  g_ptr_array_add (self->recipients, recipient);

  return recipient;
}
