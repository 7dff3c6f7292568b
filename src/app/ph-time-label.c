#include "ph-time-label.h"

#include "ph-format.h"

/* How often it is read anew, in seconds: for times near to now, and for others. */
#define NEAR_INTERVAL 5
#define FAR_INTERVAL 30

struct _PhTimeLabel
{
  GtkWidget parent_instance;

  GtkWidget *label;

  gint64 time;
  char  *fallback;
  guint  timeout;
};

G_DEFINE_FINAL_TYPE (PhTimeLabel, ph_time_label, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_TIME,
  PROP_FALLBACK,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static void
update (PhTimeLabel *self)
{
  g_autofree char *text = NULL;
  const char      *shown;

  if (self->time != 0)
    text = ph_format_relative_time (self->time, g_get_real_time ());
  shown = text != NULL ? text : self->fallback;
  if (g_strcmp0 (gtk_label_get_label (GTK_LABEL (self->label)), shown) != 0)
    gtk_label_set_label (GTK_LABEL (self->label), shown);
}

/* Made when somebody points at it: to set a tooltip's text asks the X server where the
 * pointer is, seventeen requests and four answers that are waited for. */
static gboolean
ph_time_label_query_tooltip (GtkWidget  *widget,
                             int         x,
                             int         y,
                             gboolean    keyboard_tooltip,
                             GtkTooltip *tooltip)
{
  PhTimeLabel     *self = PH_TIME_LABEL (widget);
  g_autofree char *exact = self->time != 0 ? ph_format_absolute_time (self->time) : NULL;

  gtk_tooltip_set_text (tooltip, exact);

  return exact != NULL;
}

static void schedule (PhTimeLabel *self);

static gboolean
timeout_cb (gpointer data)
{
  PhTimeLabel *self = data;

  self->timeout = 0;
  update (self);
  schedule (self);

  return G_SOURCE_REMOVE;
}

static void
schedule (PhTimeLabel *self)
{
  gint64 distance = ABS (g_get_real_time () - self->time);

  g_clear_handle_id (&self->timeout, g_source_remove);
  if (self->time != 0 && gtk_widget_get_mapped (GTK_WIDGET (self)))
    self->timeout = g_timeout_add_seconds (distance < 60 * G_USEC_PER_SEC ? NEAR_INTERVAL : FAR_INTERVAL, timeout_cb, self);
}

static void
ph_time_label_map (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (ph_time_label_parent_class)->map (widget);

  update (PH_TIME_LABEL (widget));
  schedule (PH_TIME_LABEL (widget));
}

static void
ph_time_label_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&PH_TIME_LABEL (widget)->timeout, g_source_remove);

  GTK_WIDGET_CLASS (ph_time_label_parent_class)->unmap (widget);
}

static void
ph_time_label_get_property (GObject    *object,
                            guint       id,
                            GValue     *value,
                            GParamSpec *pspec)
{
  PhTimeLabel *self = PH_TIME_LABEL (object);

  switch (id)
    {
    case PROP_TIME:
      g_value_set_int64 (value, self->time);
      break;
    case PROP_FALLBACK:
      g_value_set_string (value, self->fallback);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_time_label_set_property (GObject      *object,
                            guint         id,
                            const GValue *value,
                            GParamSpec   *pspec)
{
  PhTimeLabel *self = PH_TIME_LABEL (object);

  switch (id)
    {
    case PROP_TIME:
      self->time = g_value_get_int64 (value);
      break;
    case PROP_FALLBACK:
      g_free (self->fallback);
      self->fallback = g_value_dup_string (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }

  update (self);
  schedule (self);
}

static void
ph_time_label_dispose (GObject *object)
{
  PhTimeLabel *self = PH_TIME_LABEL (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_TIME_LABEL);

  G_OBJECT_CLASS (ph_time_label_parent_class)->dispose (object);
}

static void
ph_time_label_finalize (GObject *object)
{
  g_free (PH_TIME_LABEL (object)->fallback);

  G_OBJECT_CLASS (ph_time_label_parent_class)->finalize (object);
}

static void
ph_time_label_class_init (PhTimeLabelClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_time_label_get_property;
  object_class->set_property = ph_time_label_set_property;
  object_class->dispose = ph_time_label_dispose;
  object_class->finalize = ph_time_label_finalize;
  widget_class->map = ph_time_label_map;
  widget_class->unmap = ph_time_label_unmap;
  widget_class->query_tooltip = ph_time_label_query_tooltip;

  properties[PROP_TIME] = g_param_spec_int64 ("time", NULL, NULL, G_MININT64, G_MAXINT64, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_FALLBACK] = g_param_spec_string ("fallback", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-time-label.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTimeLabel, label);
}

static void
ph_time_label_init (PhTimeLabel *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}
