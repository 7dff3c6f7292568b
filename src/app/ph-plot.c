#include "ph-plot.h"

#include <adwaita.h>
#include <glib/gi18n.h>
#include <string.h>

/* In pixels. */
#define MIN_WIDTH 180
#define HEIGHT 130
#define TEXT_GAP 4

#define HOUR_BARS 60
#define DAY_BARS 96
#define DAY_BAR_MINUTES 15
#define MAX_BARS DAY_BARS

#define TICK_SECONDS 1

typedef struct
{
  PhTrafficKind kind;
  const char   *label;
  const char   *color; /* a named one */
  guint         counts[MAX_BARS];
  guint         max;
  guint         sum;
} Series;

struct _PhPlot
{
  GtkWidget parent_instance;

  PhTraffic *traffic;
  char      *title;
  Series     above;
  Series     below;
  gboolean   is_day;
  guint      ticker;
};

G_DEFINE_FINAL_TYPE (PhPlot, ph_plot, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_DAY,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static guint
get_n_bars (PhPlot *self)
{
  return self->is_day ? DAY_BARS : HOUR_BARS;
}

/* 1, 2, 5, 10, 20, 50, …: what is at least as much. */
static guint
round_up (guint count)
{
  guint step = 1;

  while (step < count)
    {
      if (step * 2 >= count)
        return step * 2;
      if (step * 5 >= count)
        return step * 5;
      if (step > G_MAXUINT / 10)
        return count;
      step *= 10;
    }

  return step;
}

/* What it says in words */

/* FALSE where nothing has changed. */
static gboolean
count (PhPlot *self,
       Series *series)
{
  guint before[MAX_BARS];
  guint n = get_n_bars (self);

  memcpy (before, series->counts, sizeof before);
  ph_traffic_get (self->traffic, series->kind, g_get_real_time (), self->is_day ? DAY_BAR_MINUTES : 1, series->counts, n);
  series->max = series->sum = 0;
  for (guint i = 0; i < n; i++)
    {
      series->max = MAX (series->max, series->counts[i]);
      series->sum += series->counts[i];
    }

  return memcmp (before, series->counts, sizeof before) != 0;
}

static void
describe (PhPlot *self)
{
  g_autofree char *text = NULL;

  /* Translators: the title of a plot, then twice: a number, and of what */
  text = g_strdup_printf (self->is_day ? _ ("%s in the last day: %u %s, %u %s") : /* Translators: the title of a plot, then twice: a number, and of what */ _ ("%s in the last hour: %u %s, %u %s"), self->title, self->above.sum, self->above.label, self->below.sum, self->below.label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, text, -1);
}

static void
update (PhPlot *self)
{
  gboolean has_news;

  if (self->traffic == NULL)
    return;

  has_news = count (self, &self->above);
  has_news |= count (self, &self->below);
  if (!has_news)
    return;
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static gboolean
tick_cb (gpointer data)
{
  update (data);

  return G_SOURCE_CONTINUE;
}

/* Nothing is counted for a plot that nobody sees. */
static void
ph_plot_map (GtkWidget *widget)
{
  PhPlot *self = PH_PLOT (widget);

  GTK_WIDGET_CLASS (ph_plot_parent_class)->map (widget);
  self->ticker = g_timeout_add_seconds (TICK_SECONDS, tick_cb, self);
  update (self);
}

static void
ph_plot_unmap (GtkWidget *widget)
{
  g_clear_handle_id (&PH_PLOT (widget)->ticker, g_source_remove);
  GTK_WIDGET_CLASS (ph_plot_parent_class)->unmap (widget);
}

/* Drawing */

static void
get_named_color (GtkWidget  *widget,
                 const char *name,
                 GdkRGBA    *color)
{
  GtkStyleContext *context = gtk_widget_get_style_context (widget);

  if (!gtk_style_context_lookup_color (context, name, color))
    gtk_style_context_get_color (context, color);
}

static gboolean
is_mirrored (PhPlot *self)
{
  return gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
}

static void
draw_bars (PhPlot       *self,
           GtkSnapshot  *snapshot,
           const Series *series,
           float         line, /* where it stands */
           float         unit, /* the height of 1, negative for upwards */
           float         width)
{
  guint   n = get_n_bars (self);
  float   step = width / (float)n, gap = step >= 3 ? 1 : 0;
  GdkRGBA color;

  get_named_color (GTK_WIDGET (self), series->color, &color);
  for (guint i = 0; i < n; i++)
    {
      float left = (float)(is_mirrored (self) ? n - 1 - i : i) * step;
      float height = (float)series->counts[i] * unit;

      /* One among thousands is seen too. */
      if (series->counts[i] > 0 && ABS (height) < 1)
        height = unit < 0 ? -1 : 1;
      if (series->counts[i] > 0)
        gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (left, MIN (line, line + height), step - gap, ABS (height)));
    }
}

/* Begins, or ends, at `x`; returns its height. */
static int
draw_text (PhPlot        *self,
           GtkSnapshot   *snapshot,
           const char    *text,
           gboolean       at_start,
           float          y,
           const GdkRGBA *color)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), text);
  int width, height;

  pango_layout_get_pixel_size (layout, &width, &height);
  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &GRAPHENE_POINT_INIT (at_start == is_mirrored (self) ? (float)(gtk_widget_get_width (GTK_WIDGET (self)) - width) : 0, y));
  gtk_snapshot_append_layout (snapshot, layout, color);
  gtk_snapshot_restore (snapshot);

  return height;
}

static int
measure_text (PhPlot *self)
{
  g_autoptr (PangoLayout) layout = gtk_widget_create_pango_layout (GTK_WIDGET (self), "0");
  int height;

  pango_layout_get_pixel_size (layout, NULL, &height);

  return height;
}

static void
ph_plot_snapshot (GtkWidget   *widget,
                  GtkSnapshot *snapshot)
{
  PhPlot          *self = PH_PLOT (widget);
  float            width = (float)gtk_widget_get_width (widget), height = (float)gtk_widget_get_height (widget);
  int              text_height = measure_text (self);
  guint            above = round_up (self->above.max), below = self->below.max > 0 ? round_up (self->below.max) : 0;
  g_autofree char *most = g_strdup_printf ("%u", above);
  float            top = (float)(text_height + TEXT_GAP), bottom = height - top, unit = (bottom - top) / (float)(above + below);
  float            line = top + unit * (float)above;
  GdkRGBA          text, grid;

  if (self->traffic == NULL || unit <= 0)
    return;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &text);
  grid = text;
  if (!adw_style_manager_get_high_contrast (adw_style_manager_get_default ()))
    {
      grid.alpha *= 0.2f;
      text.alpha *= 0.7f;
    }
  gtk_snapshot_append_color (snapshot, &grid, &GRAPHENE_RECT_INIT (0, top, width, 1));
  draw_bars (self, snapshot, &self->above, line, -unit, width);
  draw_bars (self, snapshot, &self->below, line + 1, unit, width);
  gtk_snapshot_append_color (snapshot, &text, &GRAPHENE_RECT_INIT (0, line, width, 1));

  draw_text (self, snapshot, most, TRUE, 0, &text);
  draw_text (self, snapshot, self->is_day ? _ ("a day ago") : _ ("an hour ago"), TRUE, bottom + TEXT_GAP, &text);
  draw_text (self, snapshot, _ ("now"), FALSE, bottom + TEXT_GAP, &text);
}

static void
ph_plot_measure (GtkWidget     *widget,
                 GtkOrientation orientation,
                 int            for_size,
                 int           *minimum,
                 int           *natural,
                 int           *minimum_baseline,
                 int           *natural_baseline)
{
  *minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? MIN_WIDTH : HEIGHT;
  *minimum_baseline = *natural_baseline = -1;
}

/* The bar under the pointer: when, and how many. */
static gboolean
ph_plot_query_tooltip (GtkWidget  *widget,
                       int         x,
                       int         y,
                       gboolean    keyboard,
                       GtkTooltip *tooltip)
{
  PhPlot *self = PH_PLOT (widget);
  guint   n = get_n_bars (self), minutes = self->is_day ? DAY_BAR_MINUTES : 1;
  int     place = x * (int)n / MAX (gtk_widget_get_width (widget), 1);
  guint   bar = (guint)CLAMP (is_mirrored (self) ? (int)n - 1 - place : place, 0, (int)n - 1);
  gint64  start = (g_get_real_time () / G_USEC_PER_SEC / 60 / minutes - (n - 1 - bar)) * minutes * 60;
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (start);
  g_autofree char *clock = g_date_time_format (time, "%H:%M");
  g_autofree char *text = NULL;

  if (keyboard || self->traffic == NULL)
    return FALSE;
  /* Translators: a time, then twice: a number, and of what */
  text = g_strdup_printf (_ ("%s: %u %s, %u %s"), clock, self->above.counts[bar], self->above.label, self->below.counts[bar], self->below.label);
  gtk_tooltip_set_text (tooltip, text);

  return TRUE;
}

static void
ph_plot_get_property (GObject    *object,
                      guint       id,
                      GValue     *value,
                      GParamSpec *pspec)
{
  if (id == PROP_DAY)
    g_value_set_boolean (value, PH_PLOT (object)->is_day);
  else
    G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
}

static void
ph_plot_set_property (GObject      *object,
                      guint         id,
                      const GValue *value,
                      GParamSpec   *pspec)
{
  PhPlot *self = PH_PLOT (object);

  if (id != PROP_DAY)
    {
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }
  self->is_day = g_value_get_boolean (value);
  if (self->traffic == NULL)
    return;
  update (self);
  describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
ph_plot_dispose (GObject *object)
{
  PhPlot *self = PH_PLOT (object);

  g_clear_object (&self->traffic);
  g_clear_pointer (&self->title, g_free);

  G_OBJECT_CLASS (ph_plot_parent_class)->dispose (object);
}

static void
ph_plot_class_init (PhPlotClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_plot_get_property;
  object_class->set_property = ph_plot_set_property;
  object_class->dispose = ph_plot_dispose;
  widget_class->map = ph_plot_map;
  widget_class->unmap = ph_plot_unmap;
  widget_class->snapshot = ph_plot_snapshot;
  widget_class->measure = ph_plot_measure;
  widget_class->query_tooltip = ph_plot_query_tooltip;

  properties[PROP_DAY] = g_param_spec_boolean ("day", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "plot");
}

static void
ph_plot_init (PhPlot *self)
{
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
}

void
ph_plot_set_series (PhPlot       *self,
                    PhTraffic    *traffic,
                    const char   *title,
                    PhTrafficKind above,
                    const char   *above_label,
                    PhTrafficKind below,
                    const char   *below_label)
{
  g_return_if_fail (PH_IS_PLOT (self) && self->traffic == NULL);

  self->traffic = g_object_ref (traffic);
  self->title = g_strdup (title);
  self->above.kind = above;
  self->above.label = above_label;
  self->below.kind = below;
  self->below.label = below_label;
  self->above.color = above == PH_TRAFFIC_REFUSED ? "warning_color" : "accent_color";
  self->below.color = below == PH_TRAFFIC_SENT ? "success_color" : "error_color";
  update (self);
  describe (self);
}
