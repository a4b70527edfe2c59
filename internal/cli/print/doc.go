// Package print is how the commands' output looks on a terminal: tables, ages,
// wrapped texts, progress bars, suggestions. It knows strings and numbers, and
// nothing of campaigns or commands.
package print
