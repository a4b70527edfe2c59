// Package reconcile compares the positions of enrollments in PostgreSQL and in
// Temporal, and repairs the differences: after one of them was lost, or came back
// from a backup. A repair sends no message again (law 1), makes what may have been
// sent uncertain (law 4), drops no contact (law 2), and checks again what was fixed
// meanwhile (law 3).
//
// compare.go, uncertain.go and plan.go decide and are pure; look.go and apply.go do
// it. The package reaches PostgreSQL and Temporal through the two interfaces in
// ports.go only.
package reconcile
