// Package activities touches the world on behalf of the workflows: one
// activity a file, thin. It declares the small interfaces that it needs and
// knows neither PostgreSQL nor SMTP; the engine hands it both.
//
// deliver.go is the order of things that makes laws 1, 4 and 6 true for email
// and SMS alike.
package activities
