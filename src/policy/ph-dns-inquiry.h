#pragma once

#include "ph-dns-facts.h"
#include "ph-journal-session.h"
#include "ph-resolver.h"

G_BEGIN_DECLS

/* An answer is there, or the time is over: look at the facts again, and ask for what is wanted now. */
typedef void (*PhDnsInquiryFunc) (GObject *owner);

/**
 * PhDnsInquiry:
 *
 * Asks a resolver what some PhDnsFacts want to know, and tells its owner of each answer.  Each lookup is a line in the
 * journal, and keeps the owner alive.  Owned by that; main context only.
 */
typedef struct _PhDnsInquiry PhDnsInquiry;

/* `owner` is borrowed; `journal` may be NULL. */
PhDnsInquiry *ph_dns_inquiry_new (PhResolver       *resolver,
                                  PhJournalSession *journal,
                                  GObject          *owner,
                                  PhDnsInquiryFunc  function);
void          ph_dns_inquiry_free (PhDnsInquiry *self);

/* Borrowed. */
PhDnsFacts *ph_dns_inquiry_get_facts (PhDnsInquiry *self);

/* Begins the lookups for all open questions; calls nobody. */
void ph_dns_inquiry_ask (PhDnsInquiry *self);

/* The time is over: closes the facts and ends the lookups; calls nobody. */
void ph_dns_inquiry_close (PhDnsInquiry *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (PhDnsInquiry, ph_dns_inquiry_free)

G_END_DECLS
