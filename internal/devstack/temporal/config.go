package temporal

import (
	"fmt"
	"maps"
	"net/url"
	"time"

	"go.temporal.io/server/common/cluster"
	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/common/membership/static"
	"go.temporal.io/server/common/persistence/sql/sqlplugin/postgresql"
	"go.temporal.io/server/common/primitives"

	"relance/internal/devstack/port"
)

// ports of the four services. Only the frontend's is anybody else's business.
type ports struct {
	frontend, history, matching, worker int
}

func choosePorts(frontend int) (ports, error) {
	p := ports{frontend: frontend}
	for _, chosen := range []*int{&p.frontend, &p.history, &p.matching, &p.worker} {
		if *chosen != 0 {
			continue
		}
		free, err := port.Free()
		if err != nil {
			return p, err
		}
		*chosen = free
	}
	return p, nil
}

// hosts replace gossip: there is one process, and it knows where it is.
func (p ports) hosts() map[primitives.ServiceName]static.Hosts {
	return map[primitives.ServiceName]static.Hosts{
		primitives.FrontendService: static.SingleLocalHost(port.Addr(p.frontend)),
		primitives.HistoryService:  static.SingleLocalHost(port.Addr(p.history)),
		primitives.MatchingService: static.SingleLocalHost(port.Addr(p.matching)),
		primitives.WorkerService:   static.SingleLocalHost(port.Addr(p.worker)),
	}
}

const (
	mainStore       = "main"
	visibilityStore = "visibility"
	clusterName     = "active"
)

func configure(o Options, p ports) (*config.Config, error) {
	stores := map[string]config.DataStore{}
	for store, database := range map[string]string{mainStore: mainDatabase, visibilityStore: visibilityDatabase} {
		settings, err := sqlSettings(o.DatabaseURL(database), database)
		if err != nil {
			return nil, err
		}
		stores[store] = config.DataStore{SQL: settings, FaultInjection: o.FaultInjection}
	}
	service := func(number int) config.Service {
		return config.Service{RPC: config.RPC{GRPCPort: number, BindOnIP: port.Host}}
	}
	frontend := port.Addr(p.frontend)
	disabled := config.Archival{
		History:    config.HistoryArchival{State: config.ArchivalDisabled},
		Visibility: config.VisibilityArchival{State: config.ArchivalDisabled},
	}
	return &config.Config{
		Global: config.Global{Membership: config.Membership{
			MaxJoinDuration: 30 * time.Second, BroadcastAddress: port.Host,
		}},
		Persistence: config.Persistence{
			DefaultStore: mainStore, VisibilityStore: visibilityStore,
			NumHistoryShards: int32(o.Shards), DataStores: stores,
		},
		ClusterMetadata: &cluster.Config{
			FailoverVersionIncrement: 10,
			MasterClusterName:        clusterName,
			CurrentClusterName:       clusterName,
			ClusterInformation: map[string]cluster.ClusterInformation{
				clusterName: {Enabled: true, InitialFailoverVersion: 1, RPCAddress: frontend},
			},
		},
		DCRedirectionPolicy: config.DCRedirectionPolicy{Policy: "noop"},
		Services: map[string]config.Service{
			string(primitives.FrontendService): service(p.frontend),
			string(primitives.HistoryService):  service(p.history),
			string(primitives.MatchingService): service(p.matching),
			string(primitives.WorkerService):   service(p.worker),
		},
		Archival:     disabled,
		PublicClient: config.PublicClient{HostPort: frontend},
		NamespaceDefaults: config.NamespaceDefaults{Archival: config.ArchivalNamespaceDefaults{
			History:    config.HistoryArchivalNamespaceDefaults{State: config.ArchivalDisabled},
			Visibility: config.VisibilityArchivalNamespaceDefaults{State: config.ArchivalDisabled},
		}},
	}, nil
}

func sqlSettings(databaseURL, database string) (*config.SQL, error) {
	parsed, err := url.Parse(databaseURL)
	if err != nil || parsed.Host == "" {
		return nil, fmt.Errorf("the address of PostgreSQL is not a URL like postgres://user:password@host:5432/%s", database)
	}
	password, _ := parsed.User.Password()
	attributes := map[string]string{}
	for key := range parsed.Query() {
		attributes[key] = parsed.Query().Get(key)
	}
	return &config.SQL{
		PluginName: postgresql.PluginNamePGX, ConnectProtocol: "tcp",
		ConnectAddr: parsed.Host, User: parsed.User.Username(), Password: password,
		DatabaseName: database, ConnectAttributes: attributes,
		// Every service has pools of its own, two databases each: this stays
		// well below the 300 connections of the dev stack's PostgreSQL.
		MaxConns: 20, MaxIdleConns: 20, MaxConnLifetime: time.Hour,
	}, nil
}

// laptop holds the settings that differ from the server's own, plus overrides.
// Eager start, schedules, updates and user metadata are on by default in 1.32.
func laptop(overrides map[string]any) dynamicconfig.StaticClient {
	values := map[string]any{
		// One partition: with a handful of pollers, more of them only mean tasks
		// that wait in a partition where nobody polls.
		"matching.numTaskqueueReadPartitions":  1,
		"matching.numTaskqueueWritePartitions": 1,
		"matching.enableFairness":              true,
		// A new search attribute is usable this soon after it was registered.
		"system.namespaceCacheRefreshInterval": time.Second,
		// There is one tenant and nothing to protect it from.
		"frontend.rps":                     20000,
		"frontend.namespaceRPS":            20000,
		"frontend.namespaceRPS.visibility": 500,
		"frontend.namespaceCount":          5000,
		"frontend.persistenceMaxQPS":       20000,
		"history.rps":                      20000,
		"matching.rps":                     20000,
		"matching.persistenceMaxQPS":       20000,
	}
	maps.Copy(values, overrides)
	client := dynamicconfig.StaticClient{}
	for name, value := range values {
		client[dynamicconfig.MakeKey(name)] = value
	}
	return client
}
