package settings_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

func TestTheConsoleNeedsNothingOnThisMachine(t *testing.T) {
	t.Parallel()
	read, err := settings.ReadConsole(lookup(nil))
	require.NoError(t, err)
	require.Equal(t, settings.SignInNone, read.SignIn)
	require.Nil(t, read.URL)
	require.Empty(t, read.Operators)
	require.True(t, read.MayChange("anybody"))
}

func TestBehindAProxyEverythingIsNamed(t *testing.T) {
	t.Parallel()
	whole := map[string]string{
		"RELANCE_CONSOLE_AUTH": "proxy", "RELANCE_CONSOLE_URL": "https://example.com/relance/", "RELANCE_CONSOLE_PROXY_HEADER": "X-Email",
		"RELANCE_CONSOLE_PROXY_NETWORKS": "10.1.2.3/8, ::1", "RELANCE_CONSOLE_OPERATORS": "lea@example.com, tom@example.com",
	}
	read, err := settings.ReadConsole(lookup(whole))
	require.NoError(t, err)
	require.Equal(t, "https://example.com/relance", read.URL.String())
	require.Equal(t, "10.0.0.0/8", read.ProxyNetworks[0].String())
	require.Equal(t, "::1/128", read.ProxyNetworks[1].String())
	require.True(t, read.MayChange("Lea@example.com"))
	require.False(t, read.MayChange("vic@example.com"))
	for name, test := range map[string]struct{ value, says string }{
		"RELANCE_CONSOLE_AUTH":           {"basic", `RELANCE_CONSOLE_AUTH is "basic"; expected none or proxy`},
		"RELANCE_CONSOLE_URL":            {"relance.example.com", `RELANCE_CONSOLE_URL is "relance.example.com"; expected`},
		"RELANCE_CONSOLE_PROXY_NETWORKS": {"ten", `"ten" is neither a network nor an address`},
		"RELANCE_CONSOLE_PROXY_HEADER":   {"", "RELANCE_CONSOLE_AUTH is proxy, which also needs RELANCE_CONSOLE_PROXY_HEADER"},
		"RELANCE_CONSOLE_OPERATORS":      {" ", "RELANCE_CONSOLE_AUTH is proxy, which also needs RELANCE_CONSOLE_OPERATORS"},
	} {
		other := map[string]string{}
		for key, value := range whole {
			other[key] = value
		}
		other[name] = test.value
		_, err := settings.ReadConsole(lookup(other))
		require.ErrorContains(t, err, test.says, name)
	}
}
