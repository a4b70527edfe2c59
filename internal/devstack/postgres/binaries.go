package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// oldest is the first major version that is good enough: it has DROP DATABASE
// … WITH (FORCE) and what Temporal asks for.
const oldest = 13

// howToInstall ends every sentence about a PostgreSQL that was not found.
const howToInstall = "install it with `sudo apt-get install postgresql` (Debian, Ubuntu), " +
	"`sudo dnf install postgresql-server` (Fedora) or `brew install postgresql@17` (macOS)"

// patterns are where distributions and installers put the server's programs.
var patterns = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
	"/Applications/Postgres.app/Contents/Versions/*/bin",
	"/Library/PostgreSQL/*/bin",
}

// binaries is one installation: a directory with initdb and postgres.
type binaries struct {
	dir   string
	major int
}

func (b binaries) path(program string) string { return filepath.Join(b.dir, program) }

// find chooses an installation that the account can run. Existing data needs
// the major version that made it; want is 0 when there is none.
func find(ctx context.Context, who account, home string, want int) (binaries, error) {
	found := installed(ctx, who)
	for _, candidate := range found {
		if want == candidate.major || want == 0 && candidate.major >= oldest {
			return candidate, nil
		}
	}
	fetched, err := download(ctx, who, home, want)
	switch {
	case err == nil:
		return fetched, nil
	case ctx.Err() != nil:
		return binaries{}, ctx.Err()
	case want != 0:
		return binaries{}, fmt.Errorf("the data in %s was made by PostgreSQL %d, which was not found on this machine (%w): install that version, or start with another directory", home, want, err)
	case len(found) > 0:
		return binaries{}, fmt.Errorf("the PostgreSQL on this machine is version %d, older than %d, and a newer one could not be downloaded (%w): %s", found[0].major, oldest, err, howToInstall)
	}
	return binaries{}, fmt.Errorf("PostgreSQL was not found on this machine and could not be downloaded (%w): %s", err, howToInstall)
}

// installed lists what PATH names first, then the newest of the known places.
func installed(ctx context.Context, who account) []binaries {
	var first, rest []binaries
	if path, err := exec.LookPath("initdb"); err == nil {
		// The programs look for each other beside the real file, not the link.
		if resolved, err := filepath.EvalSymlinks(path); err == nil {
			path = resolved
		}
		if candidate, err := inspect(ctx, who, filepath.Dir(path)); err == nil {
			first = append(first, candidate)
		}
	}
	for _, pattern := range patterns {
		matches, _ := filepath.Glob(pattern) // the patterns are constants and valid
		for _, dir := range matches {
			if candidate, err := inspect(ctx, who, dir); err == nil {
				rest = append(rest, candidate)
			}
		}
	}
	sort.SliceStable(rest, func(i, j int) bool { return rest[i].major > rest[j].major })
	return append(first, rest...)
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// inspect asks the server program for its version as the account that will run
// it, so that an installation this account cannot execute is passed over.
func inspect(ctx context.Context, who account, dir string) (binaries, error) {
	for _, program := range []string{"initdb", "postgres"} {
		if _, err := os.Stat(filepath.Join(dir, program)); err != nil {
			return binaries{}, err
		}
	}
	out, err := who.command(ctx, "/", filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return binaries{}, err
	}
	match := versionLine.FindStringSubmatch(string(out))
	if match == nil {
		return binaries{}, errors.New("not a PostgreSQL server: " + strings.TrimSpace(string(out)))
	}
	major, err := strconv.Atoi(match[1])
	return binaries{dir: dir, major: major}, err
}
