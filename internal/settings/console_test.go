package settings_test

import (
	"fmt"
	"maps"
	"testing"
	"time"

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

// refused sets one variable after the other to something wrong.
func refused(t *testing.T, whole map[string]string, wrong []wrongValue) {
	t.Helper()
	for _, test := range wrong {
		other := maps.Clone(whole)
		other[test.name] = test.value
		_, err := settings.ReadConsole(lookup(other))
		require.ErrorContains(t, err, test.says, "%s=%s", test.name, test.value)
	}
}

type wrongValue struct{ name, value, says string }

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
	refused(t, whole, []wrongValue{
		{"RELANCE_CONSOLE_AUTH", "basic", `RELANCE_CONSOLE_AUTH is "basic"; expected none, proxy or oidc`},
		{"RELANCE_CONSOLE_PROXY_NETWORKS", "ten", `"ten" is neither a network nor an address`},
		{"RELANCE_CONSOLE_PROXY_HEADER", "", "RELANCE_CONSOLE_AUTH is proxy, which also needs RELANCE_CONSOLE_PROXY_HEADER"},
		{"RELANCE_CONSOLE_OPERATORS", " ", "RELANCE_CONSOLE_AUTH is proxy, which also needs RELANCE_CONSOLE_OPERATORS"},
	})
}

func TestTheConsolesAddressIsAnOriginAndAPath(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"https://relance.example.com": "https://relance.example.com", "https://Relance.Example.com/": "https://relance.example.com",
		"https://relance.example.com:443/a-b/c.d": "https://relance.example.com/a-b/c.d", "http://relance.example.com:80": "http://relance.example.com",
		"http://relance.example.com:443": "http://relance.example.com:443", "http://[::1]:8080/x": "http://[::1]:8080/x", "http://localhost:8081": "http://localhost:8081",
	} {
		read, err := settings.ReadConsole(lookup(map[string]string{"RELANCE_CONSOLE_URL": text}))
		require.NoError(t, err, text)
		require.Equal(t, want, read.URL.String())
	}
	for text, says := range map[string]string{
		"relance.example.com": "begins with neither http:// nor https://", "ftp://relance.example.com": "begins with neither", "//relance.example.com": "begins with neither",
		"https://": "names no host", "https://:8080": "names no host", "https://relance.example.com:port": "is no address", "https://relancé.example.com": "as xn--…",
		"https://relance.example.com/?a": "a ? or a #", "https://relance.example.com/#": "a ? or a #", "https://a b.example.com": "is no address",
		"https://relance.example.com/a//b": "between single slashes", "https://relance.example.com/a%2fb": "between single slashes", "https://relance.example.com/a;b": "between single slashes",
		"https://relance.example.com/a/../b": "between single slashes",
	} {
		_, err := settings.ReadConsole(lookup(map[string]string{"RELANCE_CONSOLE_URL": text}))
		require.ErrorContains(t, err, says, text)
		require.ErrorContains(t, err, fmt.Sprintf("RELANCE_CONSOLE_URL is %q, ", text))
		require.NotContains(t, err.Error(), "\n", "one sentence")
	}
	_, err := settings.ReadConsole(lookup(map[string]string{"RELANCE_CONSOLE_URL": "https://lea:canary@relance.example.com"}))
	require.ErrorContains(t, err, "has a user name or a password in it")
	require.NotContains(t, err.Error(), "canary")
}

func oidc(more ...string) map[string]string {
	whole := map[string]string{
		"RELANCE_CONSOLE_AUTH": "oidc", "RELANCE_CONSOLE_URL": "https://relance.example.com", "RELANCE_CONSOLE_OIDC_ISSUER": "https://login.example.com/realms/sales/",
		"RELANCE_CONSOLE_OIDC_CLIENT_ID": "relance", "RELANCE_CONSOLE_OIDC_CLIENT_SECRET": "canary-0815", "RELANCE_CONSOLE_ALLOWED": "@example.com, lea@partner.example",
		"RELANCE_CONSOLE_OPERATORS": "lea@partner.example",
	}
	for i := 0; i < len(more); i += 2 {
		whole[more[i]] = more[i+1]
	}
	return whole
}

func TestAProviderSaysWhoMayComeIn(t *testing.T) {
	t.Parallel()
	read, err := settings.ReadConsole(lookup(oidc()))
	require.NoError(t, err)
	require.Equal(t, "https://login.example.com/realms/sales/", read.OIDC.Issuer, "as it is: tokens give it so")
	require.Equal(t, []string{"openid", "email", "profile"}, read.OIDC.Scopes)
	require.Equal(t, time.Hour, read.Idle)
	require.Equal(t, 12*time.Hour, read.Session)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", read, read, read), "canary-0815", "a secret is not printed")
	for email, may := range map[string]bool{
		"vic@example.com": true, "Vic@EXAMPLE.com": true, "LEA@partner.example": true, "tom@partner.example": false, "vic@sub.example.com": false,
		"vic@example.com.evil.example": false, "vic@evil.example@example.com": false, "vic@": false, "example.com": false, "@example.com": false, "": false,
	} {
		require.Equal(t, may, read.OIDC.MayEnter(email, nil), email)
	}
	require.True(t, read.MayChange("Lea@partner.example"))
	require.False(t, read.MayChange("vic@example.com"))

	read, err = settings.ReadConsole(lookup(oidc("RELANCE_CONSOLE_GROUPS", "Sales Team, support", "RELANCE_CONSOLE_OPERATOR_GROUPS", "support", "RELANCE_CONSOLE_OIDC_SCOPES", "groups openid",
		"RELANCE_CONSOLE_IDLE", "10m", "RELANCE_CONSOLE_SESSION", "2h")))
	require.NoError(t, err)
	require.Equal(t, []string{"openid", "email", "profile", "groups"}, read.OIDC.Scopes)
	require.Equal(t, 10*time.Minute, read.Idle)
	require.False(t, read.OIDC.MayEnter("vic@example.com", []string{"sales team", "Sales"}), "both have to fit")
	require.True(t, read.OIDC.MayEnter("vic@example.com", []string{"Sales Team"}))
	require.False(t, read.OIDC.MayEnter("vic@other.example", []string{"Sales Team"}))
	require.True(t, read.MayChange("vic@example.com", "support"))
	require.Equal(t, []string{"support"}, read.OIDC.Known([]string{"all", "support", "support"}))
}

func TestAProviderNeedsAllOfThese(t *testing.T) {
	t.Parallel()
	_, err := settings.ReadConsole(lookup(map[string]string{"RELANCE_CONSOLE_AUTH": "oidc"}))
	require.EqualError(t, err, "RELANCE_CONSOLE_AUTH is oidc, which also needs RELANCE_CONSOLE_OIDC_ISSUER, RELANCE_CONSOLE_OIDC_CLIENT_ID, RELANCE_CONSOLE_OIDC_CLIENT_SECRET, "+
		"RELANCE_CONSOLE_URL, RELANCE_CONSOLE_ALLOWED or RELANCE_CONSOLE_GROUPS, RELANCE_CONSOLE_OPERATORS or RELANCE_CONSOLE_OPERATOR_GROUPS; see docs/production.md")
	refused(t, oidc(), []wrongValue{
		{"RELANCE_CONSOLE_OIDC_ISSUER", "http://login.example.com", "with https"},
		{"RELANCE_CONSOLE_OIDC_ISSUER", "login.example.com", "with https"},
		{"RELANCE_CONSOLE_OIDC_ISSUER", "https://login.example.com/?a=b", "RELANCE_CONSOLE_OIDC_ISSUER is"},
		{"RELANCE_CONSOLE_URL", "http://relance.example.com", "expected https, or an address of this machine"},
		{"RELANCE_CONSOLE_ALLOWED", "*", "everybody who has an account there"},
		{"RELANCE_CONSOLE_IDLE", "soon", `RELANCE_CONSOLE_IDLE is "soon"; expected how long, a minute at the least, for example 1h`},
		{"RELANCE_CONSOLE_SESSION", "-1h", `RELANCE_CONSOLE_SESSION is "-1h"; expected how long, a minute at the least, for example 12h`},
	})
	_, err = settings.ReadConsole(lookup(oidc("RELANCE_CONSOLE_URL", "http://localhost:8080", "RELANCE_CONSOLE_OIDC_ISSUER", "http://127.0.0.1:5556/dex")))
	require.NoError(t, err, "on this machine")
}
