package crash

import (
	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
	"github.com/stretchr/testify/require"

	"relance/internal/devstack/port"
)

// relay is the way of one worker to Temporal, which can be cut for good: the
// worker's heartbeats are missed, and it does not hear that it was given up. So
// nothing but the ledger keeps it from sending.
type relay struct {
	proxy *toxiproxy.Proxy
	env   map[string]string
}

func (s *stage) relay() *relay {
	s.t.Helper()
	number, err := port.Free()
	require.NoError(s.t, err)
	server := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	r := &relay{proxy: toxiproxy.NewProxy(server, "temporal", port.Addr(number), s.env["TEMPORAL_ADDRESS"]), env: map[string]string{}}
	require.NoError(s.t, r.proxy.Start())
	s.t.Cleanup(r.cut)
	for name, value := range s.env {
		r.env[name] = value
	}
	r.env["TEMPORAL_ADDRESS"] = port.Addr(number)
	return r
}

// cut closes every connection and takes no new one.
func (r *relay) cut() { r.proxy.Stop() }
