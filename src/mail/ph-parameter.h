#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Per field; what follows is dropped (V08). */
#define PH_PARAMETERS_MAX 1000

/* Characters of a parameter decoded by RFC 2231, continuations joined. */
#define PH_PARAMETER_DECODED_MAX (64 * 1024)

/**
 * PhParameter:
 *
 * One parameter of a Content-Type or Content-Disposition field (RFC 2045 5.1),
 * unquoted but otherwise as written: RFC 2231 names ("filename*0*") are left.
 * Owned by its list.
 */
typedef struct
{
  char *name;
  char *value; /* without NUL; maybe not UTF-8 */
} PhParameter;

/**
 * PhParameterList:
 *
 * A field value of the form `type[/subtype]; name=value; …`, read leniently.
 */
typedef struct
{
  char        *type;    /* as written; "" if there is none */
  char        *subtype; /* NULL if there is no slash */
  PhParameter *parameters;
  guint        n_parameters;
} PhParameterList;

/* Parses a field's raw value. Always succeeds; linear in time. */
PhParameterList *ph_parameter_list_parse (const guint8 *data,
                                          gsize         length);
void             ph_parameter_list_free (PhParameterList *self);

/* The first parameter of that name (any case) as written; NULL if there is none. Borrowed. */
const char *ph_parameter_list_get (const PhParameterList *self,
                                   const char            *name);

/* Decoded to UTF-8: RFC 2231 charset and continuations, else encoded words as
 * many programs misuse them.  NULL if there is none. */
char *ph_parameter_list_dup_decoded (const PhParameterList *self,
                                     const char            *name);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhParameterList, ph_parameter_list_free)

G_END_DECLS
