// Package reconcile compares where PostgreSQL and Temporal say that enrollments
// stand, and mends the differences: after one of them was lost, or came back
// from a backup. Nothing is ever sent again by a mend (law 1), what may have
// been sent is put in doubt (law 4), nobody is dropped (law 2), and what was
// fixed meanwhile is looked at again (law 3).
//
// compare.go, doubt.go and plan.go decide and are pure; look.go and apply.go do
// it. The package reaches PostgreSQL and Temporal through the two interfaces in
// ports.go only.
package reconcile
