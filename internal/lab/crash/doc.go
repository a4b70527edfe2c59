// Package crash kills workers and commands with SIGKILL at named points of the
// send and park paths, and shows what the next attempt makes of it: nobody is
// mailed twice, none is dropped, and a delivery is uncertain only where the dot may
// have been sent (laws 1 to 4).
//
// All of it is tests. The test program runs itself once more as the worker or
// the command that is to die. The points are in the ports that the activities
// are given (ports_test.go) and in a tracer of the database's statements
// (tracer_test.go), so the production code knows nothing of them. rows_test.go
// is the table of the points; owners_test.go lets two living workers believe
// that they own the same send.
package crash
