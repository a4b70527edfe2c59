package postgres

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	embedded "github.com/fergusstrange/embedded-postgres"

	"relance/internal/devstack/port"
)

// patience bounds the download, which has no timeout of its own.
const patience = 5 * time.Minute

// published maps a major version to the build that the library can fetch.
var published = map[int]embedded.PostgresVersion{
	13: embedded.V13, 14: embedded.V14, 15: embedded.V15,
	16: embedded.V16, 17: embedded.V17, 18: embedded.V18,
}

const preferred = 17

// download fetches the programs into home, once. The library can only do that
// on the way to a running server, so it is given a throw-away one; as root that
// server is refused, after the programs have been unpacked, which is enough.
func download(ctx context.Context, who account, home string, want int) (binaries, error) {
	if want == 0 {
		want = preferred
	}
	version, ok := published[want]
	if !ok {
		return binaries{}, fmt.Errorf("there is no build of version %d to download", want)
	}
	into := filepath.Join(home, fmt.Sprintf("programs-%d", want))
	if kept, err := inspect(ctx, who, filepath.Join(into, "bin")); err == nil {
		return kept, nil
	}
	scratch, err := os.MkdirTemp(home, "download-")
	if err != nil {
		return binaries{}, err
	}
	defer os.RemoveAll(scratch)
	free, err := port.Free()
	if err != nil {
		return binaries{}, err
	}
	server := embedded.NewDatabase(embedded.DefaultConfig().Version(version).Port(uint32(free)).
		BinariesPath(filepath.Join(scratch, "programs")).CachePath(filepath.Join(scratch, "cache")).
		RuntimePath(filepath.Join(scratch, "run")).Logger(io.Discard))

	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := server.Start()
		if err == nil {
			err = server.Stop()
		}
		done <- err
	}()
	var fetchErr error
	select {
	case fetchErr = <-done:
	case <-ctx.Done():
		return binaries{}, ctx.Err()
	}
	unpacked := filepath.Join(scratch, "programs")
	if _, err := inspect(ctx, who, filepath.Join(unpacked, "bin")); err != nil {
		if fetchErr == nil {
			fetchErr = err
		}
		return binaries{}, fmt.Errorf("%s", strings.TrimSpace(fetchErr.Error()))
	}
	if err := os.RemoveAll(into); err != nil { // left by an interrupted download
		return binaries{}, err
	}
	if err := os.Rename(unpacked, into); err != nil {
		return binaries{}, err
	}
	return inspect(ctx, who, filepath.Join(into, "bin"))
}
