#include "ph-app-password.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>

/* Bytes of an id; it is no secret. */
#define ID_BYTES 6

struct _PhAppPassword
{
  GObject parent_instance;

  char              *id;
  char              *name;
  PhScramCredential *credential;
  gint64             created;
  gint64             last_used;
};

G_DEFINE_FINAL_TYPE (PhAppPassword, ph_app_password, G_TYPE_OBJECT)

enum {
  PROP_0,
  PROP_ID,
  PROP_NAME,
  PROP_CREATED,
  PROP_LAST_USED,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
ph_app_password_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhAppPassword *self = PH_APP_PASSWORD (object);

  switch (id)
    {
    case PROP_ID:
      g_value_set_string (value, self->id);
      break;
    case PROP_NAME:
      g_value_set_string (value, self->name);
      break;
    case PROP_CREATED:
      g_value_set_int64 (value, self->created);
      break;
    case PROP_LAST_USED:
      g_value_set_int64 (value, self->last_used);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_app_password_finalize (GObject *object)
{
  PhAppPassword *self = PH_APP_PASSWORD (object);

  g_free (self->id);
  g_free (self->name);
  ph_scram_credential_free (self->credential);

  G_OBJECT_CLASS (ph_app_password_parent_class)->finalize (object);
}

static void
ph_app_password_class_init (PhAppPasswordClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->finalize = ph_app_password_finalize;
  object_class->get_property = ph_app_password_get_property;

  properties[PROP_ID] = g_param_spec_string ("id", NULL, NULL, NULL, flags);
  properties[PROP_NAME] = g_param_spec_string ("name", NULL, NULL, NULL, flags);
  properties[PROP_CREATED] = g_param_spec_int64 ("created", NULL, NULL, 0, G_MAXINT64, 0, flags);
  properties[PROP_LAST_USED] = g_param_spec_int64 ("last-used", NULL, NULL, 0, G_MAXINT64, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_app_password_init (PhAppPassword *self)
{
}

static char *
make_id (void)
{
  guint8   bytes[ID_BYTES];
  GString *text = g_string_new (NULL);

  if (gnutls_rnd (GNUTLS_RND_NONCE, bytes, sizeof bytes) < 0)
    g_error ("No random numbers");
  for (guint i = 0; i < ID_BYTES; i++)
    g_string_append_printf (text, "%02x", bytes[i]);

  return g_string_free (text, FALSE);
}

PhAppPassword *
ph_app_password_new (const char              *id,
                     const char              *name,
                     const PhScramCredential *credential,
                     gint64                   created)
{
  PhAppPassword *self = g_object_new (PH_TYPE_APP_PASSWORD, NULL);

  self->id = id != NULL ? g_strdup (id) : make_id ();
  self->name = g_utf8_substring (name, 0, MIN (g_utf8_strlen (name, -1), PH_APP_PASSWORD_NAME_MAX));
  self->credential = ph_scram_credential_copy (credential);
  self->created = created;

  return self;
}

const char *
ph_app_password_get_id (PhAppPassword *self)
{
  return self->id;
}

const char *
ph_app_password_get_name (PhAppPassword *self)
{
  return self->name;
}

const PhScramCredential *
ph_app_password_get_credential (PhAppPassword *self)
{
  return self->credential;
}

gint64
ph_app_password_get_created (PhAppPassword *self)
{
  return self->created;
}

gint64
ph_app_password_get_last_used (PhAppPassword *self)
{
  return self->last_used;
}

void
ph_app_password_set_last_used (PhAppPassword *self,
                               gint64         last_used)
{
  if (self->last_used == last_used)
    return;

  self->last_used = last_used;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_LAST_USED]);
}
