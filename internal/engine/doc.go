// Package engine wires a worker together: the store, the mail pool, the SMS
// provider, the activities and the workflows. worker, worker/dev and the tests
// run the same engine.
package engine
