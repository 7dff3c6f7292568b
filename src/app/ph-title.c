#include "ph-title.h"

struct _PhTitle
{
  GtkWidget parent_instance;

  GtkWidget *switcher;
  GtkWidget *name;
  gboolean   narrow;
};

G_DEFINE_FINAL_TYPE (PhTitle, ph_title, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_STACK,
  PROP_NARROW,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static GtkWidget *
get_current (PhTitle *self)
{
  return self->narrow ? self->name : self->switcher;
}

static void
ph_title_measure (GtkWidget     *widget,
                  GtkOrientation orientation,
                  int            for_size,
                  int           *minimum,
                  int           *natural,
                  int           *minimum_baseline,
                  int           *natural_baseline)
{
  PhTitle *self = PH_TITLE (widget);
  int      name_minimum, name_natural, current_minimum, current_natural;

  gtk_widget_measure (self->name, orientation, -1, &name_minimum, &name_natural, NULL, NULL);
  gtk_widget_measure (self->switcher, orientation, -1, &current_minimum, &current_natural, NULL, NULL);
  /* The name may go where there is no room at all. */
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 0 : MAX (name_minimum, current_minimum);
  *natural = self->narrow ? name_natural : current_natural;
  *natural = MAX (*natural, *minimum);
}

static void
ph_title_size_allocate (GtkWidget *widget,
                        int        width,
                        int        height,
                        int        baseline)
{
  PhTitle   *self = PH_TITLE (widget);
  GtkWidget *current = get_current (self);
  int        minimum, natural;

  if (self->narrow)
    {
      /* Whole or not at all. */
      gtk_widget_measure (self->name, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &natural, NULL, NULL);
      gtk_widget_set_child_visible (self->name, width >= natural);
    }
  /* For the one frame until the window has noticed that it is narrow. */
  gtk_widget_measure (current, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, NULL, NULL, NULL);
  gtk_widget_allocate (current, MAX (width, minimum), height, baseline, NULL);
}

static void
set_narrow (PhTitle *self,
            gboolean narrow)
{
  self->narrow = narrow;
  gtk_widget_set_child_visible (self->switcher, !narrow);
  gtk_widget_set_child_visible (self->name, narrow);
  gtk_widget_queue_resize (GTK_WIDGET (self));
}

static void
ph_title_get_property (GObject    *object,
                       guint       id,
                       GValue     *value,
                       GParamSpec *pspec)
{
  PhTitle *self = PH_TITLE (object);

  switch (id)
    {
    case PROP_STACK:
      g_value_set_object (value, adw_view_switcher_get_stack (ADW_VIEW_SWITCHER (self->switcher)));
      break;
    case PROP_NARROW:
      g_value_set_boolean (value, self->narrow);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_title_set_property (GObject      *object,
                       guint         id,
                       const GValue *value,
                       GParamSpec   *pspec)
{
  PhTitle *self = PH_TITLE (object);

  switch (id)
    {
    case PROP_STACK:
      adw_view_switcher_set_stack (ADW_VIEW_SWITCHER (self->switcher), g_value_get_object (value));
      break;
    case PROP_NARROW:
      set_narrow (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_title_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_TITLE);

  G_OBJECT_CLASS (ph_title_parent_class)->dispose (object);
}

static void
ph_title_class_init (PhTitleClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_title_get_property;
  object_class->set_property = ph_title_set_property;
  object_class->dispose = ph_title_dispose;
  widget_class->measure = ph_title_measure;
  widget_class->size_allocate = ph_title_size_allocate;

  properties[PROP_STACK] = g_param_spec_object ("stack", NULL, NULL, ADW_TYPE_VIEW_STACK, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_NARROW] = g_param_spec_boolean ("narrow", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-title.ui");
  gtk_widget_class_bind_template_child (widget_class, PhTitle, switcher);
  gtk_widget_class_bind_template_child (widget_class, PhTitle, name);
}

static void
ph_title_init (PhTitle *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  set_narrow (self, FALSE);
}

int
ph_title_measure_hidden (PhTitle *self)
{
  int switcher, current;

  g_return_val_if_fail (PH_IS_TITLE (self), 0);

  gtk_widget_measure (self->switcher, GTK_ORIENTATION_HORIZONTAL, -1, NULL, &switcher, NULL, NULL);
  gtk_widget_measure (GTK_WIDGET (self), GTK_ORIENTATION_HORIZONTAL, -1, NULL, &current, NULL, NULL);

  return switcher - current;
}
