#include "ph-guard-button.h"

#include <glib/gi18n.h>

#define N_GUARDS 3
#define GUARD_SMARTHOST 1

struct _PhGuardButton
{
  GtkWidget parent_instance;

  GtkMenuButton  *button;
  GtkImage       *image;
  GtkLabel       *label;
  AdwActionRow   *smarthost_row;
  GtkCheckButton *local_choice;
  GtkCheckButton *smarthost_choice;
  GtkCheckButton *anywhere_choice;

  guint    guard;
  char    *smarthost;
  gboolean compact;
};

G_DEFINE_FINAL_TYPE (PhGuardButton, ph_guard_button, GTK_TYPE_WIDGET)

enum {
  PROP_0,
  PROP_GUARD,
  PROP_SMARTHOST,
  PROP_COMPACT,
  N_PROPS
};

static GParamSpec *properties[N_PROPS];

static const char *const icon_names[N_GUARDS] = { "security-high-symbolic", "security-medium-symbolic", "security-low-symbolic" };

/* Between image and label, as ph-guard-button.ui has it. */
#define SPACING 6

/* For the header bar, where there is little room; the whole is said on pointing at it. */
static const char *const labels[N_GUARDS] = { N_ ("Mail stays here"), N_ ("Smarthost only"), N_ ("Mail goes out") };

static GtkCheckButton *
get_choice (PhGuardButton *self,
            guint          guard)
{
  GtkCheckButton *const choices[N_GUARDS] = { self->local_choice, self->smarthost_choice, self->anywhere_choice };

  return choices[MIN (guard, N_GUARDS - 1)];
}

static gboolean
has_smarthost (PhGuardButton *self)
{
  return self->smarthost != NULL && *self->smarthost != '\0';
}

static char *
dup_title (PhGuardButton *self)
{
  if (self->guard == 0)
    return g_strdup (_ ("Mail stays on this computer"));
  if (self->guard != GUARD_SMARTHOST)
    return g_strdup (_ ("Mail may go anywhere"));
  if (has_smarthost (self))
    /* Translators: the name of the server that passes mail on */
    return g_strdup_printf (_ ("Only through %s"), self->smarthost);

  return g_strdup (_ ("Only through a smarthost"));
}

static void
update (PhGuardButton *self)
{
  g_autofree char *title = dup_title (self);
  /* Translators: one of the three choices, “Mail stays on this computer” */
  g_autofree char *tooltip = g_strdup_printf (_ ("How far mail may go: %s"), title);
  /* Translators: the name of the server that passes mail on */
  g_autofree char *through = has_smarthost (self) ? g_strdup_printf (_ ("Only through %s"), self->smarthost) : NULL;

  gtk_label_set_label (self->label, _ (labels[MIN (self->guard, N_GUARDS - 1)]));
  gtk_image_set_from_icon_name (self->image, icon_names[MIN (self->guard, N_GUARDS - 1)]);
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->button), tooltip);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->button), GTK_ACCESSIBLE_PROPERTY_LABEL, tooltip, -1);
  gtk_check_button_set_active (get_choice (self, self->guard), TRUE);

  adw_preferences_row_set_title (ADW_PREFERENCES_ROW (self->smarthost_row), through != NULL ? through : _ ("Only through a smarthost (set one in Preferences)"));
  gtk_widget_set_sensitive (GTK_WIDGET (self->smarthost_row), has_smarthost (self) || self->guard == GUARD_SMARTHOST);
}

static void
choice_toggled_cb (PhGuardButton  *self,
                   GtkCheckButton *choice)
{
  if (!gtk_check_button_get_active (choice))
    return;

  for (guint i = 0; i < N_GUARDS; i++)
    if (get_choice (self, i) == choice && self->guard != i)
      {
        self->guard = i;
        update (self);
        g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_GUARD]);
      }
}

static void
ph_guard_button_get_property (GObject    *object,
                              guint       id,
                              GValue     *value,
                              GParamSpec *pspec)
{
  PhGuardButton *self = PH_GUARD_BUTTON (object);

  switch (id)
    {
    case PROP_GUARD:
      g_value_set_uint (value, self->guard);
      break;
    case PROP_SMARTHOST:
      g_value_set_string (value, self->smarthost);
      break;
    case PROP_COMPACT:
      g_value_set_boolean (value, self->compact);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
ph_guard_button_set_property (GObject      *object,
                              guint         id,
                              const GValue *value,
                              GParamSpec   *pspec)
{
  PhGuardButton *self = PH_GUARD_BUTTON (object);

  switch (id)
    {
    case PROP_GUARD:
      self->guard = g_value_get_uint (value);
      break;
    case PROP_SMARTHOST:
      g_free (self->smarthost);
      self->smarthost = g_value_dup_string (value);
      break;
    case PROP_COMPACT:
      self->compact = g_value_get_boolean (value);
      gtk_widget_set_visible (GTK_WIDGET (self->label), !self->compact);
      return;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
      return;
    }

  update (self);
}

static void
ph_guard_button_dispose (GObject *object)
{
  gtk_widget_dispose_template (GTK_WIDGET (object), PH_TYPE_GUARD_BUTTON);

  G_OBJECT_CLASS (ph_guard_button_parent_class)->dispose (object);
}

static void
ph_guard_button_finalize (GObject *object)
{
  g_free (PH_GUARD_BUTTON (object)->smarthost);

  G_OBJECT_CLASS (ph_guard_button_parent_class)->finalize (object);
}

static void
ph_guard_button_class_init (PhGuardButtonClass *klass)
{
  GObjectClass   *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = ph_guard_button_get_property;
  object_class->set_property = ph_guard_button_set_property;
  object_class->dispose = ph_guard_button_dispose;
  object_class->finalize = ph_guard_button_finalize;

  properties[PROP_GUARD] = g_param_spec_uint ("guard", NULL, NULL, 0, G_MAXUINT, 0, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SMARTHOST] = g_param_spec_string ("smarthost", NULL, NULL, NULL, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  properties[PROP_COMPACT] = g_param_spec_boolean ("compact", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_template_from_resource (widget_class, "/org/posthouse/Posthouse/ui/ph-guard-button.ui");
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, button);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, image);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, label);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, smarthost_row);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, local_choice);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, smarthost_choice);
  gtk_widget_class_bind_template_child (widget_class, PhGuardButton, anywhere_choice);
  gtk_widget_class_bind_template_callback (widget_class, choice_toggled_cb);
}

static void
ph_guard_button_init (PhGuardButton *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  update (self);
}

int
ph_guard_button_measure_words (PhGuardButton *self)
{
  g_autoptr (PangoLayout) layout = NULL;
  int width;

  g_return_val_if_fail (PH_IS_GUARD_BUTTON (self), 0);

  layout = gtk_widget_create_pango_layout (GTK_WIDGET (self->label), gtk_label_get_label (self->label));
  pango_layout_get_pixel_size (layout, &width, NULL);

  return width + SPACING;
}
