/* Addresses, parameters and xtext of MAIL and RCPT (V13, V14): what parses, formats and parses
 * back to the same; nothing that parses has a control in it. */

#include "ph-address.h"
#include "ph-smtp-parameters.h"
#include "ph-smtp-xtext.h"

#include "fuzz-target.h"

#include <string.h>

static void
check_text (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true ((guchar)*c >= 0x20 && *c != 0x7f);
}

static void
check_address (const PhAddress *address)
{
  g_autofree char *text = ph_address_format (address);
  g_autoptr (PhAddress) again = NULL;

  check_text (text);
  if (address->domain == NULL)
    return;
  again = ph_address_parse (text, strlen (text), PH_ADDRESS_UTF8, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->local, ==, address->local);
  g_assert_cmpstr (again->domain, ==, address->domain);
}

static void
try_address (const char *text,
             gsize       length)
{
  for (guint flags = 0; flags < 8; flags++)
    {
      gsize consumed = 0;
      g_autoptr (PhAddress) path = ph_address_parse_path (text, length, (PhAddressFlags)flags, &consumed, NULL);
      g_autoptr (PhAddress) mailbox = ph_address_parse (text, length, (PhAddressFlags)flags, NULL);

      g_assert_cmpuint (consumed, <=, length);
      if (path != NULL)
        check_address (path);
      if (mailbox != NULL)
        check_address (mailbox);
      if (mailbox != NULL && !(flags & PH_ADDRESS_UTF8))
        g_assert_false (ph_address_needs_utf8 (mailbox));
    }
}

static void
try_normal (const char *text)
{
  g_autofree char *normal = ph_address_normalize (text);
  g_autofree char *domain = ph_address_normalize_domain (text);

  if (normal != NULL)
    {
      g_autofree char *again = ph_address_normalize (normal);

      check_text (normal);
      g_assert_cmpstr (again, ==, normal);
      g_assert_true (ph_address_equal (normal, text));
    }
  if (domain != NULL)
    {
      g_autofree char *again = ph_address_normalize_domain (domain);

      g_assert_true (g_str_is_ascii (domain));
      g_assert_cmpstr (again, ==, domain);
    }
}

static PhSmtpReply *
take (gpointer    target,
      const char *value,
      gsize       length)
{
  g_autofree char *text = ph_smtp_xtext_decode (value, length, TRUE);

  if (text != NULL)
    {
      g_autofree char *encoded = ph_smtp_xtext_encode (text, TRUE);
      g_autofree char *again = ph_smtp_xtext_decode (encoded, strlen (encoded), TRUE);

      check_text (text);
      g_assert_cmpstr (again, ==, text);
    }

  return NULL;
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  static const PhSmtpParameter table[] = { { "ORCPT", TRUE, take }, { "SMTPUTF8", FALSE, take } };
  /* Exactly as long as it is, so that a byte too many is seen. */
  g_autofree char *text = g_memdup2 (data, size);
  g_autofree char *string = g_strndup ((const char *)data, size);
  g_autoptr (PhSmtpReply) refusal = ph_smtp_parameters_parse (table, G_N_ELEMENTS (table), text, size, NULL);

  if (size == 0)
    return 0;

  if (refusal != NULL)
    g_assert_true (refusal->code == 501 || refusal->code == 555);
  try_address (text, size);
  try_normal (string);

  return 0;
}
