// Package cli is the operator's program `starter`: its commands, what they
// print, and how their errors become one sentence and an exit code.
//
// A command is one function in one file, listed in commands.go. It reads its
// flags, calls one method of internal/operator, and prints what that returns
// twice: as a table for people (internal/cli/print), as JSON for programs. What
// is done is decided in operator, what is true in the store, never here.
package cli
