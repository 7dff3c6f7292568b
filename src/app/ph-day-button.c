#include "ph-day-button.h"

#include "ph-automatic-reply.h"

#include <glib/gi18n.h>

struct _PhDayButton
{
  AdwBin parent_instance;

  GtkMenuButton *menu_button;
  GtkPopover    *popover;
  GtkCalendar   *calendar;

  AdwEntryRow *row; /* its parent */
};

G_DEFINE_FINAL_TYPE (PhDayButton, ph_day_button, ADW_TYPE_BIN)

enum {
  PROP_0,
  PROP_ROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void selected_cb (PhDayButton *self);

/* The day that the row says, or today. */
static void
shown_cb (PhDayButton *self)
{
  g_autoptr (GDateTime) day = NULL;
  guint32 number;
  GDate   date;

  if (ph_automatic_reply_parse_day (gtk_editable_get_text (GTK_EDITABLE (self->row)), &number) && number != 0)
    {
      g_date_clear (&date, 1);
      g_date_set_julian (&date, number);
      day = g_date_time_new_local (g_date_get_year (&date), (int)g_date_get_month (&date), g_date_get_day (&date), 0, 0, 0);
    }
  if (day == NULL)
    day = g_date_time_new_now_local ();

  g_signal_handlers_block_by_func (self->calendar, selected_cb, self);
  gtk_calendar_select_day (self->calendar, day);
  g_signal_handlers_unblock_by_func (self->calendar, selected_cb, self);
}

static void
take (PhDayButton *self,
      const char  *text)
{
  gtk_editable_set_text (GTK_EDITABLE (self->row), text);
  gtk_popover_popdown (self->popover);
}

static void
selected_cb (PhDayButton *self)
{
  g_autoptr (GDateTime) day = gtk_calendar_get_date (self->calendar);
  g_autofree char *text = g_date_time_format (day, "%Y-%m-%d");

  take (self, text);
}

static void
cleared_cb (PhDayButton *self)
{
  take (self, "");
}

static void
ph_day_button_set_property (GObject      *object,
                            guint         id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PhDayButton     *self = PH_DAY_BUTTON (object);
  g_autofree char *label = NULL;

  switch (id)
    {
    case PROP_ROW:
      self->row = g_value_get_object (value);
      if (self->row == NULL)
        return;
      /* Translators: a name of a day, "First day"; what a button says to a screen reader */
      label = g_strdup_printf (_ ("Choose a day: %s"), adw_preferences_row_get_title (ADW_PREFERENCES_ROW (self->row)));
      gtk_accessible_update_property (GTK_ACCESSIBLE (self->menu_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_day_button_dispose (GObject *object)
{
  adw_bin_set_child (ADW_BIN (object), NULL); /* before the template, which would take it away behind its back */
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_DAY_BUTTON);

  G_OBJECT_CLASS (ph_day_button_parent_class)->dispose (object);
}

static void
ph_day_button_class_init (PhDayButtonClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = ph_day_button_set_property;
  object_class->dispose = ph_day_button_dispose;

  properties[PROP_ROW] = g_param_spec_object ("row", NULL, NULL, ADW_TYPE_ENTRY_ROW, G_PARAM_WRITABLE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-day-button.ui");
  gtk_widget_class_bind_template_child (widget_class, PhDayButton, menu_button);
  gtk_widget_class_bind_template_child (widget_class, PhDayButton, popover);
  gtk_widget_class_bind_template_child (widget_class, PhDayButton, calendar);
  gtk_widget_class_bind_template_callback (widget_class, shown_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, cleared_cb);
}

static void
ph_day_button_init (PhDayButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
