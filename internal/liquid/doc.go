// Package liquid fills the templates of campaigns for one contact: Liquid with
// strict variables, bounded in time and size, and without anything that reads
// files or prints Go values.
//
// Render works a template out, ValidateTemplate reads it without a contact, and
// Vars gives the variables that a contact has. It knows the domain (campaign)
// and nothing of mail, SMS or the store.
package liquid
