package settings_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/settings"
)

func TestOAuthClients(t *testing.T) {
	t.Parallel()
	read, err := settings.Read(lookup(nil))
	require.NoError(t, err)
	require.Equal(t, settings.OAuth{MicrosoftTenant: "organizations", DevURL: "http://127.0.0.1:8026"}, read.OAuth)
	read, err = settings.Read(lookup(map[string]string{
		"DATABASE_URL": "postgres://db.example/relance", "RELANCE_OAUTH_GOOGLE_CLIENT_ID": "id", "RELANCE_OAUTH_GOOGLE_CLIENT_SECRET": "canary-0815", "RELANCE_OAUTH_MICROSOFT_TENANT": "northwind.example",
	}))
	require.NoError(t, err)
	require.Equal(t, "id", read.OAuth.GoogleID)
	require.Empty(t, read.OAuth.DevURL, "away from the dev stack nobody asks it")
	require.Equal(t, "northwind.example", read.OAuth.MicrosoftTenant)
	require.NotContains(t, fmt.Sprintf("%v %+v %#v", read, read, read), "canary-0815")
	for name, value := range map[string]string{"RELANCE_OAUTH_MICROSOFT_TENANT": "a/../b", "RELANCE_OAUTH_DEV_URL": "http://tokens.example"} {
		_, err = settings.Read(lookup(map[string]string{name: value}))
		require.ErrorContains(t, err, name+" is")
	}
}
