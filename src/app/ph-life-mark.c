#include "ph-life-mark.h"

/* In pixels. */
#define ICON_SIZE 16
#define LINE_WIDTH 2
#define GAP 4

struct _PhLifeMark
{
  GtkWidget parent_instance;

  GtkWidget *image;
  gboolean   is_first;
  gboolean   is_last;
};

G_DEFINE_FINAL_TYPE (PhLifeMark, ph_life_mark, GTK_TYPE_WIDGET)

static const struct
{
  const char *icon_name;
  const char *style; /* of style.css and the theme */
} looks[] = {
  [PH_TRAIL_RECEIVED] = { "mail-unread-symbolic", "accent" },
  [PH_TRAIL_DELIVERED] = { "emblem-ok-symbolic", "success" },
  [PH_TRAIL_QUEUED] = { "document-open-recent-symbolic", "dim-label" },
  [PH_TRAIL_SENT] = { "mail-send-symbolic", "success" },
  [PH_TRAIL_DEFERRED] = { "view-refresh-symbolic", "warning" },
  [PH_TRAIL_REFUSED] = { "dialog-error-symbolic", "error" },
  [PH_TRAIL_FETCHED] = { "mail-read-symbolic", "accent" },
  [PH_TRAIL_GIVEN_UP] = { "action-unavailable-symbolic", "error" },
};

/* From the edges to the icon, in the colour of the text, faint: the icon has the accent. */
static void
ph_life_mark_snapshot (GtkWidget   *widget,
                       GtkSnapshot *snapshot)
{
  PhLifeMark *self = PH_LIFE_MARK (widget);
  float       width = (float)gtk_widget_get_width (widget), height = (float)gtk_widget_get_height (widget);
  float       left = (width - LINE_WIDTH) / 2, length = MAX ((height - ICON_SIZE) / 2 - GAP, 0);
  GdkRGBA     color;

  gtk_style_context_get_color (gtk_widget_get_style_context (widget), &color);
  color.alpha *= 0.35f;
  if (!self->is_first)
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (left, 0, LINE_WIDTH, length));
  if (!self->is_last)
    gtk_snapshot_append_color (snapshot, &color, &GRAPHENE_RECT_INIT (left, height - length, LINE_WIDTH, length));

  GTK_WIDGET_CLASS (ph_life_mark_parent_class)->snapshot (widget, snapshot);
}

static void
ph_life_mark_dispose (GObject *object)
{
  g_clear_pointer (&PH_LIFE_MARK (object)->image, gtk_widget_unparent);

  G_OBJECT_CLASS (ph_life_mark_parent_class)->dispose (object);
}

static void
ph_life_mark_class_init (PhLifeMarkClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = ph_life_mark_dispose;
  widget_class->snapshot = ph_life_mark_snapshot;
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void
ph_life_mark_init (PhLifeMark *self)
{
  self->image = g_object_new (GTK_TYPE_IMAGE, "accessible-role", GTK_ACCESSIBLE_ROLE_PRESENTATION, "pixel-size", ICON_SIZE,
                              "halign", GTK_ALIGN_CENTER, "valign", GTK_ALIGN_CENTER, NULL);
  gtk_widget_set_parent (self->image, GTK_WIDGET (self));
  gtk_widget_set_size_request (GTK_WIDGET (self), ICON_SIZE + 2 * GAP, -1);
}

GtkWidget *
ph_life_mark_new (PhTrailKind kind,
                  gboolean    is_first,
                  gboolean    is_last)
{
  PhLifeMark *self = g_object_new (PH_TYPE_LIFE_MARK, NULL);

  self->is_first = is_first;
  self->is_last = is_last;
  gtk_image_set_from_icon_name (GTK_IMAGE (self->image), looks[kind].icon_name);
  gtk_widget_add_css_class (self->image, looks[kind].style);

  return GTK_WIDGET (self);
}
