#include "ph-account-reply.h"

#include "ph-day-button.h"
#include "ph-entry-row.h"
#include "ph-format.h"

#include <glib/gi18n.h>

struct _PhAccountReply
{
  AdwPreferencesGroup parent_instance;

  GtkSwitch   *enabled_switch;
  AdwEntryRow *subject_entry;
  AdwEntryRow *first_entry;
  AdwEntryRow *last_entry;
  GtkTextView *text_view;
  GtkButton   *save_button;

  PhAccount *account;
  gboolean   is_edited; /* since it was saved */
  gboolean   is_filled; /* by us, at the moment */
};

G_DEFINE_FINAL_TYPE (PhAccountReply, ph_account_reply, ADW_TYPE_PREFERENCES_GROUP)

static char *
dup_text (PhAccountReply *self)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (self->text_view);
  GtkTextIter    start, end;

  gtk_text_buffer_get_bounds (buffer, &start, &end);

  return gtk_text_buffer_get_text (buffer, &start, &end, FALSE);
}

/* FALSE, and the row says so, where that is no day. */
static gboolean
read_day (AdwEntryRow *entry,
          const char  *title,
          guint32     *day)
{
  g_autofree char *text = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (entry))));
  gboolean         is_day = ph_automatic_reply_parse_day (text, day);

  ph_entry_row_set_problem (entry, title, is_day ? NULL : _ ("a day like 2026-12-24"));

  return is_day;
}

/* What the form says; NULL, and a sentence in *problem, where it can't be so. */
static PhAutomaticReply *
read_form (PhAccountReply *self,
           gboolean        enabled,
           const char    **problem)
{
  const PhAutomaticReply *before = ph_account_get_automatic_reply (self->account);
  g_autoptr (PhAutomaticReply) reply = before != NULL ? ph_automatic_reply_copy (before) : ph_automatic_reply_new ();
  gboolean first = read_day (self->first_entry, _ ("First day"), &reply->first_day);
  gboolean last = read_day (self->last_entry, _ ("Last day"), &reply->last_day);

  g_free (reply->subject);
  g_free (reply->text);
  reply->enabled = enabled;
  reply->subject = g_strstrip (g_strdup (gtk_editable_get_text (GTK_EDITABLE (self->subject_entry))));
  reply->text = dup_text (self);
  *problem = first && last ? ph_automatic_reply_find_problem (reply) : N_ ("A day is written like 2026-12-24");

  return *problem == NULL ? g_steal_pointer (&reply) : NULL;
}

/* The switch shows what is so. */
static void
update_switch (PhAccountReply *self)
{
  const PhAutomaticReply *reply = ph_account_get_automatic_reply (self->account);

  self->is_filled = TRUE;
  gtk_switch_set_active (self->enabled_switch, reply != NULL && reply->enabled);
  self->is_filled = FALSE;
}

static void
fill (PhAccountReply *self)
{
  const PhAutomaticReply *reply = ph_account_get_automatic_reply (self->account);
  g_autofree char        *first = ph_automatic_reply_format_day (reply != NULL ? reply->first_day : 0);
  g_autofree char        *last = ph_automatic_reply_format_day (reply != NULL ? reply->last_day : 0);

  update_switch (self);
  self->is_filled = TRUE;
  gtk_editable_set_text (GTK_EDITABLE (self->subject_entry), reply != NULL ? reply->subject : "");
  gtk_editable_set_text (GTK_EDITABLE (self->first_entry), first);
  gtk_editable_set_text (GTK_EDITABLE (self->last_entry), last);
  gtk_text_buffer_set_text (gtk_text_view_get_buffer (self->text_view), reply != NULL ? reply->text : "", -1);
  self->is_filled = FALSE;
  self->is_edited = FALSE;
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), FALSE);
}

/* What somebody types at the moment is not taken away by a change from elsewhere. */
static void
changed_cb (PhAccountReply *self)
{
  if (self->is_edited)
    update_switch (self);
  else
    fill (self);
}

/* FALSE, and a toast says why, where it can't be so. */
static gboolean
save (PhAccountReply *self,
      gboolean        enabled)
{
  const char *problem;
  g_autoptr (PhAutomaticReply) reply = read_form (self, enabled, &problem);

  if (reply == NULL)
    {
      gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", ph_format_words (problem));
      return FALSE;
    }

  self->is_edited = FALSE;
  g_object_set (self->account, "automatic-reply", reply, NULL);

  return TRUE;
}

static void
revert_cb (gpointer data)
{
  g_autoptr (PhAccountReply) self = data;

  if (self->account != NULL)
    update_switch (self);
}

/* A switch can't be put back while it tells of its change: GTK goes on with what was pressed. */
static void
switched_cb (PhAccountReply *self)
{
  if (self->account != NULL && !self->is_filled && !save (self, gtk_switch_get_active (self->enabled_switch)))
    g_idle_add_once (revert_cb, g_object_ref (self));
}

static void
save_clicked_cb (PhAccountReply *self)
{
  if (self->account != NULL && save (self, gtk_switch_get_active (self->enabled_switch)))
    gtk_widget_activate_action (GTK_WIDGET (self), "win.toast", "s", _ ("Saved the automatic reply"));
}

static void
edited_cb (PhAccountReply *self)
{
  const char *problem;
  g_autoptr (PhAutomaticReply) reply = NULL;

  if (self->account == NULL || self->is_filled)
    return;

  self->is_edited = TRUE;
  reply = read_form (self, gtk_switch_get_active (self->enabled_switch), &problem);
  gtk_widget_set_sensitive (GTK_WIDGET (self->save_button), reply != NULL);
}

static void
forget (PhAccountReply *self)
{
  if (self->account != NULL)
    g_signal_handlers_disconnect_by_data (self->account, self);
  g_clear_object (&self->account);
}

static void
ph_account_reply_dispose (GObject *object)
{
  forget (PH_ACCOUNT_REPLY (object));
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_ACCOUNT_REPLY);

  G_OBJECT_CLASS (ph_account_reply_parent_class)->dispose (object);
}

static void
ph_account_reply_class_init (PhAccountReplyClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_account_reply_dispose;

  g_type_ensure (PH_TYPE_DAY_BUTTON);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-account-reply.ui");
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, enabled_switch);
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, subject_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, first_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, last_entry);
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, text_view);
  gtk_widget_class_bind_template_child (widget_class, PhAccountReply, save_button);
  gtk_widget_class_bind_template_callback (widget_class, edited_cb);
  gtk_widget_class_bind_template_callback (widget_class, save_clicked_cb);
}

static void
ph_account_reply_init (PhAccountReply *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  g_signal_connect_object (self->enabled_switch, "notify::active", G_CALLBACK (switched_cb), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (gtk_text_view_get_buffer (self->text_view), "changed", G_CALLBACK (edited_cb), self, G_CONNECT_SWAPPED);
}

void
ph_account_reply_set_account (PhAccountReply *self,
                              PhAccount      *account)
{
  g_return_if_fail (PH_IS_ACCOUNT_REPLY (self));

  forget (self);
  if (account == NULL)
    return;

  self->account = g_object_ref (account);
  g_signal_connect_object (account, "notify::automatic-reply", G_CALLBACK (changed_cb), self, G_CONNECT_SWAPPED);
  fill (self);
}
