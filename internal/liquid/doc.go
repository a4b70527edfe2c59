// Package liquid fills the templates of campaigns for one contact: Liquid with strict
// variables, whose comparisons read the texts of a contact's file as their writer means
// them, bounded in time and size, and without anything that reads files or prints what is
// no text. docs/templates.md describes the language.
//
// Render works a template out for a contact and Vars gives the contact's variables.
// Validate says everything that is wrong with a template before there is a contact, and
// Variables which ones it names. A template goes the way scan (pieces), lex (tokens), expr
// and tags (nodes), nodes and run (text).
//
// It knows the domain (campaign) and nothing of mail, SMS or the store.
package liquid
