package main

import "relance/internal/devstack/inbox"

type entry = inbox.Entry

// silent keeps the Temporal client's remarks about a server that is being
// killed out of the report.
type silent struct{}

func (silent) Debug(string, ...any) {}
func (silent) Info(string, ...any)  {}
func (silent) Warn(string, ...any)  {}
func (silent) Error(string, ...any) {}
