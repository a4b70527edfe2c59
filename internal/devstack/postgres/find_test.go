package postgres_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"relance/internal/devstack/postgres"
)

func TestWithoutAnyPostgresTheSentenceSaysWhatToInstall(t *testing.T) {
	postgres.HidePrograms(t)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()

	_, err := postgres.Start(ctx, postgres.Options{Dir: stateDir(t)})

	require.ErrorContains(t, err, "apt-get install postgresql")
	require.ErrorContains(t, err, "brew install")
}
