// Package cli is the operator's program `starter`: its commands, what they
// print, and how their errors become one sentence and an exit code.
//
// A command is one function in one file, listed in commands.go or
// commands_entities.go. It reads its flags, asks the session for the database
// or for Temporal, and prints one value twice: as a table for people, as JSON
// for programs. What is true is decided in the store, never here.
package cli
