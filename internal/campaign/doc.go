// Package campaign is the domain: campaigns and their steps, contacts, email
// accounts, users, the plan, and what must hold before a step can be done.
//
// It is pure: no database, no network, no clock. Reading files is the work of
// its sub-packages workspace (YAML) and contactcsv (CSV).
package campaign
