package cli

import (
	"os"
	"path/filepath"
	"strings"

	"relance/internal/settings"
)

// withDevEnv lets the dev stack's own file answer for variables that are not
// set, when the environment names neither a database nor a Temporal: so
// `starter` finds a dev stack that runs on other ports.
func withDevEnv(lookup settings.Lookup, dir string) settings.Lookup {
	for _, name := range []string{"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"} {
		if value, ok := lookup(name); ok && value != "" {
			return lookup
		}
	}
	if dir == "" {
		return lookup
	}
	content, err := os.ReadFile(filepath.Join(dir, ".relance", settings.DevEnvFile))
	if err != nil { // no dev stack has been started here
		return lookup
	}
	written := parseEnv(string(content))
	return func(name string) (string, bool) {
		if value, ok := lookup(name); ok {
			return value, true
		}
		value, ok := written[name]
		return value, ok
	}
}

// parseEnv reads NAME=value lines, as a shell would write them.
func parseEnv(content string) map[string]string {
	values := map[string]string{}
	for line := range strings.Lines(content) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		name, value, ok := strings.Cut(line, "=")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		value = strings.TrimSpace(value)
		for _, quote := range []string{`"`, `'`} {
			if len(value) >= 2 && strings.HasPrefix(value, quote) && strings.HasSuffix(value, quote) {
				value = value[1 : len(value)-1]
				break
			}
		}
		values[strings.TrimSpace(name)] = value
	}
	return values
}
