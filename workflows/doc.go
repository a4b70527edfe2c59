// Package workflows says what happens, in order: Enrollment (one contact in
// one campaign), EnrollContacts (starts them) and WakeContacts (signals those whose
// cause was fixed). messages.go is the contract with other programs.
//
// Everything here is deterministic: no clock, no configuration and no client
// of its own. It imports activities and the domain, nothing else of the project.
package workflows
