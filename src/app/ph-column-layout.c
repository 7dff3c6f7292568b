#include "ph-column-layout.h"

/* Characters of a line, where there is room for more: the eye finds the next one. */
#define CHARS 110

struct _PhColumnLayout
{
  GtkLayoutManager parent_instance;
};

G_DEFINE_FINAL_TYPE (PhColumnLayout, ph_column_layout, GTK_TYPE_LAYOUT_MANAGER)

int
ph_column_layout_get_width (GtkWidget *widget)
{
  PangoFontMetrics *metrics = pango_context_get_metrics (gtk_widget_get_pango_context (widget), NULL, NULL);
  int               width = CHARS * pango_font_metrics_get_approximate_char_width (metrics) / PANGO_SCALE;

  pango_font_metrics_unref (metrics);

  return width;
}

static int
fit (GtkWidget *widget,
     int        width)
{
  return width < 0 ? width : MIN (width, ph_column_layout_get_width (widget) + 2 * PH_COLUMN_LAYOUT_MARGIN);
}

static GtkSizeRequestMode
ph_column_layout_get_request_mode (GtkLayoutManager *manager,
                                   GtkWidget        *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

static void
ph_column_layout_measure (GtkLayoutManager *manager,
                          GtkWidget        *widget,
                          GtkOrientation    orientation,
                          int               for_size,
                          int              *minimum,
                          int              *natural,
                          int              *minimum_baseline,
                          int              *natural_baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_measure (child, orientation, orientation == GTK_ORIENTATION_VERTICAL ? fit (widget, for_size) : for_size, minimum, natural, NULL, NULL);
}

static void
ph_column_layout_allocate (GtkLayoutManager *manager,
                           GtkWidget        *widget,
                           int               width,
                           int               height,
                           int               baseline)
{
  GtkWidget *child = gtk_widget_get_first_child (widget);
  gboolean   is_rtl = gtk_widget_get_direction (widget) == GTK_TEXT_DIR_RTL;
  int        column = fit (widget, width);

  if (child != NULL && gtk_widget_should_layout (child))
    gtk_widget_size_allocate (child, &(GtkAllocation){ is_rtl ? width - column : 0, 0, column, height }, -1);
}

static void
ph_column_layout_class_init (PhColumnLayoutClass *klass)
{
  GtkLayoutManagerClass *layout_class = GTK_LAYOUT_MANAGER_CLASS (klass);

  layout_class->get_request_mode = ph_column_layout_get_request_mode;
  layout_class->measure = ph_column_layout_measure;
  layout_class->allocate = ph_column_layout_allocate;
}

static void
ph_column_layout_init (PhColumnLayout *self)
{
}
