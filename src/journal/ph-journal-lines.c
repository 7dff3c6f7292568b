#include "ph-journal-lines.h"

struct _PhJournalLines
{
  GObject parent_instance;

  gpointer           owner; /* borrowed; NULL once it is gone */
  PhJournalLinesFunc function;
  guint              n_items;
};

static GType
ph_journal_lines_get_item_type (GListModel *model)
{
  return PH_TYPE_JOURNAL_LINE;
}

static guint
ph_journal_lines_get_n_items (GListModel *model)
{
  return PH_JOURNAL_LINES (model)->n_items;
}

static gpointer
ph_journal_lines_get_item (GListModel *model,
                           guint       position)
{
  PhJournalLines *self = PH_JOURNAL_LINES (model);

  return position < self->n_items ? self->function (self->owner, position) : NULL;
}

static void
list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = ph_journal_lines_get_item_type;
  iface->get_n_items = ph_journal_lines_get_n_items;
  iface->get_item = ph_journal_lines_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (PhJournalLines, ph_journal_lines, G_TYPE_OBJECT, G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_init))

static void
ph_journal_lines_class_init (PhJournalLinesClass *klass)
{
}

static void
ph_journal_lines_init (PhJournalLines *self)
{
}

PhJournalLines *
ph_journal_lines_new (gpointer           owner,
                      PhJournalLinesFunc function,
                      guint              n_items)
{
  PhJournalLines *self = g_object_new (PH_TYPE_JOURNAL_LINES, NULL);

  self->owner = owner;
  self->function = function;
  self->n_items = n_items;

  return self;
}

void
ph_journal_lines_changed (PhJournalLines *self,
                          guint           position,
                          guint           removed,
                          guint           added)
{
  if (self == NULL || (removed == 0 && added == 0))
    return;

  self->n_items = self->n_items - removed + added;
  g_list_model_items_changed (G_LIST_MODEL (self), position, removed, added);
}

void
ph_journal_lines_disown (PhJournalLines *self)
{
  g_object_ref (self);
  self->owner = NULL;
  ph_journal_lines_changed (self, 0, self->n_items, 0);
  g_object_unref (self);
}
