//go:build deps

// Package relance keeps the modules of the first build in go.mod while the house is raised; it goes when the last import stands.
package relance

import (
	_ "github.com/Shopify/toxiproxy/v2"
	_ "github.com/emersion/go-sasl"
	_ "github.com/emersion/go-smtp"
	_ "github.com/fergusstrange/embedded-postgres"
	_ "github.com/goccy/go-yaml"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jedib0t/go-pretty/v6/table"
	_ "github.com/nyaruka/phonenumbers"
	_ "github.com/osteele/liquid"
	_ "github.com/pressly/goose/v3"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/spf13/cobra"
	_ "github.com/stretchr/testify/require"
	_ "github.com/temporalio/ui-server/v2/server"
	_ "github.com/wneessen/go-mail"
	_ "go.opentelemetry.io/otel/exporters/prometheus"
	_ "go.temporal.io/sdk/contrib/envconfig"
	_ "go.temporal.io/sdk/contrib/opentelemetry"
	_ "go.temporal.io/sdk/worker"
	_ "go.temporal.io/server/temporal"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/text/encoding"
	_ "golang.org/x/time/rate"
)
