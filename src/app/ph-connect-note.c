#include "ph-connect-note.h"

#include <glib/gi18n.h>

struct _PhConnectNote
{
  AdwActionRow parent_instance;

  PhAccount *account;
};

G_DEFINE_FINAL_TYPE (PhConnectNote, ph_connect_note, ADW_TYPE_ACTION_ROW)

static const struct
{
  PhProtocols protocol;
  const char *title;
} uses[] = {
  { PH_PROTOCOL_IMAP, "IMAP" },
  { PH_PROTOCOL_POP3, "POP3" },
  { PH_PROTOCOL_SUBMISSION, N_ ("Sending") },
};

static char *
format_missing (PhAccount *account)
{
  g_autoptr (GString) names = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (uses); i++)
    if ((ph_account_get_protocols (account) & uses[i].protocol) == 0)
      g_string_append_printf (names, "%s%s", names->len > 0 ? ", " : "", _ (uses[i].title));
  if (names->len == 0)
    return NULL;

  /* Translators: some of “IMAP”, “POP3” and “Sending”, with commas between them */
  return g_strdup_printf (_ ("Switched off for this account: %s"), names->str);
}

static void
update (PhConnectNote *self)
{
  gboolean         may_log_in = self->account == NULL || ph_account_get_enabled (self->account);
  g_autofree char *missing = self->account != NULL ? format_missing (self->account) : NULL;
  const char      *title = may_log_in ? missing : _ ("This account may not log in");

  gtk_widget_set_visible (GTK_WIDGET (self), title != NULL);
  if (title == NULL)
    return;

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self), title);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), may_log_in ? _ ("To change that, see Allowed Uses on the account’s page")
                                                                 : _ ("To change that, see the account’s page"));
}

static void
forget (PhConnectNote *self)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
}

static void
ph_connect_note_dispose (GObject *object)
{
  forget (PH_CONNECT_NOTE (object));

  G_OBJECT_CLASS (ph_connect_note_parent_class)->dispose (object);
}

static void
ph_connect_note_class_init (PhConnectNoteClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = ph_connect_note_dispose;
}

static void
ph_connect_note_init (PhConnectNote *self)
{
  GtkWidget *image = g_object_new (GTK_TYPE_IMAGE, "icon-name", "dialog-information-symbolic", "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);

  adw_action_row_add_prefix (ADW_ACTION_ROW (self), image);
  adw_action_row_set_title_lines (ADW_ACTION_ROW (self), 0);
  adw_action_row_set_subtitle_lines (ADW_ACTION_ROW (self), 0);
  update (self);
}

void
ph_connect_note_set_account (PhConnectNote *self,
                             PhAccount     *account)
{
  g_return_if_fail (PH_IS_CONNECT_NOTE (self));

  forget (self);
  if (account != NULL)
    {
      self->account = g_object_ref (account);
      g_signal_connect_object (account, "notify::protocols", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (account, "notify::enabled", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
    }
  update (self);
}
