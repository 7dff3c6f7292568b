#include "ph-mail-folder.h"

#include "ph-journal-escape.h"

#include <string.h>

/* Of a title, in bytes: as long as a level may be. */
#define TITLE_MAX 255

struct _PhMailFolder
{
  GObject parent_instance;

  char            *name;
  char            *title;
  guint            depth;
  PhMailFolderKind kind;
  gboolean         exists;
  guint            n_messages;
  guint            n_unread;
};

enum {
  PROP_0,
  PROP_N_MESSAGES,
  PROP_N_UNREAD,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_FINAL_TYPE (PhMailFolder, ph_mail_folder, G_TYPE_OBJECT)

static void
ph_mail_folder_get_property (GObject    *object,
                             guint       id,
                             GValue     *value,
                             GParamSpec *pspec)
{
  PhMailFolder *self = PH_MAIL_FOLDER (object);

  switch (id)
    {
    case PROP_N_MESSAGES:
      g_value_set_uint (value, self->n_messages);
      break;
    case PROP_N_UNREAD:
      g_value_set_uint (value, self->n_unread);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_mail_folder_finalize (GObject *object)
{
  PhMailFolder *self = PH_MAIL_FOLDER (object);

  g_free (self->name);
  g_free (self->title);

  G_OBJECT_CLASS (ph_mail_folder_parent_class)->finalize (object);
}

static void
ph_mail_folder_class_init (PhMailFolderClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags   flags = G_PARAM_READABLE | G_PARAM_STATIC_STRINGS;

  object_class->get_property = ph_mail_folder_get_property;
  object_class->finalize = ph_mail_folder_finalize;

  properties[PROP_N_MESSAGES] = g_param_spec_uint ("n-messages", NULL, NULL, 0, G_MAXUINT, 0, flags);
  properties[PROP_N_UNREAD] = g_param_spec_uint ("n-unread", NULL, NULL, 0, G_MAXUINT, 0, flags);
  g_object_class_install_properties (object_class, N_PROPS, properties);
}

static void
ph_mail_folder_init (PhMailFolder *self)
{
}

PhMailFolder *
ph_mail_folder_new (const char      *name,
                    PhMailFolderKind kind,
                    gboolean         exists)
{
  PhMailFolder *self = g_object_new (PH_TYPE_MAIL_FOLDER, NULL);
  const char   *slash = strrchr (name, '/');

  self->name = g_strdup (name);
  self->title = ph_journal_escape_dup (slash != NULL ? slash + 1 : name, TITLE_MAX);
  self->kind = kind;
  self->exists = exists;
  for (; *name != '\0'; name++)
    self->depth += *name == '/';

  return self;
}

const char *
ph_mail_folder_get_name (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), NULL);

  return self->name;
}

const char *
ph_mail_folder_get_title (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), NULL);

  return self->title;
}

guint
ph_mail_folder_get_depth (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), 0);

  return self->depth;
}

PhMailFolderKind
ph_mail_folder_get_kind (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), PH_MAIL_FOLDER_PLAIN);

  return self->kind;
}

gboolean
ph_mail_folder_get_exists (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), FALSE);

  return self->exists;
}

guint
ph_mail_folder_get_n_messages (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), 0);

  return self->n_messages;
}

guint
ph_mail_folder_get_n_unread (PhMailFolder *self)
{
  g_return_val_if_fail (PH_IS_MAIL_FOLDER (self), 0);

  return self->n_unread;
}

void
ph_mail_folder_set_counts (PhMailFolder *self,
                           guint         n_messages,
                           guint         n_unread)
{
  g_return_if_fail (PH_IS_MAIL_FOLDER (self));

  if (self->n_messages != n_messages)
    {
      self->n_messages = n_messages;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_MESSAGES]);
    }
  if (self->n_unread != n_unread)
    {
      self->n_unread = n_unread;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_N_UNREAD]);
    }
}
