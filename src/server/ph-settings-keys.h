#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/**
 * PhSettingsKey:
 *
 * One row of the table of all values in the ini file: where it stands, which
 * property of PhSettings shows it, and what it may be.
 */
typedef struct
{
  const char        *property;
  const char        *group;
  const char        *key;
  GType              type;             /* G_TYPE_STRING, _BOOLEAN, _UINT or _UINT64 */
  const char        *initial;          /* in the words of the file */
  guint64            minimum, maximum; /* of numbers */
  const char *const *words;            /* of a choice: the number is the place in the list */
  gboolean           is_set;           /* of any of them, parted by semicolons: a bit for each */
} PhSettingsKey;

extern const PhSettingsKey ph_settings_keys[];
extern const guint         ph_settings_n_keys;

/* FALSE and why (transfer full) where `text` is not a value for this key. */
gboolean ph_settings_key_parse (const PhSettingsKey *self,
                                const char          *text,
                                GValue              *value,
                                char               **why);

gboolean ph_settings_keys_know (const char *group,
                                const char *key);

char *ph_settings_key_format (const PhSettingsKey *self,
                              const GValue        *value);

/* A port from 0 to 65535. */
gboolean ph_settings_parse_port (const char *text,
                                 guint16    *port);

/* The services, in the order of the window. */
typedef struct
{
  const char *name;  /* in the file: [Service NAME] */
  const char *title; /* for people */
  guint16     port;  /* as shipped: needs no privilege */
  guint16     standard_port;
  guint       tls;      /* PhServiceTls */
  guint       silence;  /* minutes that a client may say nothing: the least, and as shipped */
  gboolean    is_extra; /* off as shipped */
} PhSettingsService;

extern const PhSettingsService ph_settings_services[];
extern const guint             ph_settings_n_services;

const PhSettingsService *ph_settings_find_service (const char *name);

G_END_DECLS
