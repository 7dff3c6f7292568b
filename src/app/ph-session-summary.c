#include "ph-session-summary.h"

#include "ph-format.h"
#include "ph-journal-line.h"
#include "ph-state-look.h"
#include "ph-wrap-layout.h"

#include <glib/gi18n.h>
#include <string.h>

/* In the order in which a conversation goes through them. */
typedef enum {
  STEP_CONNECTED,
  STEP_TLS,
  STEP_ACCOUNT,
  STEP_MESSAGES,
  STEP_STATE,
  N_STEPS,
} Step;

struct _PhSessionSummary
{
  GtkWidget parent_instance;

  GtkWidget *box;
  GtkWidget *steps_box;
  GtkLabel  *facts_label;
  GtkLabel  *cause_label;
  GtkWidget *findings_box;
  GtkLabel  *findings_label;

  struct
  {
    GtkWidget *box;
    GtkImage  *image;
    GtkLabel  *label;
  } steps[N_STEPS];
  const PhStateLook *look; /* of the last step, NULL at first */

  PhJournalSession *session;
};

G_DEFINE_FINAL_TYPE (PhSessionSummary, ph_session_summary, GTK_TYPE_WIDGET)

/* A step that was not taken has no text. */
static void
set_step (PhSessionSummary *self,
          Step              step,
          const char       *icon_name,
          const char       *text)
{
  if (text != NULL)
    {
      gtk_image_set_from_icon_name (self->steps[step].image, icon_name);
      gtk_label_set_label (self->steps[step].label, text);
    }
  gtk_widget_set_visible (self->steps[step].box, text != NULL);
}

static void
update_steps (PhSessionSummary *self)
{
  g_autofree char   *tls = NULL;
  g_autofree char   *messages = NULL;
  guint              n_messages;
  const PhStateLook *look = ph_state_look_of_session (ph_journal_session_get_state (self->session));

  g_object_get (self->session, "tls", &tls, "n-messages", &n_messages, NULL);
  if (n_messages > 0)
    messages = g_strdup_printf (ngettext ("%u message", "%u messages", n_messages), n_messages);

  /* One that is not connected has no peer yet: it is on its way out. */
  set_step (self, STEP_CONNECTED, "network-wired-symbolic", ph_journal_session_get_peer (self->session) != NULL ? _ ("Connected") : _ ("not connected yet"));
  /* Its version; the rest is in the tooltip, and in a note of the transcript. */
  gtk_widget_set_tooltip_text (self->steps[STEP_TLS].box, tls);
  if (tls != NULL)
    tls[strcspn (tls, " ,")] = '\0';
  set_step (self, STEP_TLS, tls != NULL ? "channel-secure-symbolic" : "channel-insecure-symbolic", tls != NULL ? tls : _ ("no TLS"));
  set_step (self, STEP_ACCOUNT, "avatar-default-symbolic", ph_journal_session_get_account (self->session));
  set_step (self, STEP_MESSAGES, "mail-unread-symbolic", messages);
  set_step (self, STEP_STATE, look->icon_name, _ (look->label));
  ph_state_look_show (look, self->steps[STEP_STATE].image, &self->look);
}

/* How many lines from the end are looked at. */
#define LAST_LINES 20

/* The last that this side said, or NULL. */
static PhJournalLine *
find_last (GListModel    *lines,
           PhJournalVoice voice)
{
  guint n = lines != NULL ? g_list_model_get_n_items (lines) : 0;

  for (guint i = 0; i < MIN (n, LAST_LINES); i++)
    {
      g_autoptr (PhJournalLine) line = g_list_model_get_item (lines, n - 1 - i);

      if (line != NULL && ph_journal_line_get_voice (line) == voice)
        return g_steal_pointer (&line);
    }

  return NULL;
}

/* Why it broke off, and how far it had come. */
static char *
dup_cause (PhSessionSummary *self,
           const char       *cause)
{
  GListModel *lines = ph_journal_session_get_lines (self->session);
  g_autoptr (PhJournalLine) server = find_last (lines, PH_JOURNAL_SERVER);
  g_autoptr (PhJournalLine) client = find_last (lines, PH_JOURNAL_CLIENT);

  if (server != NULL && client != NULL)
    {
      g_autofree char *said = ph_journal_line_dup_first (server);
      g_autofree char *asked = ph_journal_line_dup_first (client);

      /* Translators: why a session broke off, and the last words of both sides */
      return g_strdup_printf (_ ("%s. The last words of the server were “%s”, of the client “%s”."), ph_format_words (cause), said, asked);
    }

  return g_strdup (ph_format_words (cause));
}

static void
update_facts (PhSessionSummary *self)
{
  gint64           started, ended;
  guint64          bytes_in, bytes_out;
  g_autofree char *duration = NULL;
  g_autofree char *received = NULL;
  g_autofree char *sent = NULL;
  g_autofree char *cause = NULL;
  g_autofree char *sentence = NULL;
  g_autofree char *text = NULL;

  g_object_get (self->session, "started", &started, "ended", &ended, "bytes-in", &bytes_in, "bytes-out", &bytes_out, "cause", &cause, NULL);
  duration = ph_format_duration ((ended != 0 ? ended : g_get_real_time ()) - started);
  received = g_format_size (bytes_in);
  sent = g_format_size (bytes_out);
  /* Translators: how long a conversation took, and two sizes */
  text = g_strdup_printf (_ ("%s · %s received · %s sent"), duration, received, sent);
  gtk_label_set_label (self->facts_label, text);

  sentence = cause != NULL ? dup_cause (self, cause) : NULL;
  gtk_label_set_label (self->cause_label, sentence != NULL ? sentence : "");
  gtk_widget_set_visible (GTK_WIDGET (self->cause_label), cause != NULL);
}

/* What the client did that it should not. */
static void
update_findings (PhSessionSummary *self)
{
  g_auto (GStrv) findings = ph_journal_session_dup_findings (self->session);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint i = 0; findings[i] != NULL; i++)
    g_string_append_printf (text, "%s%s", i > 0 ? "\n" : "", ph_format_words (findings[i]));
  if (text->len > 0)
    gtk_label_set_label (self->findings_label, text->str);
  gtk_widget_set_visible (self->findings_box, text->len > 0);
}

static void
update (PhSessionSummary *self)
{
  update_steps (self);
  update_facts (self);
}

void
ph_session_summary_set_session (PhSessionSummary *self,
                                PhJournalSession *session)
{
  g_return_if_fail (PH_IS_SESSION_SUMMARY (self));

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_set_object (&self->session, session);
  gtk_widget_set_visible (GTK_WIDGET (self), session != NULL);
  if (session == NULL)
    return;

  /* The journal tells of its changes in batches. */
  g_signal_connect_object (session, "notify", G_CALLBACK (update), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (session, "notify::n-findings", G_CALLBACK (update_findings), self, G_CONNECT_SWAPPED);
  update (self);
  update_findings (self);
}

static void
ph_session_summary_dispose (GObject *object)
{
  PhSessionSummary *self = PH_SESSION_SUMMARY (object);

  if (self->session != NULL)
    g_signal_handlers_disconnect_by_data (self->session, self);
  g_clear_object (&self->session);
  gtk_widget_dispose_template (GTK_WIDGET (self), PH_TYPE_SESSION_SUMMARY);

  G_OBJECT_CLASS (ph_session_summary_parent_class)->dispose (object);
}

static void
ph_session_summary_class_init (PhSessionSummaryClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_session_summary_dispose;

  g_type_ensure (PH_TYPE_WRAP_LAYOUT);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-session-summary.ui");
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, box);
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, steps_box);
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, facts_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, cause_label);
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, findings_box);
  gtk_widget_class_bind_template_child (widget_class, PhSessionSummary, findings_label);
}

static GtkWidget *
make_image (const char *icon_name)
{
  return g_object_new (GTK_TYPE_IMAGE, "icon-name", icon_name, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, NULL);
}

/* An arrow leads to each step from the one before it. */
static void
make_step (PhSessionSummary *self,
           Step              step)
{
  GtkWidget *box = gtk_box_new (GTK_ORIENTATION_HORIZONTAL, 6);

  if (step > 0)
    {
      GtkWidget *arrow = make_image ("go-next-symbolic");

      gtk_widget_add_css_class (arrow, "dim-label");
      gtk_box_append (GTK_BOX (box), arrow);
    }
  self->steps[step].box = box;
  self->steps[step].image = GTK_IMAGE (make_image (NULL));
  self->steps[step].label = GTK_LABEL (gtk_label_new (NULL));
  gtk_label_set_ellipsize (self->steps[step].label, PANGO_ELLIPSIZE_END);
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps[step].image));
  gtk_box_append (GTK_BOX (box), GTK_WIDGET (self->steps[step].label));
  gtk_box_append (GTK_BOX (self->steps_box), box);
}

static void
ph_session_summary_init (PhSessionSummary *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  for (guint i = 0; i < N_STEPS; i++)
    make_step (self, (Step)i);
}
