package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// dataName is the cluster's directory inside home.
const dataName = "data"

// majorOf returns the version that made a cluster, 0 when there is none yet.
func majorOf(home string) (int, error) {
	text, err := os.ReadFile(filepath.Join(home, dataName, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(strings.TrimSpace(string(text)))
}

// locales are tried in order: the first two know letters beyond ASCII, which
// lower() and ILIKE need; not every machine has them.
var locales = []string{"C.UTF-8", "en_US.UTF-8", "C"}

// create makes the cluster beside its place and renames it there when it is
// whole, so an initdb that was killed half-way is never taken for a cluster.
func create(ctx context.Context, programs binaries, who account, home string, o Options) error {
	leftovers, _ := filepath.Glob(filepath.Join(home, "init-*"))
	for _, leftover := range leftovers {
		_ = os.RemoveAll(leftover) // an orphaned initdb may still be writing; the next start tries again
	}
	scratch, err := os.MkdirTemp(home, "init-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	passwordFile := filepath.Join(scratch, "password")
	err = errors.Join(
		os.WriteFile(passwordFile, []byte(o.Password+"\n"), 0o600),
		who.give(passwordFile),
		who.give(scratch),
	)
	if err != nil {
		return err
	}
	fresh := filepath.Join(scratch, dataName)
	var said []byte
	for _, locale := range locales {
		args := []string{
			"--pgdata=" + fresh, "--username=" + o.User, "--pwfile=" + passwordFile,
			"--auth=scram-sha-256", "--encoding=UTF8", "--locale=" + locale, "--lc-messages=C",
		}
		if o.FastUnsafe {
			args = append(args, "--no-sync")
		}
		said, err = who.command(ctx, home, programs.path("initdb"), args...).CombinedOutput()
		if err == nil {
			return os.Rename(fresh, filepath.Join(home, dataName))
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if !strings.Contains(string(said), "locale") {
			break
		}
		_ = os.RemoveAll(fresh)
	}
	return fmt.Errorf("initdb failed: %w: %s", err, lastLines(string(said)))
}

// lastLines keeps the end of a program's output, where the fault is named.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "; ")
}
