package campaign

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestIsHost(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"smtp.example.com": true, "mail": true, "127.0.0.1": true, "::1": true, "2001:db8::25": true, "пошта.укр": true,
		"": false, "smtp.example.com:587": false, "smtps://smtp.example.com": false, "maya@example.com": false,
		"smtp example.com": false, "smtp.example.com\n": false, "smtp\u00a0.example.com": false, "smtp\x1b[31m": false,
	} {
		require.Equal(t, want, IsHost(text), "%q", text)
	}
}

func TestTLSAndItsPorts(t *testing.T) {
	t.Parallel()
	ports := map[string]int{"starttls": 587, "implicit": 465, "none": 25}
	for _, name := range TLSModes() {
		mode, ok := ParseTLS(" " + name + " ")
		require.True(t, ok)
		require.Equal(t, ports[name], mode.Port())
		require.True(t, IsPort(mode.Port()))
	}
	mode, ok := ParseTLS("StartTLS")
	require.True(t, ok)
	require.Equal(t, TLSStartTLS, mode)
	for _, text := range []string{"", "ssl", "tls", "start tls"} {
		_, ok := ParseTLS(text)
		require.False(t, ok, text)
	}
	require.False(t, IsPort(0))
	require.False(t, IsPort(65536))
}

func TestAPasswordIsForOneLogin(t *testing.T) {
	t.Parallel()
	given := SMTP{Host: "smtp.example.com", Port: 587, TLS: TLSStartTLS, Username: "maya", Password: "secret"}
	require.True(t, given.SameLogin(SMTP{Host: "SMTP.example.com", Port: 587, TLS: TLSStartTLS, Username: "maya"}))
	for name, other := range map[string]SMTP{
		"host": {Host: "smtp.example.org", Port: 587, TLS: TLSStartTLS, Username: "maya"},
		"port": {Host: "smtp.example.com", Port: 25, TLS: TLSStartTLS, Username: "maya"},
		"tls":  {Host: "smtp.example.com", Port: 587, TLS: TLSNone, Username: "maya"},
		"user": {Host: "smtp.example.com", Port: 587, TLS: TLSStartTLS, Username: "tom"},
	} {
		require.False(t, given.SameLogin(other), name)
	}
}
