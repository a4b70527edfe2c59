package temporal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.temporal.io/server/schema"
)

// version is one step of a schema.
type version struct {
	dir          string
	major, minor int

	CurrVersion          string
	MinCompatibleVersion string
	Description          string
	SchemaUpdateCqlFiles []string
}

// versionsOf reads the embedded steps of a schema, oldest first.
func versionsOf(dir string) ([]version, error) {
	entries, err := fs.ReadDir(schema.Assets(), dir)
	if err != nil {
		return nil, err
	}
	var all []version
	for _, entry := range entries {
		text, err := fs.ReadFile(schema.Assets(), path.Join(dir, entry.Name(), "manifest.json"))
		if err != nil {
			return nil, err
		}
		step, err := parseVersion(strings.TrimPrefix(entry.Name(), "v"))
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(text, &step); err != nil {
			return nil, err
		}
		step.dir = path.Join(dir, entry.Name())
		all = append(all, step)
	}
	slices.SortFunc(all, func(a, b version) int {
		if a.major != b.major {
			return a.major - b.major
		}
		return a.minor - b.minor
	})
	return all, nil
}

func parseVersion(text string) (version, error) {
	major, minor, _ := strings.Cut(text, ".")
	first, err := strconv.Atoi(major)
	second, minorErr := strconv.Atoi(minor)
	if err = errors.Join(err, minorErr); err != nil {
		return version{}, fmt.Errorf("%q is not a schema version", text)
	}
	return version{major: first, minor: second}, nil
}
