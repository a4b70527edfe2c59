// Package activities touches the world on behalf of the workflows. It declares the small interfaces that it needs and
// knows neither PostgreSQL nor SMTP; the engine hands it both.
//
// deliver.go is the order of things that makes laws 1, 4 and 6 true for email
// and SMS alike; message.go is what the two do differently; ports.go is what they
// need of the world. pace.go and recent_steps.go are how fast the outbox is worked off.
package activities
