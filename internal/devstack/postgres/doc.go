// Package postgres runs a private PostgreSQL server for the dev stack and the
// tests, from the binaries that the machine has or else from downloaded ones.
//
// It owns one directory: the cluster's data, the password, the server's log. A
// server outlives a killed parent; the next Start adopts it or stops it first.
// Nothing here knows what is kept in the databases. Unix only: Windows has
// neither the sessions nor the credentials that this relies on.
package postgres
