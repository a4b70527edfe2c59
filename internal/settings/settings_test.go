package settings_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/campaign"
	"relance/internal/settings"
)

func lookup(values map[string]string) settings.Lookup {
	return func(name string) (string, bool) { value, ok := values[name]; return value, ok }
}

func TestNothingSetIsTheDevStack(t *testing.T) {
	t.Parallel()
	read, err := settings.Read(lookup(nil))
	require.NoError(t, err)
	require.Equal(t, settings.DevDatabaseURL, read.DatabaseURL)
	require.Len(t, read.SecretKey, 32)
	require.Equal(t, campaign.Retry{Initial: time.Minute, Factor: 2, Max: 30 * time.Minute, Attempts: 50}, read.Retry)
	require.Zero(t, read.Rate, "no limit")
}

// The dev stack's key is public: no other database may ever be sealed with it.
func TestOtherDatabasesHaveNoKeyOfTheirOwn(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"postgres://u:p@db.example/relance_dev", "postgres://u:p@127.0.0.1/relance", "postgres://u:p@db.example/relance"} {
		read, err := settings.Read(lookup(map[string]string{"DATABASE_URL": url}))
		require.NoError(t, err)
		require.Nil(t, read.SecretKey, url)
	}
}

func TestProductionTakesNothingFromTheDevStack(t *testing.T) {
	t.Parallel()
	const url, key = "postgres://u:p@127.0.0.1:15432/relance_dev", "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
	for _, test := range []struct {
		env  map[string]string
		says string
	}{
		{nil, "set DATABASE_URL and RELANCE_SECRET_KEY (and TEMPORAL_ADDRESS"},
		{map[string]string{"DATABASE_URL": "", "RELANCE_SECRET_KEY": ""}, "set DATABASE_URL and RELANCE_SECRET_KEY"},
		{map[string]string{"DATABASE_URL": url}, "set RELANCE_SECRET_KEY ("},
		{map[string]string{"RELANCE_SECRET_KEY": key}, "set DATABASE_URL ("},
		{map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": "cmVsYW5jZSBkZXYgc3RhY2s6IG5vdCBhIHNlY3JldCE="}, "RELANCE_SECRET_KEY is the dev stack's, which is public"},
		{map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": "c2hvcnQ="}, "RELANCE_SECRET_KEY has 5 bytes"},
	} {
		_, err := settings.ReadProduction(lookup(test.env))
		require.ErrorContains(t, err, test.says)
		require.NotContains(t, err.Error(), "\n")
	}
	read, err := settings.ReadProduction(lookup(map[string]string{"DATABASE_URL": url, "RELANCE_SECRET_KEY": key}))
	require.NoError(t, err)
	require.Equal(t, "0123456789abcdef0123456789abcdef", string(read.SecretKey))
}

func TestEverythingWrongIsSaidAtOnce(t *testing.T) {
	t.Parallel()
	_, err := settings.Read(lookup(map[string]string{
		"RELANCE_SECRET_KEY": "c2hvcnQ=", "RELANCE_RETRY": "initial=1m,tries=3", "RELANCE_WEB_URL": "temporal.example.com", "RELANCE_RATE": "fast",
		"TEMPORAL_WORKER_BUILD_ID": "7f3c2a1",
	}))
	require.ErrorContains(t, err, "RELANCE_SECRET_KEY has 5 bytes, expected 32")
	require.ErrorContains(t, err, `RELANCE_RETRY: "tries=3" cannot be read`)
	require.ErrorContains(t, err, `RELANCE_RATE: "fast" is not a rate; expected contacts a second`)
	require.ErrorContains(t, err, "RELANCE_WEB_URL is \"temporal.example.com\"")
	require.ErrorContains(t, err, "TEMPORAL_WORKER_BUILD_ID is set and TEMPORAL_DEPLOYMENT_NAME is not")
}

func TestAWorkersVersionIsWholeOrNone(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, buildID string
		want          settings.Deployment
		wrong         string
	}{
		{"", "", settings.Deployment{}, ""},
		{"outreach/relance", "7f3c2a1", settings.Deployment{Name: "outreach/relance", BuildID: "7f3c2a1"}, ""},
		{"relance", "", settings.Deployment{}, "TEMPORAL_DEPLOYMENT_NAME is set and TEMPORAL_WORKER_BUILD_ID is not"},
		{"", "7f3c2a1", settings.Deployment{}, "TEMPORAL_WORKER_BUILD_ID is set and TEMPORAL_DEPLOYMENT_NAME is not"},
		{"relance.worker", "7f3c2a1", settings.Deployment{}, `TEMPORAL_DEPLOYMENT_NAME is "relance.worker"; Temporal allows no . and no :`},
	} {
		read, err := settings.Read(lookup(map[string]string{"TEMPORAL_DEPLOYMENT_NAME": test.name, "TEMPORAL_WORKER_BUILD_ID": test.buildID}))
		if test.wrong != "" {
			require.ErrorContains(t, err, test.wrong)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, test.want, read.Deployment)
	}
}

func TestParseRetry(t *testing.T) {
	t.Parallel()
	retry, err := settings.ParseRetry(settings.DevRetry)
	require.NoError(t, err)
	require.Equal(t, campaign.Retry{Initial: time.Second, Factor: 2, Max: 4 * time.Second, Attempts: 4}, retry)
	for _, wrong := range []string{"initial=0s", "factor=0.5", "max=1s", "attempts=0", "initial=soon", "x"} {
		_, err := settings.ParseRetry(wrong)
		require.Error(t, err, wrong)
	}
}
