// Package store keeps in PostgreSQL what is true: contacts, campaigns,
// accounts, credits, what was sent, who is parked and why. One file an entity.
//
// The laws live in few lines here: claim.go and settle.go hold law 1 (the
// ledger), park.go and outbox.go hold law 3 (no lost wake-up). It imports the
// domain (campaign, failure) and nothing else of the project.
package store
