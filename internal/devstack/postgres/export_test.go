package postgres

import "testing"

// HidePrograms makes this machine one without PostgreSQL and without network.
func HidePrograms(t *testing.T) {
	t.Helper()
	t.Setenv("PATH", "/nowhere")
	t.Setenv("HTTPS_PROXY", "http://127.0.0.1:1")
	kept := patterns
	patterns = nil
	t.Cleanup(func() { patterns = kept })
}
