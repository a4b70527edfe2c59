// Package store keeps in PostgreSQL what is true: contacts, campaigns, email
// accounts, credits, what was sent, which enrollments are parked and why.
//
// Its files stand on shelves, by prefix:
//
//	ledger_     deliveries and parks: the claim, the gate, what is settled, Hold
//	outbox_     the transactional outbox: fixes, requests of operators, starts,
//	            which enrollments an entry selects, how far each entry is
//	view_       what people look at: errors, their groups, timeline, status, tally
//	workspace_  a workspace file is applied
//	import_     contacts are imported
//	reconcile_  PostgreSQL is compared with Temporal, and repaired
//
// The rest is one file a thing (accounts, bounces, campaigns, contacts,
// enrollments, plan, users, with _set, _connect and _password for its changes),
// and errors.go, where the driver's errors become the store's.
//
// The laws live in few lines. Law 1, a message is sent at most once, is in
// ledger_claim.go and ledger_settle.go. Law 3, no wake-up is lost, is in
// ledger_park.go, outbox.go and outbox_targets.go. Law 4, an uncertain delivery
// is not settled by guessing, is in ledger_settle.go and ledger_record.go. Their
// locks are taken in one order: the enrollment, then what lockFacts takes.
//
// It imports the domain (campaign, failure), secretbox, and nothing else of the
// project.
package store
