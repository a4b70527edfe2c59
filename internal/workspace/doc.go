// Package workspace reads workspace.yaml: the plan, the users, the email
// accounts and the campaigns of a team.
//
// It is pure but for the password files that the workspace names. A file is
// read whole or refused whole, with every problem at once: file, line, path,
// what is wrong and what was expected.
package workspace
