package inbox_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/inbox"
)

const message = "From: maya@northwind.example\r\nMessage-ID: <1@northwind.example>\r\nSubject: Hello\r\n\r\nHi\r\n"

// dirs remembers where each server keeps its mail.
var dirs sync.Map

func start(t *testing.T, o inbox.Options) *inbox.Server {
	t.Helper()
	if o.Dir == "" {
		o.Dir = t.TempDir()
	}
	server, err := inbox.Start(t.Context(), o)
	require.NoError(t, err)
	dirs.Store(server, o.Dir)
	t.Cleanup(server.Stop)
	return server
}

func dial(t *testing.T, server *inbox.Server) *smtp.Client {
	t.Helper()
	client, err := smtp.Dial(server.Addr())
	require.NoError(t, err)
	t.Cleanup(func() { _ = client.Close() })
	return client
}

func login(t *testing.T, server *inbox.Server, mechanism sasl.Client) *smtp.Client {
	t.Helper()
	client := dial(t, server)
	require.NoError(t, client.Auth(mechanism))
	return client
}

func send(client *smtp.Client, to string) error {
	err := client.SendMail("maya@northwind.example", []string{to}, strings.NewReader(message))
	if err != nil {
		_ = client.Reset()
	}
	return err
}

// codes is "550 5.1.1" for a refusal, empty for a yes.
func codes(err error) string {
	var refused *smtp.SMTPError
	switch {
	case err == nil:
		return ""
	case errors.As(err, &refused):
		e := refused.EnhancedCode
		return fmt.Sprintf("%d %d.%d.%d", refused.Code, e[0], e[1], e[2])
	}
	return err.Error()
}

func entriesOf(t *testing.T, server *inbox.Server) []inbox.Entry {
	t.Helper()
	dir, _ := dirs.Load(server)
	return read(t, dir.(string))
}

func read(t *testing.T, dir string) (entries []inbox.Entry) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, inbox.LogName))
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		var entry inbox.Entry
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		entries = append(entries, entry)
	}
	return entries
}

func fileOf(t *testing.T, server *inbox.Server, entry inbox.Entry) string {
	t.Helper()
	dir, _ := dirs.Load(server)
	text, err := os.ReadFile(filepath.Join(dir.(string), entry.File))
	require.NoError(t, err)
	return string(text)
}
