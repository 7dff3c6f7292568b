#include "ph-qr-code.h"

#include <qrencode.h>

/* In modules (ISO/IEC 18004). */
#define QUIET_ZONE 4

/* Of a module, and where they fit, in pixels. */
#define SMALL 2
#define LARGE 4
#define ROOM 300

struct _PhQrCode
{
  GtkWidget parent_instance;

  QRcode *code;
};

G_DEFINE_FINAL_TYPE (PhQrCode, ph_qr_code, GTK_TYPE_WIDGET)

static int
get_n_modules (PhQrCode *self)
{
  return self->code != NULL ? self->code->width + 2 * QUIET_ZONE : 0;
}

static gboolean
is_black (PhQrCode *self,
          int       column,
          int       row)
{
  return (self->code->data[row * self->code->width + column] & 1) != 0;
}

/* One rectangle for each run of black in a row. */
static void
draw_row (PhQrCode    *self,
          GtkSnapshot *snapshot,
          int          row,
          float        left,
          float        top,
          float        size)
{
  const GdkRGBA black = { 0, 0, 0, 1 };
  int           end;

  for (int column = 0; column < self->code->width; column = end)
    {
      for (end = column + 1; end < self->code->width && is_black (self, end, row) == is_black (self, column, row);)
        end++;
      if (is_black (self, column, row))
        gtk_snapshot_append_color (snapshot, &black,
                                   &GRAPHENE_RECT_INIT (left + (float)column * size, top + (float)row * size, (float)(end - column) * size, size));
    }
}

static void
ph_qr_code_snapshot (GtkWidget   *widget,
                     GtkSnapshot *snapshot)
{
  PhQrCode     *self = PH_QR_CODE (widget);
  const GdkRGBA white = { 1, 1, 1, 1 };
  int           width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  int           n_modules = get_n_modules (self);
  float         size, side, left, top;

  if (self->code == NULL)
    return;

  size = (float)(MIN (width, height) / n_modules);
  side = size * (float)n_modules;
  left = (float)((width - (int)side) / 2);
  top = (float)((height - (int)side) / 2);
  gtk_snapshot_append_color (snapshot, &white, &GRAPHENE_RECT_INIT (left, top, side, side));
  for (int row = 0; row < self->code->width; row++)
    draw_row (self, snapshot, row, left + QUIET_ZONE * size, top + QUIET_ZONE * size, size);
}

static void
ph_qr_code_measure (GtkWidget     *widget,
                    GtkOrientation orientation,
                    int            for_size,
                    int           *minimum,
                    int           *natural,
                    int           *minimum_baseline,
                    int           *natural_baseline)
{
  int n_modules = get_n_modules (PH_QR_CODE (widget));

  *minimum = *natural = n_modules * (n_modules * LARGE <= ROOM ? LARGE : SMALL);
}

static void
ph_qr_code_finalize (GObject *object)
{
  g_clear_pointer (&PH_QR_CODE (object)->code, QRcode_free);

  G_OBJECT_CLASS (ph_qr_code_parent_class)->finalize (object);
}

static void
ph_qr_code_class_init (PhQrCodeClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->finalize = ph_qr_code_finalize;
  widget_class->snapshot = ph_qr_code_snapshot;
  widget_class->measure = ph_qr_code_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void
ph_qr_code_init (PhQrCode *self)
{
}

gboolean
ph_qr_code_set_text (PhQrCode   *self,
                     const char *text)
{
  g_return_val_if_fail (PH_IS_QR_CODE (self), FALSE);

  g_clear_pointer (&self->code, QRcode_free);
  if (text != NULL)
    self->code = QRcode_encodeString8bit (text, 0, QR_ECLEVEL_M);
  gtk_widget_queue_resize (GTK_WIDGET (self));

  return self->code != NULL;
}
