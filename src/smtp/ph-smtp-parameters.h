#pragma once

#include "ph-smtp-reply.h"

G_BEGIN_DECLS

/* Takes a value that fits RFC 5321's esmtp-value (or UTF-8), "" where there is none.
 * Returns a refusal, or NULL for yes. */
typedef PhSmtpReply *(*PhSmtpParameterFunc) (gpointer    target,
                                             const char *value,
                                             gsize       length);

/**
 * PhSmtpParameter:
 *
 * One parameter that MAIL or RCPT knows: a row of the table that the command gives
 * to ph_smtp_parameters_parse().
 */
typedef struct
{
  const char         *keyword;
  gboolean            has_value; /* it must have one; else it must have none */
  PhSmtpParameterFunc apply;
} PhSmtpParameter;

/* Parses what follows the path in MAIL and RCPT (RFC 5321 section 4.1.1.11): nothing,
 * or a blank and parameters.  At most 32 rows.  Returns NULL, or the refusal: 501 for
 * bad syntax and for a parameter given twice, 555 for one that the table has not (S03). */
PhSmtpReply *ph_smtp_parameters_parse (const PhSmtpParameter *table,
                                       gsize                  n_rows,
                                       const char            *text,
                                       gsize                  length,
                                       gpointer               target);

G_END_DECLS
