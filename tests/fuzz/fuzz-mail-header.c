/* Header fields: their cut, addresses, dates, encoded words and parameters.  What comes out is
 * valid and bounded, and what we format we read back. */

#include "ph-auth-result.h"
#include "ph-date.h"
#include "ph-encoded-word.h"
#include "ph-header-address.h"
#include "ph-header.h"
#include "ph-parameter.h"

#include "fuzz-target.h"

#include <string.h>

static void
check_line (const char *text)
{
  g_assert_true (g_utf8_validate (text, -1, NULL));
  for (const char *c = text; *c != '\0'; c++)
    g_assert_true ((guchar)*c >= 0x20 && *c != 0x7f);
}

static void
try_date (const char *text,
          gsize       length)
{
  PhDate date, again;
  gint64 day;

  if (ph_date_parse (text, length, &date))
    {
      g_autofree char *formatted = ph_date_format (&date);

      g_assert_true (ph_date_parse (formatted, strlen (formatted), &again));
      g_assert_cmpint (again.time, ==, date.time);
      g_assert_cmpint (again.offset, ==, date.offset);
    }
  if (ph_date_parse_internal (text, length, &date))
    {
      g_autofree char *formatted = ph_date_format_internal (&date);

      g_assert_true (ph_date_parse_internal (formatted, strlen (formatted), &again));
      g_assert_cmpint (again.time, ==, date.time);
    }
  ph_date_parse_day (text, length, &day);
}

static void
try_addresses (const guint8 *data,
               gsize         length)
{
  g_autoptr (GPtrArray) list = ph_header_address_list_parse (data, length);
  gint depth = 0;

  for (guint i = 0; i < list->len; i++)
    {
      const PhHeaderAddress *address = list->pdata[i];
      g_autofree char       *name = ph_header_address_dup_display_name (address);
      g_autofree char       *spec = ph_header_address_dup_addr_spec (address);

      depth += address->kind == PH_HEADER_ADDRESS_GROUP_START ? 1 : address->kind == PH_HEADER_ADDRESS_GROUP_END ? -1
                                                                                                                 : 0;
      g_assert_true (depth == 0 || depth == 1);
      if (name != NULL)
        check_line (name);
      if (spec != NULL)
        g_assert_true (g_utf8_validate (spec, -1, NULL));
    }
  g_assert_cmpint (depth, ==, 0);
}

static void
try_words (const char *text,
           gsize       length)
{
  g_autofree char *decoded = ph_encoded_word_decode (text, length);
  g_autofree char *encoded = ph_encoded_word_encode_text (decoded, 9);
  g_autofree char *phrase = ph_encoded_word_encode_phrase (decoded, 6);

  check_line (decoded);
  g_assert_true (g_str_is_ascii (encoded));
  g_assert_true (g_str_is_ascii (phrase));
  for (const char *c = encoded; *c != '\0'; c++)
    g_assert_true (*c != '\r' || (c[1] == '\n' && c[2] == ' '));
}

static void
try_parameters (const guint8 *data,
                gsize         length)
{
  g_autoptr (PhParameterList) list = ph_parameter_list_parse (data, length);

  g_assert_cmpuint (list->n_parameters, <=, 100);
  for (guint i = 0; i < list->n_parameters; i++)
    {
      g_autofree char *decoded = ph_parameter_list_dup_decoded (list, list->parameters[i].name);

      if (decoded != NULL)
        g_assert_true (g_utf8_validate (decoded, -1, NULL));
    }
}

static void
try_results (const char *value)
{
  g_autoptr (GPtrArray) results = g_ptr_array_new_with_free_func ((GDestroyNotify)ph_auth_result_free);

  ph_auth_result_parse_field (value, "x", results);
  g_assert_cmpuint (results->len, <=, PH_AUTH_RESULTS_MAX);
}

static void
try_header (const guint8 *data,
            gsize         length)
{
  g_autoptr (PhHeader) header = ph_header_parse (data, length);
  g_auto (PhBuffer) out = { 0 };

  g_assert_cmpuint (header->length, <=, length);
  g_assert_cmpuint (header->body_offset, <=, length);
  for (guint i = 0; i < header->n_fields; i++)
    {
      const PhHeaderField *field = &header->fields[i];
      g_autofree char     *value = ph_header_dup_field_value (header, field);

      g_assert_cmpuint (field->offset + field->length, <=, header->length);
      g_assert_cmpuint (field->value_offset + field->value_length, <=, field->offset + field->length);
      try_results (value);
      try_addresses (data + field->value_offset, field->value_length);
      try_parameters (data + field->value_offset, field->value_length);
      try_date ((const char *)data + field->value_offset, field->value_length);
    }
  ph_header_append_fields (header, (const char *const[]){ "Subject", "To", NULL }, TRUE, &out);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t size)
{
  g_autofree guint8 *copy = g_memdup2 (data, size);

  if (size == 0)
    return 0;

  try_header (copy, size);
  try_addresses (copy, size);
  try_parameters (copy, size);
  try_date ((const char *)copy, size);
  try_words ((const char *)copy, size);

  return 0;
}
