package engine

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"relance/internal/store"
)

func TestTheMetricsShowTheLine(t *testing.T) {
	t.Parallel()
	reader := metric.NewManualReader()
	var failed error
	require.NoError(t, ShowLine(metric.NewMeterProvider(metric.WithReader(reader)).Meter("relance"), func(context.Context) (store.LineNumbers, error) {
		return store.LineNumbers{States: map[store.LineState]int{store.InLineWaiting: 312, store.InLineStuck: 0}, Oldest: 90 * time.Second, Lapsed: 2}, failed
	}))
	shown := func() map[string]float64 {
		var all metricdata.ResourceMetrics
		require.NoError(t, reader.Collect(t.Context(), &all))
		values := map[string]float64{}
		for _, scope := range all.ScopeMetrics {
			for _, one := range scope.Metrics {
				switch data := one.Data.(type) {
				case metricdata.Gauge[int64]:
					for _, point := range data.DataPoints {
						state, _ := point.Attributes.Value("state")
						values[one.Name+" "+state.AsString()] = float64(point.Value)
					}
				case metricdata.Gauge[float64]:
					values[one.Name] = data.DataPoints[0].Value
				}
			}
		}
		return values
	}
	require.Equal(t, map[string]float64{"relance_in_line waiting": 312, "relance_in_line stuck": 0, "relance_line_oldest": 90, "relance_turns_lapsed ": 2}, shown())
	failed = errors.New("away")
	require.Empty(t, shown(), "nothing is shown of what is not known")
}
