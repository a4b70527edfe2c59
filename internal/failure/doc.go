// Package failure is the catalogue of what can go wrong with a step of a
// contact: the codes with their words, the causes that a park waits for,
// and the way from an error to a code and back across Temporal.
//
// One table drives the CLI, the notes, the Web UI's details and the
// documentation. It imports nothing of the project.
package failure
