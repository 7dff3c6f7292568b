#include "ph-life-row.h"

#include "ph-format.h"
#include "ph-life-mark.h"
#include "ph-own-reply.h"

#include <glib/gi18n.h>
#include <string.h>

/* A place where the time may be parted, for a narrow window. */
#define BREAK "\u200b"

struct _PhLifeRow
{
  AdwActionRow parent_instance;

  GtkLabel  *time_label;
  GtkWidget *go_image;

  guint64 session;
};

G_DEFINE_FINAL_TYPE (PhLifeRow, ph_life_row, ADW_TYPE_ACTION_ROW)

static const char *const titles[] = {
  [PH_TRAIL_RECEIVED] = N_ ("Received"),
  [PH_TRAIL_DELIVERED] = N_ ("Delivered"),
  [PH_TRAIL_QUEUED] = N_ ("Queued"),
  [PH_TRAIL_SENT] = N_ ("Sent On"),
  [PH_TRAIL_DEFERRED] = N_ ("Put Off"),
  [PH_TRAIL_REFUSED] = N_ ("Refused"),
  [PH_TRAIL_FETCHED] = N_ ("Fetched"),
  [PH_TRAIL_GIVEN_UP] = N_ ("Given Up"),
};

static void
ph_life_row_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_LIFE_ROW);

  G_OBJECT_CLASS (ph_life_row_parent_class)->dispose (object);
}

static void
ph_life_row_class_init (PhLifeRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_life_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-life-row.ui");
  gtk_widget_class_bind_template_child (widget_class, PhLifeRow, time_label);
  gtk_widget_class_bind_template_child (widget_class, PhLifeRow, go_image);
}

static void
ph_life_row_init (PhLifeRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

/* Whom it is about, or what was said. */
static char *
describe (const PhTrailStep *step)
{
  if (step->kind == PH_TRAIL_QUEUED)
    return g_strdup (step->other);
  if (step->kind != PH_TRAIL_RECEIVED)
    return step->detail != NULL ? ph_own_reply_translate (step->detail) : NULL;
  if (step->detail == NULL)
    return NULL;

  /* Translators: the address of a sender */
  return *step->detail != '\0' ? g_strdup_printf (_ ("From %s"), step->detail) : g_strdup (_ ("nobody: a report"));
}

static char *
describe_session (const PhTrailStep *step,
                  gboolean           has_session)
{
  if (step->session == 0)
    return NULL;

  return g_strdup_printf ("%s %" G_GUINT64_FORMAT "%s%s%s%s", _ (step->service), step->session, step->peer != NULL ? " · " : "", step->peer != NULL ? step->peer : "",
                          has_session ? "" : " · ", has_session ? "" : _ ("dropped from the log"));
}

GtkWidget *
ph_life_row_new (const PhTrailStep *step,
                 gboolean           has_session,
                 gboolean           is_first,
                 gboolean           is_last)
{
  PhLifeRow       *self = g_object_new (PH_TYPE_LIFE_ROW, "title", _ (titles[step->kind]), NULL);
  g_autofree char *what = describe (step);
  g_autofree char *where = describe_session (step, has_session);
  g_autofree char *subtitle = what != NULL && where != NULL ? g_strdup_printf ("%s\n%s", what, where) : NULL;
  g_autofree char *exact = ph_format_absolute_time (step->time);
  g_autofree char *time = NULL;
  char             clock[16];

  ph_format_clock_time (step->time, clock);
  time = g_strdup_printf ("%.*s" BREAK "%s", (int)strcspn (clock, "."), clock, clock + strcspn (clock, "."));
  gtk_label_set_label (self->time_label, time);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->time_label), exact);
  adw_action_row_set_subtitle (ADW_ACTION_ROW (self), subtitle != NULL ? subtitle : what != NULL  ? what
                                                                                  : where != NULL ? where
                                                                                                  : "");
  adw_action_row_add_prefix (ADW_ACTION_ROW (self), ph_life_mark_new (step->kind, is_first, is_last));
  self->session = has_session ? step->session : 0;
  gtk_widget_set_visible (self->go_image, has_session);
  gtk_list_box_row_set_activatable (GTK_LIST_BOX_ROW (self), has_session);
  if (has_session)
    gtk_widget_set_tooltip_text (GTK_WIDGET (self), _ ("Show the session"));

  return GTK_WIDGET (self);
}

guint64
ph_life_row_get_session (PhLifeRow *self)
{
  g_return_val_if_fail (PH_IS_LIFE_ROW (self), 0);

  return self->session;
}
